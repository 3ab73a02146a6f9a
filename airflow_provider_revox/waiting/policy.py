"""Hold what the user decides about a wait."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

OnPaused = Literal["wait", "fail"]
OnTimeout = Literal["leave", "cancel"]
OUTAGE_BUDGET = 3600.0
EXECUTION_TIMEOUT_MARGIN = 5.0
"""Seconds by which the deadline precedes ``execution_timeout``, so that the last poll still fits."""


@dataclass(frozen=True)
class WaitPolicy:
    """
    What the user decides about a wait. It holds plain values, because Airflow stores a trigger with them.

    :param poll_interval: Seconds between two polls.
    :param outage_budget: Seconds without a readable answer after which the wait gives up.
    :param max_failed_ratio: The largest share of failed contacts (0 to 1) that still counts as success.
        ``None``: any share does.
    :param on_paused: ``"wait"`` for a paused campaign, or ``"fail"``.
    :param not_launched: How many calls may stay not launched. The wait ends when the other calls are done.
        ``None``: any number, because another task launches the calls.
    :param is_part: Whether only a part of the people is to be called. Then ``max_failed_ratio`` is a share of
        the people who were called.
    :param starts_at: When the calls start, as the task has asked, in seconds since 1970. ``None``: at once.
    :raises ValueError: A value can't be used.
    """

    poll_interval: float
    outage_budget: float = OUTAGE_BUDGET
    max_failed_ratio: float | None = None
    on_paused: OnPaused = "wait"
    not_launched: int | None = None
    is_part: bool = False
    starts_at: float | None = None

    def __post_init__(self) -> None:
        if not self.poll_interval > 0:
            raise ValueError("poll_interval (poke_interval of a sensor) must be more than 0 seconds")
        if not self.outage_budget >= 0:
            raise ValueError("outage_budget must be 0 seconds or more")
        if self.max_failed_ratio is not None and not 0 <= self.max_failed_ratio <= 1:
            raise ValueError("max_failed_ratio must be between 0 and 1, for example 0.2 for 20%")
        if self.on_paused not in get_args(OnPaused):
            raise ValueError("on_paused must be 'wait' or 'fail'")


def check_on_timeout(on_timeout: OnTimeout) -> OnTimeout:
    """
    Return ``on_timeout`` unchanged if it is a known word.

    :raises ValueError: It is another word.
    """
    if on_timeout not in get_args(OnTimeout):
        raise ValueError("on_timeout must be 'leave' or 'cancel'")
    return on_timeout


def deadline_after(timeout: float, execution_timeout: timedelta | None, started: datetime) -> float:
    """
    Return when the wait ends, in seconds since 1970.

    The deadline comes a little before ``execution_timeout`` ends. Airflow 3 does not enforce that limit while
    a task is deferred, and Airflow 2 enforces it without a last poll.

    :param timeout: Seconds from now.
    :param execution_timeout: Airflow's limit for the task.
    :param started: When the task started.
    """
    deadline = time.time() + timeout
    if execution_timeout is None:
        return deadline
    limit = execution_timeout.total_seconds()
    return min(deadline, started.timestamp() + limit - min(EXECUTION_TIMEOUT_MARGIN, limit / 10))
