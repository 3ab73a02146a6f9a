"""Two writers of the same batches: see tests/cluster/test_writers_of_batches.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, task

from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.operators.revox import CreateCampaignOperator
from tests.cluster.gate import pass_gate

PEOPLE, BATCH = 40_000, 5_000
retrying: dict[str, Any] = {"retries": 9, "retry_delay": timedelta(seconds=1)}


def people(gate: int) -> Iterator[dict[str, Any]]:
    for number in range(PEOPLE):
        yield {"to_phone_number": f"+1415{2_000_000 + number}", "prompt_variables": {}}
    pass_gate(gate)


@task(**retrying)
def batches(params: dict[str, Any] | None = None) -> list[str]:
    options = params or {}
    return contact_batches(
        people(options["gate"]),
        to="s3://aws_default@revox/writers",
        batch_size=BATCH,
        # The runs share the list, as a try and its retry do.
        key=options["conn_id"],
        revox_conn_id=options["conn_id"],
    )


with DAG(
    "batch_writers",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_tasks=8,
    params={"gate": Param(0, type="integer"), "conn_id": Param("", type="string")},
):
    CreateCampaignOperator.partial(
        task_id="call",
        revox_conn_id="{{ params.conn_id }}",
        assistant_id="a1",
        name="batch {{ ti.map_index }}",
        # Both runs launch the same batches: the first launch stands.
        launch_key="{{ params.conn_id }}",
        **retrying,
    ).expand(contacts=batches())
