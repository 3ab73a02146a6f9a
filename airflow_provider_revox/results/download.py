"""Download every row of a campaign exactly once; begin again if the rows changed meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.all_rows import read_pages
from airflow_provider_revox.client.errors import RowsDriftedError
from airflow_provider_revox.exceptions import RowsChangedError
from airflow_provider_revox.results.flatten import Flattener
from airflow_provider_revox.results.shapes import RowShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.logger import Logger
    from airflow_provider_revox.results.columns import Layout
    from airflow_provider_revox.results.write import Results

PASSES = 5


def read_all(client: RevoxClient, campaign: Campaign, layout: Layout, results: Results, log: Logger) -> None:
    """
    Read a campaign's rows into results, as flat records.

    :param campaign: The campaign, read a moment ago.
    :param layout: What a record is.
    :raises RowsChangedError: The rows changed during each of five passes.
    :raises RevoxError: The rows or the campaign can't be read.
    """
    finding = ""
    for number in range(1, PASSES + 1):
        if finding:
            log.warning("Reading the rows of campaign %s again (%s): %s", campaign.id, number, finding)
            campaign = client.get_campaign(campaign.id)  # its count may have changed
        try:
            _read_once(client, campaign, layout, results)
        except RowsDriftedError as error:
            finding = error.finding
        else:
            return
    raise RowsChangedError(
        f"The rows of campaign {campaign.id} did not add up, {PASSES} times: {finding}. Nothing was written. "
        "Rows no longer change when the campaign has ended: wait for it with CampaignSensor."
    )


def _read_once(client: RevoxClient, campaign: Campaign, layout: Layout, results: Results) -> None:
    expected_rows = campaign.row_stats.total if campaign.row_stats else None
    shape = RowShape(layout)
    flatten = Flattener(campaign.id, layout, shape)
    results.begin()

    def take(rows: list[Any]) -> None:
        results.add(map(flatten, rows))

    def begin_attempt() -> Callable[[list[Any]], None]:
        results.forget()
        return take

    for _ in read_pages(
        client, campaign.id, expected_rows=expected_rows, begin_attempt=begin_attempt, shape=shape
    ):
        results.keep()
