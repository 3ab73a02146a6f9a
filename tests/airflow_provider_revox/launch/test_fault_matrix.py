"""
Every fault at every request of the launch, and Airflow's retries behind it.

The matrix is the product: the kinds of faults x before and after the effect x every request of the
launch (the first look, the create, the look after a good create, the look after a lost one, the cancel of a
second campaign) x 1, 2 and 5 in a row, on the API as its page has it. Where creating calls nobody, it goes on
with the launch and with the look after one that was lost. A request that acts meets every kind, a look one
status of each class. The later generations, which have most steps in common with the first, get fewer in a
row, and one of them fewer kinds. Behind the matrix, seeded plans mix faults of all kinds.
"""

from __future__ import annotations

import contextlib
import random

import pytest

from airflow_provider_revox.client.errors import RejectedError, RevoxError
from airflow_provider_revox.launch.errors import (
    LaunchRefusedError,
    LaunchUncheckedError,
    LaunchUnconfirmedError,
)
from airflow_provider_revox.launch.steps import Launched
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.fault_kinds import KINDS, REFUSALS, WHEN, says_something_new
from tests.airflow_provider_revox.launch.patience import LATE
from tests.airflow_provider_revox.launch.requests_of_a_launch import CREATE, LAUNCH_CALLS, LOOK
from tests.airflow_provider_revox.launch.world import (
    GENERATIONS,
    World,
    airflow_tries_again,
    hurry,
    show_generation,
)

pytestmark = pytest.mark.matrix

TRIES = 8
PLACES = {
    "first_look": [{**LOOK}],
    "create": [{**CREATE}],
    "look_after_create": [{**LOOK, "skip": 1}],
    "look_after_lost_create": [{**LOOK, "skip": 1}],
    "cancel": [{"method": "POST", "path": "/campaigns/{id}/cancel"}],
}
LAUNCH_DRAFT = {"method": "POST", "path": "/campaigns/{id}/launch"}
LOOK_AT_ONE = {"method": "GET", "path": "/campaigns/{id}"}
MORE_PLACES = {
    "contract": {},
    "drafts": {"launch": [{**LAUNCH_DRAFT}], "look_after_launch": [{**LOOK_AT_ONE}]},
    "launch-calls": {"launch": [{**LAUNCH_CALLS}], "look_after_lost_launch": [{**LOOK_AT_ONE}]},
}
ACTS = ("create", "launch")
# A create that launches is the same for the first two generations.
SOME_KINDS = ("hang", "truncate", "status_400", "status_429", "status_503")
TIMES = {
    ("contract", True): (1, 2, 5),
    ("contract", False): (2, 5),
    ("drafts", True): (1,),
    ("drafts", False): (1,),
    ("launch-calls", True): (1, 5),
    ("launch-calls", False): (1,),
}
"""In a row: by generation, and whether the request acts."""
CELLS = [
    (generation, kind, when, place, times)
    for generation in GENERATIONS
    for kind in KINDS
    for when in WHEN
    for place in {**PLACES, **MORE_PLACES[generation]}
    if place == "cancel" or says_something_new(kind, when, acts=place in ACTS)
    for times in TIMES[generation, place in ACTS]
    if generation != "drafts" or kind in SOME_KINDS or place == "launch"
]


def is_unclear(fault):
    """Whether it leaves open what has become of a request."""
    quick = fault["kind"] == "delay" and fault["seconds"] < LATE
    return not quick and fault.get("status") not in REFUSALS | {429}


@pytest.fixture(scope="module")
def served():
    with contextlib.ExitStack() as stack:
        yield {
            generation: stack.enter_context(Sandbox(SandboxSettings(generation=generation, speed=0)))
            for generation in GENERATIONS
        }


@pytest.fixture
def generation():
    return "contract"


@pytest.fixture
def sandbox(served, generation, monkeypatch):
    hurry(monkeypatch)
    served[generation].reset()
    show_generation(served[generation])
    yield served[generation]
    # A request that is late must not act in the next test.
    served[generation].wait_for(
        lambda: all(request.outcome is not None for request in served[generation].requests())
    )


def end_well(world, outcome):
    """The campaign exists exactly once, it is the one that was named, and nobody is called twice."""
    world.sandbox.faults.clear()
    assert isinstance(outcome, Launched), outcome
    assert world.not_cancelled() == [outcome.campaign.id]
    again = world.attempt(99)
    assert (again.campaign.id, again.adopted) == (outcome.campaign.id, True)
    assert world.calls() == [1] * len(world.people)


