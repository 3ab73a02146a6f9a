from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

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
from airflow_provider_revox.exceptions import CampaignFailedError, CampaignTimeoutError, RevoxRefusedError
from airflow_provider_revox.progress import (
    Progress,
    ProgressLog,
    State,
    deadline_after,
    describe,
    judge,
    judge_error,
    timed_out,
)


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
    assert judge(campaign(**fields)).state is state


@pytest.mark.parametrize("status", ["paused", "draft", "archived", None])
def test_a_state_that_may_need_a_person_is_warned_about(status):
    assert "cmp_1" in judge(campaign(status=status)).warning
    assert judge(campaign()).warning == ""


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
    assert str(error) in progress.summary + progress.warning


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
    progress = judge(campaign(status="completed", row_stats={"total": 2, "completed": 2}))
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
        (judge(campaign(is_cancelled=True)), CampaignFailedError),
        (timed_out("cmp_1", judge(campaign())), CampaignTimeoutError),
        (judge_error("cmp_1", NotFoundError(404, "GET", "/c")), RevoxRefusedError),
        (judge(campaign()), CampaignFailedError),
    ],
)
def test_each_end_but_success_has_its_error(progress, error):
    with pytest.raises(error, match="cmp_1"):
        progress.result()


def test_progress_is_logged_when_it_changes_and_a_warning_again_after_it_was_over(caplog):
    caplog.set_level(logging.INFO)
    log = ProgressLog(logging.getLogger("test"))
    outage = judge_error("cmp_1", NoAnswerError("GET", "/c", "ReadTimeout"))
    one = judge(campaign(row_stats={"total": 2, "completed": 1}))
    two = judge(campaign(row_stats={"total": 2, "completed": 2}))
    for progress in (one, one, outage, outage, one, outage, two):
        log.tell(progress)
    assert [record.message for record in caplog.records] == [
        one.summary,
        outage.warning,
        outage.warning,
        two.summary,
    ]


def test_the_shorter_of_timeout_and_execution_timeout_is_the_deadline():
    now = time.time()
    started = datetime.fromtimestamp(now - 60, UTC)
    assert deadline_after(100, None, started) == pytest.approx(now + 100, abs=5)
    assert deadline_after(1000, timedelta(seconds=600), started) == pytest.approx(now - 60 + 595)
    assert deadline_after(1000, timedelta(seconds=10), started) == pytest.approx(now - 60 + 9)
    assert deadline_after(100, timedelta(days=1), started) == pytest.approx(now + 100, abs=5)
