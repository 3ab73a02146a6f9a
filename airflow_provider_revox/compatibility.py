"""Hide the differences between Airflow versions that the common compat provider does not hide."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.version_compat import (
    AIRFLOW_V_3_0_PLUS,
    AIRFLOW_V_3_3_PLUS,
)

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


def first_reschedule_date(context: Context) -> datetime | None:
    """Return when a rescheduled task ran for the first time; ``None`` if this is the first time."""
    ti: Any = context["ti"]
    first: datetime | None
    if hasattr(ti, "get_first_reschedule_date"):
        first = ti.get_first_reschedule_date(context)
    else:
        from airflow.sensors.base import _orig_start_date  # Airflow 2

        first = _orig_start_date(
            dag_id=ti.dag_id,
            task_id=ti.task_id,
            run_id=ti.run_id,
            map_index=ti.map_index,
            try_number=ti.max_tries - (ti.task.retries or 0) + 1,
        )
    return first


def task_state(ti: Any) -> str | None:
    """
    Ask Airflow for the state of a task instance.

    Airflow 3 asks through the process that supervises the task. Only one thread of a task may talk to it at a
    time, so never call this in a signal handler, which may have interrupted such a talk. Airflow 2 asks the
    metadata database.

    :param ti: The task instance, in a task or in a trigger.
    :return: The state; ``None`` if the task waits to be scheduled, as after a user has cleared it.
    :raises Exception: Airflow does not answer, or it does not know the task instance.
    """
    try:
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
    except ImportError:
        return _state_in_database(ti)
    states = RuntimeTaskInstance.get_task_states(
        dag_id=ti.dag_id,
        run_ids=[ti.run_id],
        task_ids=[ti.task_id],
        map_index=ti.map_index if _is_mapped(ti) else None,
    )
    return state_among(states, ti)


def states_of_task(dag_id: str, task_id: str, run_ids: list[str]) -> dict[str, dict[str, str | None]]:
    """
    Ask Airflow 3 for the states of all instances of a task in these runs; :func:`state_among` finds one.

    :raises Exception: Airflow does not answer.
    """
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    return RuntimeTaskInstance.get_task_states(dag_id=dag_id, run_ids=run_ids, task_ids=[task_id])


def state_among(states: Mapping[str, Mapping[str, str | None]], ti: Any) -> str | None:
    """
    Return the state of a task instance.

    :param states: What Airflow has answered: the states of instances of this task by run.
    :raises KeyError: It is not among them.
    """
    return states[ti.run_id][f"{ti.task_id}_{ti.map_index}" if _is_mapped(ti) else ti.task_id]


def _is_mapped(ti: Any) -> bool:
    return ti.map_index is not None and ti.map_index >= 0


def _state_in_database(ti: Any) -> str | None:
    from airflow import settings
    from airflow.models import TaskInstance
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    # The task's own session may be in a transaction that does not see the new state.
    with Session(settings.engine) as session:
        state: str | None = session.execute(
            select(TaskInstance.state).where(
                TaskInstance.dag_id == ti.dag_id,
                TaskInstance.run_id == ti.run_id,
                TaskInstance.task_id == ti.task_id,
                TaskInstance.map_index == ti.map_index,
            )
        ).scalar_one()
    return state


def xcom_of_trigger(ti: Any, key: str) -> Any:
    """
    Return a value that the task of a trigger has pushed. Airflow 3 only.

    :param ti: The task instance, as the trigger has it. A later try of it may have pushed the value.
    """
    from airflow.sdk.execution_time.xcom import XCom

    return XCom.get_one(
        key=key, dag_id=ti.dag_id, task_id=ti.task_id, run_id=ti.run_id, map_index=ti.map_index
    )


def triggers_can_push(ti: Any) -> bool:
    """Return whether a trigger can push XComs of its task: since Airflow 3.3, if it has a task."""
    return ti is not None and AIRFLOW_V_3_3_PLUS


def push_xcom_of_trigger(ti: Any, key: str, value: Any) -> None:
    """
    Push an XCom of the task of a trigger. Airflow 3.3 only. Not for the thread of the event loop.

    :param ti: The task instance, as the trigger has it.
    """
    from airflow.sdk.execution_time.xcom import XCom

    XCom.set(
        key=key,
        value=value,
        dag_id=ti.dag_id,
        task_id=ti.task_id,
        run_id=ti.run_id,
        map_index=ti.map_index,
    )


def wait_for_the_end(seconds: float) -> None:
    """
    Wait until Airflow ends the process of a task that a person has marked or cleared.

    Airflow 3 ends it some seconds after the kill. If the task failed before that, Airflow would call
    ``on_failure_callback``, also for a task that was marked succeeded. Airflow 2 needs no wait.

    :param seconds: How long to wait, if Airflow does not end the process.
    """
    if AIRFLOW_V_3_0_PLUS:
        time.sleep(seconds)


def untracked(file: Any) -> Any:
    """
    Return what ``ObjectStoragePath.open`` wraps.

    The wrapper reports the file to the hook lineage at every block that is read: with the connection in its
    URI, or without a scheme, so that OpenLineage does not know it. There is no public way around it.
    """
    return getattr(file, "_obj", file)


def asset_stores(trigger: Any) -> list[Any]:
    """
    Return the stores in which a trigger can keep values: one per asset, and none before Airflow 3.3.

    Equal triggers share one trigger in Airflow, and there is no public way to its assets.
    """
    stores = getattr(trigger, "asset_state_store", None)
    if stores is None:
        return []
    return [*stores._by_name.values(), *stores._by_uri.values()]


def has_storage(scheme: str) -> bool:
    """Return whether Airflow or one of its providers can open URLs with a scheme, such as ``s3``."""
    try:
        from airflow.sdk.io import has_fs
    except ImportError:
        from airflow.io import has_fs  # type: ignore[no-redef, attr-defined]  # before Airflow 3.1
    known: bool = has_fs(scheme)
    return known


def outlet_events(context: Context, outlets: Iterable[Any]) -> list[Any]:
    """
    Return the event of each asset among the outlets of a task. Its ``extra`` can be filled.

    An alias stands for assets that the task does not know, so it has no event here.

    :param context: The context of the task. A unit test may have no events in it.
    :param outlets: The outlets of the task. Before Airflow 3, assets are datasets.
    """
    from airflow.providers.common.compat.assets import Asset

    kinds: tuple[type, ...] = (Asset,)
    if AIRFLOW_V_3_0_PLUS:
        from airflow.sdk.definitions.asset import AssetRef

        kinds = (Asset, AssetRef)
    events: Any = context.get("outlet_events")
    if events is None:
        return []
    return [events[outlet] for outlet in outlets if isinstance(outlet, kinds)]
