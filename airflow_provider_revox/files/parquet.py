"""Read and write Parquet files, one row group at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, BinaryIO, Literal, cast

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.blank import is_blank
from airflow_provider_revox.files.field_names import fields_of, nameless_value
from airflow_provider_revox.files.storage import Source, replaced
from airflow_provider_revox.phone_numbers.number_types import Float32

ColumnType = Literal["text", "integer", "number", "boolean", "timestamp", "json"]

ROW_GROUP = 5_000
"""How many rows to write at once."""
MOST_CHARS = 2_000_000
"""
How many characters to write at once, in all texts of these rows. One row may have more.

Arrow and its encoder copy them several times. But each row group takes 60 kB of memory until the file is
complete, so there must not be too many, either.
"""
_TOGETHER = 250  # rows that are Python objects at once
_BATCH = 4096  # rows that become Python objects at once


def check_pyarrow(name: str) -> None:
    """
    Refuse a Parquet file if pyarrow is not installed.

    :param name: How errors name the file.
    :raises InvalidRequestError: pyarrow is not installed.
    """
    if find_spec("pyarrow") is None:
        raise InvalidRequestError(
            [f"{name}: Parquet files need pyarrow: pip install 'airflow-provider-revox[parquet]'"]
        )


def parquet_records(
    stream: BinaryIO, source: Source, name: str, wanted: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """
    Read the records of a Parquet file. A column without a name is ignored if all its values are missing.

    :param stream: The file.
    :param source: The storage behind the stream.
    :param name: How errors name the file.
    :param wanted: The fields that the task asks for, composed.
    :raises InvalidRequestError: pyarrow is not installed, it can't read the file, the file has a wanted
        field twice, a column has a number for a name, or one without a name has a value.
    """
    check_pyarrow(name)
    from pyarrow import parquet

    row = None
    problem = ""
    try:
        with parquet.ParquetFile(stream) as file:
            names = fields_of(file.schema_arrow.names, f"{name}: header", wanted)
            fields = [field for field in names if field]
            row = 0
            for batch in file.iter_batches(_BATCH):
                columns = [
                    _python_values(column)
                    for field, column in zip(names, batch.columns, strict=True)
                    if field
                ]
                for column, field in enumerate(names):
                    if not field and (place := _first_value(batch.columns[column])) is not None:
                        problem = nameless_value(column)
                        raise InvalidRequestError([f"{name}: row {row + place}: {problem}"])
                for values in zip(*columns, strict=True):
                    yield dict(zip(fields, values, strict=True))
                row += batch.num_rows
    except InvalidRequestError:
        raise
    except Exception:
        # Arrow raises errors of many types, and their texts may show values.
        if source.failed:
            raise
        problem = (
            "is not a Parquet file, or is damaged"
            if row is None
            else f"from row {row}: is damaged, or has a value that Python has no type for"
        )
    if problem:
        raise InvalidRequestError([f"{name}: {problem}"])


def _python_values(column: Any) -> list[Any]:
    import pyarrow as pa

    # Arrow turns nanoseconds into types of pandas, or fails if pandas is not installed.
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"), safe=False)
    elif pa.types.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pa.duration("us"), safe=False)
    values = cast("list[Any]", column.to_pylist())
    if pa.types.is_float32(kind) or pa.types.is_float16(kind):
        return [value if value is None else Float32(value) for value in values]
    return values


def _first_value(column: Any) -> int | None:
    """Return the row of the first value that is not missing: not none, NaN or blank; ``None`` if all are."""
    for row, value in enumerate(_python_values(column)):
        is_missing = value is None or value != value or (isinstance(value, str) and is_blank(value))
        if not is_missing:
            return row
    return None


def write_parquet(
    path: str,
    name: str,
    records: Iterable[Sequence[Any]],
    types: Mapping[str, ColumnType],
    metadata: Mapping[str, str],
) -> None:
    """
    Write records to a Parquet file that is there when it is complete, or not at all.

    :param path: A path or URL.
    :param name: How errors name the file.
    :param records: The values of each record, in the order of the columns. Timestamps are ISO 8601 text.
    :param types: The type of each column. JSON stays text.
    :param metadata: What the file says about itself.
    :raises InvalidRequestError: pyarrow is not installed.
    """
    check_pyarrow(name)
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    arrow: dict[ColumnType, Any] = {
        "text": pa.string(),
        "json": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("ms", "UTC"),
    }
    schema = pa.schema([(column, arrow[kind]) for column, kind in types.items()], metadata=dict(metadata))
    # Arrow can turn an array of text into timestamps, but not a list of text.
    read = [pa.string() if kind == "timestamp" else arrow[kind] for kind in types.values()]
    texts = [place for place, kind in enumerate(types.values()) if kind in ("text", "json")]

    def batch(rows: list[Sequence[Any]]) -> Any:
        arrays = [
            pa.array(values, kind).cast(field.type)
            for values, kind, field in zip(zip(*rows, strict=True), read, schema, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    with replaced(path, name) as file, ParquetWriter(file, schema) as writer:
        for batches in _groups(records, texts, batch):
            writer.write_table(pa.Table.from_batches(batches, schema))


def _groups(
    records: Iterable[Sequence[Any]], texts: Collection[int], batch: Callable[[list[Sequence[Any]]], Any]
) -> Iterator[list[Any]]:
    """
    Yield the batches of one row group after the other, so small that the memory can hold them.

    :param texts: The places of the columns that hold text, which may be long.
    :param batch: Turns rows into Arrow's columns, which take less memory than Python's objects.
    """
    batches: list[Any] = []
    block: list[Sequence[Any]] = []
    rows = chars = 0
    for record in records:
        block.append(record)
        rows += 1
        chars += sum([len(record[place] or "") for place in texts])
        is_complete = rows == ROW_GROUP or chars >= MOST_CHARS
        if is_complete or len(block) == _TOGETHER:
            batches.append(batch(block))
            block = []
        if is_complete:
            yield batches
            batches, rows, chars = [], 0, 0
    if block:
        batches.append(batch(block))
    if batches:
        yield batches
