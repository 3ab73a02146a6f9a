"""A campaign whose name the run chooses: see test_in_airflow.py."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import DAG, Param

from airflow_provider_revox.operators.revox import CreateCampaignOperator

contacts = [{"to_phone_number": f"+1415555{number:04}", "prompt_variables": {}} for number in range(40)]

with DAG(
    "controlled",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    params={"name": Param("Controlled", type="string")},
):
    CreateCampaignOperator(
        task_id="call",
        assistant_id="a1",
        name="{{ params.name }}",
        contacts=contacts,
        wait_for_completion=True,
        deferrable=True,
        poll_interval=5,
    )
