"""Read the body of an answer as it comes over the wire: unpack it, and stop at the limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_revox.client.errors import MalformedAnswerError, NoAnswerError
from airflow_provider_revox.client.limits import Limits
from airflow_provider_revox.client.messages import Request, Sink, Size, is_success

_PIECE = 1 << 16
"""Bytes that are unpacked at once: 64 kB of gzip may hold 64 MB."""
SLOWEST = 100_000
"""Bytes that a slow line sends in a second."""
_GZIP = 16 + zlib.MAX_WBITS


class Body:
    """
    Takes the body of an answer in pieces.

    The HTTP libraries unpack each piece as a whole, whatever it holds. So this class does it.

    :param headers: The headers of the answer, with names in lower case.
    :param sink: Takes the unpacked pieces of a success. Default: they are kept.
    :raises MalformedAnswerError: The body is longer than the limit, or not packed as gzip.
    """

    def __init__(
        self, request: Request, status: int, headers: Mapping[str, str], limits: Limits, sink: Sink | None
    ) -> None:
        self._request, self._status = request, status
        self._is_error = not is_success(status)
        self._sink = None if self._is_error else sink
        self._limit = limits.error_bytes if self._is_error else max_bytes(request.size, limits)
        self._packed = self._unpacked = 0
        # A list would have an object for each piece, and a piece may be a single byte.
        self._content = bytearray()
        self._unzip: Any = None
        self.is_enough = False
        """Whether the rest of the body is not wanted."""
        match headers.get("content-encoding", "").strip().lower():
            case "" | "identity":
                pass
            case "gzip" | "x-gzip":
                self._unzip = zlib.decompressobj(_GZIP)
            case _ if self._is_error:
                self.is_enough = True
            case _:
                raise self._malformed("it is packed, but not as gzip")
        length = headers.get("content-length", "").strip()
        if not self._is_error and length.isdecimal() and (len(length) > 18 or int(length) > self._limit):
            raise self._too_long()

    def feed(self, chunk: bytes) -> Iterator[None]:
        """
        Take the next piece from the wire. Yields after each unpacked piece, so that an event loop may go on.

        :raises MalformedAnswerError: The body is longer than the limit.
        :raises NoAnswerError: The body can't be unpacked.
        """
        self._packed += len(chunk)
        for piece in self._unpack(chunk):
            self._unpacked += len(piece)
            if max(self._packed, self._unpacked) > self._limit:
                if not self._is_error:
                    raise self._too_long()
                self.is_enough = True
            if self._sink:
                self._sink.feed(piece)
                self.is_enough = self._sink.is_broken
            else:
                self._content += piece
            if self.is_enough:
                return
            yield

    def finish(self) -> bytes | bytearray:
        """
        Return the body; empty if a sink has taken it.

        :raises NoAnswerError: The body ended too early.
        """
        is_wanted = not self._is_error and not self.is_enough
        if self._unzip and self._packed and not self._unzip.eof and is_wanted:
            raise self._lost("its body is cut off")
        return self._content

    def _unpack(self, chunk: bytes) -> Iterator[bytes]:
        if self._unzip is None:
            yield chunk
            return
        piece = b""
        while chunk or (len(piece) == _PIECE and not self._unzip.eof):
            if self._unzip.eof:
                self._unzip = zlib.decompressobj(_GZIP)  # gzip may have several parts
            try:
                piece = self._unzip.decompress(chunk, _PIECE)
            except zlib.error:
                if not self._is_error:
                    raise self._lost("its body can't be unpacked") from None
                self.is_enough = True
                return
            chunk = self._unzip.unconsumed_tail or self._unzip.unused_data
            yield piece

    def _too_long(self) -> MalformedAnswerError:
        return self._malformed(f"it is longer than {self._limit:,} bytes")

    def _malformed(self, what: str) -> MalformedAnswerError:
        request = self._request
        return MalformedAnswerError(
            self._status, request.method, request.path, f"the answer can't be used: {what}"
        )

    def _lost(self, what: str) -> NoAnswerError:
        return NoAnswerError(self._request.method, self._request.path, what)


def max_bytes(size: Size, limits: Limits) -> int:
    """Return how many bytes a successful answer may have."""
    return {
        "one": limits.answer_bytes,
        "long": limits.long_bytes,
        "stream": limits.stream_bytes,
    }[size]


def max_seconds(request: Request, limits: Limits) -> float:
    """Return how many seconds a request and its answer may take."""
    seconds = limits.answer_seconds if request.size == "one" else limits.long_seconds
    return seconds + len(request.body or b"") / SLOWEST


def more_seconds(request: Request, chunk: bytes) -> float:
    """Return how many seconds more an answer may take when a piece of it has come."""
    return len(chunk) / SLOWEST if request.size == "stream" else 0.0
