"""Whether a file has the columns of its version, and no variable takes the name of one."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.results.columns import (
    ATTEMPTS,
    CALLS,
    SCHEMA_VERSION,
    TRANSCRIPTS,
    Layout,
    check_variables,
)

OF_VERSION_1 = """
    campaign_id text, row_id text, row_index integer, phone_number text, from_phone_number text,
    direction text, call_id text, created_at timestamp, scheduled_at timestamp, status text,
    attempt_id text, attempt_number integer, result text, outcome text, outcome_summary text,
    attempts integer, attempt_status text, started_at timestamp, answered_at timestamp,
    ended_at timestamp, duration_seconds number, recording_url text, ended_by text, end_reason text,
    dial_error text, handled_by_ai boolean, handled_by_human boolean, structured_output json,
    input_data json, transcript json, post_call_transcript json
"""


def test_the_columns_are_those_of_the_version():
    """If they change, SCHEMA_VERSION rises, and this test gets the columns of the new version."""
    columns = [tuple(column.split()) for column in OF_VERSION_1.split(",")]
    assert SCHEMA_VERSION == 1
    assert list(Layout("attempts", transcripts=True).types.items()) == columns
    assert list(Layout("attempts").types.items()) == columns[:-2]


def test_calls_have_the_columns_of_attempts_but_those_that_tell_attempts_apart():
    assert list(CALLS) == [name for name in ATTEMPTS if name not in ("attempt_id", "attempt_number")]
    assert list(Layout("calls", transcripts=True).types) == [*CALLS, *TRANSCRIPTS]


def test_variables_are_the_last_columns_and_text():
    types = Layout("calls", transcripts=True, variables=["b", "a"]).types
    assert list(types.items())[-3:] == [("post_call_transcript", "json"), ("b", "text"), ("a", "text")]


def test_variables_that_become_columns():
    assert check_variables(None, CALLS) == []
    assert check_variables(("customer_id", "plan"), CALLS) == ["customer_id", "plan"]


def test_a_variable_may_have_the_name_of_a_column_that_the_file_does_not_have():
    assert check_variables(["transcript", "attempt_id"], CALLS) == ["transcript", "attempt_id"]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("customer_id", "must be a list"),
        ({"a": "b"}, "must be a list"),
        ([1], "not the name"),
        ([" "], "not the name"),
        (["a", "a"], "a name twice"),
        (["a", "result", "campaign_id"], "campaign_id, result: the file has a column of this name already"),
    ],
)
def test_variables_that_can_not(names, problem):
    with pytest.raises(InvalidRequestError, match=f"variable_columns: .*{problem}"):
        check_variables(names, CALLS)
