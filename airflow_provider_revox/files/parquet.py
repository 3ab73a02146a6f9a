"""Read Parquet files, one row group at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib.util import find_spec
from typing import Any, BinaryIO, cast

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.blank import is_blank
from airflow_provider_revox.files.field_names import fields_of, nameless_value
from airflow_provider_revox.files.storage import Source
from airflow_provider_revox.phone_numbers.number_types import Float32

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
