from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.exceptions import (
    CampaignFailedError,
    CampaignTimeoutError,
    RevoxRefusedError,
    RevoxUnavailableError,
)
from airflow_provider_revox.waiting.policy import WaitPolicy
from airflow_provider_revox.waiting.verdict import (
    State,
    Verdict,
    row_stats_in_words,
    verdict_of_campaign,
)

POLICY = WaitPolicy(60)


def campaign(**fields):
    return Campaign.model_validate({"id": "cmp_1", "is_cancelled": False, "status": "running", **fields})


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "completed"}, State.SUCCEEDED),
        ({"status": "completed", "is_cancelled": True}, State.FAILED),
        ({"status": "running", "is_cancelled": True}, State.FAILED),
        ({"status": "cancelled"}, State.FAILED),
        ({"status": "canceled"}, State.FAILED),
        ({"status": "cancelled", "is_cancelled": None}, State.FAILED),
        ({"status": "completed", "is_cancelled": None}, State.FAILED),
        ({"status": "completed", "is_cancelled": "no"}, State.FAILED),
        ({"status": "running"}, State.WAITING),
        ({"status": "paused"}, State.WAITING),
        ({"status": "draft"}, State.WAITING),
        ({"status": "COMPLETED"}, State.WAITING),
        ({"status": "archived"}, State.WAITING),
        ({"status": None}, State.WAITING),
        ({"status": {}}, State.WAITING),
    ],
)
def test_only_completed_and_surely_not_cancelled_succeeds(fields, state):
    assert verdict_of_campaign(campaign(**fields), POLICY).state is state


@pytest.mark.parametrize("status", ["paused", "draft", "archived", None])
def test_a_state_that_a_person_may_have_to_change_gives_a_warning(status):
    assert "cmp_1" in verdict_of_campaign(campaign(status=status), POLICY).warning
    assert verdict_of_campaign(campaign(), POLICY).warning == ""


@pytest.mark.parametrize(
    ("left", "calls"), [(1, "1 call that is not launched"), (2, "2 calls that are not launched")]
)
def test_calls_that_are_not_launched_give_a_warning(left, calls):
    row_stats = {"total": 3, "not_launched": left, "pending": 3 - left}
    verdict = verdict_of_campaign(campaign(row_stats=row_stats), POLICY)
    assert verdict.state is State.WAITING
    assert verdict.warning == (
        f"Campaign cmp_1 has {calls}. Launch what is left with LaunchCampaignOperator, or in Revox."
    )
    assert verdict_of_campaign(campaign(row_stats={"total": 3, "not_launched": 0}), POLICY).warning == ""


def test_a_campaign_that_completes_without_calls_that_nobody_launched_succeeds_with_a_warning():
    row_stats = {"total": 3, "completed": 1, "not_launched": 2}
    verdict = verdict_of_campaign(campaign(status="completed", row_stats=row_stats), POLICY)
    assert (verdict.state, verdict.result()) == (State.SUCCEEDED, row_stats)
    assert verdict.warning == "Campaign cmp_1 is completed, but the calls of 2 contacts were never launched."
    everybody = campaign(status="completed", row_stats={"total": 3, "completed": 3, "not_launched": 0})
    assert verdict_of_campaign(everybody, POLICY).warning == ""


@pytest.mark.parametrize(
    ("left", "allowed", "words"),
    [
        (2, None, ""),
        (2, 2, ""),
        (2, 0, "The calls of 2 contacts were never launched. Launch them with LaunchCampaignOperator"),
        (3, 2, "The calls of 3 contacts were never launched, 2 of them as planned. Launch them with"),
    ],
)
def test_a_task_that_launches_is_not_green_if_people_were_left_not_launched(left, allowed, words):
    row_stats = {"total": 5, "completed": 5 - left, "not_launched": left}
    completed = campaign(status="completed", row_stats=row_stats)
    verdict = verdict_of_campaign(completed, WaitPolicy(60, not_launched=allowed))
    assert f"{left} not launched" in verdict.summary
    if not words:
        assert (verdict.state, verdict.if_it_stays) == (State.SUCCEEDED, None)
        return
    # The counts may be older than the launch.
    assert verdict.state is State.WAITING
    assert verdict.if_it_stays.state is State.FAILED
    assert words in verdict.if_it_stays.summary
    assert verdict.if_it_stays.row_stats == verdict.row_stats == row_stats


