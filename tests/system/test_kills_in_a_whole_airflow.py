"""What a kill does to the campaign, in a whole Airflow 3: the table in docs/what-happens-when.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.sandbox import Fault, Sandbox, SandboxSettings
from dev.local_airflow import LocalAirflow, wait_until

pytestmark = pytest.mark.system

LAUNCHING, WAITING = "killed_while_launching", "killed_while_waiting"
DAY = 24 * 3600


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(speed=0, call_ends={"human": 1})) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def airflow(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    env = {"AIRFLOW_CONN_REVOX_DEFAULT": sandbox.conn_json(), "AIRFLOW__CORE__PARALLELISM": "8"}
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
    deferred = ("deferred", "deferred_keep", "deferred_success", "deferred_clear", "restart", "sensor")
    workers = ("worker", "worker_keep", "worker_clear")

    def all_wait() -> bool:
        states = airflow.states(WAITING, run_id)
        return (
            {states[task] for task in deferred} == {"deferred"}
            and {states[task] for task in workers} == {"running"}
            and {states["deferred_timeout"], states["worker_timeout"]} == {"failed"}
            and len(campaigns(sandbox)) == 11
        )

    wait_until(all_wait, 180, f"not every task waits: {airflow.states(WAITING, run_id)}")
    for task in ("worker", "worker_keep", "deferred", "deferred_keep", "sensor"):
        airflow.set_state(WAITING, run_id, task, "failed")
    airflow.set_state(WAITING, run_id, "deferred_success", "success")
    airflow.clear(WAITING, run_id, "deferred_clear")
    airflow.clear(WAITING, run_id, "worker_clear")
    cancelled = {"worker", "deferred", "deferred_success", "deferred_clear", "worker_clear"}
    wait_until(
        lambda: {name for name, campaign in campaigns(sandbox).items() if campaign.is_cancelled} == cancelled,
        120,
        f"cancelled: {[name for name, campaign in campaigns(sandbox).items() if campaign.is_cancelled]}",
    )
    # What was cleared runs again, and says how to call people again on purpose.
    cleared = ("deferred_clear", "worker_clear")

    def ran_again() -> bool:
        states = airflow.states(WAITING, run_id)
        return {states[task] for task in cleared} == {"failed"}

    wait_until(ran_again, 120, "what was cleared did not run again")
    assert "of this launch key was cancelled" in airflow.logs()

    airflow.kill("triggerer")
    airflow.start(["triggerer"])
    sandbox.advance(DAY)
    wait_until(lambda: airflow.states(WAITING, run_id)["restart"] == "success", 180, "the wait was lost")
    live = {name for name, campaign in campaigns(sandbox).items() if not campaign.is_cancelled}
    assert live == {
        "worker_keep",
        "deferred_keep",
        "deferred_timeout",
        "worker_timeout",
        "restart",
        "watched",
    }
    assert set(sandbox.calls_per_person().values()) == {1}


def campaigns(sandbox: Sandbox) -> dict[str, Campaign]:
    """Return the campaigns by the name of their task."""
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        return {(campaign.name or "").partition(" ")[0]: campaign for campaign in client.list_campaigns()}
