"""Read the calls of a campaign that are not launched, and choose a part of them."""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import RowsDriftedError
from airflow_provider_revox.client.frames import forgetful
from airflow_provider_revox.launch.errors import LaunchRefusedError, LaunchUnconfirmedError
from airflow_provider_revox.units import unlaunched_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient

NOT_LAUNCHED = "not_launched"


@dataclass(frozen=True)
class UnlaunchedCalls:
    """
    Holds the calls of a campaign that are not launched. Its ``repr`` shows only how many.

    :param calls: For each call the hash of its row, its id and the person's number. A draft has no ids.
    :param hashes: The hashes of all rows, in ascending order.
    :param cancelled: The ids of the calls that are cancelled.
    """

    calls: Sequence[tuple[int, str | None, Any]]
    hashes: Sequence[int]
    cancelled: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.calls)

    def __repr__(self) -> str:
        return f"UnlaunchedCalls({len(self)} of {len(self.hashes)})"

    def numbers(self) -> Iterator[Any]:
        """Yield the numbers of the people, as the rows have them."""
        return (number for _, _, number in self.calls)

    def have_ids(self) -> bool:
        """Return whether Revox shows the ids of all these calls. A draft has none."""
        return all(call_id for _, call_id, _ in self.calls)

    def ids(self) -> tuple[str, ...]:
        """
        Return the ids of the calls.

        :raises LaunchRefusedError: Revox does not show the id of a call.
        """
        ids = [call_id for _, call_id, _ in self.calls if call_id]
        if len(ids) < len(self):
            raise LaunchRefusedError(
                f"Revox shows no id for {unlaunched_in_words(len(self) - len(ids))}, so a "
                "part of the people can't be launched. Leave up_to out to launch all of them."
            )
        return tuple(ids)

    def only(self, ids: Collection[str]) -> UnlaunchedCalls:
        """
        Return the calls that have one of these ids.

        :param ids: Ids of calls.
        """
        wanted = frozenset(ids)
        return UnlaunchedCalls([call for call in self.calls if call[1] in wanted], self.hashes)

    def up_to(self, limit: int | Decimal) -> UnlaunchedCalls:
        """
        Return the calls of the first part of the campaign's people.

        The hash of a row decides the order. So the part stays the same, whatever was launched or cancelled
        meanwhile. A larger part has everybody of a smaller one.

        :param limit: How many people the part has, or which share of all people, rounded up.
        """
        people = len(self.hashes)
        size = min(people, limit if isinstance(limit, int) else math.ceil(limit * people))
        if not size:
            return UnlaunchedCalls([], self.hashes)
        last = self.hashes[size - 1]
        return UnlaunchedCalls([call for call in self.calls if call[0] <= last], self.hashes)


def read_part(value: Any) -> int | Decimal | None:
    """
    Return how many people are to be launched, or which share of them; ``None``: everybody.

    :param value: The option ``up_to``: a number, or the text that a template rendered to.
    :raises ValueError: It is neither.
    """
    if value is None:
        return None
    number: int | Decimal | None = value if type(value) is int else None
    if isinstance(value, str) and value.strip().isdecimal():
        number = int(value)
    elif isinstance(value, (str, float)):
        with contextlib.suppress(InvalidOperation):
            number = Decimal(str(value).strip())
    if isinstance(number, int):
        fits = number >= 1
    else:
        fits = number is not None and number.is_finite() and 0 < number < 1
    if fits:
        return number
    raise ValueError(
        "up_to: must be a whole number of people, at least 1, or a share of them, more than 0 and less than "
        "1, such as 0.05; leave it out to launch everybody"
    )


@forgetful
def read_unlaunched(client: RevoxClient, campaign_id: str, *, total: int | None = None) -> UnlaunchedCalls:
    """
    Read all rows of a campaign, page by page.

    A row without a call, and a call that does not say where it stands, count as not launched.

    :param total: How many rows the campaign counts, if it says so.
    :raises LaunchUnconfirmedError: The rows changed while they were read, so they prove nothing.
    :raises RevoxError: The rows can't be read.
    """
    # Airflow parses DAG files often, and read_part is needed then.
    from airflow_provider_revox.client.all_rows import read_pages

    calls: list[tuple[int, str | None, Any]] = []
    hashes: list[int] = []
    cancelled: set[str] = set()
    page: list[dict[str, Any]] = []

    def begin_attempt() -> Callable[[list[dict[str, Any]]], None]:
        page.clear()
        return page.extend

    try:
        for _ in read_pages(client, campaign_id, expected_rows=total, begin_attempt=begin_attempt):
            for row in page:
                hashes.append(_hash(campaign_id, row["id"]))
                call = row.get("call")
                call = call if isinstance(call, dict) else {}
                call_id = call.get("id")
                shown_id = call_id if isinstance(call_id, str) else None
                if call.get("status") in (None, NOT_LAUNCHED):
                    calls.append((hashes[-1], shown_id, row.get("phone_number")))
                elif shown_id and (call["status"] == "cancelled" or call.get("is_cancelled") is True):
                    cancelled.add(shown_id)
    except RowsDriftedError as error:
        finding = error.finding
    else:
        return UnlaunchedCalls(calls, sorted(hashes), frozenset(cancelled))
    raise LaunchUnconfirmedError(
        f"The rows of campaign {campaign_id} do not add up: {finding}. So this try launches nothing more. "
        "The next try reads them again."
    )


def _hash(campaign_id: str, row_id: Any) -> int:
    """Return a number that orders the rows of a campaign: neither by place nor by anything about people."""
    digest = hashlib.sha256(f"{campaign_id} {row_id}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8])
