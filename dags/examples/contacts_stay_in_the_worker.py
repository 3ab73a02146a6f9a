"""
A function returns contacts, and the task is the campaign.

Nobody's name or number passes through XCom: the function runs in the worker that launches the campaign.
People whom Revox knows to want no calls are left out.

To set up: the connection ``revox_default``.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pendulum

# On Airflow 3 alone: from airflow.sdk import Param, dag, task
from airflow.providers.common.compat.sdk import Param, dag, task

from airflow_provider_revox.sensors.revox import CampaignSensor

DATA = Path(os.environ.get("REVOX_EXAMPLE_DATA", Path(__file__).parent / "data"))
POKE_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "60"))
# A retry calls nobody again: it goes on with the campaign that is there.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}


@dag(
    description="Launch the contacts that a function returns, without XCom, and wait for the campaign.",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={"assistant_id": Param("your-assistant-id", type="string", minLength=1)},
)
def contacts_stay_in_the_worker() -> None:
    """Call, wait."""

    @task.revox_campaign(
        assistant_id="{{ params.assistant_id }}",
        name="Leads {{ run_id }}",
        phone_field="Phone Number",
        variable_fields={"first_name": "First Name"},
        variable_default="",
        default_region="US",
        on_invalid="skip",
    )
    def call_new_leads(lead_status: str) -> Iterator[dict[str, str]]:
        with (DATA / "hubspot_contacts.csv").open(encoding="utf-8-sig", newline="") as file:
            yield from (row for row in csv.DictReader(file) if row["Lead Status"] == lead_status)

    CampaignSensor(
        task_id="wait",
        campaign_id=call_new_leads("New"),
        deferrable=True,
        poke_interval=POKE_INTERVAL,
    )


contacts_stay_in_the_worker()
