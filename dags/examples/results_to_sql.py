"""
The customers on one plan are called, and what came of each call goes into the database, by the customer's id.

The id goes along as the prompt variable ``crm_id``. When the campaign has ended, its results are written to a
file, and loaded from there into the table ``call_outcomes``, one row per customer. The file holds people's
numbers: in the end it is deleted, even if the load failed.

To set up: the connection ``revox_default``, your assistant's id as the default of the DAG's param, and the
connection ``crm_db`` to a database whose Airflow hook can replace rows: PostgreSQL, MySQL, SQL Server, or
SQLite, made as ``scheduled_sql_sync`` says. The file is in the machine's temporary folder, unless the
environment variable ``REVOX_EXAMPLE_RESULTS`` names another folder or URL, such as
``s3://aws_default@bucket/calls``: one that all workers reach, and nobody else.
"""

from __future__ import annotations

import json
import os
import tempfile
from datetime import timedelta

import pendulum

# On Airflow 3.1 and later: from airflow.sdk import BaseHook, ObjectStoragePath, Param, dag, task
from airflow.providers.common.compat.sdk import BaseHook, ObjectStoragePath, Param, dag, task

from airflow_provider_revox.operators.revox import CampaignResultsOperator, CreateCampaignOperator
from airflow_provider_revox.sensors.revox import CampaignSensor

POKE_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "60"))
# A retry calls nobody again: it goes on with the campaign that is there.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}
RESULTS = os.environ.get("REVOX_EXAMPLE_RESULTS", tempfile.gettempdir()) + "/outcomes_{{ run_id }}.jsonl"
CRM = "crm_db"
COLUMNS = ["campaign_id", "status", "result", "outcome", "attempts", "ended_at", "duration_seconds"]


@dag(
    description="Call the customers on one plan, and load what came of each call into the database.",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={
        "assistant_id": Param("your-assistant-id", type="string", minLength=1),
        "plan": Param("Business", type="string", enum=["Basic", "Plus", "Business"]),
    },
)
def results_to_sql() -> None:
    """Select, call, wait, get the results, load them, delete the file."""

    # Airflow logs what a task returns. These are people's names and numbers: keep them out of the log.
    @task(show_return_value_in_logs=False)
    def select_customers(plan: str) -> list[dict[str, str]]:
        hook = BaseHook.get_hook(CRM)
        rows = hook.get_records(
            "SELECT id, phone, first_name FROM customers"
            # How a parameter is marked differs among databases; the hook knows.
            f" WHERE call_consent = 1 AND plan = {hook.placeholder} ORDER BY id",
            parameters=[plan],
        )
        return [{"crm_id": str(id_), "phone": phone, "first_name": name} for id_, phone, name in rows]

    call_customers = CreateCampaignOperator(
        task_id="call_customers",
        assistant_id="{{ params.assistant_id }}",
        name="Survey {{ params.plan }}",
        # One campaign a plan: a second run finds the first one's and loads its outcome again.
        launch_key="{{ params.plan }}",
        contacts=select_customers("{{ params.plan }}"),
        phone_field="phone",
        variable_fields=["crm_id", "first_name"],
    )

    wait = CampaignSensor(
        task_id="wait",
        campaign_id=call_customers.output,
        deferrable=True,
        poke_interval=POKE_INTERVAL,
    )

    results = CampaignResultsOperator(
        task_id="results",
        campaign_id=call_customers.output,
        path=RESULTS,
        variable_columns=["crm_id"],
    )

    # Reads the file itself, so that nobody's number passes through XCom, and returns counts alone.
    @task
    def load(path: str) -> dict[str, int]:
        outcomes: list[tuple[int | str | None, ...]] = []
        not_called = 0
        with ObjectStoragePath(path).open(encoding="utf-8") as file:
            for row in map(json.loads, iter(file.readline, "")):  # Airflow 2's files are no iterables
                if row["attempts"]:
                    outcomes.append((int(row["crm_id"]), *(row[column] for column in COLUMNS)))
                else:  # a cancelled campaign leaves people out: what is known of them stays
                    not_called += 1
        # The hook replaces by the table's primary key, in the words of its database: a second load changes
        # nothing. All rows are in one transaction.
        BaseHook.get_hook(CRM).insert_rows(
            "call_outcomes", outcomes, target_fields=["customer_id", *COLUMNS], replace=True, commit_every=0
        )
        return {"loaded": len(outcomes), "not_called": not_called}

    @task
    def delete_file(path: str) -> None:
        ObjectStoragePath(path).unlink(missing_ok=True)

    loaded = load(RESULTS)
    wait >> results >> loaded
    # Runs even if the load failed; the run fails then all the same. Who clears the load clears the other two
    # with it, so that there is a file to load.
    loaded >> delete_file(RESULTS).as_teardown(setups=results)


results_to_sql()
