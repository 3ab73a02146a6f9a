"""Tasks that are killed in every way: see test_kills_in_a_whole_airflow.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG

from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.sensors.revox import CampaignSensor


def contacts(number: int) -> list[dict[str, Any]]:
    return [{"to_phone_number": f"+1415555{number:04}", "prompt_variables": {}}]


def calls(task_id: str, number: int, **options: Any) -> CreateCampaignOperator:
    options = {"poll_interval": 5, "retries": 0, "name": task_id, **options}
    return CreateCampaignOperator(task_id=task_id, assistant_id="a1", contacts=contacts(number), **options)


def mapped(task_id: str, numbers: list[int], **options: Any) -> None:
    """One campaign per number. The name of the campaign says the place."""
    CreateCampaignOperator.partial(
        task_id=task_id,
        assistant_id="a1",
        name=f"{task_id}_{{{{ ti.map_index }}}}",
        poll_interval=5,
        **options,
    ).expand(contacts=[contacts(number) for number in numbers])


start = datetime(2026, 1, 1, tzinfo=UTC)
retrying = {"retries": 9, "retry_delay": timedelta(seconds=1)}
waiting = {"wait_for_completion": True, "deferrable": False}
deferred = {"wait_for_completion": True, "deferrable": True}

for launch in ("task_killed", "task_and_supervisor_killed", "answer_lost", "create_killed", "launch_killed"):
    with DAG(f"launch_{launch}", schedule=None, start_date=start):
        calls("launch", 1, **retrying, revox_conn_id=f"revox_{launch}")

with DAG("killed_while_waiting", schedule=None, start_date=start, max_active_tasks=64):
    # What a person does, and what ends a process, to a task in a worker.
    calls("worker_failed", 11, **waiting)
    calls("worker_success", 12, **waiting)
    calls("worker_clear", 13, **waiting)
    calls("worker_keep", 14, **waiting, cancel_on_kill=False)
    calls("worker_term_task", 15, **waiting, **retrying)
    calls("worker_term_supervisor", 16, **waiting, **retrying)
    calls("worker_term_both", 17, **waiting, **retrying)
    calls("worker_died", 18, **waiting, **retrying)
    calls("worker_timeout", 19, **waiting, execution_timeout=timedelta(seconds=25))
    # The same to instances of a mapped task: failed, success, clear, term task, supervisor, both.
    mapped("worker_mapped", [21, 22, 23, 24, 25, 26], **waiting, **retrying)

    calls("deferred_failed", 31, **deferred)
    calls("deferred_success", 32, **deferred)
    calls("deferred_clear", 33, **deferred)
    calls("deferred_keep", 34, **deferred, cancel_on_kill=False)
    calls("deferred_keep_clear", 35, **deferred, cancel_on_kill=False)
    calls("deferred_untouched", 36, **deferred)
    # Long enough for the first poll, which comes 10 seconds after the deferral.
    calls("deferred_timeout", 37, **deferred, timeout=15)
    calls("deferred_execution_timeout", 38, **deferred, execution_timeout=timedelta(seconds=25))
    calls("timeout_retried", 39, **deferred, timeout=15, retries=1, retry_delay=timedelta(seconds=1))
    # failed, success, clear, untouched
    mapped("deferred_mapped", [41, 42, 43, 44], **deferred)

    watched = calls("watched", 51)
    CampaignSensor(task_id="sensor", campaign_id=watched.output, deferrable=True, poke_interval=5, retries=0)
