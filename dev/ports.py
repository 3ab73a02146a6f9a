"""Find a free port on this machine, and say so if the user's port is taken."""

from __future__ import annotations

import contextlib
import secrets
import socket


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


def check_port(port: int, target: str) -> None:
    """
    End this program with a message if somebody listens on the user's port.

    :param port: The port.
    :param target: The target of make that was called, such as ``ui``.
    :raises SystemExit: The port is taken.
    """
    if is_taken(port):
        raise SystemExit(
            f"Port {port} is taken by another program, so nothing was started. "
            f"Choose another port: make PORT={port + 1} {target}"
        )
