"""Decide when a campaign may call people, and when it tries again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

DEFAULT_RETRY_DELAY = 7200


@dataclass(frozen=True)
class Window:
    """
    A part of the day in which the campaign calls people.

    A window that starts later than it ends goes over midnight. One that starts when it ends is the whole day,
    because a campaign without any time to call would never end.
    """

    start: time
    end: time
    retry_delay: int

    def contains(self, moment: time) -> bool:
        """Return whether a time of day is in the window."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True)
class CallingHours:
    """
    When a campaign calls people, and how it tries again. Without windows it calls all day.

    :param windows: The parts of the day.
    :param max_attempts: How many attempts a person gets.
    :param zone: The time zone of the windows and days.
    :param days: The days on which it calls. Monday is 0.
    :param twice_in_a_row: Whether the second attempt follows the first at once.
    """

    windows: Sequence[Window] = ()
    max_attempts: int = 3
    zone: tzinfo = UTC
    days: Collection[int] = range(7)
    twice_in_a_row: bool = False

    def are_open(self, moment: float) -> bool:
        """Return whether people may be called at ``moment``."""
        if datetime.fromtimestamp(moment, self.zone).weekday() not in self.days:
            return False
        return not self.windows or self._window_at(moment) is not None

    def next_opening(self, moment: float) -> float:
        """Return the first moment after ``moment`` at which a window or an open day starts."""
        today = datetime.fromtimestamp(moment, self.zone).date()
        times = sorted({time(), *(window.start for window in self.windows)})
        starts = (
            datetime.combine(today + timedelta(days=days), start, self.zone).timestamp()
            for days in range(9)
            for start in times
        )
        return next(start for start in starts if start > moment and self.are_open(start))

    def retry_delay(self, moment: float, attempts: int = 0) -> int:
        """
        Return how many seconds a person waits for the next attempt.

        :param moment: When the last attempt started.
        :param attempts: How many attempts there were.
        """
        if self.twice_in_a_row and attempts == 1:
            return 0
        window = self._window_at(moment)
        return window.retry_delay if window else DEFAULT_RETRY_DELAY

    def _window_at(self, moment: float) -> Window | None:
        if not self.windows:
            return None
        local = datetime.fromtimestamp(moment, self.zone).time()
        return next((window for window in self.windows if window.contains(local)), None)


def stated_hours(days: Collection[int]) -> CallingHours:
    """
    Return the hours that the API page states for campaigns that do not say any.

    The sandbox does not know the time zone of a number, so the hours are in UTC.

    :param days: The days on which the campaign calls. Monday is 0.
    """
    return CallingHours([Window(time(10), time(18), DEFAULT_RETRY_DELAY)], days=days)
