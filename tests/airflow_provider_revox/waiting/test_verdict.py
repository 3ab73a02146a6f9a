from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_provider_revox.client.errors import (
    AuthenticationError,
    InvalidConfigurationError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    PermissionDeniedError,
    RateLimitedError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.exceptions import (
    CampaignFailedError,
    CampaignTimeoutError,
    RevoxRefusedError,
    RevoxUnavailableError,
)
from airflow_provider_revox.waiting.policy import WaitPolicy
from airflow_provider_revox.waiting.verdict import Progress, State, describe, judge, judge_error

POLICY = WaitPolicy(60)


def campaign(**fields):
    return Campaign.model_validate({"id": "cmp_1", "is_cancelled": False, "status": "running", **fields})


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "completed"}, State.SUCCEEDED),
        ({"status": "completed", "is_cancelled": True}, State.FAILED),
        ({"status": "running", "is_cancelled": True}, State.FAILED),
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
    assert judge(campaign(**fields), POLICY).state is state


@pytest.mark.parametrize("status", ["paused", "draft", "archived", None])
def test_a_state_that_may_need_a_person_is_warned_about(status):
    assert "cmp_1" in judge(campaign(status=status), POLICY).warning
    assert judge(campaign(), POLICY).warning == ""


def test_calls_that_nobody_launches_are_warned_about():
    progress = judge(campaign(row_stats={"total": 3, "not_launched": 2, "pending": 1}), POLICY)
    assert progress.state is State.WAITING
    assert "2 calls that are not launched" in progress.warning
    assert judge(campaign(row_stats={"total": 3, "not_launched": 0}), POLICY).warning == ""


def test_a_campaign_that_completes_without_calls_that_nobody_launched_succeeds_with_a_warning():
    row_stats = {"total": 3, "completed": 1, "not_launched": 2}
    progress = judge(campaign(status="completed", row_stats=row_stats), POLICY)
    assert (progress.state, progress.result()) == (State.SUCCEEDED, row_stats)
    assert (
        progress.warning == "Campaign cmp_1 is completed without 2 contacts: their calls were not launched."
    )
    everybody = campaign(status="completed", row_stats={"total": 3, "completed": 3, "not_launched": 0})
    assert judge(everybody, POLICY).warning == ""


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (NotSentError("GET", "/c", "refused"), State.WAITING),
        (NoAnswerError("GET", "/c", "ReadTimeout"), State.WAITING),
        (RateLimitedError(429, "GET", "/c"), State.WAITING),
        (UnexpectedAnswerError(503, "GET", "/c"), State.WAITING),
        (AuthenticationError(401, "GET", "/c"), State.REFUSED),
        (PermissionDeniedError(403, "GET", "/c"), State.REFUSED),
        (NotFoundError(404, "GET", "/c"), State.REFUSED),
        (InvalidConfigurationError("there is no API key"), State.REFUSED),
    ],
)
def test_an_outage_is_waited_out_and_a_refusal_is_final(error, state):
    progress = judge_error("cmp_1", error)
    assert progress.state is state
    assert str(error) in progress.summary + progress.outage
    assert bool(progress.outage) is (state is State.WAITING)


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
def test_progress_reads_as_a_line(counts, line):
    assert describe(counts) == line


def test_progress_survives_the_way_through_a_trigger_event():
    progress = judge(campaign(status="completed", row_stats={"total": 2, "completed": 2}), POLICY)
    assert Progress.from_event(progress.to_event()) == progress
    assert progress.result() == {"total": 2, "completed": 2}


@pytest.mark.parametrize(
    "event",
    [None, {}, {"state": "fine"}, {"state": None}, "succeeded", {"state": "succeeded", "row_stats": 7}],
)
def test_an_event_that_cannot_be_understood_is_a_failure(event):
    with pytest.raises(CampaignFailedError):
        Progress.from_event(event).result()


@pytest.mark.parametrize(
    ("progress", "error"),
    [
        (judge(campaign(is_cancelled=True), POLICY), CampaignFailedError),
        (replace(judge(campaign(), POLICY), state=State.TIMED_OUT), CampaignTimeoutError),
        (replace(judge(campaign(), POLICY), state=State.UNREACHABLE), RevoxUnavailableError),
        (judge_error("cmp_1", NotFoundError(404, "GET", "/c")), RevoxRefusedError),
        (judge(campaign(), POLICY), CampaignFailedError),
    ],
)
def test_each_end_but_success_has_its_error(progress, error):
    with pytest.raises(error, match="cmp_1"):
        progress.result()


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
def test_how_many_may_have_failed_is_the_users_choice_and_not_to_know_is_a_failure(row_stats, ratio, state):
    completed = campaign(status="completed", row_stats=row_stats)
    progress = judge(completed, WaitPolicy(60, max_failed_ratio=ratio))
    assert progress.state is state
    assert ("max_failed_ratio" in progress.summary) is (state is State.FAILED)


def test_while_it_runs_nobody_counts_who_failed():
    progress = judge(campaign(row_stats={"total": 2, "failed": 2}), WaitPolicy(60, max_failed_ratio=0))
    assert progress.state is State.WAITING


def test_a_paused_campaign_may_be_a_failure():
    assert judge(campaign(status="paused"), WaitPolicy(60, on_paused="fail")).state is State.FAILED
    assert judge(campaign(status="draft"), WaitPolicy(60, on_paused="fail")).state is State.WAITING


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
    assert judge(campaign(scheduled_at=scheduled_at, row_stats=row_stats), POLICY).starts_at == starts_at


def test_what_the_api_adds_is_shown_only_where_it_can_not_be_about_a_person():
    row_stats = {
        "total": 1,
        "moved": 1,
        "last_number": "+33612345678",
        "+33612345678": 1,
        "who": {"n": "Ada"},
    }
    progress = judge(campaign(row_stats=row_stats, status="calling +33612345678"), POLICY)
    assert progress.row_stats == {"total": 1, "moved": 1}
    for shown in (progress.summary, progress.warning, str(progress.to_event())):
        assert "33612345678" not in shown
        assert "Ada" not in shown
