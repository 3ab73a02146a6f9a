"""
One campaign per region, each in its own time zone, through dynamic task mapping.

Reads an export of Salesforce contacts, launches a campaign for each region that has contacts, waits for all
of them without holding worker slots, and logs the sum.

To set up: the connection ``revox_default``. Then trigger it with your assistant's id and your export, or
leave the export that is shipped beside this file.
"""

from __future__ import annotations

import csv
import logging
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum

# On Airflow 3 alone: from airflow.sdk import Param, dag, task
from airflow.providers.common.compat.sdk import Param, dag, task

from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.sensors.revox import CampaignSensor

POKE_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "60"))
# A retry calls nobody again: it goes on with the campaign that is there.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}
OFFICE_HOURS = {
    "calling_window_start_time": "09:00",
    "calling_window_end_time": "6pm",
    "retry_delay_seconds": 7200,
}
REGIONS = {
    "Central Europe": ("Europe/Berlin", ["Austria", "Czechia", "Germany", "Poland", "Switzerland"]),
    "East Africa": ("Africa/Nairobi", ["Kenya", "Tanzania", "Uganda"]),
    "Nordics": ("Europe/Stockholm", ["Denmark", "Norway", "Sweden"]),
    "Southeast Asia": ("Asia/Singapore", ["Malaysia", "Philippines", "Singapore"]),
    "Western Europe": ("Europe/Paris", ["Belgium", "France", "Italy", "Luxembourg", "Netherlands", "Spain"]),
}
REGION_OF = {country: region for region, (_, countries) in REGIONS.items() for country in countries}


@dag(
    description="Launch one campaign per region through dynamic task mapping, wait for all, and sum up.",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={
        "assistant_id": Param("your-assistant-id", type="string", minLength=1),
        "export": Param(
            "data/salesforce_contacts.csv",
            type="string",
            description="CSV file; a relative path counts from the DAG file's folder.",
        ),
    },
)
def campaign_per_region() -> None:
    """Group, call per region, wait for all, sum up."""

    # Airflow logs what a task returns. These are people's names and numbers: keep them out of the log.
    @task(show_return_value_in_logs=False)
    def plan_campaigns(export: str, run: str) -> list[dict[str, Any]]:
        contacts: dict[str, list[dict[str, str]]] = {}
        with (Path(__file__).parent / export).open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                region = REGION_OF.get(row["Mailing Country"])
                if region and row["Mobile"] and row["Do Not Call"] == "0":
                    contact = {name: row[name] for name in ("Mobile", "First Name", "Account Name")}
                    contacts.setdefault(region, []).append(contact)
        return [
            {
                "name": f"Check-in {region}",
                # Bound to the region, not to its place in this list, which another try may change.
                "launch_key": f"{run}/{region}",
                "contacts": contacts[region],
                "call_retry_config": {
                    "calling_windows": [OFFICE_HOURS],
                    "max_retry_attempts": 3,
                    "timezone": REGIONS[region][0],
                },
            }
            for region in contacts
        ]

    call_region = CreateCampaignOperator.partial(
        task_id="call_region",
        assistant_id="{{ params.assistant_id }}",
        phone_field="Mobile",
        variable_fields=["First Name", "Account Name"],
        map_index_template="{{ task.name }}",
    ).expand_kwargs(plan_campaigns("{{ params.export }}", "{{ run_id }}"))

    wait = CampaignSensor.partial(
        task_id="wait",
        deferrable=True,
        poke_interval=POKE_INTERVAL,
        # If the campaign of one list is skipped, because it has nobody to call, wait for the others.
        trigger_rule="none_failed",
        map_index_template="{{ task.campaign_id }}",
    ).expand(campaign_id=call_region.output)

    # The same, but if all of them are skipped, there is nothing to sum up.
    @task(trigger_rule="none_failed_min_one_success")
    def sum_up(row_stats: Sequence[dict[str, Any]]) -> None:
        stats = row_stats[:]  # what mapped tasks return comes lazily; this reads all of it at once
        logging.getLogger("airflow.task").info(
            "%s campaigns: %s of %s calls completed, %s failed",
            len(stats),
            *(sum(counts.get(name, 0) for counts in stats) for name in ("completed", "total", "failed")),
        )

    sum_up(wait.output)


campaign_per_region()
