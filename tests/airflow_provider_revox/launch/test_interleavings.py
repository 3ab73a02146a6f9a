"""
Workers that overlap: a try that was given up for dead lives on beside its retry.

Every order in which two workers' requests can reach the API is played once, each on an empty sandbox: depth
first over the scheduler's choices, because which requests there are depends on the answers.
"""

from __future__ import annotations

import random

import pytest

from airflow_provider_revox.client import RevoxClient
from airflow_provider_revox.launch.steps import Cancel, Create, LaunchCalls, Launched, LookUp
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.launch.schedules import every_way_to_choose, without_mirrored_reads
from tests.airflow_provider_revox.launch.world import Worker, World, show_generation

pytestmark = [pytest.mark.matrix, pytest.mark.once]

CREATE = {"method": "POST", "path": "/campaigns"}
LOOK = {"method": "GET", "path": "/campaigns"}
LAUNCH_CALLS = {"method": "POST", "path": "/campaigns/{id}/launch-calls"}
NO_FAULT = None
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


def play(world, clients, choose, *, fault=NO_FAULT, at=0):
    """
    Play one schedule on an empty sandbox.

    :param choose: Picks one of the workers that have a step to take; ``None`` ends the schedule.
    :param fault: Strikes the worker ``at``, in the first step that it fits.
    :return: The workers, and who took which step in which order.
    """
    world.sandbox.reset()
    show_generation(world.sandbox)
    workers = [Worker(world, client, number, limit=4.0) for number, client in enumerate(clients, start=1)]
    trace, armed = [], fault
    while running := [index for index, worker in enumerate(workers) if worker.step is not None]:
        index = choose(running, workers, trace)
        if index is None:
            break
        if armed and index == at and is_struck(armed, workers[index]):
            world.sandbox.faults.add(armed)
            armed = NO_FAULT
        trace.append((index, workers[index].step))
        workers[index].carry_out()
        world.sandbox.faults.clear()
        check_the_later_is_cancelled_once_its_worker_has_looked(world, workers, trace)
    return workers, trace


def is_struck(fault, worker):
    """Whether the fault is for this worker's next step: its create, its launch, or a look after that."""
    if fault.path == LAUNCH_CALLS["path"]:
        return isinstance(worker.step, LaunchCalls)
    if fault.method == "POST":
        return isinstance(worker.step, Create)
    return isinstance(worker.step, LookUp) and has_created(worker)


def has_created(worker):
    return any(isinstance(step, Create) for step in worker.done)


def made_by(world, index, campaigns):
    """Return the campaigns that the try of a worker has created, by the tag in their names."""
    return [campaign for campaign in campaigns if world.tag.launched_by(campaign.name) == index + 1]


def check_the_later_is_cancelled_once_its_worker_has_looked(world, workers, trace):
    """Check that the campaign of a worker that has just ended is the earliest or cancelled."""
    index = trace[-1][0]
    if workers[index].step is not None or not has_created(workers[index]):
        return
    later = world.campaigns()[1:]
    for campaign in made_by(world, index, later):
        assert campaign.is_cancelled


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


def every_schedule(world, clients, **options):
    """Play every schedule of two workers."""
    for choose_of in every_way_to_choose():

        def choose(running, workers, trace, choose_of=choose_of):
            left = without_mirrored_reads(running, workers[0].step, trace[-1] if trace else None)
            return choose_of(left) if left else None

        workers, trace = play(world, clients, choose, **options)
        if all(worker.step is None for worker in workers):
            yield workers, trace


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
