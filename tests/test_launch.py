from __future__ import annotations

import logging

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    MalformedAnswerError,
    NoAnswerError,
    NotSentError,
    RateLimitedError,
    RejectedError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.client.protocol import campaign_create
from airflow_provider_revox.launch import (
    MAX_NAME,
    CampaignWasCancelledError,
    Cancel,
    Create,
    LaunchUnconfirmedError,
    LookUp,
    Note,
    Wait,
    launch,
    launch_tag,
    run,
    tagged_name,
)
from airflow_provider_revox.sandbox import Fault

ADA = "+33612345678"
LOST = NoAnswerError("POST", "/campaigns", "ReadTimeout")
OUTAGE = UnexpectedAnswerError(503, "GET", "/campaigns")


def campaign(campaign_id="cmp_1", created_at="2026-11-24T10:00:00Z", **fields):
    fields = {"is_cancelled": False, "status": "running", **fields}
    return Campaign.model_validate({"id": campaign_id, "created_at": created_at, **fields})


def play(*results, **options):
    """Answer the steps of a launch in order; return the steps that were taken and what it came to."""
    steps, taken, outcome = launch(**options), [], None
    answers, passed, result = list(results), 0.0, None
    try:
        while True:
            step = steps.send(result)
            match step:
                case Wait(seconds):
                    passed += seconds
                    result = passed
                case Note():
                    result = None
                case _:
                    taken.append(step)
                    result = answers.pop(0)
    except StopIteration as end:
        outcome = end.value
    except Exception as error:
        outcome = error
    assert not answers, "not every answer was asked for"
    return taken, outcome


def test_nothing_with_the_tag_there_creates_once_and_looks_for_a_rival():
    taken, outcome = play([], campaign(), [campaign()])
    assert taken == [LookUp(), Create(), LookUp()]
    assert (outcome.campaign.id, outcome.adopted) == ("cmp_1", False)


def test_a_campaign_with_the_tag_is_adopted_and_nothing_is_sent():
    taken, outcome = play([campaign()])
    assert taken == [LookUp()]
    assert (outcome.campaign.id, outcome.adopted) == ("cmp_1", True)


def test_without_a_look_up_nothing_is_sent():
    taken, outcome = play(OUTAGE)
    assert taken == [LookUp()]
    assert outcome is OUTAGE


@pytest.mark.parametrize(
    "lost",
    [
        LOST,
        UnexpectedAnswerError(500, "POST", "/campaigns"),
        MalformedAnswerError(200, "POST", "/campaigns", "not JSON"),
    ],
)
def test_a_create_without_a_clear_answer_is_looked_for_and_never_sent_again(lost):
    taken, outcome = play([], lost, [], OUTAGE, [campaign()])
    assert taken == [LookUp(), Create(), LookUp(), LookUp(), LookUp()]
    assert (outcome.campaign.id, outcome.adopted) == ("cmp_1", True)


def test_a_campaign_that_does_not_appear_in_time_is_unconfirmed_and_may_be_retried():
    taken, outcome = play([], LOST, *[[]] * 3, reconcile_seconds=5)
    assert taken.count(Create()) == 1
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert outcome.transient
    assert "no campaign with its tag appeared" in str(outcome)


def test_an_outage_of_all_look_ups_is_unconfirmed_too():
    _, outcome = play([], LOST, *[OUTAGE] * 3, reconcile_seconds=5)
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert "could not be looked up" in str(outcome)


@pytest.mark.parametrize(
    "refusal",
    [
        RejectedError(422, "POST", "/campaigns", "no such assistant"),
        RateLimitedError(429, "POST", "/campaigns"),
        NotSentError("POST", "/campaigns", "refused"),
    ],
)
def test_a_create_that_was_surely_not_taken_is_not_looked_for(refusal):
    taken, outcome = play([], refusal)
    assert taken == [LookUp(), Create()]
    assert outcome is refusal


def test_of_two_launches_the_earliest_stays_and_the_later_is_cancelled():
    mine, rival = campaign("b"), campaign("a", "2026-11-24T09:59:59Z")
    taken, outcome = play([], mine, [mine, rival], None)
    assert taken[-1] == Cancel("b")
    assert (outcome.campaign.id, outcome.adopted) == ("a", True)


def test_the_first_of_two_workers_cancels_the_later_campaign_and_keeps_its_own():
    mine, rival = campaign("b"), campaign("a", "2026-11-24T10:00:01Z")
    taken, outcome = play([], mine, [rival, mine], None)
    assert taken[-1] == Cancel("a")
    assert (outcome.campaign.id, outcome.adopted) == ("b", False)


