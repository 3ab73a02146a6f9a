"""Launches and waits in workers whose processes get a signal: see tests/cluster/struck.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from airflow_provider_revox.operators.revox import CreateCampaignOperator

WORKER_OF = {"task": "worker-1", "pool_child": "worker-1", "worker": "worker-2"}
"""What gets the signal, and the worker whose queue its tasks wait in."""
MOMENTS = (
    *("contract_before", "contract_after", "contract_waiting"),
    *("today_before", "today_after", "today_launch_before", "today_launch_after", "today_waiting"),
)
"""What a task does when the signal comes, and on which generation of Revox."""
MOMENTS_OF = {"killed": (*MOMENTS, "contract_late", "today_late"), "terminated": MOMENTS}
"""A task that is asked to end waits for its create: none is carried out late."""
TOMORROW = "{{ (dag_run.run_after + macros.timedelta(days=1)).isoformat() }}"


def launch(
    dag_id: str, task_id: str, queue: str, *, waits: bool = False, scheduled_at: str | None = None
) -> None:
    CreateCampaignOperator(
        task_id=task_id,
        revox_conn_id=f"{dag_id}_{task_id}",
        assistant_id="a1",
        name=task_id,
        contacts=[{"to_phone_number": "+14155550000", "prompt_variables": {}}],
        scheduled_at=scheduled_at,
        wait_for_completion=waits,
        deferrable=False,
        poll_interval=5,
        queue=queue,
        retries=9,
        retry_delay=timedelta(seconds=1),
    )


for dag_id, moments in MOMENTS_OF.items():
    with DAG(dag_id, schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), max_active_tasks=64):
        for victim, worker in WORKER_OF.items():
            for moment in moments:
                launch(
                    dag_id,
                    f"{victim}_{moment}",
                    worker,
                    waits=moment.endswith("waiting"),
                    # A second campaign that dials at once has dialed before it is cancelled.
                    scheduled_at=TOMORROW if moment == "contract_late" else None,
                )

with DAG("warm_shutdown", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
    for generation in ("contract", "today"):
        launch("warm_shutdown", generation, WORKER_OF["worker"])
