"""
Decide, step by step, how to launch a campaign exactly once. Does no I/O: :mod:`.carry_out` carries the steps
out.

1. Look the tag up. A campaign of this launch and list stands (:mod:`.identity`): adopt it, and send nothing.
2. Nothing stands: send the create once. Send it again, later or in another form (:mod:`.choose_form`), only
   if Revox surely did not take it, and only after another look.
3. The answer is lost: look the tag up again, for a while. Found: adopt. Not found: an error that Airflow
   retries. The next try starts at 1.
4. The answer is clear: check that the name still carries the tag, and look until the campaign is listed. If
   another try has created a campaign with the same list at the same time, the earliest stays, and the later
   ones are cancelled. A campaign with other people is never cancelled.
5. The campaign calls nobody yet: start its calls (:mod:`.start_calls`). This comes last, so only one of two
   campaigns with the same tag is ever launched. A campaign that is not to be launched stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import (
    has_calls_to_launch,
    is_cancelled,
    is_launched_by_its_create,
    is_untouched,
)
from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    NotSentError,
    RateLimitedError,
    RejectedError,
    RevoxError,
)
from airflow_provider_revox.client.retry import retry_pause
from airflow_provider_revox.launch.choose_form import (
    check_calls_nobody,
    check_schedule_is_kept,
    check_tag_is_kept,
    is_refused,
    possible_forms,
)
from airflow_provider_revox.launch.copied_by_hand import find_copies
from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.errors import (
    LaunchRefusedError,
    LaunchUnconfirmedError,
    OtherListError,
    SecondCampaignError,
)
from airflow_provider_revox.launch.identity import LaunchIdentity, Reason
from airflow_provider_revox.launch.look import Standing, look_up_and_prepare
from airflow_provider_revox.launch.look_until import look_until
from airflow_provider_revox.launch.racing_tries import Rules, adopt_earliest
from airflow_provider_revox.launch.start_calls import with_row_stats
from airflow_provider_revox.launch.steps import (
    Cancel,
    Create,
    GetCampaign,
    Launch,
    Launched,
    LookUp,
    Note,
    Steps,
    Wait,
)
from airflow_provider_revox.launch.without_counts import check_shows_whether_launched

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign, FoundCampaigns

RESENDS = 3
"""How often one try sends a create again that Revox did not take."""


def launch(rules: Rules) -> Launch:
    """
    Launch one campaign exactly once.

    :raises RevoxError: Nothing was launched, or it is not known which campaign stands.
    """
    standing = yield from look_up_and_prepare(
        rules.identity, rules.has_own_name, seconds=rules.reconcile_seconds
    )
    found, history_applied = standing.found, standing.history_applied
    forms: Sequence[CreateForm] = []
    refusal: RevoxError | None = None
    attempt = 0
    while not standing.campaigns:
        if not forms:
            forms = yield from possible_forms(found, rules)
            rules = replace(rules, is_of_page=forms[0] is CreateForm.PAGE)
        try:
            created: Campaign = yield Create(forms[0])
        except RevoxError as error:
            failure = error
        else:
            if rules.scheduled:
                yield from check_schedule_is_kept(created, forms[0], refusal)
            if not rules.launch:
                yield from check_calls_nobody(created)
            yield from check_tag_is_kept(created, rules.identity)
            return (yield from _look_for_second_campaign(created, rules))
        if is_refused(failure) and len(forms) > 1:
            refusal, forms = failure, forms[1:]
            yield Note(
                f"Revox refused the create in this form, so it gets another: {forms[0].value}. {failure}"
            )
        elif (pause := retry_pause(failure, repeatable=False, attempt=attempt, retries=RESENDS)) is not None:
            yield Wait(pause)
            attempt += 1
        elif surely_not_taken(failure):
            raise refused_in_all_forms(refusal, failure)
        else:
            return (yield from _find_created(failure, rules))
        # Look before every create, also after one that was surely not taken. A look costs little.
        found = yield LookUp(patient=True)
        standing = yield from _set_copies_aside(found, rules, history_applied=history_applied)
    return (yield from _adopt(standing, rules, rules.untouched_campaigns(standing.found)))


def refused_in_all_forms(refusal: RevoxError | None, failure: RevoxError) -> RevoxError:
    """
    Return the error of a create that was not taken. It has both refusals: either may help the user.

    :param refusal: The server's refusal of the form before.
    :param failure: The error of the last form.
    """
    if refusal is None or not is_refused(failure):
        return failure
    return LaunchRefusedError(
        f"Revox refuses the create in every form. {refusal}. In another form: {failure}"
    )


def surely_not_taken(error: RevoxError) -> bool:
    """Return whether Revox has surely not acted on the create."""
    return isinstance(error, (InvalidRequestError, NotSentError, RateLimitedError, RejectedError))


def _find_created(lost: RevoxError, rules: Rules) -> Launch:
    """Find the campaign whose create got no clear answer."""
    yield Note(f"The answer to the create was lost ({lost}). Looking for the campaign, not sending it again.")
    of_this_list = rules.identity.of_this_list
    found = yield from look_until(
        LookUp(patient=False), lambda found: bool(of_this_list(found)), rules.reconcile_seconds
    )
    if found and of_this_list(found):
        standing = yield from _set_copies_aside(found, rules)
        own = [one for one in standing.campaigns if rules.identity.is_of_this_try(one)]
        if not rules.launch:
            for campaign in filter(is_launched_by_its_create, own):
                yield from check_calls_nobody(campaign)
        return (yield from _adopt(standing, rules, own or rules.untouched_campaigns(standing.found)))
    finding = "the campaigns could not be looked up" if found is None else "no campaign with its tag appeared"
    raise LaunchUnconfirmedError(
        f"No campaign is confirmed: the create got no clear answer ({lost}), and within "
        f"{rules.reconcile_seconds:g} s {finding}. The next try looks again before it sends anything."
    )


def _look_for_second_campaign(created: Campaign, rules: Rules) -> Launch:
    """
    Look until the campaign is listed, and find out whether another try has created a second one.

    Both tries must judge by a list that shows both campaigns: with two lists that differ, each could cancel
    the other's campaign.
    """

    def is_listed(found: Sequence[Campaign]) -> bool:
        return any(campaign.id == created.id for campaign in found)

    found: FoundCampaigns | None
    try:
        found = yield LookUp(patient=True)
    except RevoxError:
        found = None
    if found is None or not is_listed(found):
        found = yield from look_until(LookUp(patient=False), is_listed, rules.reconcile_seconds)
    if found is not None and is_listed(found):
        standing = yield from _set_copies_aside(found, rules, created.id)
        return (yield from _adopt(standing, rules, [created], own_id=created.id))
    if found is not None:
        yield from _check_name(created, rules.identity)
    with_counts = yield from with_row_stats(created)
    if found is None or rules.identity.of_this_list(found) or has_calls_to_launch(with_counts):
        state = "was created and calls nobody yet" if has_calls_to_launch(with_counts) else "is launched"
        raise SecondCampaignError(
            f"Campaign {created.id} {state}. This try could not see whether another try has created a second "
            "campaign. The next try adopts it and looks again."
        )
    yield from check_shows_whether_launched(with_counts, found, rules)
    yield Note(
        f"Campaign {created.id} is launched, but after {rules.reconcile_seconds:g} s the list of campaigns "
        "does not show it yet. Do not clear this task before it does: another try would call everybody "
        "again."
    )
    return Launched(created, adopted=False, reason=Reason.CREATED)


def _set_copies_aside(
    found: FoundCampaigns, rules: Rules, own_id: str | None = None, *, history_applied: bool = True
) -> Steps[Standing]:
    """
    Return what a look after the first showed, without copies.

    :param own_id: The campaign that this try has created.
    """
    copies = yield from find_copies(
        found, rules.identity, rules.has_own_name, own_id, seconds=rules.reconcile_seconds
    )
    return Standing.of(found.without(copies), rules.identity, history_applied=history_applied, copies=copies)


def _adopt(standing: Standing, rules: Rules, own: Sequence[Campaign], *, own_id: str | None = None) -> Launch:
    """
    Adopt the campaign that stands.

    An earlier try may have launched another list, and its campaign was listed too late for the try that
    created this one. Then the first launch stands, and the campaigns with this list are cancelled.

    :param own: The campaigns with this list that may be cancelled for an earlier launch: those that this try
        has created, or those that call nobody yet. A person may have decided about any other.
    :param own_id: The campaign that this try has created.
    """
    if own and (first := rules.first_of_another_list(standing.found, own[0])):
        return (yield from _leave_to(first, own, standing, rules))
    if standing.reason is Reason.SAME_LIST:
        yield from _warn_of_other_lists(standing, rules.identity)
    return (yield from adopt_earliest(standing, rules, own_id=own_id))


def _warn_of_other_lists(standing: Standing, identity: LaunchIdentity) -> Steps[None]:
    """Warn of campaigns of other tries: a campaign whose people differ is never cancelled."""
    own = standing.campaigns[0]
    if not identity.is_of_this_place(own):
        return
    for campaign in identity.rivals(standing.found, own):
        if campaign not in standing.campaigns and not is_cancelled(campaign) and not is_untouched(campaign):
            yield Note(
                f"Campaign {campaign.id} of another try of this task has another list, and calls its people, "
                f"too. Campaign {own.id} has the list of this try. People on both lists are called twice "
                "unless you cancel one of the two in Revox."
            )


def _leave_to(first: Campaign, own: Sequence[Campaign], standing: Standing, rules: Rules) -> Launch:
    """Cancel the campaigns with this list, because the first launch stands. They must be of this task."""
    finding = f"Campaign {first.id} of this launch was first and stays, with another list."
    for campaign in {one.id: one for one in own}.values():
        try:
            cancelled = yield Cancel(campaign.id)
        except RevoxError as error:
            raise SecondCampaignError(f"{finding} {campaign.id} could not be cancelled: {error}") from None
        ending = "is cancelled" if cancelled else "could not be cancelled any more: cancel it in Revox"
        yield Note(f"{finding} {campaign.id} {ending}.")
    identity = rules.identity
    called = "may have called some people of its own list before that"
    if all(map(has_calls_to_launch, own)):
        called = "called nobody"
    if identity.tag.is_mapped or not (identity.has_own_key or identity.is_later_than(first)):
        raise OtherListError(
            f"{finding} The campaign with the list of this try {called}. From the next run on, give each "
            "list a launch_key of its own."
        )
    first_stands = replace(standing, campaigns=[first], reason=Reason.FIRST_STANDS)
    return (yield from adopt_earliest(first_stands, rules))


def _check_name(created: Campaign, identity: LaunchIdentity) -> Steps[None]:
    """Check the name of a campaign that is not listed: without the tag, no look will ever find it."""
    try:
        campaign: Campaign = yield GetCampaign(created.id)
    except RevoxError:
        return  # the caller reports that the campaign is not listed
    yield from check_tag_is_kept(campaign, identity)
