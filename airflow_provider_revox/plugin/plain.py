"""Take counts and plain words out of values, and nothing else: anything else may be about a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_revox.client.models import LARGEST_COUNT
from airflow_provider_revox.client.timestamps import seconds_since_1970, utc_text
from airflow_provider_revox.client.words import is_word


def count_of(value: Any) -> int | None:
    """Return a whole number that can be a count of people; ``None`` for anything else."""
    return value if type(value) is int and 0 <= value <= LARGEST_COUNT else None


def counts_of(value: Any) -> dict[str, int]:
    """Return the counts with plain names that an object has."""
    if not isinstance(value, Mapping):
        return {}
    counts = {
        name: count_of(count) for name, count in value.items() if isinstance(name, str) and is_word(name)
    }
    return {name: count for name, count in counts.items() if count is not None}


def word_of(value: Any) -> str | None:
    """Return a plain word; ``None`` for anything else."""
    return value if isinstance(value, str) and is_word(value) else None


def moment_of(value: Any) -> str | None:
    """Return a time as text, such as ``2026-11-26T12:00:00Z``; ``None`` for anything else."""
    try:
        seconds = seconds_since_1970(value)
        return None if seconds is None else utc_text(seconds)
    except (ValueError, OverflowError, OSError):  # it is before the year 1 or after 9999
        return None


def is_web_address(value: Any) -> bool:
    """
    Return whether a value is an address that a browser opens: not a script, for example.

    An address with a user's name or a password is none.
    """
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and "\\" not in value
