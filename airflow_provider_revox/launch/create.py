"""The create, with what this server takes: decided by what it has shown, before anybody is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    NotFoundError,
    RejectedError,
    RevoxError,
)
from airflow_provider_revox.launch.errors import LaunchRefusedError
from airflow_provider_revox.launch.start import is_launched_by_its_create
from airflow_provider_revox.launch.steps import AskForNewerFields, Cancel, Create, Steps

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign


def create(
    *, counts_not_launched: bool, scheduled: bool, newer_fields: Sequence[str]
) -> Steps[Campaign | RevoxError]:
    """
    Create.

    A server that counts calls that are not launched takes ``scheduled_at`` when they are launched, and knows
    every field. Any other dials at once, so on any other ``scheduled_at`` must be in the create, and must
    not ignore a field.

    :param counts_not_launched: Whether a campaign was seen that counts calls that are not launched.
    :param scheduled: Whether the campaign has ``scheduled_at``.
    :param newer_fields: What it has that a server as the API page describes it may ignore.
    """
    if newer_fields and not counts_not_launched:
        answer = yield AskForNewerFields()
        if isinstance(answer, NotFoundError):
            problem = "this Revox does not show that it knows it, and might call at other times: leave it out"
            raise InvalidRequestError([f"call_retry_config.{name}: {problem}" for name in newer_fields])
        if isinstance(answer, RevoxError):
            raise answer
    left_out = scheduled and counts_not_launched
    created: Campaign | RevoxError = yield Create(scheduled=not left_out)
    if left_out and not isinstance(created, RevoxError) and is_launched_by_its_create(created):
        outcome = yield Cancel(created.id)
        ending = "It is cancelled." if outcome is True else "It could not be cancelled: do so in Revox, now."
        raise LaunchRefusedError(
            f"Campaign {created.id} was to be scheduled when its calls are launched, as other campaigns of "
            f"this organization show it, but its create has launched it at once. {ending}"
        )
    return created


def explained(refusal: RevoxError, *, scheduled: bool) -> RevoxError:
    """Say what may be behind the refusal of a create."""
    if not (scheduled and isinstance(refusal, RejectedError) and refusal.status in (400, 422)):
        return refusal
    return LaunchRefusedError(
        f"{refusal} Nothing was launched. If that is about scheduled_at: today's Revox takes it only when "
        "calls are launched, and no campaign of this organization shows yet that this is such a Revox. "
        "Launch one without scheduled_at, that calls yourself for example, and clear this task."
    )