@pytest.mark.parametrize(
    ("row_stats", "is_unclear"),
    [
        ({"completed": 1}, True),  # somebody of the part was cancelled, and no count says it
        ({"completed": 1, "failed": 0}, True),
        ({"pending": None}, True),
        ({"total": None}, True),
        ({"not_launched": None}, True),
        ({"not_launched": 7, "completed": 1}, True),  # older than the launch, or somebody has added people
        (None, True),
        ({"completed": 1, "pending": 1}, False),
        ({"completed": 1, "retry": 1, "pending": None}, False),
        ({"completed": 1, "skipped": 1}, False),
        ({"not_launched": 0, "completed": 1}, False),
    ],
)
def test_counts_that_can_not_show_the_end_of_a_part_are_unclear(row_stats, is_unclear):
    shown = campaign(row_stats=row_stats and {**PART, **row_stats})
    verdict = verdict_of_campaign(shown, WaitPolicy(60, not_launched=6))
    assert verdict.outage == ""
    assert (verdict.if_it_stays is not None) is is_unclear
    if is_unclear:
        assert (verdict.state, verdict.if_it_stays.state) == (State.WAITING, State.UNREACHABLE)
    for policy in (POLICY, WaitPolicy(60, not_launched=0)):
        assert verdict_of_campaign(shown, policy).if_it_stays is None


PART = {"total": 9, "pending": 0, "calling": 0, "retry": 0, "completed": 2, "failed": 1, "not_launched": 6}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, State.SUCCEEDED),
        ({"skipped": 2, "not_launched": 4}, State.SUCCEEDED),  # somebody has cancelled calls
        ({"not_launched": 7, "completed": 1}, State.WAITING),  # the counts are older than the launch
        ({"pending": 1, "completed": 1}, State.WAITING),
        ({"calling": 1, "completed": 1}, State.WAITING),
        ({"retry": 1, "failed": 0}, State.WAITING),
        ({"completed": 1}, State.WAITING),  # one is in a state that is not counted
        ({"pending": None}, State.WAITING),
        ({"calling": None}, State.WAITING),
        ({"total": None}, State.WAITING),
        ({"not_launched": None, "total": 3}, State.WAITING),
        ({"not_launched": 0, "total": 3}, State.WAITING),  # everybody is launched: wait for "completed"
    ],
)
def test_a_wait_for_a_part_ends_when_all_launched_calls_are_done(changes, state):
    policy = WaitPolicy(60, not_launched=6)
    shown = campaign(row_stats={**PART, **changes})
    assert verdict_of_campaign(shown, policy).state is state
    assert verdict_of_campaign(shown, POLICY).state is State.WAITING


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ({"is_cancelled": True}, State.FAILED),
        ({"is_cancelled": None}, State.FAILED),
        ({"status": "paused"}, State.WAITING),
        ({"status": "completed"}, State.SUCCEEDED),
        ({"status": "archived"}, State.WAITING),
    ],
)
def test_a_part_is_no_success_unless_its_campaign_runs_and_is_surely_not_cancelled(shown, state):
    verdict = verdict_of_campaign(campaign(row_stats=PART, **shown), WaitPolicy(60, not_launched=6))
    assert verdict.state is state
    assert "not launched. Launch" not in verdict.warning


@pytest.mark.parametrize(
    ("completed", "failed", "limit", "state"),
    [
        (4, 1, 0.2, State.SUCCEEDED),
        (3, 1, 0.2, State.FAILED),
        (0, 5, 0.99, State.FAILED),
        (0, 0, 0.0, State.SUCCEEDED),  # nobody of the part was left to call
    ],
)
@pytest.mark.parametrize("status", ["running", "completed"])
def test_the_failed_share_of_a_part_is_one_of_the_people_who_were_called(
    completed, failed, limit, state, status
):
    # 50 of 100 people have asked for no calls meanwhile: they make no call a better one.
    left = 50 - completed - failed
    row_stats = {**PART, "total": 100, "skipped": 50, "not_launched": left}
    shown = campaign(status=status, row_stats={**row_stats, "completed": completed, "failed": failed})
    policy = WaitPolicy(60, max_failed_ratio=limit, not_launched=left, is_part=True)
    assert verdict_of_campaign(shown, policy).state is state
    # All others have asked for no calls, so nobody stays not launched.
    shown = campaign(status="completed", row_stats={**shown.row_stats.to_dict(), "not_launched": 0})
    assert verdict_of_campaign(shown, replace(policy, not_launched=0)).state is state


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        (
            {"total": 1204, "completed": 310, "failed": 12, "pending": 882, "calling": 0, "retry": 0},
            "1,204 contacts: 310 completed, 12 failed, 882 pending",
        ),
        ({"total": 3, "calling": 1, "retry": 2}, "3 contacts: 1 calling, 2 retry"),
        ({"total": 1, "completed": 1}, "1 contact: 1 completed"),
        ({"total": 2, "not_launched": 2, "skipped": 0}, "2 contacts: 2 not launched"),
        ({"completed": 5}, "5 completed"),
        ({"total": 5, "moon": {"phase": "full"}}, "5 contacts"),
        ({"total": 0}, "0 contacts"),
        ({}, "no counts"),
    ],
)
def test_counts_in_words(counts, line):
    assert row_stats_in_words(counts) == line


