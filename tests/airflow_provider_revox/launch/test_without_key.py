"""A launch without a launch key: what is sent, and what may be tried again? Step by step."""

from __future__ import annotations

from airflow_provider_revox.client.errors import NoAnswerError, NotSentError
from airflow_provider_revox.launch.choose_form import CreateRules
from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.errors import LaunchUncheckedError
from airflow_provider_revox.launch.steps import Create
from airflow_provider_revox.launch.without_key import launch_without_key
from tests.airflow_provider_revox.launch.step_by_step import (
    ASK,
    CREATE,
    CREATED,
    LOOK,
    OUTAGE,
    campaign,
    found,
    launched,
    play,
    waiting,
)

LOST = NoAnswerError("POST", "/campaigns", "ReadTimeout")
LOST_LAUNCH = NoAnswerError("POST", "/campaigns/a/launch-calls", "ReadTimeout")


def test_without_a_launch_key_a_lost_answer_is_final():
    taken, outcome = play([], LOST, steps=launch_without_key(CreateRules()))
    assert taken == [LOOK, ASK, CREATE]
    assert isinstance(outcome, LaunchUncheckedError)
    assert not outcome.transient
    assert play([], campaign(), steps=launch_without_key(CreateRules()))[1].adopted is False
    refused = NotSentError("POST", "/campaigns", "refused")
    assert play([], refused, steps=launch_without_key(CreateRules()))[1] is refused


def test_without_a_launch_key_what_waits_is_launched():
    taken, _ = play([], waiting(), launched(), steps=launch_without_key(CreateRules()))
    assert taken == [LOOK, ASK, CREATE, CREATED]
    taken, _ = play(found(), waiting(), launched(), steps=launch_without_key(CreateRules(scheduled=True)))
    assert taken == [LOOK, Create(CreateForm.CALLS), CREATED]
    taken, outcome = play(OUTAGE, steps=launch_without_key(CreateRules()))
    assert (taken, outcome) == ([LOOK], OUTAGE)


def test_without_a_launch_key_a_launch_that_is_not_confirmed_is_final():
    _, outcome = play([], waiting(), LOST_LAUNCH, OUTAGE, steps=launch_without_key(CreateRules()))
    assert isinstance(outcome, LaunchUncheckedError)
    assert not outcome.transient
