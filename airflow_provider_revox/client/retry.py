"""When to send a request again, and how long to wait before. Pure, like :mod:`.protocol`."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from airflow_provider_revox.client.errors import AnswerError, NotSentError, RateLimitedError, RevoxError

FIRST_BACKOFF = 0.5
MAX_BACKOFF = 30.0
MAX_RETRY_AFTER = 120.0
"""Seconds; a server that asks for a longer pause gets it from whoever called, not from a blocked client."""


def retry_pause(error: RevoxError, *, repeatable: bool, attempt: int, retries: int) -> float | None:
    """
    Decide whether to send a request again.

    A request that is not repeatable is sent again only where it surely was not taken: the connection could
    not be made, or the answer is 429.

    :param error: How the last attempt ended.
    :param repeatable: Whether sending it twice has the effect of sending it once.
    :param attempt: Its number, from 0.
    :param retries: How often it may be sent again.
    :return: Seconds to wait before the next attempt; ``None``: give up.
    """
    not_taken = isinstance(error, (NotSentError, RateLimitedError))
    if attempt >= retries or not (not_taken or (repeatable and error.transient)):
        return None
    # Jitter keeps many workers from coming back in step.
    backoff: float = min(MAX_BACKOFF, FIRST_BACKOFF * 2**attempt)
    pause = backoff * random.uniform(0.5, 1.0)  # noqa: S311
    if isinstance(error, AnswerError) and error.retry_after is not None:
        if error.retry_after > MAX_RETRY_AFTER:
            return None
        pause = max(pause, error.retry_after)
    return pause


def parse_retry_after(value: str | None, *, now: datetime) -> float | None:
    """
    Read a ``Retry-After`` header, which holds seconds or a date.

    :return: Seconds from ``now``, never negative; ``None`` where there is none or it can't be read.
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # a date in "-0000", which means UTC
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
