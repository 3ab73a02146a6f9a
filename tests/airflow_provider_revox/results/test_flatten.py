"""Whether rows become records that a warehouse can hold, whatever the server writes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_revox.results.columns import ATTEMPTS, CALLS, Layout
from airflow_provider_revox.results.flatten import Flattener
from airflow_provider_revox.results.shapes import RowShape
from tests.airflow_provider_revox.results.rows import ANY, ATTEMPT, CALL, ROW, SAID, some_of

OF_ROW = {
    "campaign_id": "cmp",
    "row_id": "row",
    "row_index": 7,
    "phone_number": "+1",
    "from_phone_number": "+2",
    "direction": "outbound",
    "call_id": "call",
    "created_at": "2026-11-23T09:00:00.000+00:00",
    "scheduled_at": None,
    "status": "completed",
    "outcome": "interested",
    "outcome_summary": "Wants a demo",
    "attempts": 2,
    "input_data": '{"who":"Ada"}',
}
OF_LAST_ATTEMPT = {
    "result": "human",
    "attempt_status": "completed",
    "started_at": "2026-11-24T09:00:00.000+00:00",
    "answered_at": "2026-11-24T09:00:05.250+00:00",
    "ended_at": "2026-11-24T09:01:00.000+00:00",
    "duration_seconds": 54.75,
    "recording_url": "https://recordings.invalid/1.mp3",
    "ended_by": "agent",
    "end_reason": "tool_end_call",
    "dial_error": None,
    "handled_by_ai": True,
    "handled_by_human": False,
    "structured_output": '{"interested":true}',
}
NO_ATTEMPT = dict.fromkeys([*OF_LAST_ATTEMPT, "attempt_id", "attempt_number"])
ODD = [{}, [], {"x": 1}, [1], 1, 1.5, float("inf"), True, "text", None, 10**40, "9999-99-99T00:00:00Z"]
TYPES = {"text": str, "timestamp": str, "integer": int, "number": float, "json": str, "boolean": bool}


def flattened(row, layout):
    shape = RowShape(layout)
    return Flattener("cmp", layout, shape)(shape.read(row))


def records(row, layout):
    return [dict(zip(layout.types, record, strict=True)) for record in flattened(row, layout)]


def flat(row, **options):
    (record,) = records(row, Layout(**options))
    return record


def attempts(row, **options):
    return records(row, Layout("attempts", **options))


# ---- Calls


def test_a_row_is_made_flat_and_what_was_said_is_left_out():
    assert flat(ROW) == OF_ROW | OF_LAST_ATTEMPT


def test_without_the_last_attempt_the_first_of_the_list_is_it():
    call = {name: value for name, value in CALL.items() if name not in ("last_call_attempt", "calls_count")}
    assert flat({**ROW, "call": call}) == flat(ROW)


@pytest.mark.parametrize("record_of", ["calls", "attempts"])
def test_a_row_without_a_call_has_one_record(record_of):
    row = {"id": "row", "row_index": 0, "phone_number": "+1", "input_data": {}, "call": None}
    values = flat(row, record_of=record_of)
    assert values.pop("attempts") == 0
    assert {name for name, value in values.items() if value is not None} == {
        "campaign_id", "row_id", "row_index", "phone_number", "input_data",
    }  # fmt: skip


def test_a_call_that_nobody_answered_has_no_duration():
    attempt = {**ATTEMPT, "answered_at": None}
    values = flat({**ROW, "call": {**CALL, "last_call_attempt": attempt}})
    assert (values["answered_at"], values["duration_seconds"]) == (None, None)


# ---- Attempts


def test_each_attempt_is_a_record_and_the_last_one_is_the_first():
    last, first = attempts(ROW)
    assert last == OF_ROW | OF_LAST_ATTEMPT | {"attempt_id": "second", "attempt_number": 2}
    assert first == OF_ROW | NO_ATTEMPT | {
        "attempt_id": "first",
        "attempt_number": 1,
        "attempt_status": "error",
        "dial_error": "busy",
        "ended_at": "2026-11-24T08:00:00.000+00:00",
    }


def test_the_attempts_of_a_call_share_its_long_texts():
    last, first = attempts({**ROW, "input_data": {"story": ["long"]}}, variables=["story"])
    assert last["input_data"] is first["input_data"]
    assert last["story"] is first["story"]


@pytest.mark.parametrize("listed", [[], None, "none"])
def test_a_call_without_an_attempt_has_one_record_without_one(listed):
    call = {**CALL, "call_attempts": listed, "last_call_attempt": None, "calls_count": 0}
    assert attempts({**ROW, "call": call}) == [OF_ROW | NO_ATTEMPT | {"attempts": 0}]


def test_without_the_list_the_last_attempt_is_there():
    call = {name: value for name, value in CALL.items() if name != "call_attempts"}
    assert attempts({**ROW, "call": call}) == attempts(ROW)[:1]


@pytest.mark.parametrize(("count", "numbers"), [(5, [5, 4]), (2.0, [2, 1]), (1, [2, 1]), (None, [2, 1])])
def test_attempts_are_numbered_from_the_first_one_also_if_not_all_are_listed(count, numbers):
    found = attempts({**ROW, "call": {**CALL, "calls_count": count}})
    assert [record["attempt_number"] for record in found] == numbers


def test_an_attempt_that_is_no_object_is_counted_all_the_same():
    found = attempts({**ROW, "call": {**CALL, "call_attempts": [ATTEMPT, "odd"]}})
    assert found[1] == OF_ROW | NO_ATTEMPT | {"attempt_number": 1}


# ---- Both


@pytest.mark.parametrize("record_of", ["calls", "attempts"])
def test_transcripts_are_there_on_request(record_of):
    made = records(ROW, Layout(record_of, transcripts=True))
    assert json.loads(made[0]["transcript"]) == SAID
    assert made[0]["post_call_transcript"] is None
    assert "What was said" not in str(records(ROW, Layout(record_of)))


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("record_of", ["calls", "attempts"])
def test_values_of_any_type_leave_every_column_its_own(odd, record_of):
    attempt = dict.fromkeys(ATTEMPT, odd)
    layout = Layout(record_of, transcripts=True)
    for call in (
        dict.fromkeys(CALL, odd),
        {**CALL, "last_call_attempt": attempt, "call_attempts": [attempt, odd]},
        odd,
    ):
        for values in records({**dict.fromkeys(ROW, odd), "id": "row", "call": call}, layout):
            for name, kind in layout.types.items():
                assert values[name] is None or type(values[name]) is TYPES[kind], name


@pytest.mark.matrix
@settings(max_examples=200)
@given(
    row=some_of(
        ROW,
        id=st.just("row"),
        call=ANY
        | some_of(CALL, last_call_attempt=some_of(ATTEMPT), call_attempts=ANY | st.lists(some_of(ATTEMPT))),
    ),
    record_of=st.sampled_from(["calls", "attempts"]),
    transcripts=st.booleans(),
)
def test_any_row_becomes_records_that_every_file_can_hold(row, record_of, transcripts):
    layout = Layout(record_of, transcripts, ["who"])
    made = flattened({**row, "id": "row"}, layout)
    assert made
    back = [dict(zip(layout.types, record, strict=True)) for record in made]
    for values in back:
        assert values["row_id"] == "row"
        for name, kind in layout.types.items():
            assert values[name] is None or type(values[name]) is TYPES[kind], name
            str(values[name]).encode()  # no half of a surrogate pair is left


@pytest.mark.parametrize(
    ("timestamp", "written"),
    [
        ("2026-11-24T10:00:05.250+01:00", "2026-11-24T09:00:05.250+00:00"),
        ("2026-11-24T09:00:05Z", "2026-11-24T09:00:05.000+00:00"),
        (1795510805250, "2026-11-24T09:00:05.250+00:00"),
        (1795510805, "2026-11-24T09:00:05.000+00:00"),
        ("2026-13-24T09:00:05.250Z", None),
        ("soon", None),
        (True, None),
    ],
)
def test_timestamps_are_written_alike(timestamp, written):
    attempt = {**ATTEMPT, "answered_at": timestamp, "started_at": timestamp}
    call = {**CALL, "last_call_attempt": attempt, "created_at": timestamp, "scheduled_at": timestamp}
    values = flat({**ROW, "call": call})
    assert [values[name] for name in ("answered_at", "started_at", "created_at", "scheduled_at")] == [
        written
    ] * 4
    assert (values["duration_seconds"] is None) is (written is None)


@pytest.mark.parametrize(
    ("number", "written"), [(3, 3), (3.0, 3), (0.0, 0), (-1.0, -1), (3.5, None), (2.0**63, None), ("3", None)]
)
def test_whole_numbers_may_come_with_a_fraction_of_zero(number, written):
    values = flat({**ROW, "row_index": number, "call": {**CALL, "calls_count": number}})
    assert (values["row_index"], values["attempts"]) == (written, 2 if written is None else written)


def test_variables_are_columns_and_text():
    row = {**ROW, "input_data": {"a": "x", "b": 1, "c": None}}
    for columns in (
        Layout(variables=["b", "a", "c", "d"]),
        Layout("attempts", variables=["b", "a", "c", "d"]),
    ):
        for record in records(row, columns):
            assert list(record.values())[-4:] == ["1", "x", None, None]


def test_what_json_can_spell_and_a_file_can_not_hold_is_replaced():
    row = {**ROW, "input_data": {"who": "Ada \ud83d"}}
    assert json.loads(flat(row)["input_data"]) == {"who": "Ada ?"}
    call = {**CALL, "last_call_attempt": {**ATTEMPT, "structured_output": {"x": float("inf")}}}
    assert flat({**ROW, "call": call})["structured_output"] == '{"x":null}'
    odd = {"x": float("inf"), "y": ["\ud83d", float("nan"), {"z": -float("inf")}]}
    call = {**CALL, "last_call_attempt": {**ATTEMPT, "structured_output": odd}}
    assert flat({**ROW, "call": call})["structured_output"] == '{"x":null,"y":["?",null,{"z":null}]}'
    for values in (flat({**ROW, "input_data": odd}), *attempts({**ROW, "input_data": odd})):
        assert values["input_data"] == '{"x":null,"y":["?",null,{"z":null}]}'


def test_every_column_has_a_source_that_the_row_of_this_test_has():
    shown = {"row": ROW, "call": CALL, "attempt": ATTEMPT}
    for columns in (CALLS, ATTEMPTS):
        missing = [
            name
            for name, (_, source, field) in columns.items()
            if source != "task" and field not in shown[source]
        ]
        assert missing == []
