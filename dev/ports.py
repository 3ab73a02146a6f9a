"""Find a free port, and say so if the port that the user has chosen is taken."""

from __future__ import annotations

import contextlib
import secrets
import socket

PORTS = range(1, 65_536)


def free_port() -> int:
    """Return a port on which nobody listens, and which is given to nobody who connects to others."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        if not is_taken(port):
            return port


def is_taken(port: int) -> bool:
    """Return whether somebody listens on a port of this machine."""
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return False
    return True


def require_free(port: int, *, make_target: str) -> None:
    """
    End this program with a message unless the user's port is free. Call it before anything is started.

    :param port: The port.
    :param make_target: The target of make that the user has called, such as ``ui``.
    :raises SystemExit: Another program listens on the port, be it on loopback or on all addresses, or the
        user may not have it. The message names a port that is free.
    """
    if problem := _problem(port):
        free = next(other for other in (*PORTS[port:], *PORTS[8080:]) if not _problem(other))
        raise SystemExit(
            f"Port {port} {problem}. Nothing was started. Choose another one: make {make_target} PORT={free}"
        )


def _problem(port: int) -> str:
    if port not in PORTS:
        return "does not exist: ports are 1 to 65535"
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except PermissionError:
        return "is kept for the system: this user may not have it"
    except OSError:
        return "is taken: another program listens on it"
    return ""
