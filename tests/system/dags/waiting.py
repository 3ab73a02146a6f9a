"""Tasks that wait while something breaks: see test_waits_in_a_whole_airflow.py."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import DAG, Param, task

from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.sensors.revox import CampaignSensor

start = datetime(2026, 1, 1, tzinfo=UTC)
params = {"campaign_ids": Param([], type="array")}
options: dict[str, Any] = {"revox_conn_id": "revox_without_retries", "retries": 0}
calls: dict[str, Any] = {"assistant_id": "a1", "wait_for_completion": True, "poll_interval": 2, **options}
wait: dict[str, Any] = {"poke_interval": 2, **options}
modes: dict[str, dict[str, Any]] = {
    "deferred": {"deferrable": True},
    "poke": {"mode": "poke"},
    # More often, and Airflow may take the end of one look for that of the next, and fails the task.
    "reschedule": {"mode": "reschedule", "poke_interval": 5},
}


def contacts(number: int) -> list[dict[str, object]]:
    return [{"to_phone_number": f"+1415555{number:04}", "prompt_variables": {}}]


@task
def campaign_ids(params: dict[str, list[str]] | None = None) -> list[str]:
    return (params or {})["campaign_ids"]


with DAG("fifty_wait", schedule=None, start_date=start, params=params, max_active_tasks=64):
    CampaignSensor.partial(task_id="sensor", deferrable=True, **wait).expand(campaign_id=campaign_ids())
    CreateCampaignOperator.partial(task_id="calls", deferrable=True, **calls).expand_kwargs(
        [{"name": f"calls-{number}", "contacts": contacts(100 + number)} for number in range(25)]
    )

with DAG("waits_in_every_mode", schedule=None, start_date=start, params=params, max_active_tasks=64):
    for number, (mode, of_mode) in enumerate(modes.items()):
        campaign_id = f"{{{{ params.campaign_ids[{number}] }}}}"
        CampaignSensor(task_id=mode, campaign_id=campaign_id, **{**wait, **of_mode})
    CreateCampaignOperator(task_id="calls_deferred", name="x", contacts=contacts(1), deferrable=True, **calls)
    CreateCampaignOperator(task_id="calls_worker", name="y", contacts=contacts(2), deferrable=False, **calls)
