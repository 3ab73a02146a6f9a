"""
Call 5% of the people first, and the others only if at most 20% of the first calls failed.

Creates a campaign that calls nobody, and launches a small part of it. If more than 20% of the first calls
fail, the run fails, and the campaign is cancelled before anybody else is called.

To set up: the connection ``revox_default`` to an organization whose Revox launches calls after it has created
a campaign, and your assistant's id as the default of the DAG's param.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pendulum

# On Airflow 3 alone: from airflow.sdk import Param, dag
from airflow.providers.common.compat.sdk import Param, dag

from airflow_provider_revox.operators.revox import (
    CancelCampaignOperator,
    CreateCampaignOperator,
    LaunchCampaignOperator,
)

POLL_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "60"))
# A retry calls nobody again: it goes on with the campaign that is there.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}
EXPORT = Path(__file__).parent / "data" / "hubspot_contacts.csv"


@dag(
    description="Call a first wave of 5%, and the rest only if at most 20% of its calls failed.",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={"assistant_id": Param("your-assistant-id", type="string", minLength=1)},
)
def first_wave_then_the_rest() -> None:
    """Create, launch a part, look how it went, launch the rest."""
    create = CreateCampaignOperator(
        task_id="create",
        assistant_id="{{ params.assistant_id }}",
        name="Newsletter {{ ds }}",
        contacts=str(EXPORT),
        phone_field="Phone Number",
        variable_fields=["First Name", "Company name"],
        variable_default="",
        on_invalid="skip",
        launch=False,
    )
    waits = {"wait_for_completion": True, "deferrable": True, "poll_interval": POLL_INTERVAL}
    first_wave = LaunchCampaignOperator(
        task_id="first_wave", campaign_id=create.output, up_to=0.05, max_failed_ratio=0.2, **waits
    )
    rest = LaunchCampaignOperator(task_id="rest", campaign_id=create.output, **waits)
    # Cancels what is left if a task before it has failed. A campaign that is completed stays as it is.
    cancel = CancelCampaignOperator(task_id="cancel", campaign_id=create.output).as_teardown()

    create >> first_wave >> rest >> cancel


first_wave_then_the_rest()
