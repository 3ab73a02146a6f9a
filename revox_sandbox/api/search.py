"""Find calls over all campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import to_json

from revox_sandbox.api.selection import matching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from revox_sandbox.api.bodies import CallSearch
    from revox_sandbox.api.later import LaterAnswers
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.people import Row


def found_calls(answers: LaterAnswers, campaigns: Iterable[Campaign], wanted: CallSearch) -> bytes:
    """
    Return the answer that shows one page of calls. The calls of the newest campaign come first by default.

    :param answers: Writes the calls.
    :param campaigns: All campaigns, up to date, the oldest first.
    :param wanted: The filters and the page.
    """
    calls = list(_matching_calls(answers, campaigns, wanted))
    if wanted.sort_direction == "desc":
        calls.reverse()
    start = (wanted.page - 1) * wanted.page_size
    page = calls[start : start + wanted.page_size]
    shown = [answers.call_json(campaign, row) for campaign, row in page]
    return b'{"calls":[%s],"total_count":%s}' % (b",".join(shown), to_json(len(calls)))


def _matching_calls(
    answers: LaterAnswers, campaigns: Iterable[Campaign], wanted: CallSearch
) -> Iterator[tuple[Campaign, Row]]:
    if wanted.selects_no_outbound_call():
        return
    for campaign in campaigns:
        if not answers.has_calls(campaign) or not _is_wanted(answers, campaign, wanted):
            continue
        rows = matching(
            campaign,
            query=wanted.query,
            results=wanted.results,
            statuses=wanted.statuses,
            outcomes=wanted.outcomes,
        )
        for row in rows:
            is_number = wanted.to_phone_number in (None, row.contact.to_phone_number)
            if is_number and (not wanted.call_ids or campaign.call_id(row) in wanted.call_ids):
                yield campaign, row


def _is_wanted(answers: LaterAnswers, campaign: Campaign, wanted: CallSearch) -> bool:
    return all(
        not allowed or value in allowed
        for value, allowed in (
            (str(campaign.id), wanted.campaign_ids),
            (campaign.request.assistant_id, wanted.assistant_ids),
            (answers.from_phone_number(campaign), wanted.from_phone_numbers),
        )
    )
