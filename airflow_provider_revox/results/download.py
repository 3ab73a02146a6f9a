"""
Every row of a campaign, exactly once.

Pages are cut from a list that may change between two of them: calls go on, and the API does not say how it
orders rows. A row that moves to another page is there twice or not at all. So ids are compared with the
total and with what the campaign itself counts, and where they don't add up, all is read again.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.exceptions import RowsChangedError
from airflow_provider_revox.results.columns import flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.logger import Logger
    from airflow_provider_revox.results.spool import Spool

PAGE_SIZE = 500
PASSES = 5


def read_all(
    client: RevoxClient, campaign: Campaign, variables: Sequence[str], spool: Spool, log: Logger
) -> None:
    """
    Read a campaign's rows, flat, into a spool.

    :param campaign: As it was just before.
    :param variables: Which prompt variables become columns.
    :raises RowsChangedError: They never held still.
    :raises RevoxError: As the client does.
    """
    drift = ""
    for number in range(1, PASSES + 1):
        if drift:
            log.warning("Reading the rows of campaign %s again (%s): %s", campaign.id, number, drift)
            campaign = client.get_campaign(campaign.id)  # it may be what has changed
        drift = _pass(client, campaign, variables, spool)
        if not drift:
            return
    raise RowsChangedError(
        f"The rows of campaign {campaign.id} did not add up, {PASSES} times: {drift}. Nothing was written. "
        "They hold still when the campaign has ended: wait for it with CampaignSensor."
    )


def _pass(client: RevoxClient, campaign: Campaign, variables: Sequence[str], spool: Spool) -> str:
    """Read once from the first page on; return what did not add up."""
    ids: set[str] = set()
    total: int | None = None
    counted = campaign.row_stats.total if campaign.row_stats else None
    mark = 0

    def start() -> Callable[[dict[str, Any]], None]:
        spool.rewind(mark)
        return lambda row: spool.add(flatten(campaign.id, row, variables))

    spool.rewind(0)
    for page in itertools.count(1):
        mark = spool.mark()
        answer = client.send(endpoints.scan_rows(campaign.id, page=page, page_size=PAGE_SIZE, start=start))
        known = len(ids)
        ids.update(answer.ids)
        if len(ids) < known + len(answer.ids):
            return "a row came twice"
        if page == 1:
            total = answer.total
        if answer.total != total:
            return "the number of rows changed"
        if total is None or len(ids) == total:
            if counted is None or len(ids) == counted:
                return ""
            return f"{len(ids):,} rows came, and the campaign counts {counted:,}"
        if len(ids) > total or not answer.ids:
            return f"{len(ids):,} rows came, and the API counts {total:,}"
    raise AssertionError("unreachable")
