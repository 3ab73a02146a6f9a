"""What differs between the versions of Airflow and is not in the common compat provider."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


def first_reschedule_date(context: Context) -> datetime | None:
    """Return when a rescheduled task looked for the first time; ``None`` at the first look."""
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


def asset_stores(trigger: Any) -> list[Any]:
    """
    Return what a trigger may keep things in for each asset that it watches for (Airflow 3.3), else nothing.

    Airflow makes one trigger of equal ones, and hands out no public way to the assets of such a trigger.
    """
    stores = getattr(trigger, "asset_state_store", None)
    if stores is None:
        return []
    return [*stores._by_name.values(), *stores._by_uri.values()]
