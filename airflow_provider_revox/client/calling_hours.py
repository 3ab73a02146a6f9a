"""Refuse calling windows and starts by which Revox might call people at hours that nobody stated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from airflow_provider_revox.client.errors import InvalidRequestError

_CLOCK_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?([ap]m)?")


def window_problems(windows: Sequence[tuple[str, str]]) -> list[str]:
    """
    Return what is wrong with calling windows, one line per problem.

    The API page does not say what Revox does with such windows. It may never call, or call all night.

    :param windows: The start and the end of each, as ``HH:mm`` or ``H:mma``.
    """
    if not windows:
        return [
            "calling_windows: is empty, so nothing says at what hours people may be called; give at least "
            "one window, or leave call_retry_config out to use the assistant's own windows"
        ]
    return [
        f"calling_windows[{index}]: ends at {end}, which is not after its start at {start}; write a window "
        "over midnight as two windows, the first until 23:59"
        for index, (start, end) in enumerate(windows)
        if minutes_of_day(end) <= minutes_of_day(start)
    ]


def check_schedule(scheduled_at: datetime | None, *, now: datetime) -> None:
    """
    Refuse a start in the past. Revox would call people at once, which the user may not want.

    :raises InvalidRequestError: ``scheduled_at`` lies before ``now``.
    """
    if scheduled_at is not None and scheduled_at < now:
        raise InvalidRequestError(
            [f"scheduled_at: {scheduled_at.isoformat()} is in the past; leave it out to call at once"]
        )


def minutes_of_day(clock_time: str) -> int:
    """
    Return the minutes since midnight.

    :param clock_time: As ``HH:mm`` or ``H:mma``.
    :raises ValueError: It is not a time.
    """
    match = _CLOCK_TIME.fullmatch(clock_time)
    if match is None:
        raise ValueError(f"{clock_time!r} is not a time")
    hours, minutes, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    return hours * 60 + minutes
