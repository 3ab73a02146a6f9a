"""Carry out the steps of a launch: send the requests, wait, log."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.frames import Unshown, forgetful
from airflow_provider_revox.launch.errors import LaunchKilledError
from airflow_provider_revox.launch.limits import MOST_OF_LAUNCH
from airflow_provider_revox.launch.steps import (
    AskAuthStatus,
    Cancel,
    CheckPeople,
    ComparePeople,
    Create,
    GetCampaign,
    HasOtherPeople,
    LaunchCalls,
    LaunchDraft,
    LookUp,
    Note,
    Prepare,
    ReadUnlaunched,
    RequestStep,
    SharePeople,
    Steps,
    Wait,
)

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.requests import CampaignCreate
    from airflow_provider_revox.client.requests import LaunchCalls as LaunchCallsBody
    from airflow_provider_revox.launch.tag import LaunchTag
    from airflow_provider_revox.launch.unlaunched import UnlaunchedCalls
    from airflow_provider_revox.logger import Logger

T = TypeVar("T")


def run(
    steps: Steps[T],
    *,
    client: RevoxClient,
    prepare: Callable[[bool], CampaignCreate | LaunchCallsBody],
    tag: LaunchTag | None,
    log: Logger,
    numbers: Collection[str] = (),
    check_people: Callable[[UnlaunchedCalls], Mapping[str, int]] = lambda _: {},
    before_create: Callable[[], None] = lambda: None,
    is_killed: Callable[[], bool] = lambda: False,
    on_known: Callable[[str, bool], None] = lambda *_: None,
    on_failed_request: Callable[[], None] = lambda: None,
    ended_by_a_kill: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> T:
    """
    Carry out all steps of a launch.

    :param steps: The generator of :mod:`.decide`, :mod:`.without_key` or :mod:`.launch_existing`.
    :param prepare: Returns the campaign to create, or how calls of a campaign that exists are launched. Its
        argument says whether the phone history applies.
    :param tag: The tag to look up; ``None``: no campaign is looked up.
    :param numbers: The numbers of the whole list, also of people whom the phone history leaves out.
    :param before_create: Called once, before the first create. Its error ends the launch.
    :param check_people: Returns how many of the people with these calls must not be called, by reason.
    :param is_killed: Whether the task was killed. A killed task launches nothing.
    :param on_known: Called as soon as the campaign's id is known, and before its calls are launched. It gets
        the id, and whether this try has just created the campaign.
    :param on_failed_request: Called after each request that failed for a reason that may pass.
    :param ended_by_a_kill: Runs requests and pauses. A kill may end them at any place once the campaign is
        known. Before that, the answer of the create says which campaign to cancel.
    :return: What the generator returns.
    :raises RevoxError: As the generator does.
    """
    numbers = Unshown(numbers)  # also for the frames that an error tracker collects
    began = time.monotonic()
    campaign: Any = None
    result: Any = None
    failure: RevoxError | None = None
    is_checked = False
    while True:
        try:
            step = steps.send(result) if failure is None else steps.throw(failure)
        except StopIteration as end:
            value: T = end.value
            return value
        result = failure = None
        match step:
            case Wait(seconds):
                with ended_by_a_kill():
                    time.sleep(seconds)
                result = time.monotonic() - began
            case Note(text):
                log.warning(text)
            case Prepare(history_applies):
                campaign = prepare(history_applies)
            case CheckPeople(calls):
                result = check_people(calls)
            case _:
                if isinstance(step, Create) and not is_checked:
                    before_create()
                    is_checked = True
                _check_not_killed(step, is_killed, on_known)
                try:
                    with ended_by_a_kill():
                        result = carry_out(step, client=client, campaign=campaign, tag=tag, numbers=numbers)
                except RevoxError as error:
                    failure = error
                    if error.transient:
                        on_failed_request()
                if isinstance(step, Create) and failure is None:
                    on_known(result.id, True)


def _check_not_killed(
    step: RequestStep, is_killed: Callable[[], bool], on_known: Callable[[str, bool], None]
) -> None:
    if isinstance(step, (LaunchDraft, LaunchCalls)):
        on_known(step.campaign_id, False)
    if not is_killed():
        return
    if isinstance(step, Create):
        raise LaunchKilledError("The task was killed before its campaign was launched: nothing was sent.")
    if isinstance(step, (LaunchDraft, LaunchCalls)):
        raise LaunchKilledError(
            f"The task was killed. This try launches no more calls of campaign {step.campaign_id}."
        )


@forgetful
def carry_out(
    step: RequestStep,
    *,
    client: RevoxClient,
    campaign: CampaignCreate,
    tag: LaunchTag | None,
    numbers: Collection[str],
) -> Any:
    """
    Send the request of one step.

    :param campaign: What this try launches; its name carries the tag.
    :param numbers: The numbers of the whole list, also of people whom the phone history leaves out.
    :raises RevoxError: The request failed.
    """
    from airflow_provider_revox.client import endpoints
    from airflow_provider_revox.client.calling_hours import check_schedule
    from airflow_provider_revox.client.requests import LaunchCalls as LaunchCallsBody
    from airflow_provider_revox.client.selection import Selection, SelectionRows
    from airflow_provider_revox.launch.same_people import (
        count_missing,
        has_other_people,
        has_people,
        read_numbers,
    )
    from airflow_provider_revox.launch.unlaunched import read_unlaunched

    match step:
        case LookUp(patient):
            is_in = tag.is_in if tag else (lambda _: False)
            sensitive = partial(_known_of, campaign=campaign, tag=tag, numbers=numbers)
            find = endpoints.find_campaigns(is_in, most=MOST_OF_LAUNCH, sensitive=sensitive)
            return client.send(find, retries=None if patient else 0)
        case GetCampaign(campaign_id):
            return client.get_campaign(campaign_id)
        case AskAuthStatus():
            return client.get_auth_status()
        case Create(form):
            # Only before a create: an adopted campaign may have started already.
            check_schedule(campaign.scheduled_at, now=datetime.now(UTC))
            # With a tag, the launch looks before it sends again.
            create = endpoints.create_campaign(form.of(campaign))
            return client.send(create, retries=0 if tag else None)
        case ComparePeople(campaign_id, total):
            return has_people(client, campaign_id, campaign.numbers, total=total)
        case SharePeople(campaign_id, total):
            missing = count_missing(client, campaign_id, campaign.numbers, total=total)
            return len(set(campaign.numbers)) - missing, missing
        case HasOtherPeople(campaign_id, of_list):
            on_list = numbers if of_list is None else read_numbers(client, of_list)
            return has_other_people(client, campaign_id, on_list)
        case LaunchDraft(campaign_id, created_by_this_try) | LaunchCalls(campaign_id, created_by_this_try):
            if not created_by_this_try:
                check_schedule(campaign.scheduled_at, now=datetime.now(UTC))
            # The launch looks at the campaign before it sends again.
            if isinstance(step, LaunchDraft):
                return client.send(endpoints.launch_campaign(campaign_id), retries=0)
            selection = Selection()
            if step.call_ids is not None:
                selection = Selection(rows=SelectionRows(call_ids=list(step.call_ids), mode="only"))
            body = LaunchCallsBody(scheduled_at=campaign.scheduled_at, selection=selection)
            return client.send(endpoints.launch_calls(campaign_id, body), retries=0)
        case ReadUnlaunched(campaign_id, total):
            return read_unlaunched(client, campaign_id, total=total)
        case Cancel(campaign_id):
            return client.cancel_campaign(campaign_id)


def _known_of(
    name: str, *, campaign: CampaignCreate | None, tag: LaunchTag | None, numbers: Iterable[str]
) -> Iterable[str]:
    """Return what this try knows of the people of the campaign with this name."""
    # A mapped task may have a thousand campaigns. To compare each id with each person would take minutes,
    # and an id may contain a number by chance.
    if tag is None or not tag.may_share_people(name):
        return ()
    return numbers if campaign is None else campaign.sensitive()
