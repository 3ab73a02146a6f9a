"""When people may be called."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from revox_sandbox.api.bodies import CallRetryConfig

DEFAULT_RETRY_DELAY = 7200
DEFAULT_MAX_ATTEMPTS = 3

_CLOCK_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?([ap]m)?")


def parse_clock_time(text: str) -> time:
    """
    Read a time of day.

    :param text: ``17:00``, ``5:30pm`` or ``5pm``.
    """
    match = _CLOCK_TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time of day")
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute)


@dataclass(frozen=True)
class _Window:
    start: time
    end: time
    retry_delay: int

    def contains(self, moment: time) -> bool:
        if self.start < self.end:
            return self.start <= moment < self.end
        # Over midnight; and the same time twice is the whole day, or such a campaign would never end.
        return moment >= self.start or moment < self.end


class CallingHours:
    """
    The parts of the day in which a campaign calls, and how it tries again.

    :param config: The campaign's own; without one it calls all day.
    :param days: On which days it calls, Monday is 0.
    :param twice_in_a_row: Whether the second attempt follows the first at once.
    """

    def __init__(
        self,
        config: CallRetryConfig | None,
        days: Collection[int] = range(7),
        *,
        twice_in_a_row: bool = False,
    ) -> None:
        self._days = days
        self._twice_in_a_row = twice_in_a_row
        self.max_attempts = config.max_retry_attempts if config else DEFAULT_MAX_ATTEMPTS
        self._zone = _zone(config.timezone if config else None)
        self._windows = [
            _Window(
                parse_clock_time(window.calling_window_start_time),
                parse_clock_time(window.calling_window_end_time),
                window.retry_delay_seconds,
            )
            for window in (config.calling_windows if config else ())
        ]

    def are_open(self, moment: float) -> bool:
        """Whether people may be called at ``moment``."""
        if datetime.fromtimestamp(moment, self._zone).weekday() not in self._days:
            return False
        return not self._windows or self._window_at(moment) is not None

    def next_opening(self, moment: float) -> float:
        """Return the first moment after ``moment`` at which a window starts, or a day with an open one."""
        today = datetime.fromtimestamp(moment, self._zone).date()
        times = sorted({time(), *(window.start for window in self._windows)})
        starts = (
            datetime.combine(today + timedelta(days=days), start, self._zone).timestamp()
            for days in range(9)
            for start in times
        )
        return next(start for start in starts if start > moment and self.are_open(start))

    def retry_delay(self, moment: float, attempts: int = 0) -> int:
        """
        Return how many seconds after a call the next one may be.

        :param moment: When the call was started.
        :param attempts: How many there were.
        """
        if self._twice_in_a_row and attempts == 1:
            return 0
        window = self._window_at(moment)
        return window.retry_delay if window else DEFAULT_RETRY_DELAY

    def _window_at(self, moment: float) -> _Window | None:
        if not self._windows:
            return None
        local = datetime.fromtimestamp(moment, self._zone).time()
        return next((window for window in self._windows if window.contains(local)), None)


def _zone(name: str | None) -> tzinfo:
    if name is None:
        return UTC
    import pendulum  # the judge of names in the request model; slow to import

    return pendulum.timezone(name)
