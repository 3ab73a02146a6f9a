"""Which rows are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from revox_sandbox.api.contract import call_id

if TYPE_CHECKING:
    from collections.abc import Collection

    from revox_sandbox.api.bodies import Selection
    from revox_sandbox.play.people import Row
    from revox_sandbox.play.store import Campaign


def matching(
    campaign: Campaign,
    *,
    query: str = "",
    results: Collection[str] = (),
    statuses: Collection[str] = (),
    outcomes: Collection[str] = (),
) -> list[Row]:
    """
    Return the rows that fit every filter; an empty one fits all.

    :param campaign: Up to date.
    :param query: A part of the number or of a variable, in upper or lower case.
    :param results: How the last attempt ended; ``none``: not at all.
    :param statuses: Of the call.
    :param outcomes: Of the call; ``none``: it has none.
    """
    simulation, text = campaign.simulation, query.casefold()

    def fits(row: Row) -> bool:
        if statuses and simulation.call_status(row) not in statuses:
            return False
        if results:
            ended = [attempt for attempt in row.attempts if attempt.ended_at <= simulation.now]
            if ((ended[-1].result if ended else None) or "none") not in results:
                return False
        if outcomes and (row.outcome(simulation.now) or "none") not in outcomes:
            return False
        if not text:
            return True
        values = (row.contact.to_phone_number, *row.contact.prompt_variables.values())
        return any(text in value.casefold() for value in values)

    if not (text or results or statuses or outcomes):
        return simulation.rows
    return [row for row in simulation.rows if fits(row)]


def selected(campaign: Campaign, selection: Selection) -> list[Row]:
    """
    Return the rows whose calls shall be launched.

    :param campaign: Up to date.
    :param selection: Which.
    """
    filters, ids = selection.filters, set(selection.rows.call_ids)
    if filters.assignee_ids or (filters.directions and "outbound" not in filters.directions):
        # Nobody is assigned here, and nobody calls in.
        return []
    rows = matching(
        campaign,
        query=filters.query,
        results=filters.results,
        statuses=filters.statuses,
        outcomes=filters.outcomes,
    )
    only = selection.rows.mode == "only"
    if not ids:
        return [] if only else rows
    return [row for row in rows if (call_id(campaign, row) in ids) is only]
