"""Carries out the steps of a launch."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.launch.errors import LaunchKilledError, PartlyLaunchedError
from airflow_provider_revox.launch.steps import (
    AskForNewerFields,
    AskingStep,
    Cancel,
    ComparePeople,
    Create,
    Launch,
    LaunchCalls,
    LaunchDraft,
    Launched,
    Look,
    LookUp,
    Note,
    Wait,
)
from airflow_provider_revox.units import contacts_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.requests import CampaignCreate
    from airflow_provider_revox.launch.tag import LaunchTag
    from airflow_provider_revox.logger import Logger


def run(
    steps: Launch,
    *,
    client: RevoxClient,
    campaign: CampaignCreate,
    tag: LaunchTag | None,
    log: Logger,
    is_killed: Callable[[], bool] = lambda: False,
    on_known: Callable[[str], None] = lambda _: None,
) -> Launched:
    """
    Carry out a launch.

    :param steps: From :func:`~.protocol.launch`.
    :param campaign: What to launch; its name carries the tag.
    :param is_killed: Whether the task was killed; then nobody is called any more.
    :param on_known: Is told the campaign's id as soon as it is known, and before its calls are launched.
    :raises RevoxError: As :func:`~.protocol.launch` does.
    """
    began = time.monotonic()
    result: Any = None
    while True:
        try:
            step = steps.send(result)
        except StopIteration as end:
            launched: Launched = end.value
            return launched
        except PartlyLaunchedError as error:
            on_known(error.campaign_id)  # it calls people, so a teardown must know it
            raise
        match step:
            case Wait(seconds):
                time.sleep(seconds)
                result = time.monotonic() - began
            case Note(text):
                log.warning(text)
                result = None
            case Create() if is_killed():
                raise LaunchKilledError(
                    "The task was killed before its campaign was launched: nothing was sent."
                )
            case _:
                if isinstance(step, (LaunchDraft, LaunchCalls)):
                    on_known(step.campaign_id)
                    if is_killed():
                        raise LaunchKilledError(
                            f"The task was killed before campaign {step.campaign_id} was launched: it calls "
                            "nobody."
                        )
                result = carry_out(step, client=client, campaign=campaign, tag=tag)
                if isinstance(step, Create) and not isinstance(result, RevoxError):
                    on_known(result.id)


def carry_out(
    step: AskingStep,
    *,
    client: RevoxClient,
    campaign: CampaignCreate,
    tag: LaunchTag | None,
) -> Any:
    """Carry out one step that asks the API."""
    from airflow_provider_revox.client import endpoints
    from airflow_provider_revox.client.requests import LaunchCalls as Order
    from airflow_provider_revox.contacts.guards import check_schedule
    from airflow_provider_revox.launch.same_people import has_people

    try:
        match step:
            case LookUp(patient):
                marks = tag.marks if tag else (lambda _: False)
                return client.send(endpoints.find_campaigns(marks), retries=None if patient else 0)
            case Look(campaign_id):
                return client.get_campaign(campaign_id)
            case AskForNewerFields():
                return client.get_auth_status()
            case Create(form):
                # Checked only where something starts: a campaign that is adopted may have started by now.
                check_schedule(campaign.scheduled_at, now=datetime.now(UTC))
                # With a tag the protocol looks before it sends again.
                create = endpoints.create_campaign(form.of(campaign))
                return client.send(create, retries=0 if tag else None)
            case ComparePeople(campaign_id, total):
                return has_people(client, campaign_id, campaign.numbers, total=total)
            case LaunchDraft(campaign_id, fresh) | LaunchCalls(campaign_id, fresh):
                if not fresh:
                    check_schedule(campaign.scheduled_at, now=datetime.now(UTC))
                # The protocol looks before it sends again.
                if isinstance(step, LaunchDraft):
                    return client.send(endpoints.launch_campaign(campaign_id), retries=0)
                order = Order(scheduled_at=campaign.scheduled_at)
                return client.send(endpoints.launch_calls(campaign_id, order), retries=0)
            case Cancel(campaign_id):
                return client.cancel_campaign(campaign_id)
    except RevoxError as error:
        return error


def difference(launched: Launched, campaign: CampaignCreate) -> str:
    """Say how this try's campaign differs from the one it adopted; the first launch stands."""
    stats = launched.campaign.row_stats
    if stats is None or stats.total is None or stats.total == len(campaign.contacts):
        return ""
    return (
        f"Campaign {launched.campaign.id} has {contacts_in_words(stats.total)}, but this try was given "
        f"{contacts_in_words(len(campaign.contacts))}. The first launch stands: nobody else is called. "
        "Another list is another launch."
    )
