"""
What a kill does to the campaign, in a whole Airflow 3: the tables in docs/explanation/what-happens-when.md.

All tasks run at the same time in one Airflow, with Airflow's default heartbeats. The tests stand in the order
in which things happen.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from dev.airflow_api import wait_until
from dev.local_airflow import LocalAirflow
from dev.local_postgres import LocalPostgres
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.launch.world import show_generation
from tests.system.conftest import READS_FILES_WHEN_THEY_CHANGE
from tests.system.waiting_run import (
    WaitingRun,
    campaigns,
    cancel_requests,
    cancelled,
    place_of,
    the_process,
)

pytestmark = pytest.mark.system

WAITING = "killed_while_waiting"
CREATE, LAUNCH_CALLS = "/campaigns", "/campaigns/{id}/launch-calls"
LAUNCHES = {
    "task_killed": CREATE,
    "task_and_supervisor_killed": CREATE,
    "answer_lost": CREATE,
    # Where creating calls nobody: killed between the create and the launch, and after the launch.
    "create_killed": CREATE,
    "launch_killed": LAUNCH_CALLS,
}
"""Campaigns that are launched while something fails, and the request at which it fails."""
TODAY = ("create_killed", "launch_killed")
DAY = 24 * 3600
HEARTBEAT_TIMEOUT = "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"
AWAY = 60
"""Seconds without the api-server."""

BY_A_PERSON = {
    *(f"{where}_{act}" for where in ("worker", "deferred") for act in ("failed", "success", "clear")),
    *(f"{where}_mapped_{index}" for where in ("worker", "deferred") for index in (0, 1, 2)),
}
"""The campaigns that are cancelled, and no others."""
KEPT_AND_MARKED = ("worker_keep", "deferred_keep", "sensor")
TERMINATED = {
    "worker_term_task": "task",
    "worker_term_supervisor": "supervisor",
    "worker_term_both": "both",
    "worker_mapped_3": "task",
    "worker_mapped_4": "supervisor",
    "worker_mapped_5": "both",
}
"""The tasks whose processes get a SIGTERM, and which process."""
IN_WORKERS = (
    *TERMINATED,
    "worker_died",
    *sorted(name for name in BY_A_PERSON if "worker" in name),
    "worker_keep",
)
DEFERRED = (
    *sorted(name for name in BY_A_PERSON if "deferred" in name),
    *("deferred_keep", "deferred_keep_clear", "deferred_untouched", "deferred_mapped_3", "sensor"),
)
TIMED_OUT = ("worker_timeout", "deferred_timeout", "deferred_execution_timeout", "timeout_retried")
CAMPAIGNS = len(IN_WORKERS) + len(DEFERRED) + len(TIMED_OUT)


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[str, Sandbox]]:
    """One Revox for each launch, and one for all tasks that wait."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                Sandbox(
                    SandboxSettings(
                        speed=0,
                        call_ends={"human": 1},
                        generation="launch-calls" if name in TODAY else "contract",
                    )
                )
            )
            for name in (*LAUNCHES, "default")
        }


@pytest.fixture(scope="module")
def sandbox(sandboxes: dict[str, Sandbox]) -> Sandbox:
    return sandboxes["default"]


@pytest.fixture(scope="module")
def airflow(
    postgres: LocalPostgres, sandboxes: dict[str, Sandbox], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAirflow]:
    env = {f"AIRFLOW_CONN_REVOX_{name.upper()}": one.conn_json() for name, one in sandboxes.items()}
    env |= {
        "AIRFLOW__CORE__PARALLELISM": "32",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": postgres.url,
        **READS_FILES_WHEN_THEY_CHANGE,
    }
    home = tmp_path_factory.mktemp("airflow")
    airflow = LocalAirflow(home, Path(__file__).parent / "dags", env=env)
    short = airflow.env.pop(HEARTBEAT_TIMEOUT)
    with airflow:
        airflow.wait_until_healthy()
        yield airflow
        airflow.env[HEARTBEAT_TIMEOUT] = short