@pytest.mark.parametrize(("generation", "kind", "when", "place", "times"), CELLS)
def test_no_fault_at_any_request_makes_two_campaigns_or_calls_twice(sandbox, kind, when, place, times):
    world = World(sandbox, scheduled=place == "cancel")
    there_before = [world.put(1), world.put(2)] if place == "cancel" else []
    if place == "look_after_lost_create":
        sandbox.faults.add(Fault(**CREATE, kind="reset", when="after"))
    if place == "look_after_lost_launch":
        sandbox.faults.add(Fault(**LAUNCH_CALLS, kind="reset", when="after"))
    if world.generation == "drafts" and "launch" in place:
        there_before = [world.put_draft()]
    places = {**PLACES, **MORE_PLACES[world.generation]}
    sandbox.faults.add(*[Fault(**KINDS[kind], **where, when=when, times=times) for where in places[place]])
    # Where the create itself comes late it must be found; elsewhere the search may well be over before.
    search = 10.0 if (kind, place) == ("late", "create") else 0.06

    outcome, tried = world.tries(TRIES, reconcile_seconds=search)

    assert sandbox.faults.fired >= 1, "the fault has struck nothing"
    sandbox.faults.clear()
    # Whatever the answers said, the server has made one campaign at most.
    assert len(world.campaigns()) <= max(1, len(there_before))
    if isinstance(outcome, RevoxError):
        assert_told_truly(world, outcome, kind, place)
        outcome, _ = world.tries(1)  # somebody has mended it, and clears the task
    assert tried <= times + 1
    end_well(world, outcome)
    if there_before:
        assert outcome.campaign.id == there_before[0]


def assert_told_truly(world, error, kind, place):
    if place == "launch":
        # There is a campaign, and it calls nobody until somebody has mended it.
        assert isinstance(error, LaunchRefusedError), f"not final: {error!r}"
        assert kind.removeprefix("status_") in str(error)
        assert "Revox refuses to launch the calls of campaign" in str(error)
        assert world.sandbox.calls_per_person() == {}
        return
    assert isinstance(error, (RejectedError, LaunchRefusedError)), f"not final: {error!r}"
    method = "POST" if place == "create" else "GET"
    assert f"{method} /campaigns: Revox answered {kind.removeprefix('status_')}" in str(error)
    # Before the create and at the create itself a refusal means that there is no campaign; after it there is
    # one, and the error, of a look, claims nothing about it.
    assert len(world.campaigns()) == (1 if place.startswith("look_after") else 0)
    assert "nothing was" not in str(error).lower()


def test_a_search_that_is_refused_is_told_as_unconfirmed_and_the_next_try_finds_the_campaign(sandbox):
    world = World(sandbox)
    sandbox.faults.add(
        Fault(**CREATE, kind="hang", when="after"), Fault(**LOOK, kind="status", status=401, skip=1)
    )
    with pytest.raises(LaunchUnconfirmedError, match="could not be looked up"):
        world.attempt(1)
    end_well(world, world.attempt(2))
    assert world.creates() == 1


@pytest.mark.parametrize("generation", ["contract", "launch-calls"])
@pytest.mark.parametrize("kind", ["hang", "reset", "close", "truncate", "broken_json", "status_500"])
def test_an_outage_that_outlasts_all_tries_leaves_one_campaign_at_most(sandbox, kind):
    world = World(sandbox, retries=1)
    sandbox.faults.add(
        Fault(**CREATE, **KINDS[kind], when="after", times=None),
        Fault(**LOOK, **KINDS[kind], skip=1, times=None),
    )
    outcome, tried = world.tries(3)
    assert isinstance(outcome, RevoxError)
    assert tried == 3
    assert world.creates() == 1
    sandbox.faults.clear()
    end_well(world, world.attempt(4))


@pytest.mark.parametrize("kind", [kind for kind, fault in KINDS.items() if is_unclear(fault)])
@pytest.mark.parametrize("when", ["before", "after"])
def test_without_a_launch_key_a_create_without_a_clear_answer_is_not_sent_again(sandbox, kind, when):
    world = World(sandbox)
    sandbox.faults.add(Fault(**CREATE, **KINDS[kind], when=when))
    with pytest.raises(
        LaunchUncheckedError, match="It is not known whether the campaign was launched"
    ) as told:
        world.attempt(1, with_key=False)
    assert not airflow_tries_again(told.value)
    assert world.creates() == 1


@pytest.mark.parametrize(
    ("generation", "seed"),
    [
        *(("contract", seed) for seed in range(60)),
        *(("drafts", seed) for seed in range(10)),
        *(("launch-calls", seed) for seed in range(30)),
    ],
)
def test_faults_of_all_kinds_mixed_make_no_second_campaign(sandbox, seed):
    draw = random.Random(seed)
    quick = [name for name in KINDS if name not in ("late", "status_401", "status_403")]
    faults, places = [], [CREATE, LOOK]
    if sandbox.settings.generation == "launch-calls":
        places += [LAUNCH_CALLS, LOOK_AT_ONE]
    for _ in range(draw.randint(2, 6)):
        where, when = draw.choice(places), draw.choice(["before", "after"])
        options = KINDS[draw.choice(quick)]
        if where["method"] == "POST" and options.get("status") in REFUSALS:
            when = "before"
        faults.append(Fault(**options, **where, when=when, times=draw.randint(1, 2), skip=draw.randint(0, 2)))
    world = World(sandbox)
    sandbox.faults.add(*faults)

    outcome, _ = world.tries(TRIES)

    sandbox.faults.clear()
    assert len(world.campaigns()) <= 1
    if isinstance(outcome, RevoxError):
        assert isinstance(outcome, (RejectedError, LaunchRefusedError)), f"not final: {outcome!r}"
        outcome, _ = world.tries(1)
    end_well(world, outcome)
