"""Find the rows that a request means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from revox_sandbox.api.bodies import Selection
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.people import Row


def matching(
    campaign: Campaign,
    *,
    query: str = "",
    results: Collection[str] = (),
    statuses: Collection[str] = (),
    outcomes: Collection[str] = (),
) -> list[Row]:
    """
    Return the rows that fit all filters. An empty filter fits every row.

    :param campaign: A campaign that is up to date.
    :param query: A part of the number or of a variable, in upper or lower case.
    :param results: Results of the last attempt. ``none`` fits rows without a result.
    :param statuses: Statuses of the call.
    :param outcomes: Outcomes of the call. ``none`` fits rows without an outcome.
    """
    simulation, text = campaign.simulation, query.casefold()

    def fits(row: Row) -> bool:
        if statuses and simulation.call_status(row) not in statuses:
            return False
        if results:
            last = row.last_ended(simulation.now)
            if ((last.result if last else None) or "none") not in results:
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
    Return the rows whose calls a launch means.

    :param campaign: A campaign that is up to date.
    :param selection: The selection in the body of the request.
    """
    filters, ids = selection.filters, set(selection.rows.call_ids)
    if filters.selects_no_outbound_call():
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
    return [row for row in rows if (campaign.call_id(row) in ids) is only]
