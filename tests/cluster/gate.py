"""Let tasks of a DAG wait at a place that they have reached, until the test lets them go on."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Self


class Gate:
    """A place on loopback; a context manager. A task connects, and goes on when it has read a byte."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._waiting: list[socket.socket] = []
        self.port = int(self._listener.getsockname()[1])

    def wait_for(self, tasks: int, timeout: float) -> None:
        """
        Wait until so many tasks stand here.

        :raises TimeoutError: They did not come in time.
        """
        self._listener.settimeout(timeout)
        while len(self._waiting) < tasks:
            self._waiting.append(self._listener.accept()[0])

    def open(self) -> None:
        """Let all tasks go on that stand here, and all that come later."""
        for task in self._waiting:
            task.close()
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open()


def pass_gate(port: int) -> None:
    """Wait until the test opens its gate. A gate that is open refuses connections."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as gate:
            gate.recv(1)
    except ConnectionError:
        return
