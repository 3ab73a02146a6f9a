"""Write counts and durations in words, and durations in seconds."""

from __future__ import annotations

from datetime import timedelta


def in_words(count: int, one: str, more: str = "") -> str:
    """
    Return a count of things in words: ``1 row``, ``1,204 rows``.

    :param one: The word for one of them.
    :param more: The word for several. Otherwise it is the word for one with an ``s``.
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def contacts_in_words(contacts: int) -> str:
    """Return a number of contacts in words: ``1 contact``, ``1,204 contacts``."""
    return in_words(contacts, "contact")


def unlaunched_in_words(calls: int) -> str:
    """Return a number of calls that are not launched in words: ``1 call that is not launched``."""
    return in_words(calls, "call that is not launched", "calls that are not launched")


def duration_in_words(seconds: float) -> str:
    """Return a duration in words: ``40 s``, ``12 min``, ``1.5 h``."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.3g} h"


def seconds_of(duration: float | timedelta) -> float:
    """Return a duration in seconds."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration
