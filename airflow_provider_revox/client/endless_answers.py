"""Let aiohttp stop an answer that has too much beside its body. It does not count all of that itself."""

from __future__ import annotations

from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from airflow_provider_revox.client.limits import TOO_MUCH_BESIDE_BODY, Wire

MOST_INTERIM = 100
"""How many answers with a status of 1xx may come before the answer."""
_MOST_HELD = 3 * 262_144
"""Bytes that the parser may hold back while the body is read: some times what asyncio reads at once."""
_PIECE = 1 << 15
"""Bytes that the parser of aiohttp takes at once. The event loop stands still for that time."""


class FloodError(aiohttp.ClientPayloadError):
    """The server sends too much beside the body of its answer."""


class _Handler(ResponseHandler):
    """Reads answers as aiohttp does, but none that has too much beside its body."""

    def set_response_params(self, **params: Any) -> None:
        self._wire, self._interim = Wire(_MOST_HELD), 0
        self._payload = None  # of the answer before
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        wire: Wire | None = getattr(self, "_wire", None)
        if wire is None or not data:
            super().data_received(data)
            return
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            wire.received += len(piece)
            wire.body = getattr(self._payload, "total_bytes", 0)
            if wire.is_flooded or self._interim > MOST_INTERIM:
                self.set_exception(FloodError(TOO_MUCH_BESIDE_BODY))
            else:
                super().data_received(piece)
            if (error := self.exception()) is not None:
                self._end(error)
                return

    def feed_data(self, data: Any, size: int = 0) -> None:
        self._interim += 100 <= data[0].code < 200
        super().feed_data(data, size)

    def _end(self, error: BaseException) -> None:
        """End the answer, and pass the error to the reader of the body, because aiohttp does not."""
        if self._payload is not None:
            is_read = isinstance(error, aiohttp.ClientError)
            self._payload.set_exception(error if is_read else aiohttp.ClientPayloadError())
        if self.transport is not None:
            self.transport.abort()


class Connector(aiohttp.TCPConnector):
    """Makes connections whose answers have no more than they may have beside their body."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # aiohttp has no argument for this. A test with a flood shows that it still works.
        self._factory = partial(_Handler, loop=self._loop)  # type: ignore[assignment]  # a subclass
