"""What a kill does to the campaign, in a whole Airflow 3: the table in docs/what-happens-when.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.models import Campaign
from dev.local_airflow import LocalAirflow, wait_until
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.launch.world import show_generation

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("whole Airflow 1")]

LAUNCHING, WAITING = "killed_while_launching", "killed_while_waiting"
LAUNCHING_TODAY = "killed_while_launching_today"
DAY = 24 * 3600


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(speed=0, call_ends={"human": 1})) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sandbox_of_today() -> Iterator[Sandbox]:
    """One whose create calls nobody: calls are launched by a request of their own."""
    with Sandbox(SandboxSettings(speed=0, call_ends={"human": 1}, generation="launch-calls")) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def airflow(
    sandbox: Sandbox, sandbox_of_today: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAirflow]:
    env = {
        "AIRFLOW_CONN_REVOX_DEFAULT": sandbox.conn_json(),
        "AIRFLOW_CONN_REVOX_TODAY": sandbox_of_today.conn_json(),
        "AIRFLOW__CORE__PARALLELISM": "8",
    }
    home = tmp_path_factory.mktemp("airflow")
    with LocalAirflow(home, Path(__file__).parent / "dags", env=env) as airflow:
        airflow.wait_until_healthy()
        yield airflow


def processes_talking_to(sandbox: Sandbox, airflow: LocalAirflow) -> list[psutil.Process]:
    port = int(sandbox.url.rpartition(":")[2])
    return [
        process
        for process in airflow.descendants()
        if any(connection.raddr and connection.raddr.port == port for connection in process.net_connections())
    ]


@pytest.mark.parametrize("whole_tree", [False, True], ids=["the task", "the task and its supervisor"])
def test_a_worker_killed_right_after_the_server_committed_calls_nobody_twice(
    airflow: LocalAirflow, sandbox: Sandbox, whole_tree: bool
) -> None:
    sandbox.reset()
    sandbox.faults.add(Fault(kind="hang", when="after", method="POST", path="/campaigns"))
    run_id = airflow.trigger(LAUNCHING)
    sandbox.wait_for(("POST", "/campaigns"), stage="committed", timeout=120)
    (task,) = processes_talking_to(sandbox, airflow)
    for process in [task.parent(), task] if whole_tree else [task]:
        process.kill()
    assert airflow.wait_for_run(LAUNCHING, run_id) == "success"
    sandbox.advance(DAY)
    assert sandbox.calls_per_person() == {"+14155550001": 1}
    assert [request.method for request in sandbox.requests()].count("POST") == 1
    (campaign,) = campaigns(sandbox).values()
    assert airflow.xcom(LAUNCHING, run_id, "launch") == campaign.id
    assert airflow.xcom(LAUNCHING, run_id, "launch", "launch") == {
        "outcome": "adopted",
        "try_number": 2,
        "launched_by_try": 1,
    }


@pytest.mark.parametrize("path", ["/campaigns", "/campaigns/{id}/launch-calls"])
def test_a_worker_killed_between_create_and_launch_or_after_the_launch_calls_everybody_once(
    airflow: LocalAirflow, sandbox_of_today: Sandbox, path: str
) -> None:
    sandbox = sandbox_of_today
    sandbox.reset()
    show_generation(sandbox)
    sandbox.faults.add(Fault(kind="hang", when="after", method="POST", path=path))
    run_id = airflow.trigger(LAUNCHING_TODAY)
    times = 2 if path == "/campaigns" else 1  # the first showed the generation
    sandbox.wait_for(("POST", path), times=times, stage="committed", timeout=120)
    sandbox.advance(DAY)
    assert sandbox.calls_per_person() == ({} if path == "/campaigns" else {"+14155550001": 1})
    (task,) = processes_talking_to(sandbox, airflow)
    task.kill()
    assert airflow.wait_for_run(LAUNCHING_TODAY, run_id) == "success"
    sandbox.advance(DAY)
    assert sandbox.calls_per_person() == {"+14155550001": 1}
    posts = [request.path for request in sandbox.requests() if request.method == "POST"]
    (campaign,) = (one for one in campaigns(sandbox).values() if one.name != "x")
    assert posts == ["/campaigns", "/campaigns", f"/campaigns/{campaign.id}/launch-calls"]
    assert airflow.xcom(LAUNCHING_TODAY, run_id, "launch") == campaign.id
    assert airflow.xcom(LAUNCHING_TODAY, run_id, "launch", "launch") == {
        "outcome": "adopted",
        "try_number": 2,
        "launched_by_try": 1,
    }


def test_a_lost_answer_is_found_by_the_same_try_and_clearing_the_task_calls_nobody_again(
    airflow: LocalAirflow, sandbox: Sandbox
) -> None:
    sandbox.reset()
    sandbox.faults.add(Fault(kind="reset", when="after", method="POST", path="/campaigns"))
    run_id = airflow.trigger(LAUNCHING)
    assert airflow.wait_for_run(LAUNCHING, run_id) == "success"
    sandbox.advance(DAY)
    assert sandbox.calls_per_person() == {"+14155550001": 1}
    assert airflow.xcom(LAUNCHING, run_id, "launch", "launch")["try_number"] == 1
    airflow.clear(LAUNCHING, run_id, "launch")
    wait_until(
        lambda: airflow.xcom(LAUNCHING, run_id, "launch", "launch")["try_number"] == 2,
        120,
        "was not run again",
    )
    assert airflow.wait_for_run(LAUNCHING, run_id) == "success"
    sandbox.advance(DAY)
    assert sandbox.calls_per_person() == {"+14155550001": 1}
    assert [request.method for request in sandbox.requests()].count("POST") == 1


def test_what_each_kill_does_to_the_campaign(airflow: LocalAirflow, sandbox: Sandbox) -> None:
    sandbox.reset()
    run_id = airflow.trigger(WAITING)
    deferred = (
        *("deferred", "deferred_keep", "deferred_success", "deferred_clear", "deferred_keep_clear"),
        *("restart", "sensor"),
    )
    workers = ("worker", "worker_keep", "worker_clear", "worker_success", "worker_died")
    timed_out = ("deferred_timeout", "worker_timeout", "deferred_execution_timeout", "timeout_retried")

    def all_are(tasks: tuple[str, ...], state: str) -> bool:
        states = airflow.states(WAITING, run_id)
        return {states[task] for task in tasks} == {state}

    def all_wait() -> bool:
        return (
            all_are(deferred, "deferred")
            and all_are(workers, "running")
            and all_are(timed_out, "failed")
            and len(campaigns(sandbox)) == 16
        )

    wait_until(all_wait, 240, f"not every task waits: {airflow.states(WAITING, run_id)}")
    # A wait that ended too late was retried, and the retry waited for the same campaign.
    assert airflow.xcom(WAITING, run_id, "timeout_retried", "launch") == {
        "outcome": "adopted",
        "try_number": 2,
        "launched_by_try": 1,
    }
    for task in ("worker", "worker_keep", "deferred", "deferred_keep", "sensor"):
        airflow.set_state(WAITING, run_id, task, "failed")
    for task in ("worker_success", "deferred_success"):
        airflow.set_state(WAITING, run_id, task, "success")
    for task in ("deferred_clear", "worker_clear", "deferred_keep_clear"):
        airflow.clear(WAITING, run_id, task)
    cancelled = {
        *("worker", "worker_success", "worker_clear"),
        *("deferred", "deferred_success", "deferred_clear"),
    }
    wait_until(
        lambda: {name for name, campaign in campaigns(sandbox).items() if campaign.is_cancelled} == cancelled,
        120,
        f"cancelled: {[name for name, campaign in campaigns(sandbox).items() if campaign.is_cancelled]}",
    )
    # What was cleared runs again: it says how to call people again on purpose, or adopts a campaign it left.
    wait_until(lambda: all_are(("deferred_clear", "worker_clear"), "failed"), 120, "did not run again")
    wait_until(
        lambda: airflow.xcom(WAITING, run_id, "deferred_keep_clear", "launch")["outcome"] == "adopted",
        120,
        "what was cleared and kept was not adopted",
    )

    for process in processes_of(airflow, "worker_died"):
        process.kill()
    wait_until(
        lambda: airflow.xcom(WAITING, run_id, "worker_died", "launch")["outcome"] == "adopted",
        120,
        "the campaign of the worker that died was not adopted",
    )
    airflow.kill("triggerer")
    airflow.start(["triggerer"])
    sandbox.advance(DAY)
    done = ("restart", "worker_died", "deferred_keep_clear")
    wait_until(lambda: all_are(done, "success"), 180, f"lost: {airflow.states(WAITING, run_id)}")
    assert {name for name, campaign in campaigns(sandbox).items() if campaign.is_cancelled} == cancelled
    assert set(sandbox.calls_per_person().values()) == {1}
    assert [request.path for request in sandbox.requests() if request.method == "POST"].count(
        "/campaigns"
    ) == 16


def processes_of(airflow: LocalAirflow, task_id: str) -> list[psutil.Process]:
    """Return the supervisor of a task that runs, which has its log open, and the task below it."""
    supervisors = [
        process
        for process in airflow.descendants()
        if any(f"task_id={task_id}/" in file.path for file in process.open_files())
    ]
    assert supervisors
    return [*supervisors, *(child for one in supervisors for child in one.children(recursive=True))]


def campaigns(sandbox: Sandbox) -> dict[str, Campaign]:
    """Return the campaigns by the name of their task."""
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        return {(campaign.name or "").partition(" ")[0]: campaign for campaign in client.list_campaigns()}
