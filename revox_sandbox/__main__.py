"""Run a sandbox until it is interrupted, with ``python -m revox_sandbox``."""

from __future__ import annotations

import argparse
import ipaddress
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from typing import get_args

from revox_sandbox.sandbox import Sandbox
from revox_sandbox.settings import GenerationName, HoursName, SandboxSettings

DEFAULT_PORT = 8765


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run a sandbox.

    :param arguments: The arguments of the command line. Default: those of this process.
    :return: The exit status.
    """
    defaults = SandboxSettings()
    parser = argparse.ArgumentParser(
        prog="python -m revox_sandbox",
        description="The Revox API on this machine. Campaigns play through time, and nobody is dialed.",
    )
    parser.add_argument(
        "--generation",
        choices=get_args(GenerationName),
        default=defaults.generation,
        help="generation of the API (%(default)s)",
    )
    parser.add_argument("--host", default=defaults.host, help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="port to listen on, 0 takes a free one (%(default)s)"
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=defaults.speed,
        help="seconds of a campaign per real second (%(default)s)",
    )
    parser.add_argument("--seed", type=int, default=defaults.seed, help="decides how calls end (%(default)s)")
    parser.add_argument(
        "--default-hours",
        choices=get_args(HoursName),
        default=defaults.default_hours,
        help="when people are called without a call_retry_config (%(default)s)",
    )
    parser.add_argument("--api-key", default=defaults.api_key, help="API key to accept (%(default)s)")
    options = parser.parse_args(arguments)

    stop = threading.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda *_: stop.set())
    try:
        settings = SandboxSettings(**vars(options))
        sandbox = Sandbox(settings).start()
    except (ValueError, OSError, OverflowError) as error:
        parser.error(str(error))
    if not _is_loopback(settings.host):
        sys.stderr.write(
            f"WARNING: other machines can reach {settings.host}. Only the API key keeps them out.\n"
        )
    connection = shlex.quote(sandbox.conn_json())
    sys.stdout.write(f"{sandbox.base_url}\nAIRFLOW_CONN_REVOX_DEFAULT={connection}\n")
    sys.stdout.flush()
    stop.wait()
    sandbox.stop()
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    sys.exit(main())
