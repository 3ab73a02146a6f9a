"""Whether a campaign that calls nobody yet would call just those whom it is to call, from its rows."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.launch.errors import LaunchUnconfirmedError
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient

PAGE_SIZE = 500


def has_people(
    client: RevoxClient, campaign_id: str, numbers: Collection[str], *, total: int | None = None
) -> bool:
    """
    Compare a campaign's people with others. Of a row only its number is held.

    :param numbers: Those of the others.
    :param total: How many the campaign has, where it says so.
    :return: Whether they are the same, each as often. What can't be read is nobody's number.
    :raises LaunchUnconfirmedError: The rows that came are not just those that the campaign has.
    :raises RevoxError: They can't be read.
    """
    if total not in (None, len(numbers)):
        return False
    read = NumberReader(check=None).read
    ids: set[str] = set()
    rows = 0
    page: list[Any] = []

    def start() -> Callable[[dict[str, Any]], None]:
        page.clear()
        return lambda row: page.append(row.get("phone_number"))

    try:
        left = Counter(map(read, numbers))
        for number in itertools.count(1):
            asked = endpoints.scan_rows(campaign_id, page=number, page_size=PAGE_SIZE, start=start)
            answer = client.send(asked)
            ids.update(answer.ids)
            rows += len(page)
            left.subtract(map(read, page))
            if answer.total is None or not page or rows >= answer.total:
                break
    except NumberError:
        return False
    expected = total if answer.total is None else answer.total
    if len(ids) != rows or expected not in (None, rows):
        raise LaunchUnconfirmedError("its rows don't add up")
    return not any(left.values())
