"""Launch without a launch key: no campaign is looked up, so a retry calls everybody again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.launch.decide import Rules, forms_for, surely_not_taken
from airflow_provider_revox.launch.errors import LaunchUncheckedError, LaunchUnconfirmedError
from airflow_provider_revox.launch.generations import check_schedule_is_kept, is_refused
from airflow_provider_revox.launch.start_calls import start_calls, with_row_stats
from airflow_provider_revox.launch.steps import Create, Launch, Launched, LookUp, Prepare, Steps

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign, FoundCampaigns


def launch_without_key(rules: Rules) -> Launch:
    """
    Launch one campaign, and send the create once.

    :raises LaunchUncheckedError: It is not known whether the campaign is launched. A retry could call
        everybody again, so a person must look in Revox.
    :raises RevoxError: Nothing was launched.
    """
    # Not to find a campaign, but to see what the list shows of the server.
    listed: FoundCampaigns = yield LookUp(patient=True)
    yield Prepare(history_applies=True)
    forms = yield from forms_for(listed, rules)
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
            return Launched((yield from _start_calls(created)), adopted=False)
        if not (forms and is_refused(failure)):
            break
        refusal = failure
    if surely_not_taken(failure):
        raise failure
    raise LaunchUncheckedError(
        f"It is not known whether the campaign was launched ({failure}). Without a launch_key it can't be "
        "looked up. Look for it in Revox before you run this task again: that would call everybody again."
    )


def _start_calls(created: Campaign) -> Steps[Campaign]:
    try:
        campaign = yield from with_row_stats(created)
        return (yield from start_calls(campaign, [], created_by_this_try=True))
    except LaunchUnconfirmedError as error:
        problem = str(error)
    raise LaunchUncheckedError(
        f"{problem} Without a launch_key there is no next try: look for the campaign in Revox before you run "
        "this task again. That would call everybody again."
    )
