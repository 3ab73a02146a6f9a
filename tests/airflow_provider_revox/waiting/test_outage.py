from __future__ import annotations

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
from airflow_provider_revox.waiting.outage import verdict_of_error
from airflow_provider_revox.waiting.verdict import State
from tests.airflow_provider_revox.waiting.waits import BUSY, LOST, campaign, wait


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
def test_a_wait_goes_on_in_an_outage_and_ends_at_a_refusal(error, state):
    verdict = verdict_of_error("cmp_1", error)
    assert verdict.state is state
    assert str(error) in verdict.summary + verdict.outage
    assert bool(verdict.outage) is (state is State.WAITING)


def test_a_number_that_was_given_as_an_id_is_not_shown():
    verdict = verdict_of_error("+33612345678", NotFoundError(404, "GET", "/c"))
    assert verdict.summary.startswith("Can't see the campaign: ")
    assert "33612345678" not in verdict.summary


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


def test_an_outage_is_logged_when_it_begins_and_when_it_ends(messages):
    waiting = wait()
    for now, answer in enumerate([campaign(), LOST, BUSY, LOST, campaign(), BUSY, campaign()]):
        waiting.observe(answer, now * 300)
    assert messages() == [
        "Campaign cmp_1 is running: no counts",
        f"Can't see campaign cmp_1: {LOST}. Waiting up to 1 h until Revox answers again.",
        "Revox answers again, after 15 min.",
        f"Can't see campaign cmp_1: {BUSY}. Waiting up to 1 h until Revox answers again.",
        "Revox answers again, after 5 min.",
    ]


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
