"""A large list through object storage: see tests/cluster/test_large_list.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, task

from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.operators.revox import CampaignResultsOperator, CreateCampaignOperator

FOLDER = "s3://aws_default@revox/large"
CONNECTIONS = ("large_contract", "large_today")
retrying: dict[str, Any] = {"retries": 9, "retry_delay": timedelta(seconds=1)}


@task(**retrying)
def batches(params: dict[str, Any] | None = None) -> list[dict[str, str]]:
    """Cut the list, and give every second batch to the other Revox."""
    urls = contact_batches(
        f"{FOLDER}/contacts.csv",
        to=f"{FOLDER}/batches",
        batch_size=(params or {})["batch_size"],
        phone_field="phone",
        variable_fields=["crm_id"],
        revox_conn_id=CONNECTIONS[0],
    )
    return [
        {"contacts": url, "revox_conn_id": CONNECTIONS[place % 2], "name": f"batch {place}"}
        for place, url in enumerate(urls)
    ]


@task(**retrying)
def results_of(campaign_ids: Any) -> list[dict[str, str]]:
    return [
        {"campaign_id": id_, "revox_conn_id": CONNECTIONS[place % 2], "path": f"{FOLDER}/results/{place}.csv"}
        for place, id_ in enumerate(campaign_ids[:])
    ]


with DAG(
    "large_list",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_tasks=8,
    params={"batch_size": Param(10_000, type="integer")},
):
    call = CreateCampaignOperator.partial(
        task_id="call",
        assistant_id="a1",
        wait_for_completion=True,
        deferrable=True,
        poll_interval=5,
        **retrying,
    ).expand_kwargs(batches())
    CampaignResultsOperator.partial(task_id="results", variable_columns=["crm_id"], **retrying).expand_kwargs(
        results_of(call.output)
    )
