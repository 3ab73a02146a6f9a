"""
Compare the rows of an ended campaign with its counts (``row_stats``).

Rows that show fewer calls than the campaign counts are old or incomplete. A task that believed them would
call people a second time. A count that Revox leaves out is not compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from airflow_provider_revox.client.campaign_state import is_cancelled
from airflow_provider_revox.client.errors import RowsDriftedError
from airflow_provider_revox.units import in_words, unlaunched_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign, RowStats

Trace = Literal["completed", "errored", "reached", "tried", "none", "unreadable"]
"""
What a row shows of its call.

``completed``, ``errored``: the status of the call. ``reached``: another status, and somebody answered.
``tried``: another status, and nobody answered. ``none``: there was no attempt.
"""


def check_counts(campaign: Campaign, traces: Iterable[Trace]) -> None:
    """
    Check that the rows of an ended campaign do not contradict its counts.

    :param campaign: It has ended.
    :param traces: One for each row. No call is in progress, may still be made or may be launched.
    :raises RowsDriftedError: The rows contradict the counts.
    """
    if campaign.row_stats is None:
        return
    compare = _compare_cancelled if is_cancelled(campaign) else _compare_completed
    rows = Counter(traces)
    stats = campaign.row_stats
    for what, counted, shown in (*_compare_called(stats, rows), *compare(stats, rows)):
        if counted > shown + rows["unreadable"]:  # a row that can't be read may be any of them
            raise RowsDriftedError(
                campaign.id, f"the campaign counts {what(counted)}, and its rows show {shown:,}"
            )
    _check_not_more(campaign, stats, rows)


Comparison = tuple[Callable[[int], str], int, int]
"""What is compared, in words for a count of it, how many the campaign counts, and how many the rows show."""


def _compare_called(stats: RowStats, rows: Counter[Trace]) -> Iterator[Comparison]:
    answered = rows["completed"] + rows["reached"]
    yield _completed, stats.completed or 0, answered
    yield _people, _called(stats), answered + rows["errored"] + rows["tried"]


def _compare_completed(stats: RowStats, rows: Counter[Trace]) -> Iterator[Comparison]:
    """Compare the calls that are still to come: the rows of a completed campaign show none."""
    yield _still_to_come, (stats.pending or 0) + (stats.retry or 0), 0
    yield unlaunched_in_words, stats.not_launched or 0, 0


def _compare_cancelled(stats: RowStats, rows: Counter[Trace]) -> Iterator[Comparison]:
    """Compare calls without attempts. Nobody knows whether other counts hold aborted calls."""
    yield unlaunched_in_words, stats.not_launched or 0, rows["none"]


def _check_not_more(campaign: Campaign, stats: RowStats, rows: Counter[Trace]) -> None:
    """Check that no more calls have ended than the campaign counts in any way."""
    if stats.completed is None or stats.failed is None:
        return
    ended = rows["completed"] + rows["errored"]
    counted = _called(stats) + (stats.pending or 0) + (stats.skipped or 0)
    if ended > counted:
        raise RowsDriftedError(
            campaign.id, f"the rows show {_ended(ended)}, and the campaign counts {counted:,}"
        )


def _called(stats: RowStats) -> int:
    return sum(count or 0 for count in (stats.completed, stats.failed, stats.calling, stats.retry))


def _completed(calls: int) -> str:
    return in_words(calls, "completed call")


def _people(people: int) -> str:
    return in_words(people, "person who was called", "people who were called")


def _still_to_come(calls: int) -> str:
    return f"{in_words(calls, 'call')} that Revox will still make"


def _ended(calls: int) -> str:
    return in_words(calls, "call that has ended", "calls that have ended")
