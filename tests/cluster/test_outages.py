"""A minute without the api-server, PostgreSQL or Redis, while tasks launch and wait."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dev.airflow_api import wait_until
from dev.cluster.cluster import Cluster
from revox_sandbox import Fault, Sandbox
from tests.cluster.generations import GENERATIONS
from tests.cluster.people import DAY, check_everybody_was_called_once
from tests.cluster.table import FaultTable
from tests.system.waiting_run import WaitingRun, campaigns, cancel_requests, wait_until_polled

pytestmark = pytest.mark.cluster

AWAY = 60
"""Seconds without the part."""
IN_WORKERS = tuple(f"worker_{generation}" for generation in GENERATIONS)
DEFERRED = tuple(f"deferred_{generation}" for generation in GENERATIONS)


@pytest.fixture(scope="module")
def revoxes(open_revox: Callable[[str, str], Sandbox]) -> dict[str, Sandbox]:
    """The Revox of each generation for whose campaigns tasks wait through all outages."""
    return {generation: open_revox(f"long_waits_{generation}", generation) for generation in GENERATIONS}


@pytest.fixture(scope="module")
def waits(cluster: Cluster, revoxes: dict[str, Sandbox]) -> WaitingRun:
    """Start the tasks that wait through all outages; return when each of them waits."""
    run = WaitingRun(cluster, "long_waits", cluster.trigger("long_waits"))
    wait_until(
        lambda: run.all_are(IN_WORKERS, "running") and run.all_are_in_triggerers(DEFERRED),
        200,
        "not every task waits",
    )
    for sandbox in revoxes.values():
        wait_until(lambda sandbox=sandbox: len(waited_for(sandbox)) == 2, 60, "not every task has launched")
        wait_until_polled(sandbox, waited_for(sandbox))
    return run


@pytest.mark.parametrize("part", ["api-server", "postgres", "redis"])
def test_a_minute_without_a_part_loses_nobody(
    cluster: Cluster,
    open_revox: Callable[[str, str], Sandbox],
    revoxes: dict[str, Sandbox],
    waits: WaitingRun,
    table: FaultTable,
    part: str,
) -> None:
    in_flight = {generation: open_revox(f"{part}_{generation}", generation) for generation in GENERATIONS}
    for sandbox in in_flight.values():
        # The answer comes while the part is away.
        late = Fault(kind="delay", method="POST", path="/campaigns", when="after", seconds=AWAY / 2)
        sandbox.faults.add(late)
    run_id = cluster.trigger("launch_in_an_outage", {"prefix": f"{part}_"})
    for generation, sandbox in in_flight.items():
        # The first create of today's Revox has shown its generation.
        times = 2 if generation == "today" else 1
        sandbox.wait_for(("POST", "/campaigns"), times=times, stage="committed", timeout=120)

    cluster.take_away(part)
    began = time.monotonic()
    time.sleep(AWAY)
    cluster.bring_back(part)

    assert cluster.wait_for_run("launch_in_an_outage", run_id, timeout=300) == "success"
    seconds = time.monotonic() - began
    for sandbox in in_flight.values():
        sandbox.advance(DAY)
    people = sum(check_everybody_was_called_once(one, ["+14155550000"]) for one in in_flight.values())
    table.add(
        f"{part} away for {AWAY} s while two launches are in flight and four tasks wait", people, seconds
    )

    def all_wait() -> bool:
        return waits.all_are(IN_WORKERS, "running") and waits.all_are(DEFERRED, "deferred")

    wait_until(all_wait, 200, f"not every task waits again: {waits.states()}")
    for sandbox in revoxes.values():
        wait_until_polled(sandbox, waited_for(sandbox), timeout=200)
        assert cancel_requests(sandbox) == []


def test_in_the_end_every_wait_succeeds(
    waits: WaitingRun, revoxes: dict[str, Sandbox], table: FaultTable
) -> None:
    began = time.monotonic()
    for sandbox in revoxes.values():
        sandbox.advance(DAY)
    assert waits.airflow.wait_for_run(waits.dag_id, waits.run_id, timeout=200) == "success", waits.states()
    seconds = time.monotonic() - began
    people = sum(
        check_everybody_was_called_once(one, ["+14155550000", "+14155550001"]) for one in revoxes.values()
    )
    table.add("the three outages together, for the tasks that wait through all of them", people, seconds)
    # Whoever waits in a triggerer needs neither worker nor retry.
    assert {waits.adopted_by(name) for name in DEFERRED} == {None}


def waited_for(sandbox: Sandbox) -> set[str]:
    """Return the ids of the campaigns that tasks wait for."""
    return {one.id for name, one in campaigns(sandbox).items() if name in (*IN_WORKERS, *DEFERRED)}
