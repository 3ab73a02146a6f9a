from __future__ import annotations

import logging

import pytest

from airflow_provider_revox.client.errors import (
    AuthenticationError,
    NoAnswerError,
    RateLimitedError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.metrics import OUTAGES, Metrics
from airflow_provider_revox.waiting.policy import WaitPolicy
from airflow_provider_revox.waiting.verdict import State
from airflow_provider_revox.waiting.wait import Wait

LOST = NoAnswerError("GET", "/campaigns/cmp_1", "ReadTimeout")
BUSY = UnexpectedAnswerError(503, "GET", "/campaigns/cmp_1")


def campaign(**fields):
    return Campaign.model_validate({"id": "cmp_1", "is_cancelled": False, "status": "running", **fields})


def wait(deadline=1e9, outage_began=None, jitter=False, **policy):
    return Wait(
        "cmp_1",
        WaitPolicy(**{"poll_interval": 60, **policy}),
        deadline,
        logging.getLogger("test"),
        Metrics(),
        outage_began=outage_began,
        jitter=jitter,
    )


@pytest.fixture
def outages(monkeypatch):
    """How many outages were counted."""
    counted = []
    monkeypatch.setattr(Metrics, "count", lambda _, name, number=1: counted.append(name))
    return lambda: counted.count(OUTAGES)


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.INFO)
    return lambda: [record.message for record in caplog.records]


# --- outages ---


def test_a_wait_outlasts_an_outage_within_its_budget_and_any_good_answer_renews_the_budget():
    waiting = wait(outage_budget=3600)
    assert waiting.observe(LOST, 0).state is State.WAITING
    assert waiting.observe(BUSY, 3599).state is State.WAITING
    assert waiting.observe(campaign(), 3600).state is State.WAITING
    assert waiting.observe(LOST, 4000).state is State.WAITING
    assert waiting.observe(LOST, 7599).state is State.WAITING
    verdict = waiting.observe(BUSY, 7600)
    assert verdict.state is State.UNREACHABLE
    assert verdict.summary.startswith("Revox has not answered for 1 h. Can't see campaign cmp_1: ")
    assert "503" in verdict.summary


def test_an_outage_counts_once_however_many_polls_fail(outages):
    waiting = wait()
    for now, answer in enumerate((campaign(), LOST, BUSY, LOST)):
        waiting.observe(answer, now)
    assert outages() == 1
    waiting.observe(campaign(), 10)
    waiting.observe(BUSY, 11)
    assert outages() == 2


def test_an_outage_that_the_task_saw_before_it_deferred_is_not_counted_again(outages):
    waiting = wait(outage_began=5)
    waiting.observe(LOST, 10)
    assert outages() == 0


def test_a_refusal_is_no_outage(outages):
    wait().observe(AuthenticationError(401, "GET", "/campaigns/cmp_1"), 0)
    assert outages() == 0


def test_a_budget_of_0_ends_the_wait_at_the_first_failed_poll():
    assert wait(outage_budget=0).observe(LOST, 5).state is State.UNREACHABLE


def test_an_outage_that_began_before_counts_from_then():
    waiting = wait(outage_began=100.0, outage_budget=50)
    assert waiting.observe(LOST, 149).state is State.WAITING
    assert waiting.observe(LOST, 150).state is State.UNREACHABLE


def test_a_refusal_ends_the_wait_in_the_middle_of_an_outage():
    waiting = wait()
    waiting.observe(LOST, 0)
    assert waiting.observe(AuthenticationError(401, "GET", "/c"), 1).state is State.REFUSED


def test_an_outage_is_logged_when_it_begins_and_when_it_ends(logged):
    waiting = wait()
    for now, answer in enumerate([campaign(), LOST, BUSY, LOST, campaign(), BUSY, campaign()]):
        waiting.observe(answer, now * 300)
    assert logged() == [
        "Campaign cmp_1 is running: no counts",
        f"Can't see campaign cmp_1: {LOST}. Waiting up to 1 h until Revox answers again.",
        "Revox answers again, after 15 min.",
        f"Can't see campaign cmp_1: {BUSY}. Waiting up to 1 h until Revox answers again.",
        "Revox answers again, after 5 min.",
    ]


