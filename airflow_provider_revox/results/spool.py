"""Keep results on disk until all of them are read."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from pydantic_core import from_json

from airflow_provider_revox.results.columns import json_bytes

_BLOCK = 64
"""How many records are written and read at once."""


class Spool:
    """
    Keeps records in a file without a name, which is gone when the process ends for any reason.

    Use it as a context manager.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by close
        self._block: list[list[Any]] = []

    def add(self, record: list[Any]) -> None:
        """Add a record. JSON must be able to hold its values."""
        self._block.append(record)
        if len(self._block) == _BLOCK:
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
            yield from from_json(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
