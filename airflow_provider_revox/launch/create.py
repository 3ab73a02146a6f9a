"""The create: in one form, and what its answer must not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import is_launched_by_its_create
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.launch.errors import LaunchRefusedError
from airflow_provider_revox.launch.steps import Cancel, Create, Steps

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.generations import Form


def create(form: Form, *, scheduled: bool, refusal: RevoxError | None) -> Steps[Campaign | RevoxError]:
    """
    Create.

    :param form: What is sent.
    :param scheduled: Whether the campaign has ``scheduled_at``.
    :param refusal: What came of another form before.
    :raises LaunchRefusedError: Its people would be called before ``scheduled_at``: it is cancelled.
    """
    created: Campaign | RevoxError = yield Create(form)
    if isinstance(created, RevoxError) or not (scheduled and form.leaves_schedule_out):
        return created
    if created.status == "draft":
        what = f"It was accepted without scheduled_at only: {refusal}"
    elif is_launched_by_its_create(created):
        what = (
            "The campaign was to be scheduled when its calls are launched, as this Revox showed it, but its "
            "create has launched it at once."
        )
    else:
        return created
    outcome = yield Cancel(created.id)
    ending = "It is cancelled." if outcome is True else "It could not be cancelled: do so in Revox, now."
    raise LaunchRefusedError(f"Revox can't schedule campaign {created.id}. {what} {ending}")
