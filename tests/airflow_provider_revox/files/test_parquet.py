"""Parquet files: the types of their values, their columns, and what is wrong with them."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.airflow_provider_revox.files.file_reading import problem_of, read


def test_parquet_values_are_pythons(pa, tmp_path):
    import pyarrow.parquet as pq

    moment = datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC)
    values = {
        "text": "Zoé",
        "big": 2**62,
        "float": 33612345678.0,
        "decimal": Decimal("12.50"),
        "day": date(2026, 11, 30),
        "moment": moment,
        "flag": True,
        "none": None,
        "tags": ["a", "b"],
    }
    table = pa.Table.from_pylist([values] * 10_000)
    count = int(moment.timestamp()) * 10**9 + 123_456_789
    nanoseconds = pa.array([count] * 10_000, pa.timestamp("ns"))
    table = table.append_column("nano", nanoseconds)
    pq.write_table(table, tmp_path / "due.parquet", row_group_size=3000)
    records = read(tmp_path / "due.parquet")
    assert len(records) == 10_000
    assert records[0] == records[-1] == values | {"nano": moment.replace(tzinfo=None)}
    assert {name: type(value) for name, value in records[0].items()}["nano"] is datetime
    assert type(records[0]["big"]) is int


def test_parquet_that_is_none(pa, file, tmp_path):
    import pyarrow.parquet as pq

    assert (
        problem_of(file("a,b\n1,2\n", "due.parquet")) == "due.parquet: is not a Parquet file, or is damaged"
    )
    assert problem_of(file("", "due.parquet")) == "due.parquet: is not a Parquet file, or is damaged"
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "two.parquet")
    assert read(tmp_path / "two.parquet") == [{"a": 1, "a (column 2)": 2}]
    assert "the field a is the name of columns 1 and 2" in problem_of(tmp_path / "two.parquet", wanted=["a"])
    path = tmp_path / "cut.parquet"
    pq.write_table(pa.table({"a": [str(n) for n in range(50_000)]}), path, row_group_size=10_000)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 20_000] = b"\0" * 20_000
    path.write_bytes(content)
    assert problem_of(path).startswith("cut.parquet: from row ")
    pq.write_table(pa.table({"a": pa.array([2**60], pa.timestamp("ms"))}), tmp_path / "far.parquet")
    assert "no type for" in problem_of(tmp_path / "far.parquet")


@pytest.mark.parametrize(
    ("values", "row"),
    [([None, "Zoe"], 1), ([0, None], 0), ([None] * 5000 + ["x"], 5000), ([None, " ", "\u200b"], None)],
)
def test_a_value_in_a_parquet_column_without_a_name_is_not_lost(pa, tmp_path, values, row):
    import pyarrow.parquet as pq

    path = tmp_path / "due.parquet"
    for name in ("", " "):
        pq.write_table(pa.table([list(range(len(values))), values], names=["a", name]), path)
        if row is None:
            assert read(path) == [{"a": number} for number in range(len(values))]
        else:
            problem = f"due.parquet: row {row}: has a value in column 2 (counted from 1), which has no name"
            assert problem_of(path) == problem
    nan = pa.table([[1], pa.array([float("nan")])], names=["a", ""])
    pq.write_table(nan, path)
    assert read(path) == [{"a": 1}]


def test_a_parquet_file_without_columns_is_an_error(pa, tmp_path):
    import pyarrow.parquet as pq

    pq.write_table(pa.table({}), tmp_path / "due.parquet")
    assert problem_of(tmp_path / "due.parquet") == "due.parquet: header: there are no columns"


def test_without_pyarrow_the_error_says_what_to_install(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert problem_of(file(b"PAR1", "due.parquet")) == (
        "due.parquet: Parquet files need pyarrow: pip install 'airflow-provider-revox[parquet]'"
    )
