"""Times as the API writes them; the page leaves their type open."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_MILLISECONDS_FROM = 1e11
"""As seconds this is the year 5138, as milliseconds 1973."""
_MOST = 1e14


def seconds_since_1970(moment: Any) -> float | None:
    """
    Read a moment.

    :param moment: ISO 8601 text (without an offset it is UTC), or seconds or milliseconds since 1970.
    :return: Seconds since 1970; ``None`` for anything else.
    """
    if isinstance(moment, str):
        try:
            parsed = datetime.fromisoformat(moment)
        except ValueError:
            return None
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    if isinstance(moment, bool) or not isinstance(moment, (int, float)) or not abs(moment) < _MOST:
        return None
    return moment / 1000 if abs(moment) >= _MILLISECONDS_FROM else float(moment)
