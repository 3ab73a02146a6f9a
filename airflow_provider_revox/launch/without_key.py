"""Launch without a launch key: no campaign is looked up, so a retry calls everybody again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.launch.choose_form import (
    CreateRules,
    check_schedule_is_kept,
    is_refused,
    possible_forms,
)
from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.decide import refused_in_all_forms, surely_not_taken
from airflow_provider_revox.launch.errors import LaunchUncheckedError, LaunchUnconfirmedError
from airflow_provider_revox.launch.identity import Reason
from airflow_provider_revox.launch.start_calls import start_calls, with_row_stats
from airflow_provider_revox.launch.steps import Create, Launch, Launched, LookUp, Prepare, Steps
from airflow_provider_revox.launch.without_counts import check_shows_whether_launched

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign, FoundCampaigns


def launch_without_key(rules: CreateRules) -> Launch:
    """
    Launch one campaign, and send the create once.

    :raises LaunchUncheckedError: It is not known whether the campaign is launched. A retry could call
        everybody again, so a person must look in Revox.
    :raises RevoxError: Nothing was launched.
    """
    listed = yield from prepare_without_key()
    forms = yield from possible_forms(listed, rules)
    rules = replace(rules, is_of_page=forms[0] is CreateForm.PAGE)
    refusal: RevoxError | None = None
    while True:
        form, *forms = forms
        try:
            created: Campaign = yield Create(form)
        except RevoxError as error:
            failure = error
        else:
            if rules.scheduled:
                yield from check_schedule_is_kept(created, form, refusal)
            started = yield from _start_calls(created, listed, rules)
            return Launched(started, adopted=False, reason=Reason.CREATED)
        if not (forms and is_refused(failure)):
            break
        refusal = failure
    if surely_not_taken(failure):
        raise refused_in_all_forms(refusal, failure)
    raise LaunchUncheckedError(
        f"It is not known whether the campaign was launched ({failure}). Without a launch_key it can't be "
        "looked up. Look for it in Revox before you run this task again: another run calls everybody again."
    )


def prepare_without_key() -> Steps[FoundCampaigns]:
    """Have the contacts prepared. Return the list of campaigns, for what it shows of the server."""
    listed: FoundCampaigns = yield LookUp(patient=True)
    yield Prepare(history_applies=True)
    return listed


def _start_calls(created: Campaign, listed: FoundCampaigns, rules: CreateRules) -> Steps[Campaign]:
    try:
        campaign = yield from with_row_stats(created)
        yield from check_shows_whether_launched(campaign, listed, rules)
        return (yield from start_calls(campaign, [], created_by_this_try=True))
    except LaunchUnconfirmedError as error:
        problem = str(error)
    raise LaunchUncheckedError(
        f"{problem} Without a launch_key there is no next try. Look for the campaign in Revox before you run "
        "this task again: another run calls everybody again."
    )
