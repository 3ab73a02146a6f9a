"""Read the calling windows of a campaign, and say whether one is open now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from airflow_provider_revox.client.calling_hours import minutes_of_day

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_WINDOWS = 50


def calling_windows(config: Any, now: datetime) -> dict[str, Any] | None:
    """
    Return the calling windows in the campaign's time zone.

    :param config: The ``call_retry_config`` of the campaign.
    :param now: With a time zone.
    :return: ``None`` if the campaign has no windows that can be read. Without a time zone Revox goes by each
        person's own zone: ``timezone``, ``now`` and ``is_open`` are ``None`` then.
    """
    if not isinstance(config, Mapping) or not isinstance(config.get("calling_windows"), (list, tuple)):
        return None
    windows = [found for one in config["calling_windows"][:MOST_WINDOWS] if (found := _window(one))]
    if not windows:
        return None
    days = _days(config.get("allowed_days"))
    zone = _zone(config.get("timezone"))
    local = now.astimezone(zone) if zone else None
    return {
        "timezone": zone.key if zone else None,
        "windows": [{"start": _clock(start), "end": _clock(end)} for start, end in windows],
        "days": days,
        "now": f"{local:%H:%M}" if local else None,
        "is_open": _is_open(windows, days, local) if local else None,
    }


def _window(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, Mapping):
        return None
    start, end = value.get("calling_window_start_time"), value.get("calling_window_end_time")
    if not isinstance(start, str) or not isinstance(end, str):
        return None
    try:
        return minutes_of_day(start), minutes_of_day(end)
    except ValueError:
        return None


def _days(value: Any) -> list[str] | None:
    """Return the allowed days in the order of the week; ``None`` if the campaign does not say any."""
    if not isinstance(value, (list, tuple)):
        return None
    named = {day.lower() for day in value if isinstance(day, str)}
    return [day for day in WEEKDAYS if day in named]


def _zone(name: Any) -> ZoneInfo | None:
    if not isinstance(name, str):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # it is not a zone, or not the name of a file
        return None


def _is_open(windows: list[tuple[int, int]], days: list[str] | None, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    today, yesterday = WEEKDAYS[local.weekday()], WEEKDAYS[local.weekday() - 1]
    is_today, is_yesterday = (days is None or day in days for day in (today, yesterday))
    return any(
        (is_today and start <= minute < end)
        if start < end
        # A window over midnight belongs to the day on which it begins.
        else (is_today and minute >= start) or (is_yesterday and minute < end)
        for start, end in windows
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
