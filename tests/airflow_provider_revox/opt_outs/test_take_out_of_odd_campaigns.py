"""What becomes of opt-outs if Revox refuses cancels, loses calls, or shows odd rows."""

from __future__ import annotations

import re

import pytest

from airflow_provider_revox.exceptions import RevoxRefusedError, RevoxUnavailableError
from airflow_provider_revox.opt_outs import take_out
from revox_sandbox import Fault
from tests.airflow_provider_revox.opt_outs.campaigns import (
    WEEK,
    attempts,
    call_ids,
    cancel,
    cancels,
    counts_of,
    people,
    running,
    statuses,
)
from tests.campaigns import create_campaign, number

pytestmark = [
    pytest.mark.usefixtures("pauses"),
    pytest.mark.parametrize("generation", ["launch-calls"], indirect=True),
]


def test_a_404_on_a_call_that_stays_open_is_an_error_that_says_what_to_do(revox_sandbox):
    campaign_id = running(revox_sandbox)
    revox_sandbox.faults.add(Fault(kind="status", status=404, path="/call/{id}/cancel", times=None))
    with pytest.raises(RevoxRefusedError, match="has not cancelled 2 of its calls: it answered 404"):
        cancel(campaign_id, people(7, 8))


def test_one_call_that_fails_does_not_keep_the_others_from_being_cancelled(revox_sandbox):
    campaign_id = running(revox_sandbox)
    broken = call_ids(revox_sandbox, campaign_id)[number(4)]
    revox_sandbox.faults.add(Fault(kind="status", status=500, path=f"/call/{broken}/cancel", times=None))
    with pytest.raises(
        RevoxUnavailableError, match="has not cancelled 1 of its calls: it answered 500"
    ) as caught:
        cancel(campaign_id, people(*range(2, 10)))
    shown = statuses(revox_sandbox, campaign_id)
    assert {who for who in people(*range(2, 10)) if shown[who] != "cancelled"} == {number(4)}
    assert broken not in str(caught.value)


def test_three_cancels_in_a_row_that_fail_end_the_try(revox_sandbox):
    campaign_id = running(revox_sandbox)
    revox_sandbox.faults.add(Fault(kind="status", status=403, path="/call/{id}/cancel", times=None))
    with pytest.raises(RevoxRefusedError, match="has not cancelled 8 of its calls: it answered 403"):
        cancel(campaign_id, people(*range(2, 10)))
    assert cancels(revox_sandbox) == 3


def test_an_answer_without_success_proves_nothing_and_the_state_decides(revox_sandbox):
    campaign_id = running(revox_sandbox)
    refused = {"kind": "broken_json", "path": "/call/{id}/cancel", "body": {"success": False}}
    revox_sandbox.faults.add(Fault(when="after", **refused))
    assert counts_of(cancel(campaign_id, people(9)))["cancelled"] == 1
    revox_sandbox.faults.add(Fault(when="before", times=2, **refused))
    assert counts_of(cancel(campaign_id, people(8)))["cancelled"] == 1
    revox_sandbox.faults.add(Fault(when="before", times=None, **refused))
    with pytest.raises(RevoxUnavailableError, match="has not cancelled 1 of its calls, although"):
        cancel(campaign_id, people(7))


def test_a_call_whose_person_is_called_between_the_look_and_the_cancel_is_looked_at_again(
    revox_sandbox, monkeypatch
):
    campaign_id = running(revox_sandbox)
    send = take_out.call_endpoints.cancel_call

    def late(call_id):
        while statuses(revox_sandbox, campaign_id)[number(2)] != "calling":
            revox_sandbox.advance(1)
        return send(call_id)

    monkeypatch.setattr(take_out.call_endpoints, "cancel_call", late)
    result = cancel(campaign_id, people(2))
    assert counts_of(result)["in_progress"] == 1
    revox_sandbox.advance(WEEK)
    assert attempts(revox_sandbox, campaign_id)[number(2)] == 1


ROW = {"id": "r1", "row_index": 0, "input_data": {}}
WAITS = {"id": "call-1", "status": "scheduled", "call_attempts": [], "calls_count": 0}


def show_rows(sandbox, *rows, times=None):
    fault = {"kind": "broken_json", "method": "GET", "path": "/campaigns/{id}/rows", "times": times}
    sandbox.faults.add(Fault(body={"rows": list(rows)}, **fault))


@pytest.mark.parametrize(
    ("row", "problem", "error"),
    [
        (
            {"phone_number": number(0), "call": None},
            "it shows no call to cancel yet in 1 of its rows",
            RevoxUnavailableError,
        ),
        (
            {"phone_number": number(0), "call": {}},
            "it shows no call to cancel yet in 1 of its rows",
            RevoxUnavailableError,
        ),
        (
            {"phone_number": number(0), "call": {**WAITS, "id": "+33612345678"}},
            "it shows no call to cancel yet in 1 of its rows",
            RevoxUnavailableError,
        ),
        (
            {"phone_number": "415 555 0000", "call": WAITS},
            "the number can't be read in 1 of",
            RevoxRefusedError,
        ),
        ({"phone_number": None, "call": WAITS}, "the number can't be read in 1 of", RevoxRefusedError),
    ],
)
def test_a_row_that_may_call_somebody_and_shows_no_call_or_number_is_an_error(
    revox_sandbox, row, problem, error
):
    campaign_id = create_campaign(revox_sandbox, 1, launched=False)
    show_rows(revox_sandbox, {**ROW, **row})
    with pytest.raises(error, match=problem) as caught:
        cancel(campaign_id, people(0))
    assert not re.search(r"555|612345678", str(caught.value).replace(campaign_id, ""))


def test_rows_that_do_not_add_up_are_read_again_and_those_that_came_count(revox_sandbox, pauses):
    campaign_id = running(revox_sandbox)
    ids = call_ids(revox_sandbox, campaign_id)
    shown = {**ROW, "phone_number": number(9), "call": {**WAITS, "id": ids[number(9)]}}
    show_rows(revox_sandbox, shown, times=1)
    assert counts_of(cancel(campaign_id, people(9)))["found"] == 1
    show_rows(revox_sandbox, shown, times=1)
    assert counts_of(cancel(campaign_id, people(7)))["cancelled"] == 1
    show_rows(revox_sandbox, shown)
    with pytest.raises(RevoxUnavailableError, match="1 row came, and the campaign counts 10"):
        cancel(campaign_id, people(8))
