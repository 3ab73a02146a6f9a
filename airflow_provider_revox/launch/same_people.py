"""Compare the people of a campaign, as its rows show them, with the people of a list."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.all_rows import read_pages
from airflow_provider_revox.client.errors import RowsDriftedError
from airflow_provider_revox.client.frames import forgetful
from airflow_provider_revox.launch.errors import LaunchUnconfirmedError
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient


@forgetful
def has_people(
    client: RevoxClient, campaign_id: str, numbers: Collection[str], *, total: int | None = None
) -> bool:
    """
    Compare the people of a campaign with other people. Only one page of numbers is held.

    :param numbers: The numbers of the other people.
    :param total: How many rows the campaign counts, if it says so.
    :return: Whether both have the same numbers, each the same number of times. If the number of a row can't
        be read, they are different.
    :raises LaunchUnconfirmedError: The rows changed while they were read, so they prove nothing.
    :raises RevoxError: The rows can't be read.
    """
    if total not in (None, len(numbers)):
        return False
    read = NumberReader(check=None).read
    page: list[Any] = []

    def begin_attempt() -> Callable[[list[dict[str, Any]]], None]:
        page.clear()
        return lambda rows: page.extend(row.get("phone_number") for row in rows)

    try:
        missing = Counter(map(read, numbers))
        for _ in read_pages(client, campaign_id, expected_rows=total, begin_attempt=begin_attempt):
            missing.subtract(map(read, page))
    except NumberError:
        return False
    except RowsDriftedError as error:
        finding = error.finding
    else:
        return not any(missing.values())
    raise LaunchUnconfirmedError(f"its rows do not add up: {finding}")


@forgetful
def has_other_people(client: RevoxClient, campaign_id: str, numbers: Collection[str]) -> bool:
    """
    Return whether a campaign has people who are not on a list.

    Only the first page of its rows is read: until a second campaign with the same list is cancelled, it calls
    people. Numbers that can't be read are ignored.

    :param numbers: The numbers of the people on the list, in E.164.
    :raises RevoxError: The rows can't be read.
    """
    first_page = next(_pages_of_numbers(client, campaign_id))
    return not set(numbers).issuperset(first_page)


@forgetful
def read_numbers(client: RevoxClient, campaign_id: str) -> set[str]:
    """
    Return the numbers of a campaign's people, in E.164. Numbers that can't be read are ignored.

    :raises RevoxError: The rows can't be read, or changed while they were read.
    """
    return set().union(*_pages_of_numbers(client, campaign_id))


@forgetful
def count_missing(
    client: RevoxClient, campaign_id: str, numbers: Collection[str], *, total: int | None = None
) -> int:
    """
    Return how many of these people a campaign does not have. Numbers of rows that can't be read are ignored.

    :param numbers: The numbers of the people, in E.164.
    :param total: How many rows the campaign counts, if it says so.
    :raises RevoxError: The rows can't be read, or changed while they were read.
    """
    missing = set(numbers)
    for page in _pages_of_numbers(client, campaign_id, total):
        missing.difference_update(page)
    return len(missing)


def _pages_of_numbers(client: RevoxClient, campaign_id: str, total: int | None = None) -> Iterator[list[str]]:
    """Yield the numbers of each page of rows, in E.164, without those that can't be read."""
    page: list[str] = []
    read = NumberReader(check=None).read

    def begin_attempt() -> Callable[[list[dict[str, Any]]], None]:
        page.clear()
        return take

    def take(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            with contextlib.suppress(NumberError):
                page.append(read(row.get("phone_number")))

    for _ in read_pages(client, campaign_id, expected_rows=total, begin_attempt=begin_attempt):
        yield page
