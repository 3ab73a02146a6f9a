"""Keep results on disk until all of them are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

import msgspec

from airflow_provider_revox.results.flatten import Record, json_bytes

TOGETHER = 32_000
"""How many bytes of records are in memory before they go to the disk. One record may have megabytes."""

_decode = msgspec.json.Decoder(list[list[Any]]).decode


class Spool:
    """
    Keeps records in a file without a name, which is gone when the process ends for any reason.

    Use it as a context manager.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by close
        self._block: list[bytes] = []
        self._bytes = 0

    def add(self, records: Iterable[Record]) -> None:
        """Add records. JSON must be able to hold their values."""
        for record in records:
            encoded = json_bytes(record)
            self._block.append(encoded)
            self._bytes += len(encoded)
            if self._bytes >= TOGETHER:
                self._write_block()

    def _write_block(self) -> None:
        if self._block:
            self._file.write(b"[%b]\n" % b",".join(self._block))
            self._clear()

    def _clear(self) -> None:
        self._block.clear()
        self._bytes = 0

    def mark(self) -> int:
        """Return the position of the next record."""
        self._write_block()
        return self._file.tell()

    def rewind(self, mark: int) -> None:
        """Forget all records from a position on."""
        self._clear()
        self._file.seek(mark)
        self._file.truncate()

    def __iter__(self) -> Iterator[list[Any]]:
        self._write_block()
        self._file.seek(0)
        for line in self._file:
            yield from _decode(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
