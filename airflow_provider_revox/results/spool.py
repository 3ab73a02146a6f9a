"""Keep results on disk until all of them are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

import msgspec

from airflow_provider_revox.results.columns import Layout
from airflow_provider_revox.results.flatten import Record, json_bytes

_decode = msgspec.json.Decoder(list[list[Any]]).decode


class Spool:
    """
    Keeps records in a file without a name, which is gone when the process ends for any reason.

    Use it as a context manager.

    :param layout: What the records are.
    """

    def __init__(self, layout: Layout) -> None:
        self._together = layout.records_together
        self._file = TemporaryFile()  # noqa: SIM115 - closed by close
        self._block: list[Record] = []

    def add(self, records: Iterable[Record]) -> None:
        """Add records. JSON must be able to hold their values."""
        self._block += records
        if len(self._block) >= self._together:
            self._write_block()

    def _write_block(self) -> None:
        if self._block:
            self._file.write(json_bytes(self._block) + b"\n")
            self._block.clear()

    def mark(self) -> int:
        """Return the position of the next record."""
        self._write_block()
        return self._file.tell()

    def rewind(self, mark: int) -> None:
        """Forget all records from a position on."""
        self._block.clear()
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
