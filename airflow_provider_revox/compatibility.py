"""Hide the differences between Airflow versions that the common compat provider does not hide."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

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


def asset_stores(trigger: Any) -> list[Any]:
    """
    Return the stores in which a trigger can keep values: one per asset, and none before Airflow 3.3.

    Equal triggers share one trigger in Airflow, and there is no public way to its assets.
    """
    stores = getattr(trigger, "asset_state_store", None)
    if stores is None:
        return []
    return [*stores._by_name.values(), *stores._by_uri.values()]
