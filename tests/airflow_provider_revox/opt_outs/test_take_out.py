from __future__ import annotations

from types import SimpleNamespace

import pytest

from airflow_provider_revox.exceptions import RevoxRefusedError, RevoxUnavailableError
from airflow_provider_revox.operators.revox import RelaunchCampaignOperator
from airflow_provider_revox.opt_outs import take_out
from tests.airflow_provider_revox.opt_outs.campaigns import (
    MINUTE,
    WEEK,
    attempts,
    cancel,
    cancels,
    counts_of,
    people,
    running,
    statuses,
)
from tests.campaigns import ask, create_campaign, number

pytestmark = pytest.mark.usefixtures("pauses")
today = pytest.mark.parametrize("generation", ["launch-calls"], indirect=True)
drafts = pytest.mark.parametrize("generation", ["drafts"], indirect=True)
contract = pytest.mark.parametrize("generation", ["contract"], indirect=True)


def test_people_are_taken_out_and_nobody_else_and_a_second_run_changes_nothing(revox_sandbox):
    campaign_id = running(revox_sandbox)
    first = cancel(campaign_id, [*people(7, 9), "+33612345678"])
    assert counts_of(first) == {"campaigns": 1, "given": 3, "found": 2, "cancelled": 2, "not_found": 1}
    assert first["by_campaign"][0]["campaign_id"] == campaign_id
    assert first["by_campaign"][0]["cancelled"] == 2
    second = cancel(campaign_id, [*people(7, 9), "+33612345678"])
    assert counts_of(second) == {
        "campaigns": 1, "given": 3, "found": 2, "already_cancelled": 2, "not_found": 1,
    }  # fmt: skip
    assert cancels(revox_sandbox) == 2
    revox_sandbox.advance(WEEK)
    assert set(revox_sandbox.calls_per_person()) == set(people(0, 1, 2, 3, 4, 5, 6, 8))


def test_people_are_taken_out_of_all_campaigns_and_counted_once(revox_sandbox):
    ids = [running(revox_sandbox, name=f"c{index}") for index in range(3)]
    result = cancel([ids[0], None, f" {ids[1]} ", "None", "", ids[0], [ids[2], None]], people(8))
    assert counts_of(result) == {"campaigns": 3, "given": 1, "found": 1, "cancelled": 1}
    assert [each["campaign_id"] for each in result["by_campaign"]] == ids
    assert cancels(revox_sandbox) == 3
    revox_sandbox.advance(WEEK)
    assert number(8) not in revox_sandbox.calls_per_person()


def test_a_campaign_may_have_a_person_twice(revox_sandbox):
    contacts = [{"to_phone_number": number(index), "prompt_variables": {}} for index in (0, 1, 5, 5, 6)]
    campaign_id = create_campaign(revox_sandbox, contacts, max_concurrent_calls=2)
    result = cancel(campaign_id, people(5))
    assert counts_of(result) == {"campaigns": 1, "given": 1, "found": 1, "cancelled": 1}
    assert cancels(revox_sandbox) == 2
    revox_sandbox.advance(WEEK)
    assert set(revox_sandbox.calls_per_person()) == set(people(0, 1, 6))


def test_somebody_who_is_being_called_gets_no_other_attempt_and_is_looked_at_until_then(
    revox_sandbox, pauses
):
    campaign_id = running(revox_sandbox)
    result = cancel(campaign_id, people(0, 9))
    assert counts_of(result) == {"campaigns": 1, "given": 2, "found": 2, "in_progress": 1, "cancelled": 1}
    assert pauses
    assert statuses(revox_sandbox, campaign_id)[number(0)] == "cancelled"
    revox_sandbox.advance(WEEK)
    tried = attempts(revox_sandbox, campaign_id)
    assert (tried[number(0)], tried[number(9)]) == (1, 0)
    assert tried[number(1)] > 1


def test_an_attempt_that_does_not_end_fails_the_task_so_that_airflow_looks_again(revox_sandbox, monkeypatch):
    campaign_id = running(revox_sandbox)
    slept = []
    monkeypatch.setattr(take_out.time, "sleep", slept.append)
    with pytest.raises(RevoxUnavailableError, match="has cancelled 1 of its calls, and in each") as caught:
        cancel(campaign_id, people(0, 9))
    assert "2 given: 1 in progress, 1 cancelled, 0 not found" in str(caught.value)
    assert sum(slept) == 60
    assert cancels(revox_sandbox) == 2  # not again in each look
    revox_sandbox.advance(10 * MINUTE)
    assert counts_of(cancel(campaign_id, people(0, 9)))["already_cancelled"] == 2


@pytest.mark.parametrize("call_ends", [{"human": 1}])
def test_somebody_who_was_reached_already_is_counted_so(revox_sandbox):
    campaign_id = running(revox_sandbox, 60)
    revox_sandbox.advance(60 * MINUTE)
    reached = next(
        who for who, status in statuses(revox_sandbox, campaign_id).items() if status == "completed"
    )
    result = cancel(campaign_id, [reached, number(59)])
    assert counts_of(result) == {
        "campaigns": 1, "given": 2, "found": 2, "cancelled": 1, "already_reached": 1,
    }  # fmt: skip


def test_calls_that_wait_for_another_attempt_that_are_paused_or_scheduled_are_cancelled(revox_sandbox):
    waiting = running(revox_sandbox, 4, max_concurrent_calls=4)
    revox_sandbox.advance(5 * MINUTE)
    assert set(statuses(revox_sandbox, waiting).values()) == {"queued_for_calling"}
    made = attempts(revox_sandbox, waiting)
    assert set(made.values()) == {1}
    paused = running(revox_sandbox)
    ask(revox_sandbox, "POST", f"/campaigns/{paused}/pause")
    result = cancel([waiting, paused], people(2, 3))
    assert counts_of(result)["cancelled"] == 2
    ask(revox_sandbox, "POST", f"/campaigns/{paused}/resume")
    revox_sandbox.advance(WEEK)
    after = attempts(revox_sandbox, waiting, paused)
    assert [after[one] for one in people(2, 3)] == [1, 1]
    assert after[number(1)] > 2


