"""Push the progress of a campaign as an XCom: from a task, and from the triggerer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.compatibility import (
    push_xcom_of_trigger,
    triggers_can_push,
    xcom_of_trigger,
)
from airflow_provider_revox.waiting.progress import PROGRESS_KEY, Point, Progress, joined, points_of

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.display import Display
    from airflow_provider_revox.logger import Logger

PROGRESS = "the progress of the campaign"
SECONDS_TO_PUSH = 15.0
"""How long a trigger waits until Airflow has taken the points."""


def push_points(context: Context, points: Sequence[Point], display: Display, log: Logger) -> bool:
    """Push the points from a task; return whether Airflow took them. An error must not end the wait."""
    return display.show(PROGRESS, partial(context["ti"].xcom_push, key=PROGRESS_KEY, value=list(points)), log)


def pushed_points(context: Context, log: Logger) -> list[Point]:
    """Return the points that this try of the task, or its trigger, has pushed."""
    ti = context["ti"]
    try:
        return points_of(ti.xcom_pull(task_ids=ti.task_id, key=PROGRESS_KEY, map_indexes=ti.map_index))
    except Exception as error:  # whatever Airflow has, the wait has ended
        log.warning("The progress that was pushed before can't be read (%s).", type(error).__name__)
        return []


async def push_from_trigger(ti: Any, progress: Progress, now: float, log: Logger) -> None:
    """
    Push the points of a trigger if they are due. The event loop is not blocked, and no error is raised.

    Points that are not pushed stay new, and the event brings them to the task. So it is before Airflow 3.3,
    where a trigger can't push.

    :param ti: The task instance of the trigger.
    """
    if not progress.is_due(now) or not triggers_can_push(ti):
        return
    progress.note_push(now)
    points = list(progress.new)
    try:
        async with asyncio.timeout(SECONDS_TO_PUSH):
            # In a thread, since the XCom backend of the user may write a file.
            await asyncio.to_thread(_push_in_thread, ti, points)
    except Exception as error:  # whatever Airflow has, the wait goes on
        _log_failure(log, error)
    else:
        progress.new = []


def _push_in_thread(ti: Any, points: Sequence[Point]) -> None:
    # Read each time: a trigger that kept the points of its campaign would take too much memory.
    before = points_of(xcom_of_trigger(ti, PROGRESS_KEY))
    push_xcom_of_trigger(ti, PROGRESS_KEY, joined(before, points))


def _log_failure(log: Logger, error: Exception) -> None:
    log.warning(
        "Airflow did not take the progress of the campaign (%s). The wait goes on.", type(error).__name__
    )
