"""A Revox at which each create waits at a door, until the test lets it in."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import httpx

from revox_sandbox import Sandbox


class Doors:
    """
    Stands in front of a sandbox; a context manager.

    A create that is let in is carried out, even if its client is gone.

    :param sandbox: Gets all requests; the creates, when they are let in.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._server = _Server(sandbox)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/api"

    @property
    def creates(self) -> int:
        """How many creates have come."""
        return self._server.creates

    def let_in(self, number: int) -> None:
        """
        Let a create in, and wait until the sandbox has carried it out.

        :param number: Its place in the order in which creates come, from 1 on.
        :raises TimeoutError: The sandbox did not answer.
        """
        door = self._server.doors[number]
        door.open.set()
        if not door.is_through.wait(30):
            raise TimeoutError(f"create {number} was not answered")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Door:
    def __init__(self) -> None:
        self.open = threading.Event()
        self.is_through = threading.Event()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = httpx.Client(base_url=sandbox.url, trust_env=False, timeout=30)
        self.doors: defaultdict[int, _Door] = defaultdict(_Door)
        self.creates = 0
        self.counting = threading.Lock()

    def next_door(self) -> _Door:
        with self.counting:
            self.creates += 1
            return self.doors[self.creates]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_create = (self.command, self.path) == ("POST", "/api/campaigns")
        door = self.server.next_door() if is_create else None
        if door:
            door.open.wait()
        headers = {
            name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers
        }
        answer = self.server.behind.request(self.command, self.path, content=body, headers=headers)
        if door:
            door.is_through.set()
        with contextlib.suppress(OSError):  # the client is gone
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

    do_POST = do_GET  # noqa: N815 - the base class calls it so

    def log_message(self, *_: object) -> None:
        """Say nothing: the sandbox notes the requests."""