@today
def test_calls_that_are_not_launched_are_cancelled_and_the_launch_leaves_them_out(revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, 3, launched=False)
    assert counts_of(cancel(campaign_id, people(1)))["cancelled"] == 1
    selection = {
        "filters": {name: [] for name in ("assignee_ids", "directions", "outcomes", "results", "statuses")},
        "rows": {"call_ids": [], "mode": "all_except"},
    }
    order = {"mode": "ai_first", "selection": selection}
    ask(revox_sandbox, "POST", f"/campaigns/{campaign_id}/launch-calls", order)
    revox_sandbox.advance(WEEK)
    assert set(revox_sandbox.calls_per_person()) == set(people(0, 2))


def test_a_campaign_that_has_ended_is_counted_and_its_rows_are_not_read(revox_sandbox):
    ended, cancelled = running(revox_sandbox, 2), running(revox_sandbox)
    revox_sandbox.advance(WEEK)
    ask(revox_sandbox, "POST", f"/campaigns/{cancelled}/cancel")
    result = cancel([ended, cancelled], people(0))
    assert counts_of(result) == {"campaigns": 2, "ended_campaigns": 2, "given": 1, "not_found": 1}
    assert not [one for one in revox_sandbox.requests() if one.path.endswith("/rows")]


def test_the_calls_in_progress_of_a_cancelled_campaign_are_looked_at_until_they_end(revox_sandbox):
    campaign_id = running(revox_sandbox)
    ask(revox_sandbox, "POST", f"/campaigns/{campaign_id}/cancel")
    result = cancel(campaign_id, people(0, 9))
    assert counts_of(result) == {
        "campaigns": 1, "given": 2, "found": 2, "in_progress": 1, "already_cancelled": 1,
    }  # fmt: skip


@drafts
def test_a_draft_has_no_calls_to_cancel_and_the_error_says_what_to_do(revox_sandbox):
    draft, live = create_campaign(revox_sandbox, launch=False), running(revox_sandbox)
    with pytest.raises(RevoxRefusedError, match="is a draft, and 1 contact of it opted out") as caught:
        cancel([draft, live], [*people(2), "+33612345678"])
    # The others were taken out all the same, and the error says how many.
    assert "2 given: 1 open, 1 not found" in str(caught.value)
    assert cancels(revox_sandbox) == 1
    assert statuses(revox_sandbox, live)[number(2)] == "cancelled"
    assert counts_of(cancel(draft, ["+33612345678"])) == {"campaigns": 1, "given": 1, "not_found": 1}


def test_a_campaign_that_revox_does_not_know_is_an_error_and_the_others_are_done(revox_sandbox):
    campaign_id = running(revox_sandbox)
    with pytest.raises(RevoxRefusedError, match=r"Campaign unknown: .* answered 404") as caught:
        cancel(["unknown", campaign_id], people(8, 9))
    assert "2 given: 2 cancelled, 0 not found" in str(caught.value)
    assert statuses(revox_sandbox, campaign_id)[number(9)] == "cancelled"


@contract
@pytest.mark.parametrize("contacts", [people(2), []])
@pytest.mark.parametrize("has_campaigns", [True, False])
def test_an_api_that_can_not_cancel_calls_is_refused_before_anything_is_sent(
    revox_sandbox, contacts, has_campaigns
):
    campaign_id = running(revox_sandbox)
    with pytest.raises(RevoxRefusedError, match="can't cancel single calls") as caught:
        cancel([campaign_id] if has_campaigns else [], contacts)
    assert "CancelCampaignOperator" in str(caught.value)
    assert [(one.method, one.path) for one in revox_sandbox.requests()][1:] == [("GET", "/auth-status")]


def test_a_relaunch_leaves_out_who_was_taken_out_and_counts_them(revox_sandbox):
    campaign_id = running(revox_sandbox, 5)
    cancel(campaign_id, people(3, 4))
    revox_sandbox.advance(WEEK)
    assert relaunch(campaign_id)["suppressed_by_reason"] == {"cancelled": 2}
    revox_sandbox.advance(WEEK)
    assert revox_sandbox.calls_per_person() == dict.fromkeys(people(0, 1, 2), 2)


def test_a_relaunch_of_a_cancelled_campaign_leaves_out_who_was_taken_out_if_it_gets_the_same_list(
    revox_sandbox,
):
    campaign_id = running(revox_sandbox, 5)
    cancel(campaign_id, people(3, 4))
    ask(revox_sandbox, "POST", f"/campaigns/{campaign_id}/cancel")
    revox_sandbox.advance(WEEK)
    relaunch(campaign_id, suppress=people(3, 4))
    revox_sandbox.advance(WEEK)
    assert not set(people(3, 4)) & set(revox_sandbox.calls_per_person())


def relaunch(campaign_id, **options):
    """Relaunch a campaign; return the report."""
    xcoms = {}
    ti = SimpleNamespace(
        dag_id="d",
        task_id="t",
        run_id="r",
        map_index=-1,
        try_number=1,
        xcom_push=lambda key, value: xcoms.update({key: value}),
    )
    operator = RelaunchCampaignOperator(
        task_id="t", assistant_id="a", name="rest", campaign_id=campaign_id, **options
    )
    operator.execute({"ti": ti})
    return xcoms["contact_report"]
