"""
The forms a create may have: what one generation of the API needs, another refuses as unknown.

Which ones come into question is decided by what the server has shown; which one it is, by the server, which
refuses the others before it does anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, TypeGuard

from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    MalformedAnswerError,
    RejectedError,
    RevoxError,
)
from airflow_provider_revox.launch.steps import AskForNewerFields, Steps

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.client.requests import CampaignCreate


class Form(Enum):
    """What the body of a create looks like."""

    PAGE = "as on the API page"
    DRAFT = "a draft, to be launched"
    DRAFT_UNSCHEDULED = "the same without scheduled_at"
    CALLS = "calls, to be launched and, if need be, scheduled then"

    @property
    def leaves_schedule_out(self) -> bool:
        """Whether ``scheduled_at`` is not in it."""
        return self in (Form.DRAFT_UNSCHEDULED, Form.CALLS)

    def of(self, campaign: CampaignCreate) -> CampaignCreate:
        """Return the campaign in this form."""
        if self is Form.PAGE:
            return campaign
        config = campaign.call_retry_config
        return campaign.changed(
            call_retry_config=config and config.complete(),
            scheduled_at=None if self.leaves_schedule_out else campaign.scheduled_at,
            **({} if self is Form.CALLS else {"launch": False, "type": "regular"}),
        )


def possible_forms(
    *, counts_not_launched: bool, scheduled: bool, newer_fields: Sequence[str]
) -> Steps[Sequence[Form]]:
    """
    Say which forms to try, in this order.

    A server that counts calls that are not launched takes ``scheduled_at`` when they are launched. Any other
    may dial at once. Where it shows that it is newer than the API page, it is asked for a draft first, which
    calls nobody; with ``scheduled_at`` it is asked for one without it, too, before it is sent a create
    without it that is no draft: **a server that knows drafts never gets that far.**

    :param counts_not_launched: Whether a campaign was seen that counts calls that are not launched.
    :param scheduled: Whether the campaign has ``scheduled_at``.
    :param newer_fields: What it has that a server as the API page describes it may ignore.
    :raises InvalidRequestError: It has such, and the server does not show that it is newer.
    :raises RevoxError: Whether it is newer could not be seen.
    """
    if counts_not_launched:
        return [Form.CALLS]
    answer = yield AskForNewerFields()
    if not isinstance(answer, RevoxError):
        unscheduled = [Form.DRAFT_UNSCHEDULED] if scheduled else []
        return [Form.DRAFT, *unscheduled, Form.PAGE, Form.CALLS]
    if isinstance(answer, MalformedAnswerError) or not answer.transient:
        if not newer_fields:
            return [Form.PAGE]
        if isinstance(answer, RejectedError) and answer.status == 404:
            problem = "this Revox does not show that it knows it, and might call at other times: leave it out"
            raise InvalidRequestError([f"call_retry_config.{name}: {problem}" for name in newer_fields])
    raise answer


def is_refused(created: Campaign | RevoxError) -> TypeGuard[RejectedError]:
    """Whether the server has refused what a create says, so that it may take another form."""
    return isinstance(created, RejectedError) and created.status in (400, 422)
