"""One launch, whatever generation of the API it meets: schedules, days, kills, and people's decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.requests import CallRetryConfig, LaunchCalls
from airflow_provider_revox.client.selection import Selection, SelectionRows
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchKilledError,
    LaunchRefusedError,
    LaunchUnconfirmedError,
    PartlyLaunchedError,
)
from airflow_provider_revox.launch.steps import LaunchCalls as LaunchStep
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.launch.requests_of_a_launch import all_rows
from tests.airflow_provider_revox.launch.world import (
    GENERATIONS,
    PEOPLE,
    Worker,
    World,
    hurry,
    show_generation,
)

DAY = 24 * 3600
RETRY_CONFIG = CallRetryConfig.model_validate(
    {
        "calling_windows": [
            {
                "calling_window_start_time": "00:00",
                "calling_window_end_time": "23:59",
                "retry_delay_seconds": 60,
            }
        ],
        "max_retry_attempts": 1,
        "timezone": "Europe/Paris",
        "allowed_days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        "call_twice_in_a_row": False,
    }
)
every = pytest.mark.parametrize("generation", GENERATIONS)
today = pytest.mark.parametrize("generation", ["launch-calls"])


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(generation=generation, speed=0)


@pytest.fixture
def world(revox_sandbox, monkeypatch):
    hurry(monkeypatch)
    return World(revox_sandbox)


@every
def test_everybody_is_called_once_and_a_retry_adopts(world):
    first = world.attempt(1)
    second = world.attempt(2)
    assert (first.adopted, second.adopted, second.campaign.id) == (False, True, first.campaign.id)
    assert world.calls() == [1, 1]


@every
@pytest.mark.parametrize("shown", [True, False])
def test_nobody_is_called_before_the_schedule(world, revox_sandbox, shown):
    if shown:
        show_generation(revox_sandbox)
    world.starts = datetime.now(UTC) + timedelta(days=1)
    world.attempt(1)
    world.attempt(2)
    revox_sandbox.advance(DAY - 3600)
    assert revox_sandbox.calls_per_person() == {}
    assert world.calls() == [1, 1]


@every
def test_a_retry_config_of_the_page_is_good_for_every_generation(world, client, generation):
    page = {"allowed_days": None, "call_twice_in_a_row": None}
    world.retry_config = RETRY_CONFIG.model_copy(update=page)
    campaign = client.get_campaign(world.attempt(1).campaign.id)
    days = None if generation == "contract" else ["monday", "tuesday", "wednesday", "thursday", "friday"]
    assert campaign.model_extra["call_retry_config"].get("allowed_days") == days
    assert world.calls() == [1, 1]


@today
def test_what_is_adopted_after_its_schedule_is_not_called_at_a_wrong_time(world):
    world.put()
    world.starts = datetime.now(UTC) - timedelta(hours=1)
    with pytest.raises(InvalidRequestError, match=r"scheduled_at: .* is in the past"):
        world.attempt(2)
    world.starts = None
    world.attempt(3)
    assert world.calls() == [1, 1]


@every
def test_days_are_accepted_only_where_they_are_known(world, client, generation, revox_sandbox):
    world.retry_config = RETRY_CONFIG
    if generation == "contract":
        with pytest.raises(InvalidRequestError) as caught:
            world.attempt(1)
        assert [problem.partition(":")[0] for problem in caught.value.problems] == [
            "call_retry_config.allowed_days",
            "call_retry_config.call_twice_in_a_row",
        ]
        assert {record.method for record in revox_sandbox.requests()} == {"GET"}
        return
    campaign = client.get_campaign(world.attempt(1).campaign.id)
    assert campaign.model_extra["call_retry_config"]["allowed_days"] == RETRY_CONFIG.allowed_days
    assert world.calls() == [1, 1]


@every
def test_a_delay_of_0_is_accepted_only_where_it_is_known(world, client, generation, revox_sandbox):
    window = RETRY_CONFIG.calling_windows[0].model_copy(update={"retry_delay_seconds": 0})
    world.retry_config = CallRetryConfig(calling_windows=[window], max_retry_attempts=1)
    if generation == "launch-calls":
        campaign = client.get_campaign(world.attempt(1).campaign.id)
        config = campaign.model_extra["call_retry_config"]
        assert config["calling_windows"][0]["retry_delay_seconds"] == 0
        return
    # Drafts know newer fields, but not this: that server refuses it itself.
    with pytest.raises(InvalidRequestError if generation == "contract" else LaunchRefusedError) as caught:
        world.attempt(1)
    assert "calling_windows[0].retry_delay_seconds" in str(caught.value)
    assert world.campaigns() == []


@today
def test_a_task_that_is_killed_between_create_and_launch_calls_nobody(world, revox_sandbox):
    with pytest.raises(LaunchKilledError, match="This try launches no more calls of campaign"):
        world.attempt(1, is_killed=lambda: world.not_cancelled() != [])
    revox_sandbox.advance(DAY)
    assert revox_sandbox.calls_per_person() == {}
    assert world.attempt(2).adopted
    assert world.calls() == [1, 1]


@pytest.mark.parametrize("generation", ["drafts", "launch-calls"])
def test_who_was_taken_off_the_list_before_the_launch_is_not_called(world, client, generation, revox_sandbox):
    campaign_id = world.put_draft() if generation == "drafts" else world.put()
    first, world.people = world.people, (PEOPLE[1], "+447400123456")
    with pytest.raises(
        LaunchRefusedError, match=f"{campaign_id} of an earlier try was created and calls nob"
    ):
        world.attempt(2)
    revox_sandbox.faults.add(
        Fault(method="GET", path="/campaigns/{id}/rows", kind="status", status=503, times=None)
    )
    world.people = first
    with pytest.raises(LaunchUnconfirmedError, match="This try could not compare its people with its own"):
        world.attempt(3)
    revox_sandbox.faults.clear()
    revox_sandbox.advance(DAY)
    assert revox_sandbox.calls_per_person() == {}
    world.people = first[::-1]
    assert world.attempt(4).campaign.id == campaign_id
    assert world.calls() == [1, 1]


@today
@pytest.mark.parametrize("decision", ["pause_campaign", "update_campaign"])
def test_what_somebody_has_paused_or_renamed_is_not_called_by_a_retry(world, client, revox_sandbox, decision):
    campaign_id = world.put()
    if decision == "pause_campaign":
        client.pause_campaign(campaign_id)
    else:
        client.update_campaign(campaign_id, CampaignUpdate(name=f"Copy of {world.tag.name('Renewals', 1)}"))
    with pytest.raises(LaunchRefusedError, match=f"{campaign_id} of this launch calls nobody"):
        world.attempt(2)
    revox_sandbox.advance(DAY)
    assert revox_sandbox.calls_per_person() == {}


@today
def test_what_somebody_has_launched_in_part_is_not_completed_by_surprise(world, client, revox_sandbox):
    campaign_id = world.put()
    rows = client.send(all_rows(campaign_id)).rows
    one = Selection(rows=SelectionRows(call_ids=[rows[0].call["id"]], mode="only"))
    assert client.launch_calls(campaign_id, LaunchCalls(selection=one)).launched == 1
    with pytest.raises(
        PartlyLaunchedError, match="has 1 call that is not launched, and the others"
    ) as caught:
        world.attempt(2)
    assert caught.value.campaign_id == campaign_id
    client.launch_calls(campaign_id, LaunchCalls())
    world.attempt(3)
    assert world.calls() == [1, 1]


@every
def test_a_campaign_that_was_cancelled_is_left_alone(world, client, revox_sandbox):
    client.cancel_campaign(world.put())
    called = revox_sandbox.calls_per_person()
    with pytest.raises(CampaignWasCancelledError):
        world.attempt(2)
    revox_sandbox.advance(DAY)
    assert revox_sandbox.calls_per_person() == called


@pytest.mark.parametrize(
    "revox_sandbox_settings", [SandboxSettings(generation="launch-calls", speed=0, call_ends={"human": 1})]
)
def test_a_worker_that_wakes_up_before_its_launch_calls_nobody_again(world, client, revox_sandbox):
    sleeper = Worker(world, client, 1)
    while not isinstance(sleeper.step, LaunchStep):
        sleeper.carry_out()
    world.attempt(2)
    revox_sandbox.advance(DAY)
    assert sleeper.finish().campaign.status == "completed"
    assert revox_sandbox.calls_after_an_answer() == {}
    assert world.calls() == [1, 1]


@today
def test_of_two_that_race_only_one_ever_calls(world, client, revox_sandbox):
    world.put(1), world.put(2)
    world.attempt(3)
    assert len(world.not_cancelled()) == 1
    assert world.calls() == [1, 1]
