"""The example ``hubspot_sync`` over five data intervals, in a whole Airflow 3."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dev.hubspot import CONTACTS, HubSpot
from dev.local_airflow import LocalAirflow
from dev.showroom import EXAMPLES
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.dags.sync_world import DAYS, TASKS, CrmDays, check_each_is_called_and_told_once

pytestmark = pytest.mark.system

DAG_ID = "hubspot_sync"
INTERVAL = timedelta(hours=8)
NUMBER = re.compile(r"415\D{0,3}555")
OF_HUBSPOT = ("search", "batch/read", "batch/update")
OF_REVOX = (("GET", "/campaigns"), ("POST", "/campaigns"), ("GET", "/campaigns/{id}/rows"))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(speed=1_000_000, call_ends={"human": 1})) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def hubspot() -> Iterator[HubSpot]:
    with HubSpot() as hubspot:
        yield hubspot


@pytest.fixture(scope="module")
def airflow(
    sandbox: Sandbox, hubspot: HubSpot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAirflow]:
    env = {
        "AIRFLOW_CONN_REVOX_DEFAULT": sandbox.conn_json(),
        "AIRFLOW_CONN_HUBSPOT": hubspot.conn_json(),
        "REVOX_EXAMPLE_POKE_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "REVOX_EXAMPLE_RESULTS": str(tmp_path_factory.mktemp("sync")),
        "SYNC_EXAMPLE": str(EXAMPLES / f"{DAG_ID}.py"),
    }
    with LocalAirflow(tmp_path_factory.mktemp("airflow"), Path(__file__).parent / "sync", env=env) as airflow:
        airflow.wait_until_healthy()
        yield airflow


def test_each_contact_is_called_once_and_each_outcome_is_in_the_crm_once(
    airflow: LocalAirflow, sandbox: Sandbox, hubspot: HubSpot
) -> None:
    crm = CrmDays(hubspot)
    last_end = datetime.now(UTC) - timedelta(hours=1)
    for day, dies in zip(range(DAYS), TASKS, strict=True):
        end = last_end - (DAYS - 1 - day) * INTERVAL
        hubspot.now = (end - INTERVAL / 2).timestamp
        crm.pass_day(day)
        hubspot.now = (end + timedelta(minutes=1)).timestamp
        crm.pass_night()
        hubspot.faults.add(
            *(Fault(kind="close", when="after", path=f"{CONTACTS}/{one}") for one in OF_HUBSPOT)
        )
        sandbox.faults.add(
            *(Fault(kind="close", when="after", method=method, path=path) for method, path in OF_REVOX),
            # Of the wait or, because a lost answer makes the wait defer for longer, of the results
            Fault(kind="close", when="after", path="/campaigns/{id}", skip=0 if dies == "wait" else 1),
        )
        run_id = airflow.trigger(DAG_ID, {"dies": dies}, interval=(end - INTERVAL, end))
        assert airflow.wait_for_run(DAG_ID, run_id) == "success", airflow.states(DAG_ID, run_id)
        assert airflow.states(DAG_ID, run_id) == dict.fromkeys(TASKS, "success")
        assert len(airflow.tries(DAG_ID, run_id, dies)) == 2, dies
        assert hubspot.faults.waiting == []
        assert sandbox.faults.waiting == []
    check_each_is_called_and_told_once(crm, sandbox)

    last_week = last_end - timedelta(days=7)
    late = airflow.trigger(DAG_ID, interval=(last_week - INTERVAL, last_week))
    assert airflow.wait_for_run(DAG_ID, late) == "success"
    assert airflow.states(DAG_ID, late) == dict.fromkeys(TASKS, "skipped")
    check_each_is_called_and_told_once(crm, sandbox)

    with sqlite3.connect(airflow.home / "airflow.db") as database:
        stored = [
            str(row)
            for table in ("xcom", "rendered_task_instance_fields", "serialized_dag", "log", "trigger")
            for row in database.execute(f"SELECT * FROM {table}")
        ]
    assert any("hubspot_lists" in row for row in stored)
    assert NUMBER.findall("\n".join(stored)) == []
    assert NUMBER.findall(airflow.logs()) == []
