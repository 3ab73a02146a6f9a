"""
What becomes of the campaigns when parts of Airflow are away, in a whole Airflow 3 on PostgreSQL.

Airflow's heartbeats are the default ones. The tests stand in the order in which things happen: see the table
of the kills in docs/explanation/what-happens-when.md.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from dev.airflow_api import wait_until
from dev.local_airflow import LocalAirflow
from dev.local_postgres import LocalPostgres
from revox_sandbox import Sandbox, SandboxSettings
from tests.system.conftest import READS_FILES_WHEN_THEY_CHANGE
from tests.system.waiting_run import WaitingRun, campaigns, cancel_requests, wait_until_polled

pytestmark = pytest.mark.system

IN_WORKERS = ("worker", "worker_mapped_0", "worker_mapped_1")
DEFERRED = ("deferred", "deferred_mapped_0", "deferred_mapped_1")
TIMED_OUT = IN_WORKER_TIMED_OUT, DEFERRED_TIMED_OUT = ("worker_timed_out", "deferred_timed_out")
CAMPAIGNS = len(IN_WORKERS) + len(DEFERRED) + len(TIMED_OUT)
LEFT = "as far as it knows nobody has marked or cleared it"
"""What a task logs that was killed and leaves its campaign."""
HEARTBEAT_TIMEOUT = "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"
AWAY = 60
"""Seconds without the database."""
DAY = 24 * 3600


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(speed=0, call_ends={"human": 1})) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def airflow(
    postgres: LocalPostgres, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAirflow]:
    env = {
        "AIRFLOW_CONN_REVOX_DEFAULT": sandbox.conn_json(),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": postgres.url,
        **READS_FILES_WHEN_THEY_CHANGE,
        "AIRFLOW__CORE__PARALLELISM": "8",
    }
    airflow = LocalAirflow(tmp_path_factory.mktemp("airflow"), Path(__file__).parent / "dags", env=env)
    del airflow.env[HEARTBEAT_TIMEOUT]
    with airflow:
        airflow.wait_until_healthy()
        yield airflow


@pytest.fixture(scope="module")
def runs(airflow: LocalAirflow, sandbox: Sandbox) -> dict[str, WaitingRun]:
    """Start tasks, and wait until each waits for its campaign; return the run of each DAG."""
    dag_ids = ("long_waits", "run_times_out")
    runs = {dag_id: WaitingRun(airflow, dag_id, airflow.trigger(dag_id)) for dag_id in dag_ids}
    long_waits, run_times_out = runs.values()

    def all_wait() -> bool:
        return (
            long_waits.all_are(IN_WORKERS, "running")
            and long_waits.all_are_in_triggerers(DEFERRED)
            and run_times_out.all_are([IN_WORKER_TIMED_OUT], "running")
            and run_times_out.all_are_in_triggerers([DEFERRED_TIMED_OUT])
            and len(campaigns(sandbox)) == CAMPAIGNS
        )

    wait_until(all_wait, 600, "not every task waits")
    # By now the first triggerer has all the waits.
    airflow.start(["triggerer.2"])
    return runs


@pytest.fixture(scope="module")
def run(runs: dict[str, WaitingRun]) -> WaitingRun:
    return runs["long_waits"]


def test_the_timeout_of_a_dag_run_cancels_nothing(
    postgres: LocalPostgres, sandbox: Sandbox, runs: dict[str, WaitingRun]
) -> None:
    run = runs["run_times_out"]
    task = run.processes_of(IN_WORKER_TIMED_OUT)[-1]
    make_earlier(postgres, "dag_run.start_date", run_id=run.run_id)
    assert run.airflow.wait_for_run(run.dag_id, run.run_id) == "failed"
    assert run.all_are(TIMED_OUT, "skipped")
    wait_until(lambda: not task.is_running(), 400, "the task in a worker was not killed")
    wait_until(lambda: LEFT in run.log_of(DEFERRED_TIMED_OUT), 400, "the deferred task was not killed")
    assert cancel_requests(sandbox) == []


def test_a_wait_that_another_triggerer_takes_over_goes_on(
    airflow: LocalAirflow, postgres: LocalPostgres, sandbox: Sandbox, run: WaitingRun
) -> None:
    (first,) = triggerers(run)
    # As if its machine was asleep for a day.
    airflow.send_signal("triggerer", signal.SIGSTOP)
    make_earlier(postgres, "job.latest_heartbeat", id=first)
    wait_until(lambda: first not in triggerers(run), 400, "no other triggerer took the waits over")
    airflow.send_signal("triggerer", signal.SIGCONT)
    for name in DEFERRED:
        wait_until(lambda name=name: LEFT in run.log_of(name, first), 400, "the first triggerer still waits")
    wait_until_polled(sandbox, {campaigns(sandbox)[name].id for name in DEFERRED}, timeout=400)
    assert first not in triggerers(run)
    assert cancel_requests(sandbox) == []


def test_a_minute_without_the_database_cancels_nothing(
    airflow: LocalAirflow, postgres: LocalPostgres, sandbox: Sandbox, run: WaitingRun
) -> None:
    before = [run.processes_of(name)[-1] for name in IN_WORKERS]
    postgres.stop()
    began = time.monotonic()
    # Airflow kills the tasks after three failed heartbeats.
    wait_until(lambda: not any(process.is_running() for process in before), AWAY + 400, "not all were killed")
    time.sleep(max(0, began + AWAY - time.monotonic()))
    assert "Too many failed heartbeats" in airflow.logs()
    assert cancel_requests(sandbox) == []
    postgres.start()
    # A scheduler that ends waits for its workers, and may hang. The new one does not wait for minutes until
    # it believes that tasks are lost.
    airflow.kill("scheduler")
    airflow.env[HEARTBEAT_TIMEOUT] = "20"
    airflow.env["AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL"] = "10"
    airflow.start(["scheduler"])

    def adopted() -> bool:
        airflow.start_ended()
        return all((run.adopted_by(name) or 1) > 1 for name in IN_WORKERS)

    wait_until(adopted, 600, "not every task was adopted by a retry")
    assert run.all_are(DEFERRED, "deferred")
    assert {run.adopted_by(name) for name in DEFERRED} == {None}
    assert cancel_requests(sandbox) == []


def test_in_the_end_everybody_was_called_once(
    airflow: LocalAirflow, sandbox: Sandbox, run: WaitingRun
) -> None:
    sandbox.advance(DAY)

    def succeeded() -> bool:
        airflow.start_ended()
        return run.all_are((*IN_WORKERS, *DEFERRED), "success")

    wait_until(succeeded, 600, "a wait was lost")
    assert cancel_requests(sandbox) == []
    calls = sandbox.calls_per_person()
    assert len(calls) == CAMPAIGNS
    assert set(calls.values()) == {1}
    posts = [request.path for request in sandbox.requests() if request.method == "POST"]
    assert posts == ["/campaigns"] * CAMPAIGNS


def triggerers(run: WaitingRun) -> set[int]:
    """Return the ids of the triggerers that have the deferred tasks."""
    tasks = run.airflow.task_instances(run.dag_id, run.run_id)
    return {task["triggerer_job"]["id"] for task in tasks if task["state"] == "deferred"}


def make_earlier(postgres: LocalPostgres, column: str, **row: int | str) -> None:
    """Put a time in Airflow's database back by a day, as if the day had passed."""
    (table, _, time_of), (key,) = column.partition("."), row
    statement = f"UPDATE {table} SET {time_of} = {time_of} - interval '1 day' WHERE {key} = :{key}"
    engine = sqlalchemy.create_engine(postgres.url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        assert connection.execute(sqlalchemy.text(statement), row).rowcount == 1
