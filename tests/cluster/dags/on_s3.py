"""Contacts, suppress list, report and results, all on S3: see tests/cluster/test_examples_on_s3.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param

from airflow_provider_revox.operators.revox import CampaignResultsOperator, CreateCampaignOperator

FOLDER = "s3://aws_default@revox/on_s3"
options: dict[str, Any] = {
    "revox_conn_id": "{{ params.conn_id }}",
    "retries": 9,
    "retry_delay": timedelta(seconds=1),
}

with DAG(
    "on_s3",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    params={"conn_id": Param("", type="string")},
):
    call = CreateCampaignOperator(
        task_id="call",
        assistant_id="a1",
        name="on S3",
        contacts=f"{FOLDER}/contacts.csv",
        phone_field="phone",
        variable_fields=["crm_id"],
        on_invalid="skip",
        suppress=f"{FOLDER}/suppress.csv",
        report_path=f"{FOLDER}/report_{{{{ run_id }}}}.csv",
        wait_for_completion=True,
        deferrable=True,
        poll_interval=5,
        **options,
    )
    for ending in ("csv", "jsonl.gz", "parquet"):
        call >> CampaignResultsOperator(
            task_id=f"results_{ending.partition('.')[0]}",
            campaign_id=call.output,
            path=f"{FOLDER}/results_{{{{ run_id }}}}.{ending}",
            variable_columns=["crm_id"],
            **options,
        )
