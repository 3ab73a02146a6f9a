"""
Write a file that is not there until it is complete, and of which the newest part can be forgotten.

The draft is what the file will be, so nothing is read, or written in another form, a second time. It has no
name: it is gone when the process ends for any reason.
"""

from __future__ import annotations

import io
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from itertools import chain
from operator import itemgetter
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, ClassVar, Self, TextIO

from pydantic_core import from_json

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.atomic_write import compressed, replaced
from airflow_provider_revox.files.csv_text import csv_rows, csv_writer
from airflow_provider_revox.files.field_names import check_names
from airflow_provider_revox.files.formats import ColumnType, FileFormat
from airflow_provider_revox.files.json_lines import json_writer

MOST_CHARS = 250_000
"""How many characters their texts have before they go to the disk. One record may have megabytes."""
_PIECE = 1 << 20


class Draft(ABC):
    """
    Holds records on the disk. Use it as a context manager.

    :param types: The type of each field, in their order.
    """

    together: ClassVar[int] = 100
    """How many records are in memory before they go to the disk. More of them wake the garbage collector."""

    def __init__(self, types: Mapping[str, ColumnType]) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._texts_of = itemgetter(
            *(place for place, kind in enumerate(types.values()) if kind in ("text", "json"))
        )
        self._records: list[Sequence[Any]] = []
        self._chars = 0

    def add(self, records: Sequence[Sequence[Any]]) -> None:
        """Add records, each with its values in the order of the fields."""
        chars = sum(map(len, filter(None, chain.from_iterable(map(self._texts_of, records)))))
        if chars > MOST_CHARS and len(records) > 1:  # the attempts of a call repeat its texts
            half = len(records) // 2
            self.add(records[:half])
            self.add(records[half:])
            return
        self._records += records
        self._chars += chars
        if len(self._records) >= self.together or self._chars >= MOST_CHARS:
            self._flush()

    def mark(self) -> int:
        """Return the position of the next record."""
        self._flush()
        return self._file.tell()

    def rewind(self, mark: int) -> None:
        """Forget all records from a position on."""
        self._forget_newest()
        self._file.seek(mark)
        self._file.truncate()

    @abstractmethod
    def publish(self, path: str) -> None:
        """Write the file, which is there when it is complete, or not at all."""

    @abstractmethod
    def _write(self, records: list[Sequence[Any]]) -> None:
        """Write records into the draft."""

    def _flush(self) -> None:
        if self._records:
            self._write(self._records)
            self._forget_newest()

    def _forget_newest(self) -> None:
        self._records, self._chars = [], 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class TextDraft(Draft):
    """
    Holds the records of a text file: texts, numbers, booleans and None.

    :param form: CSV or JSON Lines.
    :param types: The type of each field, in their order. JSON is text, and JSON Lines have it as an object.
    :param prose: The texts that mostly need quotes in a CSV file, as JSON does.
    """

    def __init__(self, form: FileFormat, types: Mapping[str, ColumnType], prose: Collection[str]) -> None:
        super().__init__(types)
        self._form = form
        self._json = [place for place, kind in enumerate(types.values()) if kind == "json"]
        self._quoted = {*self._json, *map([*types].index, prose)}
        self._text = io.TextIOWrapper(self._file, encoding="utf-8", newline="")
        self._write_record = record_writer(form, self._text, list(types))
        self._text.flush()

    def publish(self, path: str) -> None:
        """Write the file."""
        self._flush()
        self._file.seek(0)
        with (
            replaced(path, self._form.name) as file,
            compressed(file) if self._form.compressed else nullcontext(file) as target,
        ):
            shutil.copyfileobj(self._file, target, _PIECE)

    def _write(self, records: list[Sequence[Any]]) -> None:
        if self._form.kind == "jsonl":
            for record in records:
                self._write_record(_nested(record, self._json))
        elif rows := csv_rows(records, delimiter(self._form), self._quoted):
            self._text.write(rows)
        else:
            for record in records:
                self._write_record(record)
        self._text.flush()


def _nested(record: Sequence[Any], places: Sequence[int]) -> list[Any]:
    values = list(record)
    for place in places:
        values[place] = values[place] and from_json(values[place])
    return values


def record_writer(form: FileFormat, text: TextIO, fields: Sequence[str]) -> Callable[[Sequence[Any]], object]:
    """
    Write what a text file begins with; return a function that writes the values of a record.

    The function raises TypeError, ValueError, RecursionError or csv.Error for a value that it can't write.

    :param fields: The fields, in their order.
    :raises InvalidRequestError: A field can't have its name.
    """
    check_names([field.strip() for field in fields], "fields")
    if any(field != field.encode("utf-8", "ignore").decode() for field in fields):
        raise InvalidRequestError(["fields: a name is not valid Unicode"])
    if form.kind == "jsonl":
        return json_writer(text, fields)
    return csv_writer(text, fields, delimiter(form))


def delimiter(form: FileFormat) -> str:
    """Return what is written between two cells."""
    return "\t" if form.kind == "tsv" else ","
