"""The example DAGs in a whole Airflow 3: api-server, scheduler, dag-processor, triggerer."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.airflow_api import wait_until
from dev.local_airflow import LocalAirflow
from dev.showroom import EXAMPLES, crm_database
from revox_sandbox import Sandbox, SandboxSettings

pytestmark = pytest.mark.system

DAY = 24 * 3600
PHONE_NUMBER = re.compile(r"\+[1-9]\d{7,14}")
MAPPED = ("campaign_per_region", "large_list_in_batches")
OUR_TASKS = (
    "call_leads",
    "call_due",
    "call_region",
    "call_batch",
    "call_customers",
    "call_new_leads",
    "batches",
    "wait",
    "results",
    "load",
)


@pytest.fixture(scope="module")
def sandbox(port: int) -> Iterator[Sandbox]:
    # Time stands still, so that a wait ends when the test lets it, and not by luck.
    with Sandbox(SandboxSettings(speed=0, port=port)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def crm(airflow: LocalAirflow) -> Path:
    """Make the example's CRM database anew; return its file."""
    return crm_database(airflow.home)


@pytest.fixture(scope="module")
def files_before(results_folder: Path) -> set[Path]:
    """What the tests of other files have left in the folder of the results."""
    return set(results_folder.iterdir())


@pytest.fixture(scope="module")
def runs(
    airflow: LocalAirflow,
    sandbox: Sandbox,
    crm: Path,
    dags: Path,
    files_before: set[Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """All examples, run to the end: waiting deferred while time stands still, then let go."""
    batches = tmp_path_factory.mktemp("batches")
    airflow.unpause("after_the_calls")
    (dags / EXAMPLES.name / "after_the_calls.py").touch()  # Airflow starts a watcher when it reads the file
    runs = {
        "crm_csv_to_campaign": airflow.trigger("crm_csv_to_campaign"),
        "scheduled_sql_sync": airflow.scheduled_run("scheduled_sql_sync"),
        "campaign_per_region": airflow.trigger("campaign_per_region"),
        "large_list_in_batches": airflow.trigger("large_list_in_batches", conf={"folder": str(batches)}),
        "results_to_sql": airflow.trigger("results_to_sql"),
        "contacts_stay_in_the_worker": airflow.trigger("contacts_stay_in_the_worker"),
    }
    for dag_id, run_id in runs.items():
        wait_until(lambda d=dag_id, r=run_id: _all_deferred(airflow, d, r), 240, f"{dag_id} did not defer")
    # All are launched: from now on only the watcher asks for the list of campaigns.
    lists = sum((request.method, request.path) == ("GET", "/campaigns") for request in sandbox.requests())
    sandbox.wait_for(("GET", "/campaigns"), times=lists + 1, stage="answered", timeout=60)
    sandbox.advance(7 * DAY)
    for dag_id, run_id in runs.items():
        assert airflow.wait_for_run(dag_id, run_id) == "success", _states(airflow, dag_id, run_id)
    return runs


def test_the_csv_export_is_called_and_counted(
    runs: dict[str, str], airflow: LocalAirflow, sandbox: Sandbox
) -> None:
    with (EXAMPLES / "data" / "hubspot_contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        due = {
            row["Phone Number"]
            for row in csv.DictReader(file)
            if row["Lead Status"] in ("New", "Attempted to contact") and row["Phone Number"]
        }
    row_stats = airflow.xcom("crm_csv_to_campaign", runs["crm_csv_to_campaign"], "wait")
    assert row_stats["total"] == len(due) > 0
    assert row_stats["completed"] + row_stats["failed"] == len(due)
    assert due <= set(sandbox.calls_per_person())


def test_the_outcome_is_written_back_to_the_database(
    runs: dict[str, str], airflow: LocalAirflow, crm: Path
) -> None:
    run_id = runs["scheduled_sql_sync"]
    campaign_id = airflow.xcom("scheduled_sql_sync", run_id, "call_due")
    row_stats = airflow.xcom("scheduled_sql_sync", run_id, "wait")
    with sqlite3.connect(crm) as database:
        rows = database.execute("SELECT campaign_id, total, completed, failed FROM call_campaigns").fetchall()
    assert rows == [(campaign_id, row_stats["total"], row_stats["completed"], row_stats["failed"])]


def test_what_came_of_each_call_is_in_the_database_and_loading_it_again_changes_nothing(
    runs: dict[str, str], airflow: LocalAirflow, crm: Path, results_folder: Path, files_before: set[Path]
) -> None:
    dag_id, run_id = "results_to_sql", runs["results_to_sql"]
    campaign_id = airflow.xcom(dag_id, run_id, "call_customers")
    manifest = airflow.xcom(dag_id, run_id, "results")
    outcomes = _outcomes(crm)
    with sqlite3.connect(crm) as database:
        called = database.execute(
            "SELECT id FROM customers WHERE call_consent = 1 AND plan = 'Business' ORDER BY id"
        ).fetchall()
    assert [row[:1] for row in outcomes] == called != []
    assert {row[1] for row in outcomes} == {campaign_id}
    assert dict(Counter(row[2] for row in outcomes)) == manifest["by_status"]
    assert dict(Counter(row[3] or "none" for row in outcomes)) == manifest["by_result"]
    assert dict(Counter(row[4] or "none" for row in outcomes)) == manifest["by_outcome"]
    assert airflow.xcom(dag_id, run_id, "load") == {"loaded": len(called), "not_called": 0}
    assert set(results_folder.iterdir()) == files_before

    airflow.clear(dag_id, run_id, "load")
    assert airflow.wait_for_run(dag_id, run_id) == "success", _states(airflow, dag_id, run_id)
    tries = {task["task_id"]: task["try_number"] for task in airflow.task_instances(dag_id, run_id)}
    assert (tries["results"], tries["load"], tries["call_customers"]) == (2, 2, 1)
    assert _outcomes(crm) == outcomes
    assert set(results_folder.iterdir()) == files_before


def test_the_contacts_of_the_decorated_function_are_called(
    runs: dict[str, str], airflow: LocalAirflow
) -> None:
    dag_id, run_id = "contacts_stay_in_the_worker", runs["contacts_stay_in_the_worker"]
    report = airflow.xcom(dag_id, run_id, "call_new_leads", key="contact_report")
    row_stats = airflow.xcom(dag_id, run_id, "wait")
    assert row_stats["total"] == report["to_call"] > 0
    assert row_stats["completed"] + row_stats["failed"] == row_stats["total"]


def test_every_region_gets_a_campaign_of_its_own(runs: dict[str, str], airflow: LocalAirflow) -> None:
    run_id = runs["campaign_per_region"]
    campaigns = [airflow.xcom("campaign_per_region", run_id, "call_region", map_index=i) for i in range(5)]
    assert len(set(campaigns)) == 5


def test_a_large_list_is_called_in_batches(runs: dict[str, str], airflow: LocalAirflow) -> None:
    run_id = runs["large_list_in_batches"]
    report = airflow.xcom("large_list_in_batches", run_id, "batches", key="contact_report")
    batches = airflow.xcom("large_list_in_batches", run_id, "batches")
    assert len(batches) == -(-report["to_call"] // 8) > 1
    campaigns = [
        airflow.xcom("large_list_in_batches", run_id, "call_batch", map_index=index)
        for index in range(len(batches))
    ]
    assert len(set(campaigns)) == len(batches)
    totals = [
        airflow.xcom("large_list_in_batches", run_id, "wait", map_index=index)["total"]
        for index in range(len(batches))
    ]
    assert sum(totals) == report["to_call"]


def test_a_campaign_that_completes_starts_the_dag_that_watches_it(
    runs: dict[str, str], airflow: LocalAirflow
) -> None:
    campaign_id = airflow.xcom("crm_csv_to_campaign", runs["crm_csv_to_campaign"], "call_leads")
    wait_until(lambda: airflow.run_ids("after_the_calls"), 60, "after_the_calls was not started")
    (run_id,) = airflow.run_ids("after_the_calls")
    assert airflow.wait_for_run("after_the_calls", run_id) == "success"
    assert airflow.xcom("after_the_calls", run_id, "report") == [campaign_id]


def test_no_phone_number_is_in_any_log_or_in_what_airflow_stores_of_our_tasks(
    runs: dict[str, str], airflow: LocalAirflow, sandbox: Sandbox
) -> None:
    numbers = set(sandbox.calls_per_person())
    logs = airflow.logs()
    assert "Launched campaign" in logs
    assert not numbers & set(PHONE_NUMBER.findall(logs))
    assert sandbox.api_key not in logs
    with sqlite3.connect(airflow.home / "airflow.db") as database:
        stored = "\n".join(
            str(row)
            for query in (
                "SELECT * FROM rendered_task_instance_fields",
                "SELECT * FROM serialized_dag",
                "SELECT * FROM trigger",
                "SELECT * FROM log",
                # What an upstream task hands over is the user's; ours hold ids and counts.
                f"SELECT * FROM xcom WHERE task_id IN {OUR_TASKS}",
            )
            for row in database.execute(query)
        )
    assert " contacts" in stored
    assert not numbers & set(PHONE_NUMBER.findall(stored))
    assert sandbox.api_key not in stored


def _outcomes(crm: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(crm) as database:
        return database.execute("SELECT * FROM call_outcomes ORDER BY customer_id").fetchall()


def _all_deferred(airflow: LocalAirflow, dag_id: str, run_id: str) -> bool:
    states = [
        task["state"]
        for task in airflow.task_instances(dag_id, run_id)
        if task["task_id"] == "wait" and (dag_id not in MAPPED or task["map_index"] >= 0)
    ]
    return bool(states) and set(states) == {"deferred"}


def _states(airflow: LocalAirflow, dag_id: str, run_id: str) -> dict[str, str]:
    return {task["task_id"]: task["state"] for task in airflow.task_instances(dag_id, run_id)}
