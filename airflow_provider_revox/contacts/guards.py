"""Guard a campaign before it is launched: against too many contacts, and calls at a wrong time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.units import contacts_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.requests import CallRetryConfig

# Country codes of countries with several time zones: Revox derives a person's time zone from the country.
_SEVERAL_TIME_ZONES = re.compile(r"\+(?:1|7|34|351|52|55|56|593|61|62|64|243|686|689|691|976)")
_CLOCK_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?([ap]m)?")


def check_count(contacts: int, limit: Any) -> None:
    """
    Refuse a list that is longer than the user allows.

    :param limit: The option ``max_contacts``.
    :raises InvalidRequestError: There are more contacts than the limit, or the limit is not a number.
    """
    if limit is not None and type(limit) is not int:
        raise InvalidRequestError(["max_contacts: must be a whole number"])
    if limit is not None and contacts > limit:
        raise InvalidRequestError(
            [f"contacts: {contacts_in_words(contacts)} to call, but max_contacts is {limit:,}"]
        )


def check_calling_windows(config: CallRetryConfig | None) -> None:
    """
    Refuse calling windows that never open.

    :raises InvalidRequestError: A window ends before it starts, or when it starts.
    """
    windows = config.calling_windows if config else []
    problems = [
        f"call_retry_config.calling_windows[{index}]: ends at {window.calling_window_end_time}, which is not "
        f"after its start at {window.calling_window_start_time}"
        for index, window in enumerate(windows)
        if _minutes(window.calling_window_end_time) <= _minutes(window.calling_window_start_time)
    ]
    if problems:
        raise InvalidRequestError(problems)


def check_schedule(scheduled_at: datetime | None, *, now: datetime) -> None:
    """
    Refuse a start in the past. Revox would call people at once, which the user may not want.

    :raises InvalidRequestError: ``scheduled_at`` lies before ``now``.
    """
    if scheduled_at is not None and scheduled_at < now:
        raise InvalidRequestError(
            [f"scheduled_at: {scheduled_at.isoformat()} is in the past; leave it out to call at once"]
        )


def time_zone_warning(numbers: Iterable[str], config: CallRetryConfig | None) -> str:
    """Return a warning if contacts may be called at a wrong hour because no time zone is set."""
    if config is not None and config.timezone:
        return ""
    # All at once, since a list may be long: only the first character of a number is a plus.
    affected = len(_SEVERAL_TIME_ZONES.findall("".join(numbers)))
    if not affected:
        return ""
    return (
        f"{contacts_in_words(affected)} in countries with several time zones, such as +1: set timezone in "
        "call_retry_config. Without it Revox takes a time zone from the country code, and may call people at "
        "a wrong hour."
    )


def _minutes(clock_time: str) -> int:
    match = _CLOCK_TIME.fullmatch(clock_time)
    if match is None:
        raise ValueError(f"{clock_time!r} is not a time")
    hours, minutes, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    return hours * 60 + minutes
