"""Tasks that are killed in every way: see test_kills_in_a_whole_airflow.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.sensors.revox import CampaignSensor


def calls(task_id: str, number: int, **options: object) -> CreateCampaignOperator:
    contacts = [{"to_phone_number": f"+1415555{number:04}", "prompt_variables": {}}]
    options = {"poll_interval": 5, "retries": 0, **options}
    return CreateCampaignOperator(
        task_id=task_id, assistant_id="a1", name=task_id, contacts=contacts, **options
    )


start = datetime(2026, 1, 1, tzinfo=UTC)
retrying = {"retries": 2, "retry_delay": timedelta(seconds=1)}
deferred = {"wait_for_completion": True, "deferrable": True}

with DAG("killed_while_launching", schedule=None, start_date=start):
    calls("launch", 1, **retrying)

with DAG("killed_while_launching_today", schedule=None, start_date=start):
    calls("launch", 1, **retrying, revox_conn_id="revox_today")

with DAG("killed_while_waiting", schedule=None, start_date=start, max_active_tasks=32):
    calls("worker", 11, wait_for_completion=True)
    calls("worker_keep", 12, wait_for_completion=True, cancel_on_kill=False)
    calls("deferred", 13, **deferred)
    calls("deferred_keep", 14, **deferred, cancel_on_kill=False)
    calls("deferred_success", 15, **deferred)
    calls("deferred_clear", 16, **deferred)
    calls("worker_clear", 17, wait_for_completion=True)
    calls("deferred_timeout", 18, **deferred, timeout=1)
    calls("worker_timeout", 19, wait_for_completion=True, execution_timeout=timedelta(seconds=5))
    calls("restart", 20, **deferred)
    calls("worker_success", 22, wait_for_completion=True)
    calls("worker_died", 23, wait_for_completion=True, **retrying)
    calls("deferred_keep_clear", 24, **deferred, cancel_on_kill=False)
    calls("deferred_execution_timeout", 25, **deferred, execution_timeout=timedelta(seconds=10))
    calls("timeout_retried", 26, **deferred, timeout=1, retries=1, retry_delay=timedelta(seconds=1))
    watched = calls("watched", 21)
    CampaignSensor(task_id="sensor", campaign_id=watched.output, deferrable=True, poke_interval=5, retries=0)
