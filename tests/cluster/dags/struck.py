"""Launches and waits in workers whose processes are killed: see tests/cluster/struck.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Param

from airflow_provider_revox.operators.revox import CreateCampaignOperator

WORKER_OF = {"task": "worker-1", "pool_child": "worker-1", "worker": "worker-2"}
"""What is killed, and the worker whose queue its tasks wait in."""
MOMENTS = (
    *("contract_before", "contract_after", "contract_waiting"),
    *("today_before", "today_after", "today_launch_before", "today_launch_after", "today_waiting"),
)
"""What a task does when the signal comes, and on which generation of Revox."""

with DAG(
    "struck",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_tasks=64,
    params={"prefix": Param("", type="string")},
):
    for victim, worker in WORKER_OF.items():
        for moment in MOMENTS:
            CreateCampaignOperator(
                task_id=f"{victim}_{moment}",
                revox_conn_id=f"{{{{ params.prefix }}}}{victim}_{moment}",
                assistant_id="a1",
                name=f"{victim}_{moment}",
                contacts=[{"to_phone_number": "+14155550000", "prompt_variables": {}}],
                wait_for_completion=moment.endswith("waiting"),
                deferrable=False,
                poll_interval=5,
                queue=worker,
                retries=9,
                retry_delay=timedelta(seconds=1),
            )
