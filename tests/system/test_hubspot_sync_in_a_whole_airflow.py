"""The example ``hubspot_sync`` over five data intervals, in a whole Airflow 3."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dev.hubspot import CONTACTS, HubSpot
from dev.local_airflow import LocalAirflow
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.dags.sync_world import DAYS, TASKS, CrmDays, check_each_is_called_and_told_once

pytestmark = pytest.mark.system

DAG_ID = "hubspot_sync"
INTERVAL = timedelta(hours=8)
NUMBER = re.compile(r"415\D{0,3}555")
OF_HUBSPOT = ("search", "batch/read", "batch/update")
OF_REVOX = (("GET", "/campaigns"), ("POST", "/campaigns"), ("GET", "/campaigns/{id}/rows"))


@pytest.fixture(scope="module")
def sandbox(port: int) -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(speed=1_000_000, call_ends={"human": 1}, port=port)) as sandbox:
        yield sandbox


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
            for table in ("xcom", "rendered_task_instance_fields", "serialized_dag", "log")
            for row in database.execute(f"SELECT * FROM {table} WHERE dag_id = ?", [DAG_ID])
        ]
        stored += [str(row) for row in database.execute("SELECT * FROM trigger")]
    assert any("hubspot_lists" in row for row in stored)
    assert NUMBER.findall("\n".join(stored)) == []
    assert NUMBER.findall(airflow.logs()) == []
