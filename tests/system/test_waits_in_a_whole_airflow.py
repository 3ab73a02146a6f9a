"""Waits that go on, whatever happens to the triggerer or to Revox, in a whole Airflow 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.metrics import FAILED_POLLS, LAUNCHED, OUTAGES, POLLS, WAIT_TIME
from dev.airflow_api import wait_until
from dev.local_airflow import LocalAirflow
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.statsd_server import StatsdServer
from tests.system.waiting_run import wait_until_polled

pytestmark = pytest.mark.system

FIFTY, MODES = "fifty_wait", "waits_in_every_mode"
HOUR = 3600


@pytest.fixture(scope="module")
def sandbox(port: int) -> Iterator[Sandbox]:
    # It is stopped and started again, and must be found where it was.
    with Sandbox(SandboxSettings(speed=0, call_ends={"human": 1}, port=port)) as sandbox:
        yield sandbox


def test_fifty_waits_outlive_the_triggerer(airflow: LocalAirflow, sandbox: Sandbox) -> None:
    sandbox.reset()
    # One call at a time: they take an hour and longer.
    ids = [launch(sandbox, range(1000 + 100 * n, 1100 + 100 * n), max_concurrent_calls=1) for n in range(25)]
    run_id = airflow.trigger(FIFTY, {"campaign_ids": ids})
    wait_until(
        lambda: Counter(states(airflow, FIFTY, run_id).values()) == {"deferred": 50, "success": 1},
        240,
        f"not every task waits: {states(airflow, FIFTY, run_id)}",
    )
    everyone = set(campaigns(sandbox))
    assert len(everyone) == 50
    wait_until_polled(sandbox, everyone)

    airflow.kill("triggerer")
    # Half of the campaigns end while nobody looks.
    sandbox.advance(HOUR)
    ended = {id_ for id_, campaign in campaigns(sandbox).items() if campaign.status == "completed"}
    assert len(ended) == 25
    airflow.start(["triggerer"])
    wait_until_polled(sandbox, everyone, timeout=90)
    # The task is deferred, so only its trigger can have seen and pushed that some people were called.
    wait_until(
        lambda: any(0 < done < 100 for done in completed_over_time(airflow, run_id, "sensor", 0)),
        120,
        "no trigger has pushed what it saw",
    )
    assert states(airflow, FIFTY, run_id)["sensor[0]"] == "deferred"
    sandbox.advance(24 * HOUR)

    assert airflow.wait_for_run(FIFTY, run_id) == "success", states(airflow, FIFTY, run_id)
    assert Counter(states(airflow, FIFTY, run_id).values()) == {"success": 51}
    for number in range(25):
        assert airflow.xcom(FIFTY, run_id, "sensor", map_index=number)["completed"] == 100
        assert airflow.xcom(FIFTY, run_id, "calls", "row_stats", map_index=number)["completed"] == 1
        assert completed_over_time(airflow, run_id, "sensor", number)[-1] == 100
    assert_called_once_and_never_cancelled(sandbox, created=50)


def test_every_wait_outlives_an_outage_that_changes_its_face_and_is_counted(
    airflow: LocalAirflow, sandbox: Sandbox, statsd_server: StatsdServer
) -> None:
    sandbox.reset()
    ids = [launch(sandbox, [10 + number]) for number in range(3)]
    run_id = airflow.trigger(MODES, {"campaign_ids": ids})
    waiting = {
        "deferred": "deferred",
        "poke": "running",
        "reschedule": "up_for_reschedule",
        "calls_deferred": "deferred",
        "calls_worker": "running",
    }
    wait_until(
        lambda: states(airflow, MODES, run_id) == waiting and len(campaigns(sandbox)) == 5,
        240,
        f"not every task waits: {states(airflow, MODES, run_id)}",
    )
    everyone = set(campaigns(sandbox))
    assert len(everyone) == 5

    sandbox.stop()
    wait_until(
        lambda: all(task_log(airflow, MODES, task).count("Can't see campaign") for task in waiting),
        60,
        "not every task met a connection that is refused",
    )
    outage = Fault(kind="status", status=503, method="GET", path="/campaigns/{id}", times=None)
    sandbox.faults.add(outage)
    sandbox.start()
    for fault in (
        outage,
        outage.model_copy(update={"status": 429, "retry_after": 1}),
        Fault(kind="broken_json", method="GET", path="/campaigns/{id}", times=None),
    ):
        sandbox.faults.clear()
        sandbox.faults.add(fault)
        wait_until_polled(sandbox, everyone, fault.kind)
    sandbox.faults.clear()
    sandbox.advance(24 * HOUR)

    assert airflow.wait_for_run(MODES, run_id) == "success", states(airflow, MODES, run_id)
    assert set(states(airflow, MODES, run_id).values()) == {"success"}
    for task in ("deferred", "poke", "reschedule"):
        assert airflow.xcom(MODES, run_id, task)["completed"] == 1
    for task in ("calls_deferred", "calls_worker"):
        assert airflow.xcom(MODES, run_id, task, "row_stats")["completed"] == 1
    assert_called_once_and_never_cancelled(sandbox, created=5)

    counts = statsd_server.counts("dag_id", "task_id")
    for task in waiting:
        assert counts[OUTAGES, MODES, task] >= 1
        assert counts[FAILED_POLLS, MODES, task] >= 3
        # A task polls once before it defers: the triggerer has counted the others.
        assert counts[POLLS, MODES, task] > counts[FAILED_POLLS, MODES, task]
    for task in ("calls_deferred", "calls_worker"):
        assert counts[LAUNCHED, MODES, task] == 1
    timed = [one for one in statsd_server.received() if (one.name, one.tag("dag_id")) == (WAIT_TIME, MODES)]
    assert sorted((one.tag("task_id"), one.tag("state")) for one in timed) == [
        (task, "succeeded") for task in sorted(waiting)
    ]


def completed_over_time(airflow: LocalAirflow, run_id: str, task_id: str, map_index: int) -> list[int]:
    """Return how many people were called at each point of the progress that is in Airflow now."""
    points = airflow.xcom(FIFTY, run_id, task_id, "progress", map_index=map_index)
    return [point["counts"]["completed"] for point in points]


def launch(sandbox: Sandbox, numbers: range | list[int], **fields: object) -> str:
    contacts = [
        {"to_phone_number": f"+1415{number + 5_000_000}", "prompt_variables": {}} for number in numbers
    ]
    campaign = CampaignCreate.build(assistant_id="a1", name="waited for", contacts=contacts, **fields)
    with client(sandbox) as revox:
        return revox.create_campaign(campaign).id


def campaigns(sandbox: Sandbox) -> dict[str, Campaign]:
    with client(sandbox) as revox:
        return {campaign.id: campaign for campaign in revox.list_campaigns()}


def client(sandbox: Sandbox) -> RevoxClient:
    return RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url))


def states(airflow: LocalAirflow, dag_id: str, run_id: str) -> dict[str, str]:
    return {
        f"{task['task_id']}[{task['map_index']}]" if task["map_index"] >= 0 else task["task_id"]: task[
            "state"
        ]
        for task in airflow.task_instances(dag_id, run_id)
    }


def task_log(airflow: LocalAirflow, dag_id: str, task_id: str) -> str:
    """Return what a task has logged, in workers and in the triggerer."""
    logs = airflow.home.glob(f"logs/dag_id={dag_id}/*/task_id={task_id}/*")
    return "\n".join(path.read_text(errors="replace") for path in logs)


def assert_called_once_and_never_cancelled(sandbox: Sandbox, created: int) -> None:
    assert set(sandbox.calls_per_person().values()) == {1}
    posts = [request.path for request in sandbox.requests() if request.method == "POST"]
    assert posts == ["/campaigns"] * created
    assert [campaign.is_cancelled for campaign in campaigns(sandbox).values()] == [False] * created
