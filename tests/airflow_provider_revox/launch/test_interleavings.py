"""
Workers that overlap: a try that was given up for dead lives on beside its retry.

Every order in which two workers' requests can reach the API is played once, each on an empty sandbox: depth
first over the scheduler's choices, because which requests there are depends on the answers.
"""

from __future__ import annotations

import random

import pytest

from airflow_provider_revox.client import RevoxClient
from airflow_provider_revox.launch.steps import Cancel, Launched, LookUp
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.launch.races import NO_FAULT, every_schedule, has_created, made_by, play
from tests.airflow_provider_revox.launch.requests_of_a_launch import CREATE, LAUNCH_CALLS, LOOK
from tests.airflow_provider_revox.launch.world import Worker, World, show_generation

pytestmark = [pytest.mark.matrix, pytest.mark.once]

FAULTS = {
    "none": NO_FAULT,
    "answer_of_the_create_reset": Fault(**CREATE, kind="reset", when="after"),
    "answer_of_the_create_truncated": Fault(**CREATE, kind="truncate", when="after"),
    "create_never_taken": Fault(**CREATE, kind="status", status=502, when="before"),
    "create_rate_limited": Fault(**CREATE, kind="status", status=429, when="before"),
    "look_after_the_create_fails": Fault(**LOOK, kind="status", status=503, when="before", times=2),
    "answer_of_the_launch_reset": Fault(**LAUNCH_CALLS, kind="reset", when="after"),
    "launch_never_taken": Fault(**LAUNCH_CALLS, kind="status", status=502, when="before"),
}
OF_THE_LAUNCH = [name for name, fault in FAULTS.items() if fault and fault.path == LAUNCH_CALLS["path"]]
# A launch has more steps where creating calls nobody, so there are many more schedules.
STRUCK = [
    *(("contract", name, at) for name in FAULTS if name not in ("none", *OF_THE_LAUNCH) for at in (0, 1)),
    ("launch-calls", "answer_of_the_create_reset", 0),
    ("launch-calls", "answer_of_the_launch_reset", 0),
]


@pytest.fixture(scope="module")
def worlds():
    # Calls begin tomorrow: a second campaign that is cancelled in time calls nobody.
    with (
        Sandbox(SandboxSettings(speed=0)) as contract,
        Sandbox(SandboxSettings(speed=0, generation="launch-calls")) as launch_calls,
    ):
        yield {
            sandbox.settings.generation: World(sandbox, scheduled=True, retries=1)
            for sandbox in (contract, launch_calls)
        }


@pytest.fixture(params=["contract", "launch-calls"])
def generation(request):
    return request.param


@pytest.fixture
def world(worlds, generation):
    return worlds[generation]


@pytest.fixture
def clients(world):
    with (
        RevoxClient(world.config) as one,
        RevoxClient(world.config) as two,
        RevoxClient(world.config) as three,
    ):
        yield [one, two, three]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    # Time passes only in the workers' own waits, so the launch keeps its pauses; the client's are slept.
    monkeypatch.setattr("airflow_provider_revox.client.retry.FIRST_BACKOFF", 0.0)


def check_end(world, workers):
    """One campaign stays, the earliest; every worker that ended well names it; nobody is called twice."""
    campaigns = world.campaigns()
    assert [campaign.id for campaign in campaigns if not campaign.is_cancelled] == [
        campaign.id for campaign in campaigns[:1]
    ]
    for worker in workers:
        if isinstance(worker.outcome, Launched):
            assert worker.outcome.campaign.id == campaigns[0].id
    if not campaigns:
        assert not any(isinstance(worker.outcome, Launched) for worker in workers)
        assert workers[0].world.attempt(9).adopted is False
    assert world.calls() == [1] * len(world.people)


def test_every_interleaving_of_two_workers_ends_with_the_earliest_campaign_alone(world, clients):
    played, raced = set(), 0
    for workers, trace in every_schedule(world, clients[:2]):
        assert all(isinstance(worker.outcome, Launched) for worker in workers)
        check_end(world, workers)
        for worker in workers:
            # One look after the create is enough to see the other's campaign, and nothing else is looked at;
            # but before a launch, what was cancelled is seen to be so.
            looks = worker.done.count(LookUp(patient=True)) - 1 - has_created(worker)
            cancels = sum(isinstance(step, Cancel) for step in worker.done)
            assert looks in ({0, cancels} if world.generation == "launch-calls" else {0})
            assert LookUp(patient=False) not in worker.done
        raced += any(isinstance(step, Cancel) for _, step in trace)
        played.add(tuple((index, type(step).__name__) for index, step in trace))
    assert len(played) > 10
    assert raced > 5


@pytest.mark.parametrize(("generation", "name", "at"), STRUCK, indirect=["generation"])
def test_every_interleaving_with_a_fault_at_one_worker_ends_with_one_campaign(world, clients, name, at):
    played = 0
    for workers, _ in every_schedule(world, clients[:2], fault=FAULTS[name], at=at):
        check_end(world, workers)
        assert isinstance(workers[1 - at].outcome, Launched), "the worker without the fault ends well"
        campaigns = world.campaigns()
        assert max(len(made_by(world, index, campaigns)) for index in (0, 1)) <= 1
        played += 1
    assert played > 10


@pytest.mark.parametrize("generation", ["contract"], indirect=True)
def test_a_create_whose_answer_is_lost_is_adopted_by_its_own_worker_in_every_interleaving(world, clients):
    fault = FAULTS["answer_of_the_create_reset"]
    for workers, _ in every_schedule(world, clients[:2], fault=fault, at=0):
        assert isinstance(workers[0].outcome, Launched)
        assert workers[0].outcome.adopted


@pytest.mark.parametrize(
    ("generation", "seed"),
    [*(("contract", seed) for seed in range(40)), *(("launch-calls", seed) for seed in range(15))],
    indirect=["generation"],
)
def test_three_workers_in_any_order_end_with_the_earliest_campaign_alone(world, clients, seed):
    draw = random.Random(seed)
    fault = FAULTS[draw.choice(list(FAULTS))]
    workers, _ = play(
        world, clients, lambda running, *_: draw.choice(running), fault=fault, at=draw.randrange(3)
    )
    check_end(world, workers)
    assert sum(isinstance(worker.outcome, Launched) for worker in workers) >= 2


@pytest.mark.parametrize("dies_after", range(5))
def test_a_worker_that_dies_in_a_race_leaves_the_later_campaign_to_be_cancelled_by_the_next_look(
    world, clients, dies_after
):
    world.sandbox.reset()
    show_generation(world.sandbox)
    first, second = Worker(world, clients[0], 1), Worker(world, clients[1], 2)
    for worker in (first, second, first, second):  # both look, both create
        worker.carry_out()
    assert len(world.not_cancelled()) == 2
    for worker in (first, second, first, second)[: max(0, dies_after - 1)]:
        if worker.step is not None:
            worker.carry_out()
    third = Worker(world, clients[2], 3)
    third.finish()
    cancels = any(isinstance(step, Cancel) for step in third.done)
    assert third.done.count(LookUp(patient=True)) == 1 + (cancels and world.generation == "launch-calls")
    assert not has_created(third)
    check_end(world, [third])
