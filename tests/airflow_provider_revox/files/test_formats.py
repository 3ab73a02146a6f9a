"""Path objects are paths."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath

from airflow_provider_revox.files.formats import is_path, path_text


class OwnPath:
    def __fspath__(self):
        return b"/data/due.csv"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Path("/data/due.csv"), "/data/due.csv"),
        (PurePosixPath("due.csv"), "due.csv"),
        (Path("[x].csv"), "./[x].csv"),
        (OwnPath(), "/data/due.csv"),
        (lambda: ObjectStoragePath("/data/due.csv"), "/data/due.csv"),
        (lambda: ObjectStoragePath("file:///data/due.csv"), "file:///data/due.csv"),
        (lambda: ObjectStoragePath("s3://crm@bucket/a/due.csv"), "s3://crm@bucket/a/due.csv"),
        (lambda: ObjectStoragePath("s3://bucket/a/due.csv", conn_id="crm"), "s3://crm@bucket/a/due.csv"),
        (lambda: ObjectStoragePath("s3://crm@bucket/a") / "due.csv", "s3://crm@bucket/a/due.csv"),
    ],
)
def test_a_path_object_is_the_text_of_its_path(memory, value, text):
    value = value() if callable(value) else value  # made where the storage is known
    assert path_text(value) == text
    assert is_path(path_text(value))


@pytest.mark.parametrize("value", ["due.csv", "[{}]", None, 7, [Path("due.csv")], {"a": 1}, b"due.csv"])
def test_a_value_that_is_no_path_object_stays_as_it_is(value):
    assert path_text(value) is value


def test_an_entry_of_a_folder_is_a_path(tmp_path):
    (tmp_path / "due.csv").touch()
    (entry,) = os.scandir(tmp_path)
    assert path_text(entry) == f"{tmp_path}/due.csv"