@pytest.mark.parametrize(
    "times",
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T11:30:00+01:00"),
        ("2026-11-24T10:00:00", "2026-11-24T10:00:01Z"),
        (1764000000, 1764000001.5),
        ({}, {}),
        (None, "yesterday"),
        ("2026-11-24T10:00:00Z", {}),
    ],
)
def test_every_worker_keeps_the_same_campaign_whatever_the_type_of_the_times(times):
    first, second = campaign("a", times[0]), campaign("b", times[1])
    for found in ([first, second], [second, first]):
        taken, outcome = play(found, None)
        assert outcome.campaign.id == "a"
        assert taken == [LookUp(), Cancel("b")]


def test_a_cancelled_campaign_is_not_launched_again_and_the_way_out_is_told():
    taken, outcome = play([campaign(is_cancelled=True)])
    assert taken == [LookUp()]
    assert isinstance(outcome, CampaignWasCancelledError)
    assert not outcome.transient
    assert "another launch_key" in str(outcome)


def test_a_later_campaign_that_cannot_be_cancelled_is_said_and_the_first_stands():
    first, second = campaign("a"), campaign("b", "2026-11-24T10:00:01Z")
    steps = launch()
    next(steps)
    assert steps.send([first, second]) == Cancel("b")
    note = steps.send(OUTAGE)
    assert note.level == "error"
    assert "b must be cancelled by hand" in note.text


def test_a_failed_look_for_rivals_does_not_lose_the_campaign():
    _, outcome = play([], campaign(), OUTAGE)
    assert (outcome.campaign.id, outcome.adopted) == ("cmp_1", False)


def test_the_tag_is_short_stable_and_different_for_every_launch():
    tag = launch_tag("dag", "task", "run", -1)
    assert tag == "[af-5teiqj42r3b6]"
    others = {
        launch_tag("dag2", "task", "run", -1),
        launch_tag("dag", "task2", "run", -1),
        launch_tag("dag", "task", "run2", -1),
        launch_tag("dag", "task", "run", 0),
        launch_tag("dag", "task", "run"),
        launch_tag("dagtask", "", "run", -1),
    }
    assert tag not in others
    assert len(others) == 6


@pytest.mark.parametrize("name", ["x", "Renewals 2026-11-24", "é" * 500, "[af-abcdefghijkl]"])
def test_the_tag_stays_whole_however_long_the_name(name):
    tag = launch_tag("dag", "task", "run", -1)
    named = tagged_name(name, tag)
    assert named.endswith(f" {tag}")
    assert len(named) <= MAX_NAME
    assert named.startswith(name[:50])


def test_a_campaign_without_a_name_is_refused():
    with pytest.raises(InvalidRequestError, match="name: must have at least one character"):
        tagged_name("", "[af-abcdefghijkl]")


@pytest.fixture
def launch_on_sandbox(revox_sandbox):
    config = ClientConfig(
        api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, read_timeout=0.3, retries=0
    )
    tag = launch_tag("dag", "task", "run", -1)
    contacts = [{"to_phone_number": ADA, "prompt_variables": {}}]
    body = campaign_create(assistant_id="a", name=tagged_name("x", tag), contacts=contacts)

    def go():
        with RevoxClient(config) as client:
            return run(launch(), client=client, campaign=body, tag=tag, log=logging.getLogger("launch"))

    return go


@pytest.mark.parametrize("kind", ["hang", "reset", "close", "truncate", "status", "broken_json"])
def test_a_lost_answer_ends_with_one_campaign(launch_on_sandbox, revox_sandbox, kind, caplog, monkeypatch):
    monkeypatch.setattr("airflow_provider_revox.launch.FIRST_LOOKUP_AFTER", 0.01)
    caplog.set_level(logging.INFO)
    extra = {"status": 502} if kind == "status" else {}
    revox_sandbox.faults.add(Fault(kind=kind, when="after", method="POST", path="/campaigns", **extra))
    first = launch_on_sandbox()
    second = launch_on_sandbox()
    assert (first.adopted, second.adopted) == (True, True)
    assert first.campaign.id == second.campaign.id
    posts = [request for request in revox_sandbox.requests() if request.method == "POST"]
    assert len(posts) == 1
    assert "Looking for the campaign instead of sending it again" in caplog.text
    assert ADA not in caplog.text


def test_another_list_under_the_same_key_is_warned_about(launch_on_sandbox, revox_sandbox, caplog):
    launch_on_sandbox()
    tag = launch_tag("dag", "task", "run", -1)
    contacts = [{"to_phone_number": number, "prompt_variables": {}} for number in (ADA, "+14155550100")]
    body = campaign_create(assistant_id="a", name=tagged_name("x", tag), contacts=contacts)
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    with RevoxClient(config) as client:
        launched = run(launch(), client=client, campaign=body, tag=tag, log=logging.getLogger("launch"))
    assert launched.adopted
    assert "has 1 contact, but this try was given 2 contacts" in caplog.text
