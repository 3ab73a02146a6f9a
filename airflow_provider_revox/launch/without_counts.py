"""
Decide whether a campaign that stands counts as launched, if its counts don't show it.

| The server | The campaign |
|---|---|
| is that of the API page: a create calls people | is launched |
| is newer: a create may call nobody | is launched if its rows show so; otherwise the try fails |

Without this check a task might be green although it has called nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import says_launched, shows_whether_launched
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.launch.choose_form import CreateRules, creates_call_nobody
from airflow_provider_revox.launch.errors import LaunchUnconfirmedError
from airflow_provider_revox.launch.steps import ReadUnlaunched, Steps
from airflow_provider_revox.units import unlaunched_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign, FoundCampaigns
    from airflow_provider_revox.launch.unlaunched import UnlaunchedCalls


def check_shows_whether_launched(
    campaign: Campaign, found: FoundCampaigns, rules: CreateRules
) -> Steps[None]:
    """
    Check that the counts of a campaign, or its rows, show whether its calls are launched.

    :param found: What the list of campaigns shows of the server.
    :raises LaunchUnconfirmedError: They don't, and on this server a create calls nobody.
    """
    if shows_whether_launched(campaign):
        return
    try:
        if not (yield from creates_call_nobody(found, rules)):
            return
        calls: UnlaunchedCalls = yield ReadUnlaunched(campaign.id)
    except RevoxError as error:
        finding = f"this try could not see more ({error})"
    else:
        finding = _what_is_not_launched(calls, campaign)
    if finding:
        raise LaunchUnconfirmedError(
            f"The counts of campaign {campaign.id} do not show whether its calls are launched, and "
            f"{finding}. If it stays so, look at the campaign in Revox, and launch it there if it has called "
            "nobody."
        )


def _what_is_not_launched(calls: UnlaunchedCalls, campaign: Campaign) -> str:
    """Return what the rows show of calls that are not launched, in words; empty: all are launched."""
    if not calls.hashes:
        return "it has no rows"
    without_call = sum(call_id is None for _, call_id, _ in calls.calls)
    if unlaunched := len(calls) - without_call:
        return f"its rows have {unlaunched_in_words(unlaunched)}"
    # A draft that was launched may have rows without a call until these people are called.
    if without_call and not says_launched(campaign):
        return f"there is no call in {without_call:,} of its rows"
    return ""
