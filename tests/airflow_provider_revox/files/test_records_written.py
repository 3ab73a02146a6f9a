from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files import storage
from airflow_provider_revox.files.blank import BLANKS, is_blank
from airflow_provider_revox.files.field_names import composed
from airflow_provider_revox.files.formulas import unwrapped
from airflow_provider_revox.files.headerless import is_number
from airflow_provider_revox.files.records import read_records, write_records
from tests.airflow_provider_revox.files.file_reading import FIELDS, ROWS, SECRET, TEXT, problem_of, read

# ---- Storages


@pytest.mark.parametrize(
    "url",
    [
        "memory://bucket/a/due.csv",
        "memory://bucket/due.jsonl",
        "s3://crm@bucket/a/due.csv.gz",
        "sftp://host/a/due.tsv",
    ],
)
def test_what_is_written_to_object_storage_is_read_again(memory, url):
    assert write_records(url, ROWS, fields=FIELDS) == 2
    assert write_records(url, iter(ROWS), fields=FIELDS) == 2
    assert read(url) == ROWS
    assert len(memory.store) == 1
    assert problem_of(url.replace("due", "new")).endswith("there is no such file")


def test_what_is_written_to_a_local_path_is_read_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("due.csv", "./sub/new/due 1.csv", f"file://{tmp_path}/x.csv", str(tmp_path / "a#b.jsonl")):
        assert write_records(path, ROWS, fields=FIELDS) == 2
        assert read(path) == ROWS
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == [
        "a#b.jsonl",
        "due 1.csv",
        "due.csv",
        "x.csv",
    ]


def test_parquet_is_read_from_object_storage(memory, pa):
    import pyarrow.parquet as pq

    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), content)
    memory.pipe("/bucket/due.parquet", content.getvalue())
    assert read("memory://bucket/due.parquet") == ROWS


def test_the_file_is_closed_with_the_iterator(memory, monkeypatch):
    opened = []
    real = storage.Source.__init__

    def remember(source: Any, handle: Any) -> None:
        opened.append(source)
        real(source, handle)

    monkeypatch.setattr(storage.Source, "__init__", remember)
    write_records("memory://b/due.csv", ROWS, fields=FIELDS)
    records = read_records("memory://b/due.csv")
    assert not opened
    next(records)
    assert not opened[0].closed
    records.close()
    assert opened[0].closed


# ---- Writing

