"""Results as a Parquet file: columns with types, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.storage import replaced
from airflow_provider_revox.results.columns import ColumnType

ROW_GROUP = 5_000


def check_pyarrow(name: str) -> None:
    """
    Refuse a Parquet file where pyarrow is not installed.

    :param name: How errors name the file.
    :raises InvalidRequestError: It is not.
    """
    if find_spec("pyarrow") is None:
        raise InvalidRequestError(
            [f"{name}: Parquet files need pyarrow: pip install 'airflow-provider-revox[parquet]'"]
        )


def write_parquet(
    path: str, name: str, records: Iterable[Sequence[Any]], types: Mapping[str, ColumnType]
) -> None:
    """
    Write records.

    :param path: A path or URL.
    :param name: How errors name the file.
    :param records: Values in the order of the columns.
    :param types: The columns; moments become timestamps, and JSON stays text.
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
        "moment": pa.timestamp("ms", "UTC"),
    }
    schema = pa.schema([(column, arrow[kind]) for column, kind in types.items()])
    # Arrow reads text as a moment, but not while it makes an array.
    read = [pa.string() if kind == "moment" else arrow[kind] for kind in types.values()]
    source = iter(records)
    with replaced(path, name) as file, ParquetWriter(file, schema) as writer:
        while group := list(islice(source, ROW_GROUP)):
            columns = [
                pa.array(values, kind).cast(field.type)
                for values, kind, field in zip(zip(*group, strict=True), read, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
