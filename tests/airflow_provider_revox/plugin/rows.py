"""Rows of Airflow's database as tasks leave them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from sqlalchemy import delete, insert, select

BUNDLE = "dags-folder"
START = datetime(2026, 11, 26, 10, tzinfo=UTC)
_numbers = itertools.count(1)


def forget_all() -> None:
    with create_session(scoped=False) as session:
        for model in (XComModel, TaskInstance, DagRun, DagModel):
            session.execute(delete(model))


def add_task(
    dag_id: str,
    task_id: str = "call",
    *,
    run_id: str = "",
    map_index: int = -1,
    state: str = "success",
    xcoms: Mapping[str, Any] | None = None,
) -> str:
    """Add a task instance with its XComs, and what it needs; return its run."""
    run_id = run_id or f"manual__{next(_numbers)}"
    with create_session(scoped=False) as session:
        if session.get(DagBundleModel, BUNDLE) is None:
            session.execute(insert(DagBundleModel.__table__).values(name=BUNDLE, active=True))
        if session.get(DagModel, dag_id) is None:
            session.add(DagModel(dag_id=dag_id, bundle_name=BUNDLE, is_paused=False, fileloc="/dags/x.py"))
            session.flush()
        run = DagRun.__table__
        found = session.scalar(select(run.c.id).where(run.c.dag_id == dag_id, run.c.run_id == run_id))
        if found is None:
            values = {
                "dag_id": dag_id, "run_id": run_id, "state": "running", "run_type": "manual",
                "run_after": START + timedelta(seconds=next(_numbers)), "log_template_id": None,
            }  # fmt: skip
            session.execute(insert(run).values(**values))
            found = session.scalar(select(run.c.id).where(run.c.dag_id == dag_id, run.c.run_id == run_id))
        values = {
            "dag_id": dag_id, "run_id": run_id, "task_id": task_id,
            "map_index": map_index, "state": state, "try_number": 1, "max_tries": 0, "pool": "default_pool",
            "pool_slots": 1, "start_date": START, "end_date": None,
        }  # fmt: skip
        session.execute(insert(TaskInstance.__table__).values(**values))
        for key, value in (xcoms or {}).items():
            session.execute(
                insert(XComModel.__table__).values(
                    dag_run_id=found, dag_id=dag_id, run_id=run_id, task_id=task_id, map_index=map_index,
                    key=key, value=value, timestamp=START + timedelta(seconds=next(_numbers)),
                )
            )  # fmt: skip
    return run_id


def record(campaign_id: str, **other: Any) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "name": "Renewals 2026-11-24",
        "revox_conn_id": "revox_default",
        "url": f"https://revox.example/campaigns/{campaign_id}",
        "role": "launch",
        "since": "2026-11-26T10:00:00Z",
        **other,
    }
