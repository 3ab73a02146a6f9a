"""A URL that names a connection which Airflow does not have is an error, before anything is sent."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.contacts.prepare import PreparedContacts
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.exceptions import RevoxRefusedError
from airflow_provider_revox.files import named_connection
from airflow_provider_revox.files.atomic_write import create, replaced
from airflow_provider_revox.files.records import read_records, write_records
from airflow_provider_revox.files.storage import read_if_there, storage_path
from airflow_provider_revox.operators.results import check_target

ADA = "+33612345678"
MISSING = "its path names the connection missing_conn that does not exist; add it to Airflow, or correct"
SCHEMES = [
    "s3",
    "s3a",
    "s3n",
    "S3",
    "gs",
    "gcs",
    "abfs",
    "abfss",
    "adl",
    "wasb",
    "oss",
    "memory",
    "file",
    "LOCAL",
]


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    named_connection._look_up.cache_clear()
    yield
    named_connection._look_up.cache_clear()


def problem_of(action) -> str:
    with pytest.raises((InvalidRequestError, RevoxRefusedError)) as caught:
        action()
    return str(caught.value)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_missing_connection_is_named_whatever_the_storage(memory, scheme):
    problem = problem_of(lambda: storage_path(f"{scheme}://missing_conn@bucket/a/due.csv", "due.csv"))
    assert f"due.csv: {MISSING}" in problem


PARAMETERS = {
    "contacts": lambda url: next(iter(read_records(url))),
    "a folder to read": lambda url: read_if_there(url, "due.csv"),
    "a folder to write": lambda url: create(url, "due.csv", b"x"),
    "a file to write": lambda url: write_records(url, [], fields=["a"]),
    "an upload": lambda url: replaced(url, "due.csv").__enter__(),
    "contacts of a task": lambda url: PreparedContacts(ContactSource(url), ContactOptions()).read(),
    "suppress": lambda url: PreparedContacts(ContactSource([]), ContactOptions(suppress=url)),
    "report_path": lambda url: PreparedContacts(ContactSource([]), ContactOptions(report_path=url)),
    "results": check_target,
    "contacts of batches": lambda url: contact_batches(url, to="memory://bucket", key="x"),
    "suppress of batches": lambda url: contact_batches([], to="memory://bucket", key="x", suppress=url),
    "report_path of batches": lambda url: contact_batches([], to="memory://bucket", key="x", report_path=url),
    "batches": lambda url: contact_batches([{"to_phone_number": ADA}], to=url, key="x"),
}


@pytest.mark.parametrize("use", PARAMETERS.values(), ids=PARAMETERS)
def test_every_path_that_is_read_or_written_is_checked(memory, use):
    assert MISSING in problem_of(lambda: use("s3://missing_conn@bucket/a/due.csv"))
    assert memory.find("/") == []


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ("MISSING_CONN", "the connection MISSING_CONN"),
        ("missing-conn.2", "the connection missing-conn.2"),
        ("key:secret", "a connection (the text before the @)"),
        ("secret@missing", "a connection (the text before the @)"),
        ("%73ecret", "a connection (the text before the @)"),
        ("secret/", None),
        (ADA, "a connection (the text before the @)"),
        ("s" * 251, "a connection (the text before the @)"),
        ("missing conn", "a connection (the text before the @)"),
        ("", None),
    ],
)
def test_the_error_shows_the_name_and_nothing_that_may_be_a_secret(memory, named, shown):
    url = f"memory://{named}@bucket/due.csv"
    if shown is None:  # what stands before the @ is no connection there
        assert storage_path(url, "due.csv") is not None
        return
    problem = problem_of(lambda: storage_path(url, "due.csv"))
    assert f"due.csv: its path names {shown} that does not exist" in problem
    assert "secret" not in problem
    assert ADA not in problem


@pytest.mark.parametrize(
    "url",
    ["s3://bucket/a@b.csv", "s3://bucket/missing_conn@x/due.csv", "memory://bucket/due.csv", "a@b/due.csv"],
)
def test_a_path_that_names_no_connection_needs_none(memory, monkeypatch, url):
    asked = []
    monkeypatch.setattr(BaseHook, "get_connection", asked.append)
    named_connection.check_named_connection(url, "due.csv")
    assert asked == []


def test_a_connection_that_exists_is_looked_up_once(memory, monkeypatch):
    asked = []
    monkeypatch.setattr(BaseHook, "get_connection", asked.append)
    for number in range(3):
        create(f"s3://crm@bucket/{number}.json", "x.json", b"x")
    assert asked == ["crm"]


def test_a_connection_that_is_added_later_is_found(memory, monkeypatch):
    url = "file://late_conn@/due.csv"
    assert "late_conn" in problem_of(lambda: storage_path(url, "due.csv"))
    monkeypatch.setenv("AIRFLOW_CONN_LATE_CONN", "{}")
    assert storage_path(url, "due.csv") is not None


def test_an_outage_of_airflow_is_no_missing_connection(memory, monkeypatch):
    def away(conn_id):
        raise TimeoutError("the api-server is away")

    monkeypatch.setattr(BaseHook, "get_connection", away)
    with pytest.raises(TimeoutError):
        storage_path("s3://crm@bucket/due.csv", "due.csv")
