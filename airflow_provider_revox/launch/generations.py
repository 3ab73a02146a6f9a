"""
Decide which form a create has, by what the server shows of its generation.

A server refuses a form that it does not know before it acts. So the next form is sent only after a refusal,
never after a lost answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import is_draft, is_launched_by_its_create
from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    MalformedAnswerError,
    RejectedError,
    RevoxError,
)
from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.errors import LaunchRefusedError
from airflow_provider_revox.launch.steps import AskAuthStatus, Cancel, Steps

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign


def possible_forms(
    *, counts_not_launched: bool, scheduled: bool, newer_fields: Sequence[str]
) -> Steps[Sequence[CreateForm]]:
    """
    Return the forms to try, in this order.

    A server that counts calls that are not launched takes ``scheduled_at`` when they are launched. Any other
    server may dial at once. If ``/auth-status`` shows that it is newer than the API page, a draft is tried
    first, because a draft calls nobody. With ``scheduled_at``, a draft without it is tried before any create
    without it: **a server that knows drafts never gets that far.**

    :param counts_not_launched: Whether the list shows a campaign that counts calls that are not launched.
    :param scheduled: Whether the campaign has ``scheduled_at``.
    :param newer_fields: The fields in use that a Revox of the API page may ignore.
    :raises InvalidRequestError: Such a field is in use, and the server does not show that it is newer.
    :raises RevoxError: It could not be seen whether the server is newer.
    """
    if counts_not_launched:
        return [CreateForm.CALLS]
    try:
        yield AskAuthStatus()
    except RevoxError as error:
        if error.transient and not isinstance(error, MalformedAnswerError):
            raise
        if not newer_fields:
            return [CreateForm.PAGE]
        if not (isinstance(error, RejectedError) and error.status == 404):
            raise
    else:
        unscheduled = [CreateForm.DRAFT_UNSCHEDULED] if scheduled else []
        return [CreateForm.DRAFT, *unscheduled, CreateForm.PAGE, CreateForm.CALLS]
    problem = "this Revox does not show that it knows this field, and might call at other times: leave it out"
    raise InvalidRequestError([f"call_retry_config.{name}: {problem}" for name in newer_fields])


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
