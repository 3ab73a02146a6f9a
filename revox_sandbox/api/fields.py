"""
Types of the fields of a request. They check what the API page says about each field.

The sandbox does not share them with the provider: it judges the provider's client.
"""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from revox_sandbox.play.people import is_phone_number

MAX_INTEGER = 2**53 - 1
"""The largest integer that the API accepts (API page: ``maximum``)."""

_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|(1[0-2]|[1-9])(?::([0-5][0-9]))?([ap]m)")


def parse_clock_time(text: str) -> time:
    """
    Return the time of day that the text names.

    :param text: A time as ``17:00``, ``5:30pm`` or ``5pm``.
    :raises ValueError: The text is not such a time.
    """
    match = _CLOCK_TIME.fullmatch(text)
    if match is None:
        raise ValueError("must be a time as HH:mm or H:mma, such as 17:00, 09:30 or 6pm")
    hour, minute, hour_of_half, minute_of_half, half = match.groups()
    if half:
        return time(int(hour_of_half) % 12 + (12 if half == "pm" else 0), int(minute_of_half or 0))
    return time(int(hour), int(minute))


def _check_phone_number(text: str) -> str:
    if not is_phone_number(text):
        raise ValueError("must be a phone number in E.164 format, such as +14155550100")
    return text


def _check_clock_time(text: str) -> str:
    parse_clock_time(text)
    return text


def _check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise ValueError("must be an IANA time zone, such as Europe/Paris or America/New_York") from None
    return name


def _parse_timestamp(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise ValueError(
            "must be an ISO 8601 date and time with an offset, such as 2026-12-01T09:00:00+01:00"
        )
    return moment


NonEmptyText = Annotated[str, Field(min_length=1)]
E164 = Annotated[str, AfterValidator(_check_phone_number)]
ClockTime = Annotated[str, AfterValidator(_check_clock_time)]
TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
Timestamp = Annotated[datetime, BeforeValidator(_parse_timestamp)]
PositiveInteger = Annotated[int, Field(gt=0, le=MAX_INTEGER)]
NonNegativeInteger = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Concurrency = Annotated[float, Field(ge=1, allow_inf_nan=False)]
"""The API page says "number", so a fraction is allowed."""
