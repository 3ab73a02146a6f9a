"""
Records from files and into files, on a disk or in object storage, one at a time.

What ends with ``.csv``, ``.tsv``, ``.txt``, ``.jsonl`` or ``.ndjson``, each also with ``.gz`` behind it, and
what ends with ``.parquet`` is read. ``.json`` is not: most such files are one array, which can't be streamed.

What is wrong with a file is an :class:`~airflow_provider_revox.client.errors.InvalidRequestError`: reading
it again can't help. It names the file without its directory, and never what a cell holds. An error of the
storage that may pass (a time-out, a broken connection: any other ``OSError``) is let through as it is, so
that Airflow retries the task.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from datetime import date, time
from decimal import Decimal
from gzip import GzipFile
from json import JSONDecoder, JSONEncoder
from typing import Any, BinaryIO, NoReturn, TextIO, cast

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.csv_text import (
    CHUNK,
    UndecodableError,
    check_names,
    check_text_options,
    csv_records,
    lines,
    text_blocks,
)
from airflow_provider_revox.files.storage import (
    SUFFIX,
    FileFormat,
    Source,
    file_format,
    open_source,
    replaced,
)

_LONGEST_PATH = 4096  # characters
_PARQUET_ROWS = 4096  # turned into Python objects at once


def is_path(value: Any) -> bool:
    """
    Tell the path or URL of a file that can be read from everything else.

    :param value: Anything; text after templates are rendered, for what still holds Jinja is no path yet.
        Text of records is no path either: it begins with a bracket (write ``./[x].csv`` for such a name).
    :return: Whether :func:`read_records` takes it; the file need not exist.
    """
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST_PATH
        and not value.lstrip().startswith(("[", "{"))
        and "{{" not in value
        and "{%" not in value
        and value.isprintable()
        and SUFFIX.search(value) is not None
    )


def read_records(
    path: str, *, encoding: str | None = None, delimiter: str | None = None
) -> Iterator[dict[str, Any]]:
    """
    Read records, holding one chunk of the file at a time (of Parquet one row group).

    Cells of CSV are text as it stands, the empty one included. Values of JSON Lines and Parquet keep their
    types; of Parquet's nanoseconds the microseconds are kept, as Python has no more.

    :param path: A path, or a URL of any storage Airflow has a connection for: ``s3://conn_id@bucket/key.csv``.
    :param encoding: Of a text file without byte order mark; UTF-8 when None. A mark in the file wins.
    :param delimiter: Of a CSV file; when None, what a ``sep=`` line says, a tab for ``.tsv``, and otherwise
        what the header has most of among comma, semicolon, tab and bar.
    :return: The records in their order. The file is opened when the first is asked for, and closed after the
        last, or with the iterator.
    :raises InvalidRequestError: The file is missing, may not be read, or is not what its name says. Rows
        count from 0, without the header and empty lines.
    """
    check_text_options(encoding, delimiter)
    return _records(path, file_format(path), encoding, delimiter)


def _records(
    path: str, form: FileFormat, encoding: str | None, delimiter: str | None
) -> Iterator[dict[str, Any]]:
    with closing(open_source(path, form.name)) as source:
        damaged = False
        # Raw files may return less than was asked for; Arrow takes that for the end.
        stream = io.BufferedReader(source, CHUNK)
        try:
            if form.kind == "parquet":
                yield from _parquet_records(stream, source, form.name)
            else:
                # GzipFile reads several gzip files joined into one, too.
                read = GzipFile(fileobj=stream, mode="rb").read if form.packed else stream.read
                blocks = text_blocks(read, encoding)
                if form.kind == "jsonl":
                    yield from _json_records(blocks, form.name)
                else:
                    usual = "\t" if form.kind == "tsv" else None
                    yield from csv_records(blocks, form.name, delimiter, usual)
        except (EOFError, zlib.error, OSError):
            # gzip and Arrow call it an OSError too when a file is damaged.
            if source.failed:
                raise
            damaged = True
        if damaged:
            raise InvalidRequestError([f"{form.name}: is damaged or cut off"])


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and infinities are no JSON")


_decode_json = JSONDecoder(parse_constant=_refuse_constant).decode


def _json_records(blocks: Iterator[str], name: str) -> Iterator[dict[str, Any]]:
    row = 0
    problem = ""
    try:
        for line in lines(blocks):
            if line.isspace():
                continue
            try:
                record = _decode_json(line)
            except (ValueError, RecursionError):
                record = None
            if type(record) is not dict:
                problem = "is no JSON object; each line must hold one whole object"
                break
            yield record
            row += 1
    except UndecodableError as error:
        problem = str(error)
    if problem:
        raise InvalidRequestError([f"{name}: row {row}: {problem}"])


def _parquet_records(stream: BinaryIO, source: Source, name: str) -> Iterator[dict[str, Any]]:
    try:
        from pyarrow import parquet
    except ModuleNotFoundError:
        parquet = None
    if not parquet:
        raise InvalidRequestError(
            [f"{name}: Parquet files need pyarrow: pip install 'airflow-provider-revox[parquet]'"]
        )
    row = None
    problem = ""
    try:
        with parquet.ParquetFile(stream) as file:
            names = file.schema_arrow.names
            check_names(names, name)
            row = 0
            for batch in file.iter_batches(_PARQUET_ROWS):
                columns = [_python_values(column) for column in batch.columns]
                for values in zip(*columns, strict=True):
                    yield dict(zip(names, values, strict=True))
                row += batch.num_rows
    except InvalidRequestError:
        raise
    except Exception:
        # Arrow's errors are of many types, and their texts may show values.
        if source.failed:
            raise
        problem = (
            "is no Parquet file, or damaged"
            if row is None
            else f"from row {row}: is damaged, or holds a value that Python has no type for"
        )
    if problem:
        raise InvalidRequestError([f"{name}: {problem}"])


def _python_values(column: Any) -> list[Any]:
    import pyarrow as pa

    # As they are, nanoseconds become pandas' own types, or an error where pandas is not installed.
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"), safe=False)
    elif pa.types.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pa.duration("us"), safe=False)
    return cast("list[Any]", column.to_pylist())


def write_records(path: str, records: Iterable[Mapping[str, Any]], *, fields: Sequence[str]) -> int:
    """
    Write records to a file that is there when it is complete, or not at all.

    CSV is UTF-8 with commas (tabs for ``.tsv``), dates as ISO 8601, ``true`` and ``false``, and an empty cell
    for None. JSON Lines have dates and decimals as text.

    :param path: A path or URL that ends as one of a text file that :func:`read_records` reads. A file that
        is there already is replaced.
    :param records: What to write. An error while they are read is let through; the file is as it was.
    :param fields: Which fields, in which order; others are left out, and one a record lacks is empty.
    :return: How many records were written.
    :raises InvalidRequestError: The path is of another kind, a field name can't be one, or a record holds
        what the file can't.
    """
    form = file_format(path)
    if form.kind == "parquet":
        raise InvalidRequestError([f"{form.name}: Parquet is read, but not written; use .csv or .jsonl"])
    check_names([field.strip() for field in fields], "fields")
    if any(field != field.encode("utf-8", "ignore").decode() for field in fields):
        raise InvalidRequestError(["fields: a name is no valid Unicode"])
    write = _write_json if form.kind == "jsonl" else _write_csv
    with replaced(path, form.name) as file, packed(file) if form.packed else nullcontext(file) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        try:
            return write(text, form, records, list(fields))
        finally:
            # Flushes too, and leaves it to the context to close the file.
            text.detach()


@contextmanager
def packed(file: BinaryIO) -> Iterator[BinaryIO]:
    """Write into a file with gzip."""
    # Without the time of writing: equal records make equal files.
    with GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        yield cast("BinaryIO", packed)


def _write_csv(
    text: TextIO, form: FileFormat, records: Iterable[Mapping[str, Any]], fields: list[str]
) -> int:
    delimiter = "\t" if form.kind == "tsv" else ","
    # Whatever is in a quoted name is not taken for the delimiter when the file is read.
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerow(fields)
    write = csv.writer(text, delimiter=delimiter).writerow
    row = 0
    for record in records:
        values = [record.get(field) for field in fields]
        try:
            write([value if type(value) in _PLAIN else _cell(value) for value in values])
        except (TypeError, ValueError, csv.Error):
            break
        row += 1
    else:
        return row
    raise _unwritable(form.name, row)


# The csv module writes these as _cell does, without a call for each.
_PLAIN = frozenset((str, int, float, type(None)))


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _write_json(
    text: TextIO, form: FileFormat, records: Iterable[Mapping[str, Any]], fields: list[str]
) -> int:
    row = 0
    for record in records:
        values = {field: record.get(field) for field in fields}
        try:
            line = _encode_json(values)
        except (TypeError, ValueError, RecursionError):
            break
        text.write(f"{line}\n")
        row += 1
    else:
        return row
    raise _unwritable(form.name, row)


def _json_value(value: Any) -> str:
    if isinstance(value, (date, time, Decimal)):
        return _cell(value)
    raise TypeError(type(value).__name__)


# ASCII only: text that is no valid Unicode can be written too.
_encode_json = JSONEncoder(allow_nan=False, default=_json_value).encode


def _unwritable(name: str, row: int) -> InvalidRequestError:
    return InvalidRequestError([f"{name}: row {row}: holds a value that can't be written to such a file"])