@pytest.fixture(scope="module")
def launches(airflow: LocalAirflow, sandboxes: dict[str, Sandbox]) -> dict[str, str]:
    """Launch campaigns and let something fail at each; return the runs."""
    for name, path in LAUNCHES.items():
        if name in TODAY:
            show_generation(sandboxes[name])
        kind = "reset" if name == "answer_lost" else "hang"
        sandboxes[name].faults.add(Fault(kind=kind, when="after", method="POST", path=path))
    return {name: airflow.trigger(f"launch_{name}") for name in LAUNCHES}


@pytest.fixture(scope="module")
def run(airflow: LocalAirflow, launches: dict[str, str], sandboxes: dict[str, Sandbox]) -> WaitingRun:
    """Start the tasks that wait, and kill the launches meanwhile."""
    run = WaitingRun(airflow, WAITING, airflow.trigger(WAITING))
    for name, path in LAUNCHES.items():
        if name == "answer_lost":
            continue
        times = 2 if name == "create_killed" else 1  # the first create showed the generation
        sandboxes[name].wait_for(("POST", path), times=times, stage="committed", timeout=600)
        task = process_talking_to(sandboxes[name], airflow)
        both = [task.parent(), task] if name == "task_and_supervisor_killed" else [task]
        for process in both:
            process.kill()
    return run


def test_what_a_person_does_cancels_the_campaign_and_a_sigterm_does_not(
    airflow: LocalAirflow, sandbox: Sandbox, run: WaitingRun
) -> None:
    def all_wait() -> bool:
        return (
            run.all_are_in_triggerers(DEFERRED)
            and run.all_are(IN_WORKERS, "running")
            and len(campaigns(sandbox)) == CAMPAIGNS
        )

    wait_until(all_wait, 600, f"not every task waits: {run.states()}")
    for name, to in TERMINATED.items():
        supervisor, task = run.processes_of(name)
        for process in {"task": [task], "supervisor": [supervisor], "both": [supervisor, task]}[to]:
            os.kill(process.pid, signal.SIGTERM)
    # Airflow notices this only in the next test, because a new scheduler waits less long.
    for process in run.processes_of("worker_died"):
        process.kill()
    for name in (*BY_A_PERSON, *KEPT_AND_MARKED, "deferred_keep_clear"):
        act(run, name)

    wait_until(lambda: cancelled(sandbox) == BY_A_PERSON, 400, "what a person acted on is not cancelled")
    airflow.kill("triggerer")
    airflow.start(["triggerer"])
    for name in TERMINATED:
        wait_until(
            lambda name=name: run.adopted_by(name) == 2,
            400,
            f"{name} was not adopted by a retry",
        )
    # What was cleared runs again: it says how to call people again, or adopts the campaign that it left.
    cleared = ("worker_clear", "deferred_clear", "deferred_mapped_2")
    wait_until(lambda: run.all_are(cleared, "failed"), 400, "did not run again")
    wait_until(lambda: run.adopted_by("deferred_keep_clear") == 2, 400, "what was kept was not adopted")
    assert cancelled(sandbox) == BY_A_PERSON


def test_a_minute_without_the_api_server_cancels_nothing(
    airflow: LocalAirflow, sandbox: Sandbox, run: WaitingRun
) -> None:
    wait_until(lambda: run.all_are(tuple(TERMINATED), "running"), 400, "not all wait again")
    before = {name: run.processes_of(name)[-1] for name in TERMINATED}
    tries = {name: run.adopted_by(name) or 1 for name in (*TERMINATED, "worker_died")}
    cancels = cancel_requests(sandbox)
    airflow.kill("api-server")
    began = time.monotonic()
    # Airflow kills the tasks after three failed heartbeats.
    wait_until(
        lambda: not any(process.is_running() for process in before.values()), AWAY + 300, "no task was killed"
    )
    time.sleep(max(0, began + AWAY - time.monotonic()))
    assert "Too many failed heartbeats" in airflow.logs()
    # The api-server comes back. The triggerer is stopped politely. The scheduler dies with its workers. The
    # new one does not wait for minutes until it believes that tasks are lost.
    airflow.env[HEARTBEAT_TIMEOUT] = "20"
    airflow.env["AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL"] = "10"
    airflow.terminate("triggerer")
    airflow.kill("scheduler")
    airflow.start(["api-server", "scheduler", "triggerer"])
    for name in tries:
        wait_until(
            lambda name=name: (run.adopted_by(name) or 1) > tries[name],
            600,
            f"{name} was not adopted by a retry",
        )
    assert cancel_requests(sandbox) == cancels
    assert cancelled(sandbox) == BY_A_PERSON


