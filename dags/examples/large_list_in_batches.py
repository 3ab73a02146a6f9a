"""
A list of any length, in batches: one campaign each, and nothing of it passes through XCom.

Reads an export of Salesforce contacts from a disk or object storage row by row, puts the numbers into shape,
leaves out duplicates, and writes the rest as files of ``batch_size`` contacts. Each file becomes a campaign.
A retry of any of these tasks calls nobody twice, whatever the export holds by then.

To set up: the connection ``revox_default``, and a folder for the batches that every worker can read, such as
``s3://bucket/batches``. They hold people's data: let the storage delete them after some days.
"""

from __future__ import annotations

import csv
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum

# On Airflow 3 alone: from airflow.sdk import ObjectStoragePath, Param, dag, task
from airflow.providers.common.compat.sdk import ObjectStoragePath, Param, dag, task

from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.sensors.revox import CampaignSensor

POKE_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "60"))
# A retry calls nobody again: it goes on with the campaign that is there.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}


@dag(
    description="Cut a list of any length into batches, launch one campaign each, and wait for all.",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={
        "assistant_id": Param("your-assistant-id", type="string", minLength=1),
        "export": Param(
            str(Path(__file__).parent / "data" / "salesforce_contacts.csv"),
            type="string",
            description="Path or URL of a CSV file. If all its rows may be called, contact_batches reads it.",
        ),
        "folder": Param(
            str(Path(tempfile.gettempdir()) / "revox-batches"),
            type="string",
            description="Path or URL of a folder that every worker can read.",
        ),
        "batch_size": Param(8, type="integer", minimum=1, description="For a real list: 10,000."),
    },
)
def large_list_in_batches() -> None:
    """Cut into batches, call each, wait for all, sum up."""

    def rows_that_may_be_called(export: str) -> Iterator[dict[str, str]]:
        with ObjectStoragePath(export).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(iter(file.readline, ""))  # Airflow 2's files are no iterables
            yield from (row for row in rows if row["Do Not Call"] == "0" and row["Mobile"])

    @task
    def batches(params: dict[str, Any]) -> list[str]:
        return contact_batches(
            rows_that_may_be_called(params["export"]),
            to=params["folder"],
            batch_size=params["batch_size"],
            phone_field="Mobile",
            variable_fields={"first_name": "First Name", "company": "Account Name"},
            variable_default="there",
            on_invalid="skip",
        )

    call_batch = CreateCampaignOperator.partial(
        task_id="call_batch",
        assistant_id="{{ params.assistant_id }}",
        name="Large list {{ ti.map_index }}",
        map_index_template="{{ task.name }}",
    ).expand(contacts=batches())

    wait = CampaignSensor.partial(
        task_id="wait",
        deferrable=True,
        poke_interval=POKE_INTERVAL,
        # If the campaign of one list is skipped, because it has nobody to call, wait for the others.
        trigger_rule="none_failed",
        map_index_template="{{ task.campaign_id }}",
    ).expand(campaign_id=call_batch.output)

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


large_list_in_batches()
