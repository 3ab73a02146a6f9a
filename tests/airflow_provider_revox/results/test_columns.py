from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.results.columns import COLUMNS, check_variables, flatten

ATTEMPT = {
    "answered_at": "2026-11-24T09:00:05.250Z",
    "ended_at": "2026-11-24T09:01:00Z",
    "result": "human",
    "recording_url": "https://recordings.invalid/1.mp3",
    "end_reason": "tool_end_call",
    "dial_error": None,
    "structured_output": {"interested": True},
    "transcript": [{"role": "user", "content": "What was said"}],
}
CALL = {
    "id": "call",
    "status": "completed",
    "outcome": "interested",
    "calls_count": 2.0,
    "last_call_attempt": ATTEMPT,
    "call_attempts": [ATTEMPT, {"result": "voicemail"}],
}
ROW = {"id": "row", "row_index": 7.0, "phone_number": "+1", "input_data": {"who": "Ada"}, "call": CALL}


def flat(row):
    return dict(zip(COLUMNS, flatten("cmp", row), strict=True))


def test_a_row_is_made_flat_and_what_was_said_is_left_out():
    assert flat(ROW) == {
        "campaign_id": "cmp",
        "row_id": "row",
        "row_index": 7,
        "phone_number": "+1",
        "call_id": "call",
        "status": "completed",
        "result": "human",
        "outcome": "interested",
        "attempts": 2,
        "answered_at": "2026-11-24T09:00:05.250+00:00",
        "ended_at": "2026-11-24T09:01:00.000+00:00",
        "duration_seconds": 54.75,
        "recording_url": "https://recordings.invalid/1.mp3",
        "end_reason": "tool_end_call",
        "dial_error": None,
        "structured_output": '{"interested":true}',
        "input_data": '{"who":"Ada"}',
    }


def test_without_the_last_attempt_the_first_of_the_list_is_it():
    call = {name: value for name, value in CALL.items() if name not in ("last_call_attempt", "calls_count")}
    assert flat({**ROW, "call": call}) == flat(ROW)


def test_a_row_without_a_call():
    values = flat({"id": "row", "row_index": 0, "phone_number": "+1", "input_data": {}, "call": None})
    assert values.pop("attempts") == 0
    assert {name for name, value in values.items() if value is not None} == {
        "campaign_id", "row_id", "row_index", "phone_number", "input_data",
    }  # fmt: skip


@pytest.mark.parametrize(
    "odd", [{}, [], {"x": 1}, [1], 1, 1.5, float("inf"), True, "text", None, 10**40, "9999-99-99T00:00:00Z"]
)
def test_values_of_any_type_leave_every_column_its_own(odd):
    attempt = dict.fromkeys(ATTEMPT, odd)
    for call in (dict.fromkeys(CALL, odd), {**CALL, "last_call_attempt": attempt}, odd):
        values = flat({**dict.fromkeys(ROW, odd), "id": "row", "call": call})
        for name, kind in COLUMNS.items():
            types = {
                "text": str, "timestamp": str, "integer": int, "number": float, "json": str,
            }[kind]  # fmt: skip
            assert values[name] is None or type(values[name]) is types, name


@pytest.mark.parametrize(
    ("timestamp", "written"),
    [
        ("2026-11-24T10:00:05.250+01:00", "2026-11-24T09:00:05.250+00:00"),
        ("2026-11-24T09:00:05Z", "2026-11-24T09:00:05.000+00:00"),
        (1795510805250, "2026-11-24T09:00:05.250+00:00"),
        ("2026-13-24T09:00:05.250Z", None),
        ("soon", None),
    ],
)
def test_timestamps_are_written_alike(timestamp, written):
    attempt = {**ATTEMPT, "answered_at": timestamp}
    values = flat({**ROW, "call": {**CALL, "last_call_attempt": attempt}})
    assert values["answered_at"] == written
    assert (values["duration_seconds"] is None) is (written is None)


def test_variables_are_columns_and_text():
    row = {**ROW, "input_data": {"a": "x", "b": 1, "c": None}}
    assert flatten("cmp", row, ["b", "a", "c", "d"])[len(COLUMNS) :] == ["1", "x", None, None]


def test_what_json_can_spell_and_a_file_can_not_hold_is_replaced():
    row = {**ROW, "input_data": {"who": "Ada \ud83d"}}
    assert json.loads(flat(row)["input_data"]) == {"who": "Ada ?"}
    call = {**CALL, "last_call_attempt": {**ATTEMPT, "structured_output": {"x": float("inf")}}}
    assert flat({**ROW, "call": call})["structured_output"] == '{"x":null}'


def test_a_call_that_nobody_answered_has_no_duration():
    attempt = {**ATTEMPT, "answered_at": None}
    values = flat({**ROW, "call": {**CALL, "last_call_attempt": attempt}})
    assert (values["answered_at"], values["duration_seconds"]) == (None, None)


def test_variables_that_become_columns():
    assert check_variables(None) == []
    assert check_variables(("customer_id", "plan")) == ["customer_id", "plan"]


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
        check_variables(names)
