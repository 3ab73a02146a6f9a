"""Define the types of the fields that requests hold: numbers, times, time zones, dates with a time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
)

from airflow_provider_revox.client.spelling import whole_number
from airflow_provider_revox.phone_numbers.already_e164 import is_e164

Day: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
JS_MAX_SAFE_INTEGER = 9007199254740991
"""The largest number that the API accepts for delays and attempts (API page: ``maximum``)."""


class StrictModel(BaseModel):
    """Refuses unknown fields and values of another type."""

    # Validation errors must not show values: they are people's numbers and details.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


_LOCAL_ZONES = ("Factory", "localtime", "posix", "right/")
"""Files that lie among the time zones of a machine. Revox has other ones, or none."""
_CLOCK_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|(?:1[0-2]|[1-9])(?::[0-5][0-9])?[ap]m")


def _check_e164(value: str) -> str:
    if not is_e164(value):
        raise ValueError("must be a phone number in E.164 format, such as +14155550100")
    return value


def _check_clock_time(value: str) -> str:
    if not _CLOCK_TIME.fullmatch(value):
        raise ValueError("must be a time as HH:mm or H:mma, such as 17:00, 09:30 or 6pm")
    return value


def _check_timezone(value: str) -> str:
    import pendulum  # slow to import, and only needed for a campaign with a time zone

    problem = "must be an IANA time zone, such as Europe/Paris or America/New_York"
    if value.startswith(_LOCAL_ZONES):
        raise ValueError(problem)
    try:
        pendulum.timezone(value)
    except (ValueError, KeyError, OSError):
        raise ValueError(problem) from None
    return value


def _without_fraction(value: Any) -> Any:
    number = whole_number(value)
    return value if number is None else number


def _check_days(value: list[Day]) -> list[Day]:
    if not value:
        raise ValueError("is empty; name at least one day, or leave it out")
    return value


def _parse_timestamp(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(
                "must be an ISO 8601 date and time with an offset, such as 2026-12-01T09:00:00+01:00"
            ) from None
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise ValueError("has no time zone; give an aware datetime or add an offset, such as +01:00 or Z")
    return value


NonEmptyText = Annotated[str, Field(min_length=1)]
E164 = Annotated[str, AfterValidator(_check_e164)]
ClockTime = Annotated[str, AfterValidator(_check_clock_time)]
TimeZone = Annotated[str, AfterValidator(_check_timezone)]
# The API page calls them "number", and a template or a file may make 3.0 of 3.
PositiveInteger = Annotated[int, Field(gt=0, le=JS_MAX_SAFE_INTEGER), BeforeValidator(_without_fraction)]
Delay = Annotated[int, Field(ge=0, le=JS_MAX_SAFE_INTEGER), BeforeValidator(_without_fraction)]
Concurrency = Annotated[
    float,  # the API page says "number"
    Field(ge=1, allow_inf_nan=False),
    PlainSerializer(lambda calls: int(calls) if calls.is_integer() else calls),
]
Timestamp = Annotated[
    AwareDatetime, BeforeValidator(_parse_timestamp), PlainSerializer(datetime.isoformat, return_type=str)
]
Days = Annotated[list[Day], AfterValidator(_check_days)]
WEEKDAYS: list[Day] = ["monday", "tuesday", "wednesday", "thursday", "friday"]
