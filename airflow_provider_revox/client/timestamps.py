"""Read the times in answers. The API page does not say how Revox writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_MILLISECONDS_FROM = 1e11
"""From here on a number is milliseconds: as seconds it would be the year 5138, as milliseconds it is 1973."""
_MOST = 1e14


def seconds_since_1970(timestamp: Any) -> float | None:
    """
    Read a timestamp.

    :param timestamp: ISO 8601 text (UTC, if it has no offset), or seconds or milliseconds since 1970.
    :return: Seconds since 1970; ``None`` for anything else.
    """
    if isinstance(timestamp, str):
        try:
            parsed = datetime.fromisoformat(timestamp)
        except ValueError:
            return None
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    if isinstance(timestamp, bool) or not isinstance(timestamp, (int, float)) or not abs(timestamp) < _MOST:
        return None
    return timestamp / 1000 if abs(timestamp) >= _MILLISECONDS_FROM else float(timestamp)


def utc_text(seconds: float) -> str:
    """Return seconds since 1970 as text, such as ``2026-11-26T12:00:00Z``."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
