"""Guard a campaign before it is launched: against too many contacts, and calls at a wrong time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.units import contacts_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.requests import CallRetryConfig

# Country codes of countries with several time zones: Revox derives a person's time zone from the country.
_SEVERAL_TIME_ZONES = re.compile(r"\+(?:1|7|34|351|52|55|56|593|61|62|64|243|686|689|691|976)")


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
    affected = len(_SEVERAL_TIME_ZONES.findall("".join(numbers)))
    if not affected:
        return ""
    return (
        f"{contacts_in_words(affected)} in countries with several time zones, such as +1: set timezone in "
        "call_retry_config. Without it Revox takes a time zone from the country code, and may call people at "
        "a wrong hour."
    )
