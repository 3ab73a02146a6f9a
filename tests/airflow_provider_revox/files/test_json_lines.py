"""JSON Lines: what is a record, and which field twice is an error."""

from __future__ import annotations

import gzip

import pytest

from airflow_provider_revox.contacts.variables import is_missing
from tests.airflow_provider_revox.files.file_reading import problem_of, read


@pytest.mark.parametrize("content", ["", "\n", " \r\n\n", "\ufeff", "\x1a"])
@pytest.mark.parametrize("name", ["due.jsonl", "due.ndjson", "due.jsonl.gz"])
def test_json_lines_without_a_record_are_empty_which_the_task_may_refuse(file, content, name):
    raw = content.encode()
    path = file(gzip.compress(raw) if name.endswith("gz") else raw, name)
    assert read(path) == []
    assert problem_of(path, may_be_empty=False) == f"{name}: is empty; if that is right, leave it out"


@pytest.mark.parametrize("line", ["[1]", "{", "1", '"+4930123456"', "[" * 100_000, "{}{}", "null"])
def test_json_lines_that_are_none(file, line):
    path = file('{"a": 1}\n\n{"a": 2}\n' + line + "\n", "due.jsonl")
    assert problem_of(path) == "due.jsonl: row 2: is not a JSON object; each line must hold one whole object"


def test_a_field_twice_in_one_object_is_an_error_only_if_the_task_asks_for_it(file):
    path = file('{"a": 1, "b": 1}\n{"a": 1, "b": 1, "b": 2}\n', "due.jsonl")
    assert read(path, wanted=["a"]) == [{"a": 1, "b": 1}, {"a": 1, "b": 2}]
    assert problem_of(path, wanted=["a", "b"]) == "due.jsonl: row 1: has the field b twice"


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ([], '{"b": 1, "b": 2}'),
        (["a"], '{"b": 1, "b": 2}'),  # the reader of a do-not-call list takes the only field
        (["a"], '{"b": {}, "c": 1, "b": {"x": 1}}'),
        (["a", "p"], '{"a": 1, "p": {"x": 1, "x": 2}}'),
        (["a", "p"], '{"p": {"x": 1, "y": 3, "x": 2}, "a": 1, "q": {"y": 1, "y": 2}}'),
    ],
)
def test_a_field_twice_is_an_error_if_its_value_may_be_read(file, wanted, line):
    path = file('{"a": 1}\n' + line + "\n", "due.jsonl")
    assert problem_of(path, wanted=wanted) == "due.jsonl: row 1: has a field twice"


@pytest.mark.parametrize("line", ['{"a": 1, "m": {"x": 1, "x": 2}}', '{"m": [{"x": 1, "x": 2}], "a": 1}'])
def test_a_field_twice_does_not_matter_in_an_object_that_nobody_asks_for(file, line):
    path = file(line + "\n" + '{"a": {"y": 1}}\n', "due.jsonl")
    assert [record["a"] for record in read(path, wanted=["a"])] == [1, {"y": 1}]


def test_one_name_with_its_accents_apart_and_composed_is_a_field_twice(file):
    path = file('{"pre\u0301nom": 1, "pr\u00e9nom": 2}\n', "due.jsonl")
    assert problem_of(path, wanted=["pr\u00e9nom"]) == "due.jsonl: row 0: has the field pr\u00e9nom twice"


def test_json_lines_that_are_not_utf8_are_refused(file):
    assert problem_of(file(b'{}\n{"a": "\xe9"}\n', "due.jsonl")).startswith("due.jsonl: row 1: is not UTF-8")


def test_nan_in_json_lines_is_a_missing_value(file):
    (record,) = read(file('{"a": "1", "v": NaN}\n', "due.jsonl"))
    assert record["a"] == "1"
    assert is_missing(record["v"])
