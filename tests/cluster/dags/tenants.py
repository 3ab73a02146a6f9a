"""Two tenants at once: see tests/cluster/test_two_tenants.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from airflow_provider_revox.operators.revox import CreateCampaignOperator

LISTS = 5

with DAG("two_tenants", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), max_active_tasks=64):
    # One mapped task for both, so that launch keys and waits are as close together as they can be.
    CreateCampaignOperator.partial(
        task_id="call",
        assistant_id="a1",
        wait_for_completion=True,
        deferrable=True,
        poll_interval=5,
        retries=9,
        retry_delay=timedelta(seconds=1),
    ).expand_kwargs(
        [
            {
                "revox_conn_id": f"tenant_{tenant}",
                "name": f"list {number}",
                "contacts": [{"to_phone_number": f"+1415555000{number}", "prompt_variables": {}}],
            }
            for number in range(LISTS)
            for tenant in ("contract", "today")
        ]
    )
