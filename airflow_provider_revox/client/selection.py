"""Describe which calls of a campaign a request is about."""

from __future__ import annotations

from typing import Literal, TypeAlias

from airflow_provider_revox.client.fields import StrictModel

Direction: TypeAlias = Literal["inbound", "outbound"]
Outcome: TypeAlias = Literal["not_interested", "interested", "completed", "requested_callback_later", "none"]
Result: TypeAlias = Literal["IVR", "voicemail", "human", "unknown", "ios-screening-filter", "none"]
Status: TypeAlias = Literal[
    "initializing",
    "queued_for_calling",
    "calling",
    "post_processing",
    "not_launched",
    "scheduled",
    "paused",
    "completed",
    "cancelled",
    "errored",
]


class SelectionFilters(StrictModel):
    """
    Selects calls by their properties. A call must pass every filter; an empty filter lets every call pass.

    The words are those of the official client 0.5.0.

    :param statuses: Default: only ``not_launched``, so that nobody is called again.
    :param query: A text to search for, such as a part of a number.
    """

    assignee_ids: list[str] = []
    directions: list[Direction] = []
    outcomes: list[Outcome] = []
    results: list[Result] = []
    statuses: list[Status] = ["not_launched"]
    query: str | None = None

    def __repr__(self) -> str:
        return "SelectionFilters(...)"  # the query may be a number of a person

    __str__ = __repr__


class SelectionRows(StrictModel):
    """
    Selects some of the calls that pass the filters.

    :param call_ids: Ids of calls.
    :param mode: ``only`` these calls, or ``all_except`` these.
    """

    call_ids: list[str] = []
    mode: Literal["all_except", "only"] = "all_except"


class Selection(StrictModel):
    """Selects the calls to launch. Default: all calls that are not launched."""

    filters: SelectionFilters = SelectionFilters()
    rows: SelectionRows = SelectionRows()

    def sensitive(self) -> list[str]:
        """Return the texts that an error must not repeat."""
        query = [self.filters.query] if self.filters.query else []
        return [*self.rows.call_ids, *self.filters.assignee_ids, *query]
