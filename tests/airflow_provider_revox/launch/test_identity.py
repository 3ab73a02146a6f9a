"""
Whose campaign is it, on servers that change names or whose list lags, beside other Airflows and map indexes.

In every case nobody is called twice, and a try that ends well has a campaign that calls everybody on its
list.
"""

from __future__ import annotations

import html
import logging
import random
import unicodedata
from urllib.parse import quote

import pytest

from airflow_provider_revox.client import RevoxClient
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.launch.carry_out import run
from airflow_provider_revox.launch.errors import LaunchRefusedError, OtherListError, TagLostError
from airflow_provider_revox.launch.identity import Reason, Remembered
from airflow_provider_revox.launch.steps import Launched
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.launch.world import GENERATIONS, Worker, World

pytestmark = [pytest.mark.matrix, pytest.mark.once]

LIST_A, LIST_B = ("+33612345678", "+14155550100"), ("+447400123456", "+4930901820")
SURVIVES = {
    "trimmed": str.strip,
    "lower case": str.lower,
    "upper case": str.upper,
    "NFD": lambda name: unicodedata.normalize("NFD", name),
    "NFKC": lambda name: unicodedata.normalize("NFKC", name),
    "HTML": html.escape,
    "URL": quote,
    "cut at 60": lambda name: name[:60],
    "a prefix": lambda name: f"[ACME] {name}",
}
LOSES = {
    "cut at 20": lambda name: name[:20],
    "another name": lambda _: "Campaign",
    "letters only": lambda name: "".join(filter(str.isalpha, name)) or "x",
}
LOST_CREATE = {"method": "POST", "path": "/campaigns", "kind": "reset", "when": "after"}
every_generation = pytest.mark.parametrize("generation", GENERATIONS)


@pytest.fixture
def change_name():
    return str


@pytest.fixture
def list_lag():
    return 0


@pytest.fixture
def revox_sandbox_settings(generation, change_name, list_lag):
    return SandboxSettings(generation=generation, speed=0, change_name=change_name, list_lag=list_lag)


@pytest.fixture
def world(sandbox):
    return World(sandbox)


@pytest.fixture
def tomorrow(sandbox):
    """A launch whose calls begin tomorrow: a campaign that is cancelled in time calls nobody."""
    return World(sandbox, scheduled=True)


def check(*ended):
    """Nobody is called twice; a list whose try ended well is called once."""
    sandbox = ended[0][0].sandbox
    sandbox.advance(14 * 24 * 3600)
    called = sandbox.calls_per_person()
    assert set(called.values()) <= {1}
    assert sandbox.calls_after_an_answer() == {}
    for world, outcome in ended:
        if isinstance(outcome, Launched):
            assert [called.get(number, 0) for number in world.people] == [1] * len(world.people)


# --- names that servers change ---


@every_generation
@pytest.mark.parametrize("change_name", SURVIVES.values(), ids=SURVIVES)
def test_a_retry_adopts_a_campaign_whose_name_the_server_changed(world):
    first, second = world.attempt(1), world.attempt(2)
    assert (first.adopted, second.adopted) == (False, True)
    assert second.campaign.id == first.campaign.id
    check((world, second))


@every_generation
@pytest.mark.parametrize("change_name", SURVIVES.values(), ids=SURVIVES)
def test_a_lost_answer_calls_once_or_is_red_whatever_the_server_does_to_names(world, sandbox):
    sandbox.faults.add(Fault(**LOST_CREATE))
    outcome, _ = world.tries(4)
    # A draft or calls that are not launched, under a name that may be a copy's: red. Otherwise it is adopted.
    assert isinstance(outcome, (Launched, LaunchRefusedError))
    check((world, outcome))


@every_generation
@pytest.mark.parametrize("change_name", SURVIVES.values(), ids=SURVIVES)
@pytest.mark.parametrize("seed", range(4))
def test_two_overlapping_tries_end_with_one_campaign_whatever_the_server_does_to_names(tomorrow, seed):
    check(*((tomorrow, outcome) for outcome in overlap(tomorrow, tomorrow, seed=seed)))
    assert len(tomorrow.not_cancelled()) == 1


@every_generation
@pytest.mark.parametrize("change_name", LOSES.values(), ids=LOSES)
def test_a_tag_that_got_lost_is_red_and_is_not_tried_again(world, generation):
    outcome, tried = world.tries(4)
    # On the API page the create has called the people. Elsewhere nobody was called, and it is cancelled.
    assert isinstance(outcome, TagLostError if generation == "contract" else LaunchRefusedError)
    assert tried == 1
    check((world, outcome))
    if generation != "contract":
        assert world.sandbox.calls_per_person() == {}


# --- a list that lags ---


