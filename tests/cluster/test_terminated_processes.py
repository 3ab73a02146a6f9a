"""SIGTERM to a task, to the process that supervises it, and to its worker, as a deployment sends it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from dev.airflow_api import wait_until
from dev.cluster.cluster import Cluster
from revox_sandbox import Fault, Sandbox
from tests.cluster.doors import Doors
from tests.cluster.generations import GENERATIONS
from tests.cluster.people import DAY, check_everybody_was_called_once
from tests.cluster.struck import PERSON, Struck
from tests.cluster.table import FaultTable

pytestmark = pytest.mark.cluster


def test_whatever_is_asked_to_end_everybody_is_called_once(
    cluster: Cluster, open_revox: Callable[[str, str], Sandbox], table: FaultTable
) -> None:
    # A task that is asked to end waits for the answer to its create, to know whether it has a campaign.
    late = Fault(kind="delay", seconds=20)
    late_or_never = {"task": late, "pool_child": late, "worker": Fault(kind="hang")}
    struck = Struck(cluster, "terminated", open_revox, late_or_never)
    # Celery waits for its tasks. A deployment waits some seconds, and kills the worker.
    struck.strike(signal.SIGTERM, lambda: cluster.restart("worker-2"))
    struck.wait_for_the_end(table, "SIGTERM")


def test_a_worker_that_is_asked_to_end_lets_its_launches_end(
    cluster: Cluster, open_doors: Callable[[str, str], Doors], table: FaultTable
) -> None:
    revoxes = {
        generation: open_doors(f"warm_shutdown_{generation}", generation) for generation in GENERATIONS
    }
    run_id = cluster.trigger("warm_shutdown")
    wait_until(lambda: all(doors.creates == 1 for doors in revoxes.values()), 120, "not every task launches")
    shutdowns = warm_shutdowns(cluster)
    worker = cluster.supervisor.process("worker-2")
    worker.terminate()
    began = time.monotonic()
    wait_until(lambda: warm_shutdowns(cluster) == shutdowns + 1, 60, "the worker does not wait for its tasks")
    for doors in revoxes.values():
        doors.let_in(1)
    # Nobody kills it: it ends because its tasks have ended.
    cluster.supervisor.wait_for_restart("worker-2", worker.pid, 120)
    assert cluster.wait_for_run("warm_shutdown", run_id, timeout=60) == "success"
    seconds = time.monotonic() - began

    people = 0
    for generation, doors in revoxes.items():
        assert cluster.tries("warm_shutdown", run_id, generation) == ["success"]
        assert cluster.xcom("warm_shutdown", run_id, generation, "launch")["outcome"] == "created"
        doors.sandbox.advance(DAY)
        people += check_everybody_was_called_once(doors.sandbox, [PERSON])
    table.add("SIGTERM to the worker, which waits until its two launches have ended", people, seconds)


def warm_shutdowns(cluster: Cluster) -> int:
    """Return how often the worker has said that it waits for its tasks."""
    return (cluster.home / "worker-2.log").read_text(errors="replace").count("Warm shutdown")
