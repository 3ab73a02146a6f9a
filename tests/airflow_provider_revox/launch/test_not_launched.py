"""A campaign that is created and not launched: step by step, and on the sandbox."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.campaign_state import is_untouched
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.errors import InvalidRequestError, NoAnswerError
from airflow_provider_revox.client.requests import LaunchCalls
from airflow_provider_revox.client.selection import Selection, SelectionRows
from airflow_provider_revox.launch.choose_form import check_calls_nobody
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchRefusedError,
    LaunchUnconfirmedError,
    SecondCampaignError,
)
from airflow_provider_revox.launch.steps import Cancel, GetCampaign, LaunchDraft
from airflow_provider_revox.launch.steps import LaunchCalls as LaunchStep
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.launch.requests_of_a_launch import all_rows
from tests.airflow_provider_revox.launch.step_by_step import (
    LATER,
    LOOK,
    OUTAGE,
    SAME,
    campaign,
    done,
    found,
    play,
    waiting,
)
from tests.airflow_provider_revox.launch.world import PEOPLE, World, hurry, show_generation

LOST = NoAnswerError("POST", "/campaigns/a/cancel", "ReadTimeout")
LAUNCHED_AT_ONCE = {"total": 2, "pending": 1, "calling": 1}
later = pytest.mark.parametrize("generation", ["drafts", "launch-calls"])
today = pytest.mark.parametrize("generation", ["launch-calls"])


@pytest.fixture
def generation():
    return "launch-calls"


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(generation=generation, speed=0)


@pytest.fixture
def world(revox_sandbox, monkeypatch):
    hurry(monkeypatch)
    world = World(revox_sandbox)
    world.launch = False
    return world


def launches(sandbox):
    return [one for one in sandbox.requests() if one.path.endswith(("/launch", "/launch-calls"))]


@later
@pytest.mark.parametrize("shown", [True, False])
def test_nobody_is_called_and_a_retry_adopts(world, revox_sandbox, shown):
    if shown:
        show_generation(revox_sandbox)
    first, second = world.attempt(1), world.attempt(2)
    assert (first.adopted, second.adopted, second.campaign.id) == (False, True, first.campaign.id)
    assert is_untouched(second.campaign)
    assert launches(revox_sandbox) == []
    assert world.not_cancelled() == [first.campaign.id]
    revox_sandbox.advance(7 * 24 * 3600)
    assert revox_sandbox.calls_per_person() == {}


@pytest.mark.parametrize("generation", ["contract"])
def test_on_the_api_page_it_is_refused_before_a_create(world, revox_sandbox):
    with pytest.raises(InvalidRequestError, match="launch: False needs a Revox"):
        world.attempt(1)
    assert {one.method for one in revox_sandbox.requests()} == {"GET"}


@pytest.mark.parametrize("generation", ["drafts"])
def test_a_server_of_client_0_2_that_shows_no_drafts_gets_nothing(world, revox_sandbox):
    revox_sandbox.faults.add(Fault(path="/auth-status", kind="status", status=404, times=None))
    with pytest.raises(InvalidRequestError, match="does not show that it can"):
        world.attempt(1)
    assert {one.method for one in revox_sandbox.requests()} == {"GET"}


@later
def test_what_was_launched_meanwhile_is_adopted(world, client):
    campaign_id = world.attempt(1).campaign.id
    if world.generation == "drafts":
        client.launch_campaign(campaign_id)
    else:
        client.launch_calls(campaign_id, LaunchCalls())
    again = world.attempt(2)
    assert (again.campaign.id, again.adopted) == (campaign_id, True)
    assert world.calls() == [1, 1]


@today
def test_what_was_launched_in_part_is_adopted_and_no_more_of_it_is_launched(world, client, revox_sandbox):
    campaign_id = world.attempt(1).campaign.id
    call_id = client.send(all_rows(campaign_id)).rows[0].call["id"]
    one = Selection(rows=SelectionRows(call_ids=[call_id], mode="only"))
    client.launch_calls(campaign_id, LaunchCalls(selection=one))
    assert world.attempt(2).campaign.id == campaign_id
    revox_sandbox.advance(7 * 24 * 3600)
    assert sum(revox_sandbox.calls_per_person().values()) == 1


@today
def test_a_paused_campaign_is_adopted_and_a_renamed_one_is_not(world, client):
    campaign_id = world.attempt(1).campaign.id
    client.pause_campaign(campaign_id)
    assert world.attempt(2).campaign.id == campaign_id
    client.update_campaign(campaign_id, CampaignUpdate(name=f"Copy of {world.tag.name('Renewals', 1)}"))
    with pytest.raises(LaunchRefusedError, match="So this task does not take it"):
        world.attempt(3)


@later
def test_a_campaign_with_other_people_is_not_adopted_and_nothing_waits_for_its_launch(
    world, client, revox_sandbox
):
    campaign_id = world.attempt(1).campaign.id
    world.people = (PEOPLE[1], "+447400123456")
    looks = len(revox_sandbox.requests())
    with pytest.raises(LaunchRefusedError, match=f"{campaign_id} of an earlier try was created and calls"):
        world.attempt(2)
    paths = [one.path for one in revox_sandbox.requests()[looks:]]
    assert f"/campaigns/{campaign_id}" not in paths
    assert launches(revox_sandbox) == []


@later
def test_a_cancelled_campaign_is_not_created_again(world, client):
    client.cancel_campaign(world.attempt(1).campaign.id)
    with pytest.raises(CampaignWasCancelledError):
        world.attempt(2)


def test_of_two_the_earliest_stays_and_is_not_launched():
    both = [waiting(), waiting("b", LATER)]
    alone = [waiting(), done("b", is_cancelled=True)]
    taken, outcome = play(found(), waiting("b", LATER), both, True, alone, True, launch=False)
    assert taken[2:] == [LOOK, Cancel("b"), LOOK, SAME]
    assert (outcome.campaign.id, outcome.adopted) == ("a", True)
    taken, outcome = play(found(), waiting(), both, True, alone, launch=False)
    assert taken[2:] == [LOOK, Cancel("b"), LOOK]
    assert (outcome.campaign.id, outcome.adopted) == ("a", False)
    taken, outcome = play(both, True, OUTAGE, launch=False)
    assert isinstance(outcome, SecondCampaignError)
    assert not any(isinstance(step, (LaunchStep, LaunchDraft)) for step in taken)


def test_beside_one_that_calls_people_it_is_cancelled():
    busy = done("b", LATER, row_stats={"total": 3, "not_launched": 0, "calling": 1}, is_cancelled=True)
    taken, outcome = play([waiting(), busy], True, True, launch=False)
    assert taken[-1] == Cancel("a")
    assert isinstance(outcome, CampaignWasCancelledError)


@pytest.mark.parametrize("stats", [LAUNCHED_AT_ONCE, {"total": 2, "not_launched": 0, "calling": 2}])
@pytest.mark.parametrize(
    ("cancelled", "ending"),
    [(True, "It is cancelled"), (False, "It could not be cancelled: do so"), (LOST, "It could not")],
)
def test_what_the_server_has_launched_all_the_same_is_cancelled_and_told(stats, cancelled, ending):
    at_once = campaign("a", row_stats=stats)
    taken, outcome = play(found(), at_once, cancelled, launch=False)
    assert taken[2:] == [Cancel("a")]
    assert isinstance(outcome, LaunchRefusedError)
    assert "was to be created and not launched, but this Revox has launched it at once" in str(outcome)
    assert ending in str(outcome)


def test_an_answer_without_counts_is_looked_at():
    bare = campaign("a", row_stats=None)
    taken, outcome = play(found(), bare, waiting(), [waiting()], launch=False)
    assert taken[2:] == [GetCampaign("a"), LOOK]
    assert outcome.campaign == waiting()
    taken, outcome = play(found(), bare, campaign("a"), True, launch=False)
    assert taken[2:] == [GetCampaign("a"), Cancel("a")]
    for seen in (bare, OUTAGE):
        taken, outcome = play(found(), bare, seen, launch=False)
        assert taken[2:] == [GetCampaign("a")]
        assert isinstance(outcome, LaunchUnconfirmedError)


def test_what_the_server_has_launched_although_its_answer_was_lost_is_cancelled():
    taken, outcome = play(found(), OUTAGE, [campaign("a", row_stats=LAUNCHED_AT_ONCE)], True, launch=False)
    assert taken[-1] == Cancel("a")
    assert isinstance(outcome, LaunchRefusedError)


def test_what_somebody_has_cancelled_by_now_is_left_alone():
    with pytest.raises(StopIteration):
        next(check_calls_nobody(campaign("a", is_cancelled=True)))


@pytest.mark.parametrize("generation", ["drafts"])
def test_a_server_that_ignores_launch_false_is_noticed(world, revox_sandbox):
    shown = {"id": "c", "name": world.tag.name("Renewals", 1), "status": "running", "is_cancelled": False}
    body = {"campaign": {**shown, "row_stats": {"total": 2, "pending": 2}}}
    revox_sandbox.faults.add(Fault(method="POST", path="/campaigns", kind="broken_json", body=body))
    revox_sandbox.faults.add(Fault(path="/campaigns/{id}/cancel", kind="broken_json", body={"success": True}))
    with pytest.raises(LaunchRefusedError, match="It is cancelled"):
        world.attempt(1)
    assert revox_sandbox.requests()[-1].path == "/campaigns/c/cancel"
