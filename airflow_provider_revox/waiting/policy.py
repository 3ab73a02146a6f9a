"""What the user decides about a wait."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

OnPaused = Literal["wait", "fail"]
OnTimeout = Literal["leave", "cancel"]
OUTAGE_BUDGET = 3600.0
MARGIN = 5.0


@dataclass(frozen=True)
class WaitPolicy:
    """
    What the user decides about a wait. Plain values: a trigger is stored with them.

    :param poll_interval: Seconds between two looks.
    :param outage_budget: Seconds without one good answer after which the wait gives up.
    :param max_failed_ratio: Which part of the contacts may have failed, 0 to 1; ``None``: all of them.
    :param on_paused: Whether a paused campaign is waited for, or is a failure.
    :raises ValueError: A value can't be used.
    """

    poll_interval: float
    outage_budget: float = OUTAGE_BUDGET
    max_failed_ratio: float | None = None
    on_paused: OnPaused = "wait"

    def __post_init__(self) -> None:
        if not self.poll_interval > 0:
            raise ValueError("poll_interval (a sensor's poke_interval) must be more than 0 seconds")
        if not self.outage_budget >= 0:
            raise ValueError("outage_budget must be 0 seconds or more")
        if self.max_failed_ratio is not None and not 0 <= self.max_failed_ratio <= 1:
            raise ValueError("max_failed_ratio must be between 0 and 1, such as 0.2 for a fifth")
        if self.on_paused not in get_args(OnPaused):
            raise ValueError("on_paused must be 'wait' or 'fail'")


def check_on_timeout(on_timeout: OnTimeout) -> OnTimeout:
    """
    Return ``on_timeout`` if it is a word that is understood.

    :raises ValueError: It is none.
    """
    if on_timeout not in get_args(OnTimeout):
        raise ValueError("on_timeout must be 'leave' or 'cancel'")
    return on_timeout


def deadline_after(timeout: float, execution_timeout: timedelta | None, started: datetime) -> float:
    """
    Return when waiting ends, in seconds since 1970.

    Airflow 3 does not enforce the execution timeout while a task is deferred, and Airflow 2 does so without a
    last look. So the deadline observes it, a little early.

    :param timeout: Seconds from now.
    :param execution_timeout: Airflow's limit for the task.
    :param started: When the task started.
    """
    deadline = time.time() + timeout
    if execution_timeout is None:
        return deadline
    limit = execution_timeout.total_seconds()
    return min(deadline, started.timestamp() + limit - min(MARGIN, limit / 10))
