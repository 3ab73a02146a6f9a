"""Describe which calls of a campaign a request is about."""

from __future__ import annotations

from typing import Literal

from airflow_provider_revox.client.fields import StrictModel


class SelectionFilters(StrictModel):
    """
    Select calls by their properties. A call must pass every filter; an empty filter lets every call pass.

    :param statuses: Default: only ``not_launched``, so that nobody is called again.
    """

    assignee_ids: list[str] = []
    directions: list[str] = []
    outcomes: list[str] = []
    results: list[str] = []
    statuses: list[str] = ["not_launched"]


class SelectionRows(StrictModel):
    """
    Select some of the calls that pass the filters.

    :param call_ids: Ids of calls.
    :param mode: ``only`` these calls, or ``all_except`` these.
    """

    call_ids: list[str] = []
    mode: Literal["all_except", "only"] = "all_except"


class Selection(StrictModel):
    """Select the calls to launch. Default: all calls that are not launched."""

    filters: SelectionFilters = SelectionFilters()
    rows: SelectionRows = SelectionRows()
