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
