"""
Read records from files and write them to files, on a disk or in object storage, one at a time.

The provider reads files that end with ``.csv``, ``.tsv``, ``.txt``, ``.jsonl`` or ``.ndjson``, each also with
``.gz`` behind it, and with ``.parquet``. It does not read ``.json``: most such files are one array, which
can't be read piece by piece.

If a file is wrong, an :class:`~airflow_provider_revox.client.errors.InvalidRequestError` says so, and Airflow
does not retry the task. The error names the file without its directory, and never shows the content of a
cell. If the storage fails (a time-out, a broken connection), its own ``OSError`` passes, and Airflow retries.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from gzip import GzipFile
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.atomic_write import compressed, replaced
from airflow_provider_revox.files.csv_text import csv_records
from airflow_provider_revox.files.draft import record_writer
from airflow_provider_revox.files.formats import FileFormat, file_format
from airflow_provider_revox.files.json_lines import json_records
from airflow_provider_revox.files.storage import open_source
from airflow_provider_revox.files.text import CHUNK, check_text_options, text_blocks


def read_records(
    path: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    wanted: Collection[str] = (),
    may_be_empty: bool = True,
) -> Iterator[dict[str, Any]]:
    """
    Read records. Memory holds one chunk of the file at a time (of Parquet one row group).

    Cells of CSV stay text as they are, also empty ones. Only formulas that wrap text (``="0612"``) become
    that text. Values of JSON Lines and Parquet keep their types, but nanoseconds of Parquet become
    microseconds. The names of columns are composed (NFC), with single spaces.

    :param path: A path, or a URL of any storage that Airflow has a connection for:
        ``s3://conn_id@bucket/key.csv``.
    :param encoding: The encoding of a text file that has no byte order mark. Default: UTF-8. A mark in the
        file wins.
    :param delimiter: The character between two cells of a CSV file. Default: the one of a ``sep=`` line, a
        tab for ``.tsv``, or the one of comma, semicolon, tab and bar that the header has most often.
    :param wanted: The fields that the task asks for, composed. A file must not have such a field twice.
    :param may_be_empty: Whether a file of JSON Lines may have no record. It has no header, so an empty one
        may be what is left of a longer one. An empty file of another format is always an error.
    :return: The records in their order. The file is opened when you ask for the first record, and closed
        after the last, or with the iterator.
    :raises InvalidRequestError: The file is missing, may not be read, or is not what its name says. Errors
        count rows from 0, without the header and blank rows.
    """
    check_text_options(encoding, delimiter)
    form = file_format(path)
    return _records(path, form, encoding, delimiter, wanted, may_be_empty)


def _records(
    path: str,
    form: FileFormat,
    encoding: str | None,
    delimiter: str | None,
    wanted: Collection[str],
    may_be_empty: bool,
) -> Iterator[dict[str, Any]]:
    with closing(open_source(path, form.name)) as source:
        damaged = False
        # A raw file may return less than was asked for, which Arrow takes for the end of the file.
        stream = io.BufferedReader(source, CHUNK)
        try:
            if form.kind == "parquet":
                from airflow_provider_revox.files.parquet import parquet_records

                yield from parquet_records(stream, source, form.name, wanted)
            else:
                if form.compressed and not stream.peek(1):
                    raise EOFError  # GzipFile takes a file without any content for one that holds none
                # GzipFile also reads several gzip files that were joined into one.
                read = GzipFile(fileobj=stream, mode="rb").read if form.compressed else stream.read
                blocks = text_blocks(read, encoding)
                if form.kind == "jsonl":
                    yield from json_records(blocks, form.name, wanted, may_be_empty=may_be_empty)
                else:
                    usual = "\t" if form.kind == "tsv" else None
                    yield from csv_records(blocks, form.name, delimiter, usual, wanted)
        except (EOFError, zlib.error, OSError):
            # For a damaged file gzip and Arrow raise an OSError, too.
            if source.failed:
                raise
            damaged = True
        if damaged:
            raise InvalidRequestError([f"{form.name}: is damaged or cut off"])


def write_records(path: str, records: Iterable[Mapping[str, Any]], *, fields: Sequence[str]) -> int:
    """
    Write records to a text file that is there when it is complete, or not at all.

    CSV files are UTF-8 with commas (tabs for ``.tsv``), dates in ISO 8601, ``true`` and ``false``, and an
    empty cell for None. In JSON Lines, dates and decimals are text.

    :param path: A path or URL that ends with the suffix of a text file. An older file there is replaced.
    :param records: The records. If reading them raises an error, it passes, and an older file stays.
    :param fields: The fields to write, in their order. A field that a record lacks is empty.
    :return: How many records were written.
    :raises InvalidRequestError: The path ends with another suffix, a field can't have its name, or the file
        can't hold a value.
    """
    form = file_format(path)
    if form.kind == "parquet":
        raise InvalidRequestError([f"{form.name}: records can't be written as Parquet; use .csv or .jsonl"])
    with (
        replaced(path, form.name) as file,
        compressed(file) if form.compressed else nullcontext(file) as binary,
    ):
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        try:
            write = record_writer(form, text, fields)
            row = 0
            for record in records:
                values = [record.get(field) for field in fields]
                try:
                    write(values)
                except (TypeError, ValueError, RecursionError, csv.Error):
                    break
                row += 1
            else:
                return row
        finally:
            # This flushes the text, and the context closes the file.
            text.detach()
        # Raised outside of the except block, since the error there may show the value.
        raise InvalidRequestError([f"{form.name}: row {row}: has a value that such a file can't hold"])
