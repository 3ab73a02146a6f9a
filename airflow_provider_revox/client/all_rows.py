"""
Read every row of a campaign exactly once, and notice if that fails.

Calls go on while the rows are read, and the API does not say how it orders them. A row that moves to another
page comes twice or not at all. So the ids are compared with the totals that the pages and the campaign tell.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.errors import RowsDriftedError
from airflow_provider_revox.client.limits import MOST_ITEMS
from airflow_provider_revox.units import in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.streams.rows import Shape
    from airflow_provider_revox.client.sync_client import RevoxClient

PAGE_SIZE = 500


def read_pages(
    client: RevoxClient,
    campaign_id: str,
    *,
    expected_rows: int | None,
    begin_attempt: Callable[[], Callable[[list[Any]], None]],
    shape: Shape | None = None,
) -> Iterator[None]:
    """
    Read all rows of a campaign page by page, or at once from a server without pages.

    The iterator stops after each page, when all rows of the page are handed on. If the answer breaks off, the
    page is asked for again, and its rows are handed on again.

    :param expected_rows: How many rows the campaign counts (``row_stats.total``), if it says so.
    :param begin_attempt: Called each time before a page is asked for. It forgets the rows that came since the
        iterator stopped, and returns a function that takes rows.
    :param shape: Reads the rows, if they are not read as a whole.
    :raises RowsDriftedError: A row came twice, the total changed, or there are more or fewer rows than the
        pages or the campaign count. Then no row of any page can be relied on.
    :raises RevoxError: A page can't be read.
    """
    ids: set[str] = set()
    total: int | None = None
    for page in itertools.count(1):
        answer = client.send(
            endpoints.scan_rows(
                campaign_id, page=page, page_size=PAGE_SIZE, begin_attempt=begin_attempt, shape=shape
            )
        )
        rows = len(ids) + len(answer.ids)
        ids.update(answer.ids)
        if page == 1:
            total = answer.total
        if max(rows, total or 0) > MOST_ITEMS:
            raise RowsDriftedError(campaign_id, f"there are more than {MOST_ITEMS:,} rows")
        if len(ids) < rows:
            raise RowsDriftedError(campaign_id, "a row came twice")
        if answer.total != total:
            raise RowsDriftedError(campaign_id, "the number of rows changed")
        is_last = total is None or rows == total
        if total is not None and not is_last and (rows > total or not answer.ids):
            raise RowsDriftedError(campaign_id, f"{in_words(rows, 'row')} came, and the API counts {total:,}")
        if is_last and expected_rows is not None and rows != expected_rows:
            raise RowsDriftedError(
                campaign_id, f"{in_words(rows, 'row')} came, and the campaign counts {expected_rows:,}"
            )
        yield
        if is_last:
            return
