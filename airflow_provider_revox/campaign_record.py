"""Describe what a task tells Airflow of its campaign, so that Airflow can show it."""

from __future__ import annotations

import re
import time
from typing import Any, Literal, TypeAlias

from airflow_provider_revox.client.timestamps import utc_text

CAMPAIGN_KEY = "campaign"
"""The XCom of every task that launches a campaign or waits for one."""

NOT_LAUNCHED = "_not_launched"
"""Ends the outcome of a task that has created or adopted a campaign which calls nobody yet."""

_BETWEEN = r"[\W_]{0,3}"
"""What may stand between two digits of a phone number: no letter and no digit, but any dash or blank."""
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_DATE = rf"(?<!\d)20\d\d-(?:0[1-9]|1[0-2])-{_DAY}(?!\d)"
_SHORT_DATE = rf"(?<!\d)20\d\d(?:0[1-9]|1[0-2]){_DAY}(?!\d)"
_TIME = (
    r"[T _][0-2]\d:?[0-5]\d(?::?[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-][0-2]\d:?[0-5]\d)?"
    rf"(?!{_BETWEEN}\d\d)"
)
_DATE_OR_NUMBER = re.compile(
    # A number ends where a date begins, unless it starts with a plus.
    rf"\+{_BETWEEN}\d(?:{_BETWEEN}(?!{_DATE})\d){{6,}}"
    rf"|\+{_BETWEEN}\d(?:{_BETWEEN}\d){{6,}}"
    rf"|(?P<date>(?:{_DATE}|{_SHORT_DATE})(?:{_TIME})?)"
    rf"|\d(?:{_BETWEEN}(?!{_DATE})\d){{6,}}"
    r"|[^\s@]{1,64}@[^\s@]+"
)
HIDDEN = "\u2026"
MAX_READ = 1_000
MAX_SHOWN = 300
"""Characters of a name that are shown."""

Role: TypeAlias = Literal["launch", "wait"]


def campaign_record(
    campaign_id: str, *, name: str | None, revox_conn_id: str, url: str, role: Role
) -> dict[str, Any]:
    """
    Return the value of the XCom. Nothing in it is personal.

    :param name: The campaign's name without its tag; ``None``: it is not known.
    :param url: The address of the campaign in Revox.
    :param role: Whether the task has launched the campaign, or waits for it.
    """
    return {
        "campaign_id": campaign_id,
        "name": None if name is None else shown_name(name),
        "revox_conn_id": revox_conn_id,
        "url": url,
        "role": role,
        "since": utc_text(time.time()),
    }


def shown_name(name: str) -> str:
    """
    Return a campaign's name as one short, printable line without phone numbers and e-mail addresses.

    Dates stay. The name may be what a server says.
    """
    cut = name[:MAX_READ]
    if len(name) > MAX_READ:
        cut = re.sub(r"[\d\W_]+$", "", cut)  # the cut may have gone through a number
    printable = "".join(sign if sign.isprintable() else " " for sign in cut)
    shown = _DATE_OR_NUMBER.sub(lambda found: found["date"] or HIDDEN, printable)
    return shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}{HIDDEN}"
