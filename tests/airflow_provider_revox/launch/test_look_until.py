"""How often and for how long is looked? Step by step."""

from __future__ import annotations

from airflow_provider_revox.client.errors import NoAnswerError, RateLimitedError
from airflow_provider_revox.client.models import FoundCampaigns
from airflow_provider_revox.launch.steps import Wait
from tests.airflow_provider_revox.launch.step_by_step import LOOK_AGAIN, at_the_create

LOST = NoAnswerError("POST", "/campaigns", "ReadTimeout")


def test_looks_get_rarer_up_to_ten_seconds():
    steps = at_the_create(reconcile_seconds=60)
    steps.throw(LOST)
    assert next(steps) == Wait(0)
    pauses, passed = [], 0.0
    step = steps.send(0.0)
    while len(pauses) < 7:
        pauses.append(step.seconds)
        passed += step.seconds
        steps.send(passed)
        step = steps.send(FoundCampaigns())
    assert pauses == [1, 2, 4, 8, 10, 10, 10]


def test_a_look_waits_as_long_as_the_server_asks():
    steps = at_the_create(reconcile_seconds=60)
    steps.throw(LOST)
    next(steps)
    steps.send(0.0)
    steps.send(1.0)
    assert steps.throw(RateLimitedError(429, "GET", "/campaigns", retry_after=30)) == Wait(30)


def test_the_time_the_create_took_does_not_count_for_the_search():
    steps = at_the_create(reconcile_seconds=60)
    steps.throw(LOST)  # the note
    assert next(steps) == Wait(0)
    assert steps.send(300.0) == Wait(1.0)
    assert steps.send(301.0) == LOOK_AGAIN
    assert steps.send(FoundCampaigns()) == Wait(2.0)
