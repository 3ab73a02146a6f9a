"""
Every day, the customers who are due are called, and the outcome goes back into the database.

Calls everybody whose plan renews in seven days and who agreed to be called, waits for the campaign without
holding a worker slot, and writes the counts into the table ``call_campaigns``.

To set up: the connection ``revox_default``, your assistant's id as the default of the DAG's param, and the
connection ``crm_db`` to any database that Airflow has a SQL hook for. To try it with SQLite, make one with
``sqlite3 crm.db < data/crm.sql`` and let a connection of type ``sqlite`` have its path as the host.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import Any

import pendulum

# On Airflow 3.1 and later: from airflow.sdk import BaseHook, Param, dag, task
from airflow.providers.common.compat.sdk import BaseHook, Param, dag, task

from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.sensors.revox import CampaignSensor

POKE_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "60"))
# A retry calls nobody again: it goes on with the campaign that is there.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}
CRM = "crm_db"
COUNTS = ["total", "completed", "failed"]  # Revox may leave one out
NOTICE = timedelta(days=7)  # counted from ds: the day of the run, in Airflow 2 the day before


@dag(
    description="Call the customers who are due today, and write the counts back into the database.",
    schedule="@daily",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={"assistant_id": Param("your-assistant-id", type="string", minLength=1)},
)
def scheduled_sql_sync() -> None:
    """Select, call, wait, write back."""

    # Airflow logs what a task returns. These are people's names and numbers: keep them out of the log.
    @task(show_return_value_in_logs=False)
    def select_due(day: str) -> list[dict[str, str]]:
        hook = BaseHook.get_hook(CRM)
        rows = hook.get_records(
            "SELECT phone, first_name, plan, renews_on FROM customers"
            # How a parameter is marked differs among databases; the hook knows.
            f" WHERE call_consent = 1 AND renews_on = {hook.placeholder} ORDER BY id",
            parameters=[(date.fromisoformat(day) + NOTICE).isoformat()],
        )
        return [
            {"phone": phone, "first_name": first_name, "plan": plan, "renews_on": str(renews_on)}
            for phone, first_name, plan, renews_on in rows
        ]

    call_due = CreateCampaignOperator(
        task_id="call_due",
        assistant_id="{{ params.assistant_id }}",
        name="Renewals {{ ds }}",
        # One campaign a day: a second run for the same day finds the first one's campaign and calls nobody
        # again. Without a launch key every run has a campaign of its own.
        launch_key="{{ ds }}",
        contacts=select_due("{{ ds }}"),
        phone_field="phone",
        variable_fields=["first_name", "plan", "renews_on"],
        # The calls start at once. Later: scheduled_at="{{ data_interval_end | ds }}T09:00:00+01:00"
    )

    wait = CampaignSensor(
        task_id="wait",
        campaign_id=call_due.output,
        deferrable=True,
        poke_interval=POKE_INTERVAL,
    )

    @task
    def write_back(campaign_id: str, day: str, row_stats: dict[str, Any]) -> None:
        hook = BaseHook.get_hook(CRM)
        # Delete and insert works in every database, and a second run writes the same row again.
        hook.run(
            f"DELETE FROM call_campaigns WHERE campaign_id = {hook.placeholder}", parameters=[campaign_id]
        )
        hook.insert_rows(
            "call_campaigns",
            [(campaign_id, day, *map(row_stats.get, COUNTS))],
            target_fields=["campaign_id", "day", *COUNTS],
        )

    write_back(call_due.output, "{{ ds }}", wait.output)


scheduled_sql_sync()
