"""
Choose the form of a create by what the server shows of its generation.

A server refuses a form that it does not know before it acts. So the next form is sent only after a refusal,
never after a lost answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import (
    has_calls_to_launch,
    is_cancelled,
    is_draft,
    is_launched_by_its_create,
    is_untouched,
    shows_row_stats,
)
from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    NotFoundError,
    RejectedError,
    RevoxError,
)
from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.errors import LaunchRefusedError, LaunchUnconfirmedError, TagLostError
from airflow_provider_revox.launch.steps import AskAuthStatus, Cancel, GetCampaign, Steps

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign, FoundCampaigns
    from airflow_provider_revox.launch.identity import LaunchIdentity


@dataclass(frozen=True, kw_only=True)
class CreateRules:
    """
    The facts about a campaign that decide in which form it is created.

    :param scheduled: Whether the campaign has ``scheduled_at``.
    :param newer_fields: The fields in use that a Revox of the API page may ignore.
    :param has_phone_history: Whether Revox has answered with a phone history, which the API page does not
        have.
    :param launch: Whether the campaign is launched. Otherwise it is created and calls nobody.
    :param is_of_page: Whether this try has seen that the server shows no more than the API page describes.
    """

    scheduled: bool = False
    newer_fields: Sequence[str] = ()
    has_phone_history: bool = False
    launch: bool = True
    is_of_page: bool = False


def possible_forms(listed: FoundCampaigns, rules: CreateRules) -> Steps[Sequence[CreateForm]]:
    """
    Return the forms to try, in this order.

    A server that counts calls that are not launched takes ``scheduled_at`` when they are launched. Any other
    server may dial at once. If a phone history or ``/auth-status`` shows that it is newer than the API page,
    a draft is tried first, because a draft calls nobody. With ``scheduled_at``, a draft without it is tried
    before any create without it: **a server that knows drafts never gets that far.**

    Without such a sign the form of the API page is first. A server that needs ``launch`` and ``type`` and has
    no ``/auth-status`` (official client 0.2.0) refuses that form. Then it gets a draft.

    A campaign that is not to be launched never gets the form of the API page.

    :param listed: What the list of campaigns shows of the server.
    :raises InvalidRequestError: The server does not show that it is newer, and a newer field is in use or the
        campaign is not to be launched.
    :raises RevoxError: It could not be seen whether the server is newer. A broken answer shows nothing.
    """
    if listed.counts_not_launched:
        return [CreateForm.CALLS]
    if (yield from creates_call_nobody(listed, rules)):
        if not rules.launch:
            return [CreateForm.DRAFT, CreateForm.CALLS]
        unscheduled = [CreateForm.DRAFT_UNSCHEDULED] if rules.scheduled else []
        return [CreateForm.DRAFT, *unscheduled, CreateForm.PAGE, CreateForm.CALLS]
    if not rules.launch:
        problem = (
            "False needs a Revox that can create a campaign without calling anybody, and this Revox does not "
            "show that it can: leave the option out, and create the campaign when people may be called"
        )
        raise InvalidRequestError([f"launch: {problem}"])
    if rules.newer_fields:
        problem = (
            "this Revox does not show that it knows this field, and might call at other times: leave it out"
        )
        raise InvalidRequestError([f"call_retry_config.{name}: {problem}" for name in rules.newer_fields])
    return [CreateForm.PAGE, CreateForm.DRAFT]


def creates_call_nobody(listed: FoundCampaigns, rules: CreateRules) -> Steps[bool]:
    """
    Return whether the server shows that it is newer than the API page, so that a create may call nobody.

    :param listed: What the list of campaigns shows of the server.
    :raises RevoxError: It could not be seen.
    """
    if listed.counts_not_launched or rules.has_phone_history:
        return True
    return not rules.is_of_page and (yield from _has_auth_status(rules))


def _has_auth_status(rules: CreateRules) -> Steps[bool]:
    try:
        yield AskAuthStatus()
    except NotFoundError:
        return False
    except RevoxError as error:
        if error.transient or rules.newer_fields or not rules.launch:
            raise
        return False
    return True


def is_refused(error: RevoxError) -> bool:
    """Return whether the server refuses the content of a create, so that another form may do."""
    return isinstance(error, RejectedError) and error.status in (400, 422)


def check_schedule_is_kept(created: Campaign, form: CreateForm, refusal: RevoxError | None) -> Steps[None]:
    """
    Cancel a scheduled campaign that the server can only start at once.

    :param created: The campaign. It was to have ``scheduled_at``.
    :param form: The form in which it was created.
    :param refusal: The server's refusal of the form before.
    :raises LaunchRefusedError: The campaign is cancelled, because it would call before ``scheduled_at``.
    """
    if not form.leaves_schedule_out:
        return
    if is_draft(created):
        what = f"It accepted the campaign only without scheduled_at: {refusal}"
    elif is_launched_by_its_create(created):
        what = (
            "This Revox showed that it schedules a campaign when its calls are launched, but it has launched "
            "this one at once."
        )
    else:
        return
    try:
        cancelled = yield Cancel(created.id)
    except RevoxError:
        cancelled = False
    ending = "It is cancelled." if cancelled is True else "It could not be cancelled: do so in Revox, now."
    raise LaunchRefusedError(f"Revox can't schedule campaign {created.id}. {what} {ending}")


def check_calls_nobody(created: Campaign) -> Steps[None]:
    """
    Check that a campaign calls nobody, because it is not to be launched.

    :param created: The campaign that this try has just created.
    :raises LaunchRefusedError: Revox has launched it. It is cancelled.
    :raises LaunchUnconfirmedError: Revox does not show whether it has launched it.
    """
    campaign = created
    if not shows_row_stats(campaign):
        try:
            campaign = yield GetCampaign(created.id)
        except RevoxError as error:
            raise _unseen(created, f"This try could not look at it ({error}).") from None
    if is_untouched(campaign) or is_cancelled(campaign):
        return
    if not shows_row_stats(campaign):
        raise _unseen(campaign, "Revox does not show whether it calls people: look at it there.")
    try:
        cancelled = yield Cancel(campaign.id)
    except RevoxError:
        cancelled = False
    ending = "It is cancelled." if cancelled is True else "It could not be cancelled: do so in Revox, now."
    raise LaunchRefusedError(
        f"Campaign {campaign.id} was to be created and not launched, but this Revox has launched it at once. "
        f"{ending} Some of its people may have been called."
    )


def _unseen(campaign: Campaign, problem: str) -> LaunchUnconfirmedError:
    return LaunchUnconfirmedError(
        f"Campaign {campaign.id} was created and is not to be launched. {problem} The next try looks again."
    )


def check_tag_is_kept(created: Campaign, identity: LaunchIdentity) -> Steps[None]:
    """
    Check that a campaign's name still carries the tag. Without it, a retry would call everybody again.

    :raises LaunchRefusedError: The tag is lost, and the campaign called nobody: it is cancelled.
    :raises TagLostError: The tag is lost, and the campaign may call people.
    """
    if created.name is None or identity.find(created):
        return
    if not has_calls_to_launch(created):
        raise TagLostError(
            f"Campaign {created.id} is launched and calls its people, but Revox has changed its name so that "
            "the tag is lost. A retry would not find it and call everybody again, so this task is not "
            "retried. Do not clear it. Wait for the campaign with CampaignSensor and this id."
        )
    try:
        cancelled = yield Cancel(created.id)
    except RevoxError:
        cancelled = False
    ending = "It is cancelled." if cancelled is True else "It could not be cancelled: delete it in Revox."
    raise LaunchRefusedError(
        f"Revox has changed the name of campaign {created.id} so that the tag is lost. A retry would not "
        f"find it. It calls nobody, and is not launched. {ending} Give the task a shorter, plainer name."
    )
