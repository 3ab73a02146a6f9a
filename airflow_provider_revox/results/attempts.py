"""Say which attempts a call had, each once, and in which order. No other module decides this."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from airflow_provider_revox.client.timestamps import seconds_since_1970


def each_once(call: Any) -> list[Any]:
    """
    Return the attempts of a call in the order of the API, each once.

    An id that comes again is the same attempt. The last attempt is one of them, also if the list lacks it.

    :param call: A call as :class:`~airflow_provider_revox.results.shapes.RowShape` has read it.
    """
    last, listed = call.last_call_attempt, call.call_attempts or ()
    by_id: dict[str | int, Any] = {
        place if attempt.id is None else attempt.id: attempt for place, attempt in enumerate(listed)
    }
    attempts = [*by_id.values()]
    return attempts if last is None or _place(last, attempts) is not None else [last, *attempts]


def last_first(call: Any) -> list[Any]:
    """
    Return the attempts of a call, each once, the last one first.

    The last one is the API's ``last_call_attempt``. The others are in the order of their
    start. If one of them has no start, they are in the order of the list. No source says whether the list
    begins or ends with the last attempt, so the place of that attempt tells it.

    :param call: A call as :class:`~airflow_provider_revox.results.shapes.RowShape` has read it.
    """
    last, attempts = call.last_call_attempt, each_once(call)
    if last is None:
        return _newest_first(attempts)
    place = _place(last, attempts) or 0
    others = attempts[:place] + attempts[place + 1 :]
    return [last, *_newest_first(others[::-1] if place == len(others) else others)]


def _place(last: Any, attempts: list[Any]) -> int | None:
    return next((place for place, attempt in enumerate(attempts) if attempt.id == last.id), None)


def _newest_first(attempts: list[Any]) -> list[Any]:
    """Return attempts in the order of their start, or as they are if one has none."""
    if len(attempts) < 2:
        return attempts
    starts = [seconds_since_1970(attempt.started_at) for attempt in attempts]
    if None in starts:
        return attempts
    pairs = sorted(zip(starts, attempts, strict=True), key=itemgetter(0), reverse=True)
    return [attempt for _, attempt in pairs]
