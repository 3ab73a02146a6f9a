"""Write counts and durations in words, and durations in seconds."""

from __future__ import annotations

from datetime import timedelta


def contacts_in_words(contacts: int) -> str:
    """Return a number of contacts in words: ``1 contact``, ``1,204 contacts``."""
    return f"{contacts:,} contact{'' if contacts == 1 else 's'}"


def duration_in_words(seconds: float) -> str:
    """Return a duration in words: ``40 s``, ``12 min``, ``1.5 h``."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.3g} h"


def seconds_of(duration: float | timedelta) -> float:
    """Return a duration in seconds."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration
