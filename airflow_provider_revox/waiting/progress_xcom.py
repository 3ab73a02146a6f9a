"""Push the progress of a campaign as an XCom: from a task, and from the triggerer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.compatibility import (
    push_xcom_of_trigger,
    triggers_can_push,
    xcom_of_trigger,
)
from airflow_provider_revox.display import Display
from airflow_provider_revox.waiting.progress import PROGRESS_KEY, Point, Progress, joined, points_of

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.logger import Logger

PROGRESS = "the progress of the campaign"
SECONDS_TO_PUSH = 15.0
"""How long a trigger that ends waits until Airflow has taken the points."""

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="revox-progress")
"""
One thread for all triggers of a process. If Airflow never answers, only this thread waits: a kill needs one
of the event loop's own threads within seconds.
"""


def push_points(context: Context, points: Sequence[Point], display: Display, log: Logger) -> bool:
    """Push the points from a task; return whether Airflow took them. An error must not end the wait."""
    return display.show(PROGRESS, partial(context["ti"].xcom_push, key=PROGRESS_KEY, value=list(points)), log)


def add_points(context: Context, new: Sequence[Point], display: Display, log: Logger) -> None:
    """Add points to those that this try of the task, or its trigger, has pushed."""
    ti = context["ti"]

    def add() -> None:
        # If the read fails, nothing is pushed: it would replace the points that are there.
        before = points_of(ti.xcom_pull(task_ids=ti.task_id, key=PROGRESS_KEY, map_indexes=ti.map_index))
        ti.xcom_push(key=PROGRESS_KEY, value=joined(before, new))

    display.show(PROGRESS, add, log)


class TriggerPushes:
    """
    Pushes the points of one trigger in a thread, one push at a time. The trigger polls on meanwhile.

    Points that are not pushed stay new: the next push or the event brings them to the task. Before Airflow
    3.3 a trigger can't push, so the event brings all points.

    :param ti: The task instance of the trigger.
    """

    def __init__(self, ti: Any, progress: Progress, log: Logger) -> None:
        self._ti, self._progress, self._log = ti, progress, log
        self._display = Display()
        self._push: Future[bool] | None = None
        self._points: list[Point] = []

    def push_if_due(self, now: float) -> None:
        """Begin to push the new points, unless Airflow has not answered the last push yet."""
        self._note_pushed()
        if self._push or not self._progress.is_due(now) or not triggers_can_push(self._ti):
            return
        self._progress.note_push(now)
        self._points = list(self._progress.new)
        # With the context of the trigger, which tells Airflow whose log it is.
        self._push = _THREAD.submit(copy_context().run, self._push_in_thread, self._points)

    async def finish(self) -> None:
        """Drop a push that has not begun. Wait for one that has, so that it does not write after the task."""
        self.drop()
        if self._push:
            await asyncio.wait([asyncio.wrap_future(self._push)], timeout=SECONDS_TO_PUSH)
        self._note_pushed()

    def drop(self) -> None:
        """Drop a push that has not begun: its points stay new."""
        if self._push and self._push.cancel():
            self._push = None

    def _note_pushed(self) -> None:
        if not self._push or not self._push.done():
            return
        if self._push.result():
            self._progress.new = [point for point in self._progress.new if point not in self._points]
        self._push = None

    def _push_in_thread(self, points: Sequence[Point]) -> bool:
        return self._display.show(PROGRESS, partial(_add_points, self._ti, points), self._log)


def _add_points(ti: Any, points: Sequence[Point]) -> None:
    # Read each time: a trigger that kept the points of its campaign would take too much memory.
    before = points_of(xcom_of_trigger(ti, PROGRESS_KEY))
    push_xcom_of_trigger(ti, PROGRESS_KEY, joined(before, points))
