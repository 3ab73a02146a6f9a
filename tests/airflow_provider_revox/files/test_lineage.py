"""Airflow's hook lineage gets each file that is read or written, once, and without secrets."""

from __future__ import annotations

import importlib
import logging

import airflow
import pytest
from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector
from airflow.providers.common.compat.sdk import HookLineageCollector
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.files.atomic_write import create
from airflow_provider_revox.files.lineage import FilesUsed, file_uri, files_used
from airflow_provider_revox.files.records import read_records, write_records
from airflow_provider_revox.files.storage import read_if_there, storage_path

ROWS = [{"a": "1"}, {"a": "2"}]
MEGABYTE = 1 << 20


@pytest.fixture
def collected(monkeypatch):
    """Return what the hook lineage has collected: ``(direction, uri, how often)``."""
    collector = HookLineageCollector()
    homes = [HookLineageCollector.__module__, "airflow.providers.common.compat.sdk"]
    if airflow.__version__.startswith("2."):
        homes.append("airflow.io.path")
    for home in homes:
        monkeypatch.setattr(f"{home}.get_hook_lineage_collector", lambda: collector)

    def all_of_it():
        lineage = get_hook_lineage_collector().collected_assets
        directions = {"read": lineage.inputs, "written": lineage.outputs}
        return [
            (direction, one.asset.uri, one.count) for direction, found in directions.items() for one in found
        ]

    return all_of_it


@pytest.mark.parametrize("name", ["due.csv", "due.jsonl", "due.csv.gz", "due.parquet"])
def test_a_file_on_a_disk_is_reported_once_however_large_it_is(collected, tmp_path, name):
    path = f"{tmp_path}/{name}"
    if name.endswith("parquet"):
        pa = pytest.importorskip("pyarrow")
        importlib.import_module("pyarrow.parquet").write_table(pa.table({"a": ["1"]}), path)
    else:
        write_records(path, [{"a": "x" * 1000}] * (3 * MEGABYTE // 1000), fields=["a"])
    assert list(read_records(path))
    uri = f"file://{path}"
    written = [] if name.endswith("parquet") else [("written", uri, 1)]
    assert collected() == [("read", uri, 1), *written]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("memory://bucket/a/due.csv", "memory://bucket/a/due.csv"),
        ("s3://crm@bucket/a/due.csv", "s3://bucket/a/due.csv"),
        ("S3://crm@bucket/a/due.csv", "s3://bucket/a/due.csv"),
    ],
)
def test_a_file_in_object_storage_is_reported_without_its_connection(collected, memory, path, uri):
    write_records(path, ROWS, fields=["a"])
    assert list(read_records(path)) == ROWS
    assert collected() == [("read", uri, 1), ("written", uri, 1)]


@pytest.mark.parametrize("spelt", ["{path}", "file://{path}", "local://{path}", "FILE://{path}"])
def test_a_path_has_one_uri_however_it_is_spelt(collected, file, spelt):
    path = file("a\n1\n")
    assert list(read_records(spelt.format(path=path)))
    assert collected() == [("read", f"file://{path}", 1)]


def test_within_one_task_a_file_that_is_read_twice_is_reported_once(collected, file):
    path, used = file("a\n1\n"), FilesUsed()
    with files_used(used):
        for _ in range(3):
            list(read_records(path))
        write_records(f"{path}.report.csv", ROWS, fields=["a"])
    list(read_records(file("b\n1\n", "other.csv")))
    assert used == FilesUsed([f"file://{path}"], [f"file://{path}.report.csv"])
    assert [(way, count) for way, uri, count in collected() if uri == f"file://{path}"] == [("read", 1)]


def test_a_file_that_is_not_there_or_not_complete_is_not_reported(collected, tmp_path):
    with pytest.raises(Exception, match="there is no such file"):
        list(read_records(f"{tmp_path}/none.csv"))

    def broken():
        yield {"a": "1"}
        raise OSError("the source has gone")

    with pytest.raises(OSError, match="the source has gone"):
        write_records(f"{tmp_path}/report.csv", broken(), fields=["a"])
    assert collected() == []


def test_a_note_of_the_providers_own_is_not_reported(collected, tmp_path):
    create(f"{tmp_path}/manifest.json", "manifest.json", b"{}")
    assert read_if_there(f"{tmp_path}/manifest.json", "manifest.json") == b"{}"
    assert collected() == []


@pytest.mark.parametrize("error", [ValueError("no ASCII"), RuntimeError("a reader"), ImportError("gone")])
def test_a_hook_lineage_that_fails_fails_no_task(monkeypatch, caplog, file, error):
    def fail():
        raise error

    monkeypatch.setattr("airflow.providers.common.compat.lineage.hook.get_hook_lineage_collector", fail)
    with caplog.at_level(logging.WARNING):
        assert list(read_records(file("a\n1\n"))) == [{"a": "1"}]
    kind = type(error).__name__
    assert [record.getMessage() for record in caplog.records] == [
        f"Airflow's hook lineage did not take a file ({kind})."
    ]


class Remote:
    """Stands for Airflow's object for a path of a remote storage."""

    protocol, path = "sftp", "somewhere"


@given(
    user=st.sampled_from(["", "conn@", "user:secret@", "a@b:secret@", ":secret@"]),
    query=st.sampled_from(["", "?", "?key=secret", "?a=1&sig=secret?x"]),
    key=st.text("abc/._-é %#", min_size=1).map(str.strip),
)
def test_a_uri_has_neither_user_nor_password_nor_query(user, query, key):
    assert file_uri(f"sftp://{user}host/{key}{query}", Remote()) == f"sftp://host/{key}"


@pytest.mark.parametrize(("scheme", "named"), [("s3a", "s3"), ("gcs", "gs"), ("abfs", "abfs"), ("gs", "gs")])
def test_one_storage_has_one_name(scheme, named):
    assert file_uri(f"{scheme}://bucket/x.csv", Remote()) == f"{named}://bucket/x.csv"


def test_a_name_on_a_disk_may_hold_a_question_mark(tmp_path):
    path = f"{tmp_path}/who?.csv"
    assert file_uri(path, storage_path(path, "who?.csv")) == f"file://{path}"
