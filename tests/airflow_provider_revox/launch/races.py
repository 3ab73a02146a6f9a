"""Two workers of one launch, whose requests reach the API in an order that a test chooses."""

from __future__ import annotations

from airflow_provider_revox.launch.steps import Create, LaunchCalls, LookUp
from tests.airflow_provider_revox.launch.requests_of_a_launch import LAUNCH_CALLS
from tests.airflow_provider_revox.launch.schedules import every_way_to_choose, without_mirrored_reads
from tests.airflow_provider_revox.launch.world import Worker, show_generation

NO_FAULT = None


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


def every_schedule(world, clients, **options):
    """Play every schedule of two workers."""
    for choose_of in every_way_to_choose():

        def choose(running, workers, trace, choose_of=choose_of):
            left = without_mirrored_reads(running, workers[0].step, trace[-1] if trace else None)
            return choose_of(left) if left else None

        workers, trace = play(world, clients, choose, **options)
        if all(worker.step is None for worker in workers):
            yield workers, trace
