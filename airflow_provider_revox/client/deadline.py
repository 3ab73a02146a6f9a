"""
Let a request of httpx end in time, and stop an answer that has too much beside its body.

The timeouts of httpx begin again with every byte that comes, and httpx does not count answers of 1xx.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from airflow_provider_revox.client.config import ClientConfig
from airflow_provider_revox.client.limits import Wire
from airflow_provider_revox.client.transport import proxy_url, tls_context

_PIECE = 1 << 16
"""Bytes that are written at once."""
_ends_at: ContextVar[float] = ContextVar("revox_ends_at", default=float("inf"))
_wire: ContextVar[Wire | None] = ContextVar("revox_wire", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """
    Limit how long the request of this context may take in all, and what its answer has beside its body.

    After that it fails with a timeout or a protocol error of httpx, if :func:`new_transport` has made what
    sends it.
    """
    token, wire_token = _ends_at.set(time.monotonic() + seconds), _wire.set(Wire())
    try:
        yield
    finally:
        _ends_at.reset(token)
        _wire.reset(wire_token)


def prolong(seconds: float) -> None:
    """Let the requests of this context take more time."""
    _ends_at.set(_ends_at.get() + seconds)


def count_body(chunk: bytes) -> None:
    """Count a piece of the body of the answer in this context."""
    if wire := _wire.get():
        wire.body += len(chunk)


def is_flooded() -> bool:
    """Return whether the answer in this context has too much beside its body."""
    wire = _wire.get()
    return wire is not None and wire.is_flooded


def is_over() -> bool:
    """Return whether the time of this context is over."""
    return time.monotonic() >= _ends_at.get()


def new_transport(config: ClientConfig) -> httpx.HTTPTransport:
    """
    Return what sends requests as httpx does, and obeys :func:`deadline`.

    :raises InvalidConfigurationError: The CA bundle or the proxy can't be used.
    """
    tls, url = tls_context(config), proxy_url(config)
    transport = httpx.HTTPTransport(
        # httpx takes certificates only for a proxy with https://.
        proxy=url and httpx.Proxy(url, ssl_context=tls if url.lower().startswith("https") else None),
        verify=False if tls is None else tls,
        trust_env=False,
    )
    # httpx has no argument for this. A test with an answer that drips shows that it still works.
    transport._pool._network_backend = _Backend()
    return transport


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._backend.connect_tcp(host, port, left, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))
        if wire := _wire.get():
            wire.received += len(data)
            if wire.is_flooded:
                raise httpcore.RemoteProtocolError
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # The time of httpcore begins again whenever the server takes a part.
        for start in range(0, len(buffer), _PIECE):
            left = _left(timeout, httpcore.WriteTimeout)
            self._stream.write(buffer[start : start + _PIECE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    left = _ends_at.get() - time.monotonic()
    if left <= 0:
        raise error
    return left if timeout is None else min(timeout, left)