@every_generation
@pytest.mark.parametrize("list_lag", [1, 2, 4])
@pytest.mark.parametrize("seed", range(8))
def test_two_overlapping_tries_end_with_one_campaign_though_the_list_lags(tomorrow, seed):
    check(*((tomorrow, outcome) for outcome in overlap(tomorrow, tomorrow, seed=seed)))
    assert len(tomorrow.not_cancelled()) == 1


# --- two Airflows in one organization ---


@every_generation
def test_a_second_airflow_with_the_same_ids_and_other_people_is_told(world, sandbox):
    other = World(sandbox, people=LIST_B)
    first = world.attempt(1)
    with pytest.raises(OtherListError, match="another Airflow"):
        other.attempt(1)
    check((world, first))


@every_generation
@pytest.mark.parametrize("seed", range(12))
def test_two_airflows_that_launch_at_the_same_moment_never_cancel_each_others_campaign(world, sandbox, seed):
    other = World(sandbox, people=LIST_B)
    outcomes = overlap(world, other, seed=seed, tries=(1, 1))
    assert any(isinstance(outcome, Launched) for outcome in outcomes)
    check((world, outcomes[0]), (other, outcomes[1]))
    assert not any(campaign.is_cancelled for campaign in world.campaigns())


@every_generation
def test_with_a_namespace_each_airflow_has_campaigns_of_its_own(sandbox):
    staging = World(sandbox, namespace="staging")
    production = World(sandbox, people=LIST_B, namespace="production")
    outcomes = staging.attempt(1), production.attempt(1)
    assert [outcome.reason for outcome in outcomes] == [Reason.CREATED] * 2
    check((staging, outcomes[0]), (production, outcomes[1]))


# --- mapped tasks ---


@every_generation
def test_lists_that_change_places_call_nobody_twice_and_who_is_not_called_is_red(sandbox):
    first = World(sandbox, map_index=0, people=LIST_A).attempt(1)
    # Index 1 failed before it launched; upstream is cleared and returns its lists in another order.
    moved = World(sandbox, map_index=1, people=LIST_A)
    taken = World(sandbox, map_index=0, people=LIST_B)
    adopted = moved.attempt(2)
    assert (adopted.campaign.id, adopted.reason) == (first.campaign.id, Reason.SAME_LIST)
    with pytest.raises(OtherListError, match="changed places or content"):
        taken.attempt(2)
    check((moved, adopted))


@every_generation
@pytest.mark.parametrize("has_own_key", [False, True])
def test_a_list_with_people_of_another_list_is_not_launched_at_a_new_place(sandbox, has_own_key):
    world = World(sandbox, map_index=0, people=LIST_A, has_own_key=has_own_key)
    first = world.attempt(1)
    grown = World(sandbox, map_index=1, people=(*LIST_A, *LIST_B), has_own_key=has_own_key)
    with pytest.raises(OtherListError, match="with people who are in this try's list, too"):
        grown.attempt(2)
    elsewhere = World(sandbox, map_index=1, people=LIST_B, has_own_key=has_own_key)
    check((world, first), (elsewhere, elsewhere.attempt(2)))


@every_generation
def test_with_one_key_for_all_lists_no_list_adopts_the_campaign_of_another(sandbox):
    world = World(sandbox, map_index=0, people=LIST_A, has_own_key=True)
    first = world.attempt(1)
    with pytest.raises(OtherListError, match="has not all people of this try"):
        World(sandbox, map_index=0, people=LIST_B, has_own_key=True).attempt(2)
    with pytest.raises(OtherListError, match="has not all people of this try"):
        World(sandbox, map_index=0, people=(LIST_A[0], *LIST_B), has_own_key=True).attempt(2)
    fewer = World(sandbox, map_index=0, people=LIST_A[:1], has_own_key=True).attempt(2)
    assert (fewer.campaign.id, fewer.reason) == (first.campaign.id, Reason.FIRST_STANDS)
    check((world, first))


@every_generation
def test_mapped_lists_that_share_people_are_both_called_at_the_first_try_as_the_dag_says(sandbox):
    World(sandbox, map_index=0, people=LIST_A).attempt(1)
    World(sandbox, map_index=1, people=(LIST_A[0], *LIST_B)).attempt(1)
    sandbox.advance(14 * 24 * 3600)
    assert sandbox.calls_per_person() == {LIST_A[0]: 2, LIST_A[1]: 1, LIST_B[0]: 1, LIST_B[1]: 1}


@every_generation
@pytest.mark.parametrize("seed", range(6))
def test_mapped_tasks_that_launch_at_the_same_moment_call_each_list_once(sandbox, seed):
    worlds = World(sandbox, map_index=0), World(sandbox, map_index=1, people=LIST_B)
    outcomes = overlap(*worlds, seed=seed, tries=(1, 1))
    assert all(isinstance(outcome, Launched) for outcome in outcomes)
    check(*zip(worlds, outcomes, strict=True))