def test_a_verdict_survives_the_way_through_a_trigger_event():
    verdict = verdict_of_campaign(
        campaign(status="completed", row_stats={"total": 2, "completed": 2}), POLICY
    )
    assert Verdict.from_event(verdict.to_event("cmp_1", {})) == verdict
    assert verdict.result() == {"total": 2, "completed": 2}


@pytest.mark.parametrize(
    "event",
    [None, {}, {"state": "fine"}, {"state": None}, "succeeded", {"state": "succeeded", "row_stats": 7}],
)
def test_an_event_that_cannot_be_read_is_a_failure(event):
    with pytest.raises(CampaignFailedError):
        Verdict.from_event(event).result()


@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (verdict_of_campaign(campaign(is_cancelled=True), POLICY), CampaignFailedError),
        (replace(verdict_of_campaign(campaign(), POLICY), state=State.TIMED_OUT), CampaignTimeoutError),
        (replace(verdict_of_campaign(campaign(), POLICY), state=State.CANCELLED_LATE), CampaignFailedError),
        (replace(verdict_of_campaign(campaign(), POLICY), state=State.UNREACHABLE), RevoxUnavailableError),
        (Verdict(State.REFUSED, "Can't see campaign cmp_1"), RevoxRefusedError),
        (verdict_of_campaign(campaign(), POLICY), CampaignFailedError),
    ],
)
def test_each_end_but_success_has_its_error(verdict, error):
    with pytest.raises(error, match="cmp_1"):
        verdict.result()


@pytest.mark.parametrize(
    ("row_stats", "ratio", "state"),
    [
        ({"total": 10, "failed": 10}, None, State.SUCCEEDED),
        ({"total": 10, "failed": 2}, 0.2, State.SUCCEEDED),
        ({"total": 10, "failed": 3}, 0.2, State.FAILED),
        ({"total": 10, "failed": 1}, 0, State.FAILED),
        ({"total": 0, "failed": 0}, 0, State.SUCCEEDED),
        ({"total": 0, "failed": 1}, 0.5, State.FAILED),
        ({"total": 100, "failed": 29}, 0.29, State.SUCCEEDED),
        ({"total": 100, "failed": 58}, 0.58, State.SUCCEEDED),
        ({"total": 10}, 0.2, State.FAILED),
        ({"failed": 0}, 0.2, State.FAILED),
        (None, 0.2, State.FAILED),
    ],
)
def test_max_failed_ratio_is_the_users_choice_and_an_unknown_ratio_is_a_failure(row_stats, ratio, state):
    completed = campaign(status="completed", row_stats=row_stats)
    verdict = verdict_of_campaign(completed, WaitPolicy(60, max_failed_ratio=ratio))
    assert verdict.state is state
    assert ("max_failed_ratio" in verdict.summary) is (state is State.FAILED)


def test_max_failed_ratio_does_not_matter_while_the_campaign_runs():
    verdict = verdict_of_campaign(
        campaign(row_stats={"total": 2, "failed": 2}), WaitPolicy(60, max_failed_ratio=0)
    )
    assert verdict.state is State.WAITING


def test_a_paused_campaign_may_be_a_failure():
    assert (
        verdict_of_campaign(campaign(status="paused"), WaitPolicy(60, on_paused="fail")).state is State.FAILED
    )
    assert (
        verdict_of_campaign(campaign(status="draft"), WaitPolicy(60, on_paused="fail")).state is State.WAITING
    )


@pytest.mark.parametrize(
    ("scheduled_at", "row_stats", "starts_at"),
    [
        ("1970-01-01T00:01:00Z", {"total": 1, "pending": 1}, 60),
        ("1970-01-01T00:01:00+00:01", None, 0),
        ("1970-01-01T00:01:00", None, 60),
        (60_000_000_000_000, None, 60_000_000_000),
        (60, None, 60),
        ("1970-01-01T00:01:00Z", {"total": 2, "calling": 1}, None),
        ("1970-01-01T00:01:00Z", {"total": 2, "failed": 1}, None),
        (None, None, None),
        ({}, None, None),
        ("soon", None, None),
        (True, None, None),
    ],
)
def test_a_campaign_starts_when_it_is_scheduled_unless_it_has_calls_already(
    scheduled_at, row_stats, starts_at
):
    assert (
        verdict_of_campaign(campaign(scheduled_at=scheduled_at, row_stats=row_stats), POLICY).starts_at
        == starts_at
    )


def test_what_the_api_adds_is_shown_only_where_it_can_not_be_about_a_person():
    row_stats = {
        "total": 1,
        "moved": 1,
        "last_number": "+33612345678",
        "+33612345678": 1,
        "who": {"n": "Ada"},
    }
    verdict = verdict_of_campaign(campaign(row_stats=row_stats, status="calling +33612345678"), POLICY)
    assert verdict.row_stats == {"total": 1, "moved": 1}
    for shown in (verdict.summary, verdict.warning, str(verdict.to_event("cmp_1", {}))):
        assert "33612345678" not in shown
        assert "Ada" not in shown