NAME = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z", "Cf"]), min_size=1, max_size=6).filter(
    lambda name: name == name.strip(BLANKS) and not is_number(name) and name == composed(unwrapped(name))
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from([".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".csv.gz", ".jsonl.gz"]),
    data=st.data(),
)
def test_what_is_written_is_read_again(tmp_path, suffix, data):
    fields = data.draw(st.lists(NAME, min_size=1, max_size=4, unique=True))
    value = TEXT | st.integers() | st.none() | st.booleans() if "json" in suffix else TEXT
    record = st.fixed_dictionaries(dict.fromkeys(fields, value))
    if "json" not in suffix:  # a row of blanks is no record, and a formula is the text in it
        record = record.filter(lambda record: not all(map(is_blank, record.values())))
        record = record.filter(lambda record: all(text == unwrapped(text) for text in record.values()))
    records = data.draw(st.lists(record, max_size=5))
    path = str(tmp_path / f"x{suffix}")
    assert write_records(path, records, fields=fields) == len(records)
    assert read(path) == records
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_how_values_are_written(tmp_path):
    values = {
        "a": None, "b": True, "c": 7, "d": Decimal("1.50"), "e": 1.5, "f": date(2026, 11, 30),
        "g": datetime(2026, 11, 30, 9, tzinfo=UTC), "other": object(),
    }  # fmt: skip
    fields = [*"abcdefg", "missing"]
    write_records(str(tmp_path / "x.csv"), [values], fields=fields)
    assert (tmp_path / "x.csv").read_bytes() == (
        b'"a","b","c","d","e","f","g","missing"\r\n,true,7,1.50,1.5,2026-11-30,2026-11-30T09:00:00+00:00,\r\n'
    )
    write_records(str(tmp_path / "x.jsonl"), [values], fields=fields)
    assert json.loads((tmp_path / "x.jsonl").read_text()) == {
        "a": None, "b": True, "c": 7, "d": "1.50", "e": 1.5, "f": "2026-11-30",
        "g": "2026-11-30T09:00:00+00:00", "missing": None,
    }  # fmt: skip


def test_equal_records_make_equal_files(tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write_records(str(tmp_path / name), ROWS, fields=FIELDS)
    first, second = (tmp_path / "a.csv.gz").read_bytes(), (tmp_path / "b.csv.gz").read_bytes()
    assert first == second
    assert first[4:8] == b"\0\0\0\0"  # no time in it


class LostError(Exception):
    pass


def until_lost(count: int = 50_000):
    yield from ROWS * (count // 2)
    raise LostError


@pytest.mark.parametrize("name", ["due.csv", "due.jsonl", "due.csv.gz"])
@pytest.mark.parametrize("before", [None, b"what was there"])
def test_a_local_file_is_written_as_a_whole_or_not_at_all(tmp_path, name, before):
    if before:
        (tmp_path / name).write_bytes(before)
    with pytest.raises(LostError):
        write_records(str(tmp_path / name), until_lost(), fields=FIELDS)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == ({name: before} if before else {})


@pytest.mark.parametrize(
    "url", ["memory://bucket/due.csv", "s3://crm@bucket/due.csv.gz", "sftp://host/due.csv"]
)
@pytest.mark.parametrize("before", [None, b"what was there"])
def test_an_object_is_written_as_a_whole_or_not_at_all(memory, tmp_path, monkeypatch, url, before):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = ObjectStoragePath(url).path
    if before:
        memory.pipe(path, before)
    stored = {name: file.getvalue() for name, file in memory.store.items()}
    with pytest.raises(LostError):
        write_records(url, until_lost(), fields=FIELDS)
    assert {name: file.getvalue() for name, file in memory.store.items()} == stored
    assert list(tmp_path.iterdir()) == []


def test_where_a_put_may_be_cut_off_the_file_is_renamed_after_it(memory, monkeypatch):
    memory.pipe("/due.csv", b"what was there")
    path = ObjectStoragePath("sftp://host/due.csv").path
    memory.pipe(path, b"what was there")

    def cut_off(_: str, target: str, **__: Any) -> None:
        memory.pipe(target, b"half")
        raise ConnectionError

    monkeypatch.setattr(memory, "put_file", cut_off)
    with pytest.raises(ConnectionError):
        write_records("sftp://host/due.csv", ROWS, fields=FIELDS)
    assert {file.getvalue() for file in memory.store.values()} == {b"what was there"}


def test_an_interrupted_rename_leaves_nothing(tmp_path):
    (tmp_path / "due.csv").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_records(str(tmp_path / "due.csv"), ROWS, fields=FIELDS)
    assert [path.name for path in tmp_path.iterdir()] == ["due.csv"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("due.csv", SECRET + "\ud800"),
        ("due.csv", [SECRET]),
        pytest.param("due.csv", 10**5000, id="int"),
        ("due.jsonl", {SECRET}),
        ("due.jsonl", float("nan")),
        pytest.param("due.jsonl", 10**5000, id="json-int"),
    ],
)
def test_what_can_not_be_written_is_refused_without_being_shown(tmp_path, name, value):
    with pytest.raises(InvalidRequestError) as caught:
        write_records(str(tmp_path / name), [{"a": "x"}, {"a": value}], fields=["a"])
    assert caught.value.problems == [f"{name}: row 1: has a value that such a file can't hold"]
    assert caught.value.__context__ is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fields", [[], [""], [" "], ["a", "a"], ["a", "a "], ["\ud800"]])
def test_fields_that_can_be_none(tmp_path, fields):
    with pytest.raises(InvalidRequestError, match="fields: "):
        write_records(str(tmp_path / "due.csv"), [], fields=fields)
    assert list(tmp_path.iterdir()) == []


def test_parquet_is_not_written(tmp_path):
    with pytest.raises(InvalidRequestError, match="can't be written as Parquet"):
        write_records(str(tmp_path / "due.parquet"), [], fields=["a"])