@every_generation
@pytest.mark.parametrize("seed", range(6))
def test_the_same_list_in_two_mapped_tasks_is_called_once(sandbox, seed):
    worlds = [World(sandbox, map_index=index, scheduled=True) for index in (0, 1)]
    outcomes = overlap(*worlds, seed=seed, tries=(1, 1))
    check(*zip(worlds, outcomes, strict=True))


# --- the first launch stands ---


@every_generation
def test_another_list_at_a_retry_leaves_the_first_launch_standing(world):
    first = world.attempt(1)
    world.people = LIST_B
    second = world.attempt(2)
    assert (second.campaign.id, second.reason) == (first.campaign.id, Reason.FIRST_STANDS)
    world.people = LIST_A
    check((world, first))


@every_generation
def test_a_later_try_of_another_airflow_is_no_earlier_try_of_this_task(world):
    world.people = LIST_B
    world.attempt(3)
    world.people = LIST_A
    for try_number in (1, 2, 3):
        with pytest.raises(OtherListError, match="No earlier try of this task can have launched it"):
            world.attempt(try_number)


def beside_an_earlier_try(sandbox, *, is_lost):
    """Launch another list at try 2, while try 1 launches after the look. Return both, and their outcomes."""
    first = World(sandbox, people=LIST_A, scheduled=True)
    second = World(sandbox, people=(LIST_A[0], LIST_B[0]), scheduled=True)
    launched = []

    def prepare(_):
        launched.append(first.attempt(1))
        if is_lost:
            sandbox.faults.add(Fault(**LOST_CREATE))
        return second.body(2)

    with RevoxClient(second.config) as client:
        outcome = run(
            second.steps(2, 5.0),
            client=client,
            prepare=prepare,
            tag=second.tag,
            numbers=second.body(2).numbers,
            log=logging.getLogger("launch"),
        )
    return (first, launched[0]), (second, outcome)


@pytest.mark.parametrize("generation", ["contract"])
@pytest.mark.parametrize("is_lost", [False, True])
def test_a_create_beside_an_earlier_try_with_another_list_leaves_the_launch_to_it(sandbox, is_lost):
    first, (second, outcome) = beside_an_earlier_try(sandbox, is_lost=is_lost)
    assert (outcome.campaign.id, outcome.reason) == (first[1].campaign.id, Reason.FIRST_STANDS)
    # Its own campaign, which it has cancelled, does not keep the next try from adopting the first.
    third = second.attempt(3)
    assert (third.campaign.id, third.reason) == (first[1].campaign.id, Reason.FIRST_STANDS)
    check(first)


@every_generation
@pytest.mark.parametrize("seed", range(12))
def test_of_two_overlapping_tries_with_different_lists_one_launch_stands(sandbox, seed):
    worlds = World(sandbox, scheduled=True), World(sandbox, people=(LIST_A[0], LIST_B[0]), scheduled=True)
    outcomes = overlap(*worlds, seed=seed)
    assert any(isinstance(outcome, Launched) for outcome in outcomes)
    assert len(worlds[0].not_cancelled()) == 1
    sandbox.advance(14 * 24 * 3600)
    assert set(sandbox.calls_per_person().values()) == {1}


@every_generation
def test_the_order_of_the_list_does_not_matter(world):
    first = world.attempt(1)
    world.people = LIST_A[::-1]
    assert world.attempt(2).reason is Reason.SAME_LIST
    check((world, first))


# --- renames, copies, deletes ---


@pytest.mark.parametrize("generation", ["drafts", "launch-calls"])
def test_a_campaign_that_somebody_renamed_is_found_by_its_id(world):
    first = world.attempt(1)
    with RevoxClient(world.config) as client:
        client.update_campaign(first.campaign.id, CampaignUpdate(name="My renewals"))
    world.remembered = Remembered(first.campaign.id, world.tag.people)
    second = world.attempt(2)
    assert (second.campaign.id, second.adopted) == (first.campaign.id, True)
    check((world, second))


@every_generation
def test_a_campaign_that_somebody_deleted_is_launched_anew(world):
    first = world.attempt(1)
    with RevoxClient(world.config) as client:
        client.delete_campaign(first.campaign.id)
    world.remembered = Remembered(first.campaign.id, world.tag.people)
    assert world.attempt(2).reason is Reason.CREATED


def overlap(one, other, *, seed, tries=(1, 2)):
    """Play two tries at the same time, in an order drawn by chance. Return how both ended."""
    draw = random.Random(seed)
    with RevoxClient(one.config) as first, RevoxClient(other.config) as second:
        workers = [
            Worker(world, client, number, limit=30.0)
            for world, client, number in zip((one, other), (first, second), tries, strict=True)
        ]
        while running := [worker for worker in workers if worker.step is not None]:
            draw.choice(running).carry_out()
    return [worker.outcome for worker in workers]