def test_in_the_end_everybody_was_called_once(
    airflow: LocalAirflow, sandbox: Sandbox, run: WaitingRun
) -> None:
    assert run.all_are(TIMED_OUT, "failed")
    # A wait that ended too late was retried, and the retry waited for the same campaign.
    assert run.adopted_by("timeout_retried") == 2
    sandbox.advance(DAY)
    done = (*TERMINATED, "worker_died", "deferred_untouched", "deferred_mapped_3", "deferred_keep_clear")
    wait_until(lambda: run.all_are(done, "success"), 600, f"lost: {run.states()}")
    assert cancelled(sandbox) == BY_A_PERSON
    assert set(sandbox.calls_per_person().values()) == {1}
    posts = [request.path for request in sandbox.requests() if request.method == "POST"]
    assert posts.count("/campaigns") == CAMPAIGNS


@pytest.mark.parametrize("name", LAUNCHES)
def test_a_worker_killed_at_any_request_of_the_launch_calls_everybody_once(
    airflow: LocalAirflow, sandboxes: dict[str, Sandbox], launches: dict[str, str], name: str
) -> None:
    sandbox, dag_id, run_id = sandboxes[name], f"launch_{name}", launches[name]
    assert airflow.wait_for_run(dag_id, run_id) == "success"
    sandbox.advance(DAY)
    assert sandbox.calls_per_person() == {"+14155550001": 1}
    posts = [request.path for request in sandbox.requests() if request.method == "POST"]
    campaign = campaigns(sandbox)["launch"]
    if name in TODAY:
        assert posts == ["/campaigns", "/campaigns", f"/campaigns/{campaign.id}/launch-calls"]
    else:
        assert posts == ["/campaigns"]
    assert airflow.xcom(dag_id, run_id, "launch") == campaign.id
    launch = airflow.xcom(dag_id, run_id, "launch", "launch")
    if name != "answer_lost":
        reason = launch.pop("reason")
        assert reason
        assert launch == {
            "outcome": "adopted",
            "try_number": 2,
            "launched_by_try": 1,
            "not_in_campaign": 0,
        }
        return
    # Its own try has found it. To clear the task calls nobody again.
    assert launch["try_number"] == 1
    airflow.clear(dag_id, run_id, "launch")
    wait_until(
        lambda: airflow.xcom(dag_id, run_id, "launch", "launch")["try_number"] == 2, 400, "was not run again"
    )
    assert airflow.wait_for_run(dag_id, run_id) == "success"
    sandbox.advance(DAY)
    assert sandbox.calls_per_person() == {"+14155550001": 1}
    assert [request.method for request in sandbox.requests()].count("POST") == 1


def act(run: WaitingRun, name: str) -> None:
    """Do what the name says, as a person in the UI."""
    task_id, map_index = place_of(name)
    if name.endswith("clear") or (map_index == 2):
        run.airflow.clear(WAITING, run.run_id, task_id, map_index)
    else:
        state = "success" if name.endswith("success") or map_index == 1 else "failed"
        run.airflow.set_state(WAITING, run.run_id, task_id, state, map_index)


def process_talking_to(sandbox: Sandbox, airflow: LocalAirflow) -> psutil.Process:
    port = int(sandbox.url.rpartition(":")[2])
    return the_process(
        airflow,
        lambda process: any(one.raddr and one.raddr.port == port for one in process.net_connections()),
    )
