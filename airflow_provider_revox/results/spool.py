"""Keep results on disk until all of them are read."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from pydantic_core import from_json

from airflow_provider_revox.results.columns import json_bytes


class Spool:
    """
    Keeps records in a file without a name, which is gone when the process ends for any reason.

    Use it as a context manager.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by close

    def add(self, record: list[Any]) -> None:
        """Add a record. JSON must be able to hold its values."""
        self._file.write(json_bytes(record) + b"\n")

    def mark(self) -> int:
        """Return the position of the next record."""
        return self._file.tell()

    def rewind(self, mark: int) -> None:
        """Forget all records from a position on."""
        self._file.seek(mark)
        self._file.truncate()

    def __iter__(self) -> Iterator[list[Any]]:
        self._file.seek(0)
        for line in self._file:
            yield from_json(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
