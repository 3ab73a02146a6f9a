"""Launches and waits while a part of Airflow is away: see tests/cluster/test_outages.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param

from airflow_provider_revox.operators.revox import CreateCampaignOperator

start = datetime(2026, 1, 1, tzinfo=UTC)
options: dict[str, Any] = {"assistant_id": "a1", "retries": 9, "retry_delay": timedelta(seconds=1)}


def contacts(number: int) -> list[dict[str, Any]]:
    return [{"to_phone_number": f"+1415555000{number}", "prompt_variables": {}}]


with DAG("long_waits", schedule=None, start_date=start):
    for generation in ("contract", "today"):
        for number, deferrable in enumerate((False, True)):
            CreateCampaignOperator(
                task_id=f"{'deferred' if deferrable else 'worker'}_{generation}",
                revox_conn_id=f"long_waits_{generation}",
                name=f"{'deferred' if deferrable else 'worker'}_{generation}",
                contacts=contacts(number),
                wait_for_completion=True,
                deferrable=deferrable,
                poll_interval=5,
                **options,
            )

with DAG(
    "launch_in_an_outage",
    schedule=None,
    start_date=start,
    params={"prefix": Param("", type="string")},
):
    for generation in ("contract", "today"):
        CreateCampaignOperator(
            task_id=generation,
            revox_conn_id=f"{{{{ params.prefix }}}}{generation}",
            name=generation,
            contacts=contacts(0),
            **options,
        )
