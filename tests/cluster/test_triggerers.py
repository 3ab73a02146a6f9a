"""The triggerer that has most of 200 waits is killed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import pytest
import sqlalchemy

from dev.airflow_api import wait_until
from dev.cluster.cluster import Cluster
from revox_sandbox import Sandbox
from tests.campaigns import create_campaign
from tests.cluster.generations import GENERATIONS
from tests.cluster.people import WEEK, check_everybody_was_called_once
from tests.cluster.table import FaultTable
from tests.system.waiting_run import WaitingRun, wait_until_polled

pytestmark = pytest.mark.cluster

DAG_ID = "many_waits"
WAITS = 200
EACH = WAITS // len(GENERATIONS)


def test_the_waits_of_a_triggerer_that_is_killed_go_on(
    cluster: Cluster, open_revox: Callable[[str, str], Sandbox], table: FaultTable
) -> None:
    revoxes = {generation: open_revox(f"{DAG_ID}_{generation}", generation) for generation in GENERATIONS}
    ids = {
        generation: [create_campaign(sandbox, [person(number)]) for number in range(EACH)]
        for generation, sandbox in revoxes.items()
    }
    run = WaitingRun(cluster, DAG_ID, cluster.trigger(DAG_ID, ids))
    names = [f"{generation}_{number}" for generation in GENERATIONS for number in range(EACH)]
    # The database first: to list 200 tasks keeps the API server from its work for seconds.
    wait_until(lambda: waits_of_triggerers(cluster).total() == WAITS, 600, "not every wait has a triggerer")
    wait_until(lambda: run.all_are(names, "deferred"), 120, "not every task waits")

    (busier, waits), *_ = waits_of_triggerers(cluster).most_common()
    assert waits >= WAITS / 2
    killed = cluster.supervisor.process(busier)
    killed.kill()
    began = time.monotonic()
    cluster.supervisor.wait_for_restart(busier, killed.pid, 60)
    for generation, sandbox in revoxes.items():
        wait_until_polled(sandbox, set(ids[generation]), timeout=200)
        sandbox.advance(WEEK)
    assert cluster.wait_for_run(DAG_ID, run.run_id, timeout=300) == "success", Counter(run.states().values())
    seconds = time.monotonic() - began

    people = [person(number)["to_phone_number"] for number in range(EACH)]
    called = sum(check_everybody_was_called_once(sandbox, people) for sandbox in revoxes.values())
    assert not tried_again(run)
    table.add(f"SIGKILL to the triggerer that has {waits} of {WAITS} waits", called, seconds)


def person(number: int) -> dict[str, object]:
    return {"to_phone_number": f"+1415555{number:04}", "prompt_variables": {}}


def tried_again(run: WaitingRun) -> dict[str, str]:
    """Return what each task that had more than one try has logged."""
    tasks = run.airflow.task_instances(run.dag_id, run.run_id)
    names = [f"{task['task_id']}_{task['map_index']}" for task in tasks if task["try_number"] > 1]
    return {name: run.log_of(name) for name in names}


def waits_of_triggerers(cluster: Cluster) -> Counter[str]:
    """Return how many waits each triggerer has."""
    # Not those that watch for events.
    statement = (
        "SELECT job.hostname, count(*) FROM task_instance AS task"
        " JOIN trigger ON trigger.id = task.trigger_id JOIN job ON job.id = trigger.triggerer_id"
        f" WHERE task.dag_id = '{DAG_ID}' AND job.state = 'running' GROUP BY job.hostname"
    )
    engine = sqlalchemy.create_engine(cluster.postgres.url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        return Counter(dict(connection.execute(sqlalchemy.text(statement)).all()))