OPTED_OUT = {"total": 9, "pending": 0, "calling": 0, "retry": 0, "completed": 2, "not_launched": 6}
"""Somebody of a part of three has asked for no calls, and no count says it."""


def test_a_wait_for_a_part_ends_though_no_count_says_that_somebody_was_cancelled(logged, outages):
    waiting = wait(not_launched=6)
    shown = campaign(row_stats=OPTED_OUT)
    assert waiting.observe(shown, 0).state is State.WAITING
    assert waiting.observe(shown, 3599).state is State.WAITING
    verdict = waiting.observe(shown, 3600)
    assert verdict.state is State.UNREACHABLE
    summary = "Campaign cmp_1 is running: 9 contacts: 2 completed, 6 not launched"
    unclear = f"{summary}. These counts don't show whether the launched calls are done"
    assert verdict.summary == unclear
    assert verdict.row_stats == OPTED_OUT
    assert logged() == [summary, f"{unclear}. Waiting up to 1 h for other counts."]
    assert outages() == 0


def test_a_task_that_launched_fails_only_when_a_completed_campaign_shows_for_an_hour_who_was_left_out():
    waiting = wait(not_launched=0)
    left = campaign(status="completed", row_stats={"total": 9, "completed": 7, "not_launched": 2})
    assert waiting.observe(left, 0).state is State.WAITING
    assert waiting.observe(campaign(row_stats={"total": 9, "pending": 2}), 3000).state is State.WAITING
    assert waiting.observe(left, 3001).state is State.WAITING
    assert waiting.observe(left, 6600).state is State.WAITING
    assert waiting.observe(left, 6601).state is State.FAILED


def test_a_call_that_is_open_again_or_counts_that_add_up_make_the_counts_clear():
    waiting = wait(not_launched=6)
    waiting.observe(campaign(row_stats=OPTED_OUT), 0)
    waiting.observe(campaign(row_stats={**OPTED_OUT, "calling": 1}), 3000)
    assert waiting.observe(campaign(row_stats=OPTED_OUT), 3601).state is State.WAITING
    done = campaign(row_stats={**OPTED_OUT, "skipped": 1})
    assert waiting.observe(done, 3602).state is State.SUCCEEDED


def test_unclear_counts_use_up_nothing_of_the_outage_budget_and_an_outage_nothing_of_their_hour():
    waiting = wait(not_launched=6, outage_budget=3600)
    for begin in (0, 7200):
        assert waiting.observe(campaign(row_stats=OPTED_OUT), begin).state is State.WAITING
        assert waiting.outage_began is None
        assert waiting.observe(BUSY, begin + 3599).state is State.WAITING
        assert waiting.observe(BUSY, begin + 7198).state is State.WAITING


def test_without_an_outage_budget_unclear_counts_still_have_their_hour():
    waiting = wait(not_launched=6, outage_budget=0)
    assert waiting.observe(campaign(row_stats=OPTED_OUT), 0).state is State.WAITING


@pytest.mark.parametrize(
    ("shown", "ordered"), [({"scheduled_at": 5000}, None), ({}, 5000), ({"scheduled_at": 10}, 5000)]
)
def test_calls_that_are_scheduled_may_be_in_no_count_until_they_start(shown, ordered):
    waiting = wait(not_launched=6, starts_at=ordered)
    answer = campaign(**shown, row_stats={**OPTED_OUT, "completed": 0})
    for now in (0, 4999, 5000, 8599):
        assert waiting.observe(answer, now).state is State.WAITING
    assert waiting.observe(answer, 8600).state is State.UNREACHABLE


def test_in_an_outage_a_long_interval_does_not_use_up_the_budget_after_one_error():
    waiting = wait(poll_interval=7200, outage_budget=3600)
    waiting.observe(campaign(), 0)
    assert waiting.pause(0) == 7200
    waiting.observe(LOST, 7200)
    assert waiting.pause(7200) == 360
    waiting.observe(campaign(), 7560)
    assert waiting.pause(7560) == 7200


