"""Write Parquet files, one row group at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from airflow_provider_revox.files.atomic_write import replaced
from airflow_provider_revox.files.draft import Draft
from airflow_provider_revox.files.formats import ColumnType
from airflow_provider_revox.files.parquet import check_pyarrow

ROW_GROUP = 5_000
"""How many rows to write at once."""
MOST_BYTES = 2_000_000
"""
How many bytes of Arrow's columns to write at once. One row may have more.

The encoder copies them several times. But each row group takes 60 kB of memory until the file is complete, so
there must not be too many, either.
"""


class ParquetDraft(Draft):
    """
    Holds the records of a Parquet file, in Arrow's format for streams.

    Timestamps in records are ISO 8601 text. JSON stays text.

    :param name: How errors name the file.
    :param types: The type of each column.
    :param metadata: What the file says about itself.
    :raises InvalidRequestError: pyarrow is not installed.
    """

    together = 600  # Arrow takes longer for columns of fewer values

    def __init__(self, name: str, types: Mapping[str, ColumnType], metadata: Mapping[str, str]) -> None:
        check_pyarrow(name)
        import pyarrow as pa

        super().__init__(types)
        self._name = name
        arrow: dict[ColumnType, Any] = {
            "text": pa.string(),
            "json": pa.string(),
            "integer": pa.int64(),
            "number": pa.float64(),
            "boolean": pa.bool_(),
            "timestamp": pa.timestamp("ms", "UTC"),
        }
        self._schema = pa.schema(
            [(column, arrow[kind]) for column, kind in types.items()], metadata=dict(metadata)
        )
        self._file.write(self._schema.serialize())

    def publish(self, path: str) -> None:
        """Write the file."""
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

        self._flush()
        self._file.seek(0)
        with (
            pa.ipc.open_stream(self._file) as batches,
            replaced(path, self._name) as file,
            ParquetWriter(file, self._schema) as writer,
        ):
            for group in _groups(batches):
                writer.write_table(pa.Table.from_batches(group, self._schema))

    def _write(self, records: list[Sequence[Any]]) -> None:
        import pyarrow as pa

        arrays = []
        for values, field in zip(zip(*records, strict=True), self._schema, strict=True):
            if pa.types.is_timestamp(field.type):  # Arrow reads them in an array of text, but not in a list
                arrays.append(pa.array(values, pa.string()).cast(field.type))
            else:
                arrays.append(pa.array(values, field.type))
        self._file.write(pa.RecordBatch.from_arrays(arrays, schema=self._schema).serialize())


def _groups(batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the batches of one row group after the other, so small that the memory can hold them."""
    group: list[Any] = []
    rows = size = 0
    for batch in batches:
        group.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= ROW_GROUP or size >= MOST_BYTES:
            yield group
            group, rows, size = [], 0, 0
    if group:
        yield group
