from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import (
    AuthenticationError,
    RateLimitedError,
)
from airflow_provider_revox.waiting.verdict import State
from tests.airflow_provider_revox.waiting.waits import BUSY, LOST, campaign, wait

OPTED_OUT = {"total": 9, "pending": 0, "calling": 0, "retry": 0, "completed": 2, "not_launched": 6}
"""Somebody of a part of three has asked for no calls, and no count says it."""


def test_a_wait_for_a_part_ends_though_no_count_says_that_somebody_was_cancelled(messages, outages):
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
    assert messages() == [summary, f"{unclear}. Waiting up to 1 h for other counts."]
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


def test_a_summary_is_logged_when_it_changes_and_a_warning_once(messages):
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
    assert messages() == [
        "Campaign cmp_1 is running: 2 contacts: 1 completed",
        "Campaign cmp_1 is paused: 2 contacts: 1 completed",
        "Campaign cmp_1 is paused. It calls nobody until you resume it in Revox.",
        "Campaign cmp_1 is running: 2 contacts: 1 completed",
        "Campaign cmp_1 is paused: 2 contacts: 1 completed",
        "Campaign cmp_1 is running: 2 contacts: 2 completed",
        "Campaign cmp_1 is moon: 2 contacts: 2 completed",
        "Campaign cmp_1 is moon. The provider does not know this status and waits.",
    ]