def test_retry_after_is_obeyed_where_it_is_longer_than_the_interval():
    waiting = wait()
    waiting.observe(RateLimitedError(429, "GET", "/c", "", 500), 0)
    assert waiting.pause(0) == 500
    waiting.observe(RateLimitedError(429, "GET", "/c", "", 5), 500)
    assert waiting.pause(500) == 60


def test_a_retry_after_beyond_the_budget_does_not_stretch_the_budget():
    waiting = wait(outage_budget=3600)
    waiting.observe(RateLimitedError(429, "GET", "/c", "", 86_400), 0)
    assert waiting.pause(0) == 3600
    assert waiting.observe(RateLimitedError(429, "GET", "/c", "", 86_400), 3600).state is State.UNREACHABLE


# --- the pace ---


def test_a_campaign_is_not_polled_before_it_starts():
    waiting = wait()
    waiting.observe(campaign(scheduled_at="1970-01-01T10:00:00Z"), 0)
    assert waiting.pause(0) == 36_060
    waiting.observe(campaign(scheduled_at="1970-01-01T10:00:00Z"), 36_000)
    assert waiting.pause(36_000) == 60


def test_polls_are_spread_at_random_and_never_come_before_a_campaign_is_due():
    waiting = wait(jitter=True)
    waiting.observe(campaign(), 0)
    pauses = [waiting.pause(0) for _ in range(200)]
    assert len(set(pauses)) == 200
    assert 54 <= min(pauses) < 56
    assert 64 < max(pauses) <= 66
    waiting.observe(campaign(scheduled_at="1970-01-01T10:00:00Z"), 0)
    pauses = [waiting.pause(0) for _ in range(200)]
    assert 36_000 <= min(pauses) < 36_010
    assert 36_050 < max(pauses) <= 36_060


def test_no_pause_goes_past_the_deadline():
    waiting = wait(deadline=100)
    waiting.observe(campaign(), 70)
    assert waiting.pause(70) == 30
    waiting.observe(campaign(scheduled_at="1970-01-01T10:00:00Z"), 80)
    assert waiting.pause(80) == 20
    waiting.observe(RateLimitedError(429, "GET", "/c", "", 500), 90)
    assert waiting.pause(90) == 10
    assert waiting.pause(200) == 0


# --- the deadline ---


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (campaign(), State.TIMED_OUT),
        (LOST, State.TIMED_OUT),
        (campaign(status="completed"), State.SUCCEEDED),
        (campaign(is_cancelled=True), State.FAILED),
        (AuthenticationError(401, "GET", "/c"), State.REFUSED),
    ],
)
def test_the_state_of_the_campaign_counts_before_the_deadline(answer, state):
    assert wait(deadline=100).observe(answer, 100).state is state


def test_a_timeout_says_what_the_last_poll_showed():
    verdict = wait(deadline=100).observe(campaign(row_stats={"total": 2, "pending": 2}), 100)
    assert verdict.summary == (
        "Campaign cmp_1 was not completed in time. Campaign cmp_1 is running: 2 contacts: 2 pending"
    )
    assert verdict.row_stats == {"total": 2, "pending": 2}
    assert "ReadTimeout" in wait(deadline=100).observe(LOST, 100).summary


# --- the log ---


def test_a_summary_is_logged_when_it_changes_and_a_warning_once(logged):
    one, two = ({"total": 2, "completed": done} for done in (1, 2))
    waiting = wait()
    for row_stats, status in [
        (one, "running"),
        (one, "running"),
        (one, "paused"),
        (one, "running"),
        (one, "paused"),
        (two, "running"),
        (two, "moon"),
        (two, "moon"),
    ]:
        waiting.observe(campaign(row_stats=row_stats, status=status), 0)
    assert logged() == [
        "Campaign cmp_1 is running: 2 contacts: 1 completed",
        "Campaign cmp_1 is paused: 2 contacts: 1 completed",
        "Campaign cmp_1 is paused. It calls nobody until you resume it in Revox.",
        "Campaign cmp_1 is running: 2 contacts: 1 completed",
        "Campaign cmp_1 is paused: 2 contacts: 1 completed",
        "Campaign cmp_1 is running: 2 contacts: 2 completed",
        "Campaign cmp_1 is moon: 2 contacts: 2 completed",
        "Campaign cmp_1 is moon. The provider does not know this status and waits.",
    ]
