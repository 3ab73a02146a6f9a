from __future__ import annotations

import gzip
import io
import traceback
import tracemalloc
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.records import read_records
from tests.airflow_provider_revox.files.file_reading import SECRET, problem_of, read

GOOD = "+33612345678,Zoé\n" * 17


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("phone,name\n" + GOOD + "1,2,3\n", "row 17: has 3 cells, but the header has 2"),
        (b"phone,name\n" + GOOD.encode() + b"1,\xe9\n" + GOOD.encode(), "row 17: is not UTF-8; set encoding"),
        (b"phone,name\n" + b"1,2\n" * 100_000 + b"\xe9", "row 100000: is not UTF-8; set encoding"),
        (b"phone,name\n1,2\n\xc3", "row 1: is not UTF-8; set encoding"),
        ("phone,name\n" + GOOD + '"1,2\n' + GOOD, "row 17: has a quote that is never closed; close it"),
        ("phone,name\n1,2\n" + '"1"3,2\n', "row 1: has more than blanks behind a closing quote; write"),
        (
            "phone,name\n1,2\n" + "x" * 1_000_001 + ",2\n",
            "row 1: has a cell of more than 1,000,000 characters; shorten it",
        ),
        (
            'phone,name\n1,2\n"1,2\n' + "1,2\n" * 300_000,
            "row 1: has a cell of more than 1,000,000 characters; shorten it",
        ),
        ("", "is empty"),
        ("\n\r\n", "is empty"),
        ("a,,b\n1,,2\n1,x,2\n", "row 1: has a value in column 2 (counted from 1), which has no name"),
        (",,\n", "is empty"),
        ("a,b;c\n", "header: more than one delimiter"),
        ("a,b\n1,2\n".encode("utf-16-le"), "header: has NUL characters; if the file is UTF-16"),
        ("\ufeffa,b\n".encode("utf-16-le") + b"1,\x00\xd8", "row 0: does not fit the file's byte order mark"),
    ],
)
def test_csv_that_is_none(file, content, problem):
    assert problem_of(file(content)).startswith(f"due.csv: {problem}")


def test_a_list_of_one_record_is_not_empty(file):
    assert read(file("\n{}\n", "due.jsonl"), may_be_empty=False) == [{}]
    assert read(file("a\n"), may_be_empty=False) == []


@pytest.mark.parametrize("name", ["due.jsonl.gz", "due.csv.gz"])
def test_a_gzip_file_without_any_content_is_cut_off(file, name):
    assert problem_of(file(b"", name)) == f"{name}: is damaged or cut off"


@pytest.mark.parametrize("name", ["due.csv", "due.jsonl", "due.csv.gz"])
def test_a_file_without_line_ends_is_not_read_into_memory(file, name):
    first = '{"a": 1}\n' if "json" in name else "a,b\n1,2\n"
    content = first.encode() + b"x" * 60_000_000
    path = file(gzip.compress(content, 1) if name.endswith("gz") else content, name)
    del content
    tracemalloc.start()
    try:
        assert problem_of(path) == f"{name}: row 1: has a line of more than 10,000,000 characters"
        assert tracemalloc.get_traced_memory()[1] < 40e6
    finally:
        tracemalloc.stop()


def test_the_rows_before_a_bad_one_are_given(file):
    records = read_records(file("a,b\n1,2\n3,4,5\n"))
    assert next(records) == {"a": "1", "b": "2"}
    with pytest.raises(InvalidRequestError):
        next(records)


@pytest.mark.parametrize("cut", [-9, 5])
def test_damaged_gzip_is_refused(file, cut):
    assert (
        problem_of(file(gzip.compress(b"a,b\n1,2\n")[:cut], "due.csv.gz"))
        == "due.csv.gz: is damaged or cut off"
    )
    assert problem_of(file("a,b\n", "due.csv.gz")) == "due.csv.gz: is damaged or cut off"


def test_a_file_that_is_missing_or_may_not_be_read_is_refused(tmp_path, monkeypatch):
    assert problem_of(tmp_path / "due.csv") == "due.csv: there is no such file"
    (tmp_path / "dir.csv").mkdir()
    assert problem_of(tmp_path / "dir.csv") == "dir.csv: is not a file"

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(ObjectStoragePath, "open", refuse)
    assert problem_of(tmp_path / "due.csv") == "due.csv: may not be read with the rights of this task"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (
            "nope://key:secret@bucket/due.csv",
            "due.csv: is not a valid URL, or the Airflow provider for nope://",
        ),
        ("nope://secret@due.csv", "due.csv: is not a valid URL, or the Airflow provider for nope://"),
        ("http://[x/due.csv", "due.csv: is not a valid URL"),
        ("s3://bucket/due.xlsx", "the file's name must end with .csv"),
        ("s3://bucket/due.parquet.gz", "the file's name must end with .csv"),
    ],
)
def test_urls_that_lead_nowhere_are_refused(url, problem):
    found = problem_of(url)
    assert found.startswith(problem)
    assert "secret" not in found


@pytest.mark.parametrize("encoding", ["nonsense", "hex", "rot13", "undefined", "a\0b", ""])
def test_an_encoding_that_is_none_is_refused_before_the_file_is_opened(encoding):
    with pytest.raises(InvalidRequestError, match="encoding: Python does not know it"):
        read_records("missing.csv", encoding=encoding)


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n", " "])
def test_a_delimiter_that_can_be_none(delimiter):
    with pytest.raises(InvalidRequestError, match="delimiter: must be one character"):
        read_records("missing.csv", delimiter=delimiter)


class Broken(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 2:
            raise TimeoutError("the storage does not answer")
        return super().read(3)


@pytest.mark.parametrize("name", ["due.csv", "due.jsonl", "due.csv.gz", "due.parquet"])
def test_an_error_of_the_storage_is_let_through_so_that_airflow_retries(monkeypatch, name):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    monkeypatch.setattr(ObjectStoragePath, "open", lambda *_, **__: Broken(gzip.compress(b"a,b\n1,2\n" * 10)))
    with pytest.raises(TimeoutError, match="does not answer"):
        read(name, encoding="latin-1")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.sampled_from(
            [
                SECRET,
                ",",
                ";",
                "\n",
                "\r",
                '"',
                "\t",
                "é",
                "\udcff",
                "\0",
                "{",
                "}",
                ":",
                f'"{SECRET}"',
                "[",
                "1",
                " ",
            ]
        )
        | st.text(max_size=3),
        max_size=25,
    ),
    name=st.sampled_from(["due.csv", "due.tsv", "due.txt", "due.jsonl"]),
    encoding=st.sampled_from([None, "latin-1", "utf-16", "ascii", "gbk", "utf-7"]),
)
@example(parts=[SECRET, ",", "\u0600", SECRET], name="due.csv", encoding="utf-16")  # no byte order mark
def test_no_file_fails_otherwise_than_documented_and_no_error_shows_a_cell(file, parts, name, encoding):
    path = file("".join(parts).encode("utf-8", "surrogateescape" if "\udcff" in parts else "replace"), name)
    try:
        for record in read_records(path, encoding=encoding):
            assert all(isinstance(field, str) for field in record)
    except InvalidRequestError as caught:
        error = caught
    else:
        return
    assert SECRET not in "".join(traceback.format_exception_only(error)) + repr(error)
    assert error.__context__ is None  # what Python would show behind it, and what trackers of errors send
