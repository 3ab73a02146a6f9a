"""
A CRM's CSV export becomes a campaign.

Reads an export of HubSpot contacts, calls the new leads, waits for the campaign without holding a worker
slot, and logs how the calls ended.

To set up: the connection ``revox_default``. Then trigger it with your assistant's id and your export, or
leave the export that is shipped beside this file.
"""

from __future__ import annotations

import csv
import logging
import os
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
LEAD_STATUSES = {"New", "Attempted to contact"}


@dag(
    description="Call the new leads of a CRM's CSV export, wait for the campaign, and log how it ended.",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={
        "assistant_id": Param("your-assistant-id", type="string", minLength=1),
        "export": Param(
            "data/hubspot_contacts.csv",
            type="string",
            description="CSV file; a relative path counts from the DAG file's folder.",
        ),
    },
)
def crm_csv_to_campaign() -> None:
    """Read, call, wait, report."""

    # Airflow logs what a task returns. These are people's names and numbers: keep them out of the log.
    @task(show_return_value_in_logs=False)
    def read_leads(export: str) -> list[dict[str, str]]:
        # utf-8-sig also reads an export that Excel has saved again.
        with (Path(__file__).parent / export).open(encoding="utf-8-sig", newline="") as file:
            return [
                {
                    "Phone Number": row["Phone Number"],
                    "First Name": row["First Name"],
                    "Company name": row["Company name"],
                }
                for row in csv.DictReader(file)
                if row["Lead Status"] in LEAD_STATUSES and row["Phone Number"]
            ]

    call_leads = CreateCampaignOperator(
        task_id="call_leads",
        assistant_id="{{ params.assistant_id }}",
        name="New leads from HubSpot",
        contacts=read_leads("{{ params.export }}"),
        phone_field="Phone Number",
        variable_fields=["First Name", "Company name"],
    )

    wait = CampaignSensor(
        task_id="wait",
        campaign_id=call_leads.output,
        deferrable=True,
        poke_interval=POKE_INTERVAL,
    )

    @task
    def report(row_stats: dict[str, Any]) -> None:
        logging.getLogger("airflow.task").info(
            "%s of %s calls completed, %s failed",
            row_stats.get("completed"),
            row_stats.get("total"),
            row_stats.get("failed"),
        )

    report(wait.output)


crm_csv_to_campaign()
