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
from airflow_provider_revox.units import duration_in_words
from airflow_provider_revox.waiting.policy import WaitPolicy
from airflow_provider_revox.waiting.verdict import State
from airflow_provider_revox.waiting.wait import Wait

LOST = NoAnswerError("GET", "/campaigns/cmp_1", "ReadTimeout")
BUSY = UnexpectedAnswerError(503, "GET", "/campaigns/cmp_1")


def campaign(**fields):
    return Campaign.model_validate({"id": "cmp_1", "is_cancelled": False, "status": "running", **fields})


def wait(deadline=1e9, outage_began=None, spread=False, **policy):
    return Wait(
        "cmp_1",
        WaitPolicy(**{"poll_interval": 60, **policy}),
        deadline,
        logging.getLogger("test"),
        outage_began=outage_began,
        spread=spread,
    )


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO)
    return lambda: [record.message for record in caplog.records]


# --- outages ---


def test_an_outage_is_waited_out_up_to_its_budget_and_any_good_answer_renews_it():
    waiting = wait(outage_budget=3600)
    assert waiting.take(LOST, 0).state is State.WAITING
    assert waiting.take(BUSY, 3599).state is State.WAITING
    assert waiting.take(campaign(), 3600).state is State.WAITING
    assert waiting.take(LOST, 4000).state is State.WAITING
    assert waiting.take(LOST, 7599).state is State.WAITING
    progress = waiting.take(BUSY, 7600)
    assert progress.state is State.UNREACHABLE
    assert progress.summary.startswith("Revox has not answered for 1 h. Can't see campaign cmp_1: ")
    assert "503" in progress.summary


def test_a_budget_of_nothing_ends_at_the_first_failed_look():
    assert wait(outage_budget=0).take(LOST, 5).state is State.UNREACHABLE


def test_an_outage_that_began_before_counts_from_then():
    waiting = wait(outage_began=100.0, outage_budget=50)
    assert waiting.take(LOST, 149).state is State.WAITING
    assert waiting.take(LOST, 150).state is State.UNREACHABLE


def test_a_refusal_ends_the_wait_in_the_middle_of_an_outage():
    waiting = wait()
    waiting.take(LOST, 0)
    assert waiting.take(AuthenticationError(401, "GET", "/c"), 1).state is State.REFUSED


def test_an_outage_is_told_when_it_begins_and_when_it_ends(said):
    waiting = wait()
    for now, found in enumerate([campaign(), LOST, BUSY, LOST, campaign(), BUSY, campaign()]):
        waiting.take(found, now * 300)
    assert said() == [
        "Campaign cmp_1 is running: no counts",
        f"Can't see campaign cmp_1: {LOST}. Waiting up to 1 h until Revox answers again.",
        "Revox answers again, after 15 min.",
        f"Can't see campaign cmp_1: {BUSY}. Waiting up to 1 h until Revox answers again.",
        "Revox answers again, after 5 min.",
    ]


def test_in_an_outage_one_blip_does_not_use_up_the_budget_however_long_the_interval():
    waiting = wait(poll_interval=7200, outage_budget=3600)
    waiting.take(campaign(), 0)
    assert waiting.pause(0) == 7200
    waiting.take(LOST, 7200)
    assert waiting.pause(7200) == 360
    waiting.take(campaign(), 7560)
    assert waiting.pause(7560) == 7200


def test_retry_after_is_obeyed_where_it_is_longer_than_the_interval():
    waiting = wait()
    waiting.take(RateLimitedError(429, "GET", "/c", "", 500), 0)
    assert waiting.pause(0) == 500
    waiting.take(RateLimitedError(429, "GET", "/c", "", 5), 500)
    assert waiting.pause(500) == 60


def test_a_retry_after_beyond_the_budget_does_not_stretch_the_budget():
    waiting = wait(outage_budget=3600)
    waiting.take(RateLimitedError(429, "GET", "/c", "", 86_400), 0)
    assert waiting.pause(0) == 3600
    assert waiting.take(RateLimitedError(429, "GET", "/c", "", 86_400), 3600).state is State.UNREACHABLE


# --- the pace ---


def test_a_campaign_that_is_not_due_is_not_looked_at_before_it_is():
    waiting = wait()
    waiting.take(campaign(scheduled_at="1970-01-01T10:00:00Z"), 0)
    assert waiting.pause(0) == 36_060
    waiting.take(campaign(scheduled_at="1970-01-01T10:00:00Z"), 36_000)
    assert waiting.pause(36_000) == 60


def test_looks_are_spread_and_never_before_a_campaign_is_due():
    waiting = wait(spread=True)
    waiting.take(campaign(), 0)
    pauses = [waiting.pause(0) for _ in range(200)]
    assert len(set(pauses)) == 200
    assert 54 <= min(pauses) < 56
    assert 64 < max(pauses) <= 66
    waiting.take(campaign(scheduled_at="1970-01-01T10:00:00Z"), 0)
    pauses = [waiting.pause(0) for _ in range(200)]
    assert 36_000 <= min(pauses) < 36_010
    assert 36_050 < max(pauses) <= 36_060


def test_no_pause_goes_past_the_deadline():
    waiting = wait(deadline=100)
    waiting.take(campaign(), 70)
    assert waiting.pause(70) == 30
    waiting.take(campaign(scheduled_at="1970-01-01T10:00:00Z"), 80)
    assert waiting.pause(80) == 20
    waiting.take(RateLimitedError(429, "GET", "/c", "", 500), 90)
    assert waiting.pause(90) == 10
    assert waiting.pause(200) == 0


# --- the deadline ---


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (campaign(), State.TIMED_OUT),
        (LOST, State.TIMED_OUT),
        (campaign(status="completed"), State.SUCCEEDED),
        (campaign(is_cancelled=True), State.FAILED),
        (AuthenticationError(401, "GET", "/c"), State.REFUSED),
    ],
)
def test_the_clock_is_looked_at_after_the_campaign(found, state):
    assert wait(deadline=100).take(found, 100).state is state


def test_when_the_time_is_up_the_last_look_is_told():
    progress = wait(deadline=100).take(campaign(row_stats={"total": 2, "pending": 2}), 100)
    assert progress.summary == (
        "Campaign cmp_1 was not completed in time. Campaign cmp_1 is running: 2 contacts: 2 pending"
    )
    assert progress.row_stats == {"total": 2, "pending": 2}
    assert "ReadTimeout" in wait(deadline=100).take(LOST, 100).summary


# --- the log ---


def test_progress_is_told_when_it_changes_and_a_warning_once(said):
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
        waiting.take(campaign(row_stats=row_stats, status=status), 0)
    assert said() == [
        "Campaign cmp_1 is running: 2 contacts: 1 completed",
        "Campaign cmp_1 is paused: 2 contacts: 1 completed",
        "Campaign cmp_1 is paused: nobody is called until it is resumed in Revox.",
        "Campaign cmp_1 is running: 2 contacts: 1 completed",
        "Campaign cmp_1 is paused: 2 contacts: 1 completed",
        "Campaign cmp_1 is running: 2 contacts: 2 completed",
        "Campaign cmp_1 is moon: 2 contacts: 2 completed",
        "Campaign cmp_1 is moon, which is not known: waiting.",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0.2 s"), (90, "90 s"), (720, "12 min"), (3600, "1 h"), (5400, "1.5 h")]
)
def test_durations_read_well(seconds, text):
    assert duration_in_words(seconds) == text
