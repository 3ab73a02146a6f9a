"""Find the calls of people in the rows of a campaign, and say what each row shows."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from airflow_provider_revox.client.all_rows import read_pages
from airflow_provider_revox.client.campaign_state import is_cancelled, is_done
from airflow_provider_revox.client.errors import RowsDriftedError
from airflow_provider_revox.client.ids import id_problem
from airflow_provider_revox.client.models import Row
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader
from airflow_provider_revox.results.unreached import reach_of

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import Campaign

IN_PROGRESS = frozenset({"calling", "post_processing"})
"""Statuses in which an attempt is made, or was just made. A cancel does not end it."""
_FEWEST_DIGITS = 6
"""A text that lacks the last six digits of a number is another number."""

Look = Literal["open", "in_progress", "cancelled", "reached", "failed"]
"""
What a row shows of a call.

``open``: Revox may still start an attempt. An unknown status is open, too. ``in_progress``: an attempt is
made. ``cancelled``: no attempt follows. ``reached``: the call has ended, and has reached the person or
something such as a mailbox. ``failed``: it has ended, and has not.
"""


class Call(NamedTuple):
    """
    Describes the call of a person, as its row shows it.

    :param row_id: The id of its row.
    :param number: The number of the person, in E.164.
    :param call_id: The id of the call; empty: the row shows none.
    """

    row_id: str
    number: str
    call_id: str
    look: Look

    def __repr__(self) -> str:
        return f"Call(look={self.look!r})"


class FoundCalls(NamedTuple):
    """
    Holds the calls of people in a campaign.

    :param calls: Those of the people who were searched.
    :param unreadable: How many open calls have a number that can't be read, and may be of these people.
    :param drift: Why rows may be missing; ``None``: none is.
    """

    calls: list[Call]
    unreadable: int = 0
    drift: RowsDriftedError | None = None


class Searched:
    """
    Holds the people to look for in the rows of campaigns.

    :param numbers: Their numbers, in E.164.
    """

    def __init__(self, numbers: Set[str]) -> None:
        self._numbers = numbers
        self._ends = {number[-_FEWEST_DIGITS:] for number in numbers}
        self._reader = NumberReader(check=None)

    def __repr__(self) -> str:
        return f"Searched({len(self._numbers)})"

    def find(self, texts: list[Any]) -> str | None:
        """
        Return the number of the person in a row; ``None``: it is another person.

        :param texts: The numbers that the row shows.
        :raises NumberError: The row shows no number, or one that can't be read and may be that of a searched
            person.
        """
        doubt = None if texts else NumberError("missing")
        for text in texts:
            try:
                number = self._reader.read(text)
            except NumberError as error:
                doubt = error if self._may_be_searched(text) else doubt
            else:
                if number in self._numbers:
                    return number
        if doubt is not None:
            raise doubt
        return None

    def _may_be_searched(self, value: Any) -> bool:
        digits = "".join(str(int(sign)) for sign in str(value) if sign.isdecimal())
        ends = range(_FEWEST_DIGITS, len(digits) + 1)
        return any(digits[end - _FEWEST_DIGITS : end] in self._ends for end in ends)


def read_calls(client: RevoxClient, campaign: Campaign, searched: Searched) -> FoundCalls:
    """
    Read the rows of a campaign, and return the calls of the people who are searched.

    If the rows do not add up, some may be missing. The calls of the rows that came are returned all the same.

    :raises RevoxError: The rows can't be read.
    """
    calls: list[Call] = []
    unreadable = kept_calls = kept_unreadable = 0

    def begin_attempt() -> Callable[[list[dict[str, Any]]], None]:
        nonlocal unreadable
        del calls[kept_calls:]
        unreadable = kept_unreadable
        return take_all

    def take_all(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            take(row)

    def take(content: dict[str, Any]) -> None:
        nonlocal unreadable
        try:
            number = searched.find(_numbers_of(content))
        except NumberError:
            unreadable += look_of(Row.model_validate(content), campaign) in ("open", "in_progress")
            return
        if number is None:  # most rows
            return
        row = Row.model_validate(content)
        calls.append(Call(row.id, number, _call_id(row), look_of(row, campaign)))

    expected_rows = campaign.row_stats.total if campaign.row_stats else None
    drift = None
    try:
        for _ in read_pages(client, campaign.id, expected_rows=expected_rows, begin_attempt=begin_attempt):
            kept_calls, kept_unreadable = len(calls), unreadable
    except RowsDriftedError as error:
        drift = error
    return FoundCalls(calls, unreadable, drift)


def look_of(row: Row, campaign: Campaign) -> Look:
    """Return what a row shows of its call."""
    if not row.call:
        if is_cancelled(campaign):
            return "cancelled"
        # A row without a call gets one when the campaign is launched.
        return "failed" if is_done(campaign) and row.call is None else "open"
    status = str(row.call.get("status"))
    if status in IN_PROGRESS:
        return "in_progress"
    if status == "cancelled" or row.call.get("is_cancelled") is True:
        return "cancelled"
    if status in ("completed", "errored"):
        return "failed" if reach_of(row) == "unreached" else "reached"
    # Nobody launches the calls of a cancelled campaign any more.
    return "cancelled" if is_cancelled(campaign) else "open"


def _numbers_of(row: dict[str, Any]) -> list[Any]:
    """Return the numbers that a row shows, as the server wrote them."""
    call = row.get("call")
    shown = [row.get("phone_number"), call.get("to_phone_number") if isinstance(call, dict) else None]
    return [number for number in shown if number not in (None, "")]


def _call_id(row: Row) -> str:
    call_id = row.call.get("id") if row.call else None
    return call_id if isinstance(call_id, str) and not id_problem(call_id) else ""
