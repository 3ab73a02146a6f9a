"""Guard a campaign before it is launched: against too many contacts, and a time zone that is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.units import contacts_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.requests import CallRetryConfig

_ZONES_THAT_PHONENUMBERS_LACKS = {56: ("America/Santiago", "Pacific/Easter")}
"""``phonenumbers`` knows only one time zone of Chile."""
_JANUARY, _JULY = datetime(2026, 1, 1), datetime(2026, 7, 1)


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


def time_zone_warning(numbers: Iterable[str], config: CallRetryConfig | None) -> str:
    """Return a warning if contacts may be called at a wrong hour because no time zone is set."""
    if config is not None and config.timezone:
        return ""
    # All at once, since a list may be long: only the first character of a number is a plus.
    affected = len(_number_in_several_time_zones().findall("".join(numbers)))
    if not affected:
        return ""
    return (
        f"{contacts_in_words(affected)} in countries with several time zones, such as +1: set timezone in "
        "call_retry_config. Without it Revox takes a time zone from the country code, and may call people at "
        "a wrong hour."
    )


@cache
def _number_in_several_time_zones() -> re.Pattern[str]:
    """Return a pattern that matches the country codes of countries with several time zones."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber
    from phonenumbers.timezone import time_zones_for_geographical_number

    codes = []
    for code in COUNTRY_CODE_TO_REGION_CODE:
        # No area code is 0 alone, so this returns the zones of the whole country.
        country = PhoneNumber(country_code=code, national_number=0)
        zones = _ZONES_THAT_PHONENUMBERS_LACKS.get(code, time_zones_for_geographical_number(country))
        if len(set(map(_offsets, zones))) > 1:
            codes.append(str(code))
    return re.compile(rf"\+(?:{'|'.join(codes)})")


def _offsets(zone: str) -> tuple[timedelta | None, ...]:
    """Return a zone's distance from UTC in winter and summer. Guernsey and London have the same."""
    try:
        return tuple(day.replace(tzinfo=ZoneInfo(zone)).utcoffset() for day in (_JANUARY, _JULY))
    except ZoneInfoNotFoundError:  # numbers that belong to no country have the zone Etc/Unknown
        return ()
