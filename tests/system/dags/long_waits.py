"""Tasks that wait while a part of Airflow is away: see test_a_database_that_is_away.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG

from airflow_provider_revox.operators.revox import CreateCampaignOperator

start = datetime(2026, 1, 1, tzinfo=UTC)
options: dict[str, Any] = {
    "assistant_id": "a1",
    "poll_interval": 5,
    "wait_for_completion": True,
    "retries": 9,
    "retry_delay": timedelta(seconds=1),
}
places = {"worker": False, "deferred": True}


def contacts(number: int) -> list[dict[str, Any]]:
    return [{"to_phone_number": f"+1415555{number:04}", "prompt_variables": {}}]


with DAG("long_waits", schedule=None, start_date=start, max_active_tasks=64):
    for number, (place, deferrable) in enumerate(places.items()):
        CreateCampaignOperator(
            task_id=place, name=place, contacts=contacts(10 + number), deferrable=deferrable, **options
        )
        CreateCampaignOperator.partial(
            task_id=f"{place}_mapped",
            name=f"{place}_mapped_{{{{ ti.map_index }}}}",
            deferrable=deferrable,
            **options,
        ).expand(contacts=[contacts(20 + 10 * number), contacts(21 + 10 * number)])

with DAG(
    "run_times_out",
    schedule=None,
    start_date=start,
    max_active_tasks=64,
    dagrun_timeout=timedelta(hours=1),
):
    for number, (place, deferrable) in enumerate(places.items()):
        CreateCampaignOperator(
            task_id=f"{place}_timed_out",
            name=f"{place}_timed_out",
            contacts=contacts(40 + number),
            deferrable=deferrable,
            **options,
        )
