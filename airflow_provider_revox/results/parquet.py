"""Results as a Parquet file: columns with types, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.storage import replaced
from airflow_provider_revox.results.columns import ColumnType

ROW_GROUP = 10_000


def write_parquet(
    path: str, name: str, records: Iterable[Mapping[str, Any]], types: Mapping[str, ColumnType]
) -> None:
    """
    Write records.

    :param path: A path or URL.
    :param name: How errors name the file.
    :param types: The columns; moments become timestamps, and JSON stays text.
    :raises InvalidRequestError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter
    except ModuleNotFoundError:
        pa = None
    if pa is None:
        raise InvalidRequestError(
            [f"{name}: Parquet files need pyarrow: pip install 'airflow-provider-revox[parquet]'"]
        )
    arrow: dict[ColumnType, Any] = {
        "text": pa.string(),
        "json": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "moment": pa.timestamp("ms", "UTC"),
    }
    schema = pa.schema([(column, arrow[kind]) for column, kind in types.items()])
    moments = [column for column, kind in types.items() if kind == "moment"]
    source = iter(records)
    with replaced(path, name) as file, ParquetWriter(file, schema) as writer:
        while group := list(islice(source, ROW_GROUP)):
            columns = {column: [record.get(column) for record in group] for column in types}
            for column in moments:
                columns[column] = [
                    None if text is None else datetime.fromisoformat(text) for text in columns[column]
                ]
            writer.write_table(pa.table(columns, schema=schema))
