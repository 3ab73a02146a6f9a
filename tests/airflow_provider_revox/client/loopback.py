"""Small servers on this machine for what the sandbox can't do, and a caller for both clients."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

from airflow_provider_revox.client import AsyncRevoxClient, ClientConfig, RevoxClient, endpoints
from airflow_provider_revox.client.messages import Endpoint

BOTH = ["sync", "async"]


def http_answer(status: int, body: bytes | str = b"{}", **headers: str) -> bytes:
    """An HTTP answer as it goes over the wire; ``_`` in the names of headers stands for ``-``."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}", "Connection: close"]
    headers = {"Content_Type": "application/json", **headers}
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


class Loopback:
    """
    Answers every connection's first request with the same bytes, and keeps what it was sent.

    :param answer: The bytes, or a function from the request's bytes to them, or to an iterable of parts.
    :param tls: Makes it speak TLS.
    """

    def __init__(
        self, answer: bytes | Callable[[bytes], bytes | Iterable[bytes]], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.requests: list[bytes] = []
        self.closing = threading.Event()
        self._answer = answer
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                connection.settimeout(5)
                self._handle(connection)

    def _handle(self, connection: socket.socket) -> None:
        if self._tls is None:
            self._answer_one(connection)
            return
        with self._tls.wrap_socket(connection, server_side=True) as secure:
            self._answer_one(secure)

    def _answer_one(self, connection: socket.socket) -> None:
        request = b""
        while not _is_complete(request):
            part = connection.recv(65536)
            if not part:
                return
            request += part
        self.requests.append(request)
        answer = self._answer(request) if callable(self._answer) else self._answer
        for part in [answer] if isinstance(answer, bytes) else answer:
            connection.sendall(part)
            if self.closing.is_set():
                return


def _is_complete(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return bool(end) and len(body) >= int(length or 0)


def at(url: str, **options: Any) -> ClientConfig:
    """The settings of a client for a server on this machine."""
    return ClientConfig(**{"api_key": "sandbox-key", "base_url": url, "read_timeout": 2, **options})


def ask(kind: str, config: ClientConfig, method: str, *args: Any, **options: Any) -> Any:
    """Ask an endpoint by its name, with a new client of the given kind."""
    if kind == "sync":
        with RevoxClient(config) as client:
            return getattr(client, method)(*args, **options)
    return send(kind, config, lambda: getattr(endpoints, method)(*args, **options))


def send(kind: str, config: ClientConfig, make: Callable[[], Endpoint[Any]]) -> Any:
    """Ask an endpoint, with a new client of the given kind."""
    if kind == "sync":
        with RevoxClient(config) as client:
            return client.send(make())

    async def run() -> Any:
        async with await AsyncRevoxClient.open(config) as client:
            return await client.send(make())

    return asyncio.run(run())
