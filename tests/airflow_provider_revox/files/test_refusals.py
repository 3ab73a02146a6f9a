from __future__ import annotations

import pytest

from airflow_provider_revox.files.records import read_records
from airflow_provider_revox.files.refusals import is_refusal
from airflow_provider_revox.files.storage import read_if_there


class AzureError(Exception):
    """As ``azure.core.exceptions.HttpResponseError``."""

    def __init__(self, status_code):
        super().__init__("Operation returned an invalid status")
        self.status_code = status_code


class GoogleError(Exception):
    """As ``gcsfs.retry.HttpError``."""

    def __init__(self, code):
        super().__init__(f"Invalid Credentials, {code}")
        self.code = code


REFUSALS = [
    PermissionError("Access Denied"),
    AzureError(403),
    AzureError(401),
    GoogleError(401),
    OSError("Forbidden: https://storage.invalid/b/bucket/o/x\nno access"),
]
OTHER_ERRORS = [
    OSError("disk full"),
    FileNotFoundError("Forbidden.csv"),
    TimeoutError(),
    AzureError(500),
    AzureError(404),
    AzureError(None),
    GoogleError(429),
    GoogleError(None),
    ValueError("Forbidden: x"),
    SystemError(403),
]


@pytest.mark.parametrize("error", REFUSALS, ids=repr)
def test_each_storage_refuses_in_its_own_way(error):
    assert is_refusal(error)


@pytest.mark.parametrize("error", OTHER_ERRORS, ids=repr)
def test_other_errors_are_no_refusals(error):
    assert not is_refusal(error)


@pytest.mark.parametrize("error", REFUSALS, ids=repr)
@pytest.mark.parametrize(
    "read", [lambda url: next(iter(read_records(url))), lambda url: read_if_there(url, "due.csv")]
)
def test_a_refusal_names_the_file_and_not_what_the_storage_says(memory, monkeypatch, error, read):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(type(memory), "_open", refuse)
    with pytest.raises(Exception, match=r"due\.csv: may not be read with the rights of this task") as caught:
        read("memory://bucket/due.csv")
    assert "storage.invalid" not in str(caught.value)
    assert caught.value.__context__ is None
