"""Many deferred waits: see tests/cluster/test_triggerers.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Param, task

from airflow_provider_revox.sensors.revox import CampaignSensor


@task
def campaign_ids(generation: str, params: dict[str, list[str]] | None = None) -> list[str]:
    return (params or {})[generation]


with DAG(
    "many_waits",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_tasks=300,
    params={"contract": Param([], type="array"), "today": Param([], type="array")},
):
    for generation in ("contract", "today"):
        CampaignSensor.partial(
            task_id=generation,
            revox_conn_id=f"many_waits_{generation}",
            deferrable=True,
            poke_interval=10,
            retries=9,
            retry_delay=timedelta(seconds=1),
        ).expand(campaign_id=campaign_ids.override(task_id=f"ids_{generation}")(generation))
