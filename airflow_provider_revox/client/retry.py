"""Decide whether a request is sent again, and how long to wait before. Nothing here sends or waits."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from airflow_provider_revox.client.errors import AnswerError, NotSentError, RateLimitedError, RevoxError

FIRST_BACKOFF = 0.5
MAX_BACKOFF = 30.0
MAX_RETRY_AFTER = 120.0
"""Seconds. If a server asks for a longer pause, the caller gets the error and decides how to wait."""


def retry_pause(error: RevoxError, *, repeatable: bool, attempt: int, retries: int) -> float | None:
    """
    Decide whether to send a request again.

    A request that is not repeatable is sent again only if Revox surely did not act on it: no connection could
    be made, or the answer is 429.

    :param error: The error of the last attempt.
    :param repeatable: Whether sending the request twice has the same effect as sending it once.
    :param attempt: How often the request was sent before the last attempt.
    :param retries: How often it may be sent again.
    :return: Seconds to wait before it is sent again; ``None``: give up.
    """
    not_taken = isinstance(error, (NotSentError, RateLimitedError))
    if attempt >= retries or not (not_taken or (repeatable and error.transient)):
        return None
    # The random part keeps many workers from coming back at the same moment.
    backoff: float = min(MAX_BACKOFF, FIRST_BACKOFF * 2**attempt)
    pause = backoff * random.uniform(0.5, 1.0)  # noqa: S311
    if isinstance(error, AnswerError) and error.retry_after is not None:
        if error.retry_after > MAX_RETRY_AFTER:
            return None
        pause = max(pause, error.retry_after)
    return pause


def parse_retry_after(value: str | None, *, date: str | None = None) -> float | None:
    """
    Read a ``Retry-After`` header, which holds seconds or a date.

    :param date: The ``Date`` header of the same answer. The clocks of the server and of this machine may
        differ, so a date is compared with the clock that it was made with. Default: this machine's clock.
    :return: Seconds to wait, at least 0; ``None`` if there is no header or it can't be read.
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    until = _parse_date(value)
    if until is None:
        return None
    now = _parse_date(date or "") or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _parse_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # A date with "-0000" has no time zone, and means UTC.
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
