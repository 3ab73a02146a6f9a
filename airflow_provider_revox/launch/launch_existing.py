"""
Decide, step by step, how to launch a campaign that exists. Does no I/O: :mod:`.carry_out` carries the steps
out.

1. Look at the campaign. It is cancelled or paused: launch nothing. Its calls are launched: there is nothing
   to do. So a retry, and a try beside another one, launch nothing twice.
2. Read whose calls are not launched, and ask whether these people may be called by now. The calls of this
   campaign are in Revox's phone history, too, but not the calls of these people.
3. Look at the campaign again. If calls were launched meanwhile, what the history says may be their doing.
4. Launch the calls. The request selects only calls that are not launched, so it may be sent again.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import (
    calls_not_launched,
    has_calls_to_launch,
    is_cancelled,
    is_draft,
    is_launched_by_its_create,
    is_paused,
    is_untouched,
    shows_whether_launched,
)
from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchRefusedError,
    LaunchUnconfirmedError,
)
from airflow_provider_revox.launch.start_calls import pause_before_relaunch, start_calls
from airflow_provider_revox.launch.steps import (
    CheckPeople,
    GetCampaign,
    LaunchCalls,
    Note,
    Prepare,
    ReadUnlaunched,
    Steps,
    Wait,
)
from airflow_provider_revox.units import contacts_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.unlaunched import UnlaunchedCalls


@dataclass(frozen=True, kw_only=True)
class LaunchOrder:
    """
    What a task is to launch.

    :param scheduled: Whether the calls have ``scheduled_at``.
    :param up_to: How many people, or which share of them, are to be launched in all; ``None``: everybody.
    """

    scheduled: bool = False
    up_to: int | Decimal | None = None


@dataclass(frozen=True)
class LaunchedCampaign:
    """
    The result of the launch of a campaign that exists.

    :param campaign: The campaign, as Revox showed it last.
    :param launched: How many calls this try has launched, or found launched when it looked for them.
    :param not_launched: How many calls stay not launched.
    """

    campaign: Campaign
    launched: int = 0
    not_launched: int = 0


def launch_existing(before: Campaign, order: LaunchOrder) -> Steps[LaunchedCampaign]:
    """
    Launch the calls of a campaign that are not launched, all or a part of them.

    :param before: The campaign, as Revox shows it now.
    :raises CampaignWasCancelledError: The campaign is cancelled.
    :raises RevoxError: Nothing was launched, or it is not known whether the calls are launched.
    """
    if not _has_something_to_launch(before, order):
        return LaunchedCampaign(before)
    calls: UnlaunchedCalls = yield ReadUnlaunched(
        before.id, before.row_stats.total if before.row_stats else None
    )
    wanted = calls if order.up_to is None else calls.up_to(order.up_to)
    ids = () if order.up_to is None else wanted.ids()
    reasons: Mapping[str, int] = yield CheckPeople(wanted)
    campaign: Campaign = yield GetCampaign(before.id)
    if not _has_something_to_launch(campaign, order):
        return LaunchedCampaign(campaign)
    left = calls_not_launched(campaign)
    if left > len(calls):
        raise LaunchUnconfirmedError(
            f"Campaign {campaign.id} counts {left:,} calls that are not launched, and its rows show "
            f"{len(calls):,}. This try launches nothing more. The next try looks again."
        )
    if reasons:
        if left != calls_not_launched(before):
            raise LaunchUnconfirmedError(
                f"Calls of campaign {campaign.id} were launched or cancelled while this try asked whether "
                "its people may be called. This try launches nothing more. The next try asks again."
            )
        raise _must_not_be_called(campaign, reasons, len(wanted))
    yield Prepare(history_applies=True)
    if order.up_to is None:
        seen = yield from start_calls(campaign, [], created_by_this_try=False)
        return LaunchedCampaign(seen, launched=len(wanted))
    if wanted:
        campaign = yield from _launch_part(campaign, ids)
    else:
        yield Note(f"Campaign {campaign.id}: the calls of this part are launched or cancelled already.")
    # At most so many: somebody may cancel or launch others of them at any time.
    return LaunchedCampaign(campaign, launched=len(wanted), not_launched=len(calls) - len(wanted))


def _has_something_to_launch(campaign: Campaign, order: LaunchOrder) -> bool:
    """
    Return whether the campaign has calls to launch.

    :raises CampaignWasCancelledError: It is cancelled.
    :raises RevoxError: They must not be launched, or not in this way, or Revox does not show enough.
    """
    if is_cancelled(campaign):
        raise CampaignWasCancelledError(
            f"Campaign {campaign.id} was cancelled, so this task launches nothing more.", campaign.id
        )
    if not shows_whether_launched(campaign):
        raise LaunchUnconfirmedError(
            f"Revox does not show whether the calls of campaign {campaign.id} are launched, so this try "
            "launches nothing. The next try looks again."
        )
    _check_order(campaign, order)
    if not has_calls_to_launch(campaign):
        return False
    if is_paused(campaign):
        raise LaunchRefusedError(
            f"Campaign {campaign.id} is paused, and this task neither resumes nor launches it. To call its "
            "people, resume it in Revox or with ResumeCampaignOperator, then clear this task."
        )
    # A server may say that a campaign is completed when a part of it is.
    if campaign.status == "completed" and is_untouched(campaign):
        raise LaunchRefusedError(
            f"Campaign {campaign.id} calls nobody, and Revox says that it is completed. So this task does "
            "not launch it. Look at it in Revox."
        )
    return True


def _check_order(campaign: Campaign, order: LaunchOrder) -> None:
    """
    Check that this Revox can launch the campaign in this way.

    :raises InvalidRequestError: It can't. Nothing was sent.
    """
    if is_draft(campaign) and order.scheduled:
        raise InvalidRequestError(
            ["scheduled_at: this campaign is a draft, and the launch of a draft takes no time; leave it out"]
        )
    if order.up_to is not None and (is_draft(campaign) or is_launched_by_its_create(campaign)):
        raise InvalidRequestError(
            [
                "up_to: this Revox launches a campaign as a whole, so no part of it can be launched; "
                "leave it out"
            ]
        )


def _must_not_be_called(campaign: Campaign, reasons: Mapping[str, int], people: int) -> LaunchRefusedError:
    counts = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    way_out = (
        "A draft's people can't be taken out: delete it in Revox, and clear the task that created it and "
        "this task."
        if is_draft(campaign)
        else "Take them out with CancelCallsOperator or in Revox, then clear this task: calls that are "
        "cancelled are not launched."
    )
    return LaunchRefusedError(
        f"Campaign {campaign.id} is not launched: {sum(reasons.values()):,} of the "
        f"{contacts_in_words(people)} to launch must not be called by now ({counts}). {way_out}"
    )


def _launch_part(campaign: Campaign, ids: tuple[str, ...]) -> Steps[Campaign]:
    """
    Launch these calls, and no others.

    :param ids: The ids of calls that are not launched.
    """
    for attempt in itertools.count():
        failure: RevoxError | None = None
        try:
            answer = yield LaunchCalls(campaign.id, call_ids=ids)
        except InvalidRequestError:
            raise
        except RevoxError as error:
            failure = error
        else:
            if (answer.launched or 0) >= len(ids):
                return campaign
        # A lost answer, or calls that somebody has launched or cancelled: the rows tell.
        try:
            campaign = yield GetCampaign(campaign.id)
            calls: UnlaunchedCalls = yield ReadUnlaunched(campaign.id)
        except RevoxError as error:
            raise LaunchUnconfirmedError(
                f"This try could not see whether the calls of campaign {campaign.id} are launched ({error}). "
                "The next try looks, and launches those of its part that are not."
            ) from None
        _has_something_to_launch(campaign, LaunchOrder())
        left = calls.only(ids)
        if not left:
            return campaign
        ids = left.ids()
        yield Wait(pause_before_relaunch(campaign, failure, attempt))
    raise AssertionError("unreachable")
