"""
Decide, step by step, how to launch a campaign that exists. Does no I/O: :mod:`.carry_out` carries the steps
out.

1. Look at the campaign. It is cancelled or paused: launch nothing. Its calls are launched: there is nothing
   to do. So a retry, and a try beside another one, launch nothing twice.
2. Read whose calls are not launched, and ask whether these people may still be called. Revox's phone history
   also shows the calls of this campaign, but the campaign has called none of these people yet.
3. Look at the campaign again. If calls were launched meanwhile, the history may show these calls.
4. Launch the calls. The request names the calls whose people were checked, and selects only those that are
   not launched. So it may be sent again, and people who are added meanwhile are not launched.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.campaign_state import (
    calls_not_launched,
    has_calls_to_launch,
    is_cancelled,
    is_draft,
    is_launched_by_its_create,
    is_paused,
    is_untouched,
    says_completed,
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
from airflow_provider_revox.units import contacts_in_words, unlaunched_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.unlaunched import UnlaunchedCalls


MOST_NAMED = 500
"""
How many calls a launch of everybody names at most. If there are more, it selects "all that are not launched",
because the API does not say how many ids a request may have. 500 make a short request.
"""


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
    may_be_named = not is_draft(before) and len(calls) <= MOST_NAMED and calls.have_ids()
    is_named = order.up_to is not None or may_be_named
    ids = wanted.ids() if is_named else ()
    reasons: Mapping[str, int] = yield CheckPeople(wanted)
    campaign: Campaign = yield GetCampaign(before.id)
    if not _has_something_to_launch(campaign, order):
        return LaunchedCampaign(campaign)
    left = calls_not_launched(campaign)
    if left > len(calls):
        raise LaunchUnconfirmedError(
            f"Campaign {campaign.id} counts {unlaunched_in_words(left)}, and its rows show "
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
    if not is_named:
        seen = yield from start_calls(campaign, [], created_by_this_try=False)
        return LaunchedCampaign(seen, launched=_count_launched(campaign, seen, len(wanted)))
    launched = 0
    if wanted:
        campaign, launched = yield from _launch_named(campaign, ids)
    else:
        yield Note(f"Campaign {campaign.id}: the calls of this part are launched or cancelled already.")
    # No more than these stay: somebody may cancel or launch some of them at any time.
    return LaunchedCampaign(campaign, launched=launched, not_launched=len(calls) - len(wanted))


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
    if says_completed(campaign) and is_untouched(campaign):
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
        f"{contacts_in_words(people)} to launch must not be called any more ({counts}). {way_out}"
    )


def _count_launched(before: Campaign, after: Campaign, people: int) -> int:
    """
    Return how many calls a launch of everybody has launched. Calls that somebody has cancelled do not count.

    :param before: The campaign right before the launch.
    :param after: The campaign after the launch, or ``before`` if the answer said that all are launched.
    :param people: How many calls the rows showed.
    """
    if is_draft(before):
        return people  # its calls can't be cancelled one by one
    skipped = [(one.row_stats.skipped if one.row_stats else None) or 0 for one in (before, after)]
    return max(0, calls_not_launched(before) - max(0, skipped[1] - skipped[0]))


def _launch_named(campaign: Campaign, ids: tuple[str, ...]) -> Steps[tuple[Campaign, int]]:
    """
    Launch these calls, and no others.

    :param ids: The ids of calls that are not launched.
    :return: The campaign, as it was last seen, and how many of the calls are launched.
    """
    named, cancelled = frozenset(ids), 0
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
                return campaign, len(named) - cancelled
        # The answer was lost, or somebody has launched or cancelled calls. The rows show it.
        campaign = yield from _look(GetCampaign(campaign.id))
        _has_something_to_launch(campaign, LaunchOrder())
        calls: UnlaunchedCalls = yield from _look(ReadUnlaunched(campaign.id))
        left, cancelled = calls.only(ids), len(named & calls.cancelled)
        if not left:
            return campaign, len(named) - cancelled
        ids = left.ids()
        yield Wait(pause_before_relaunch(campaign, failure, attempt))
    raise AssertionError("unreachable")


def _look(step: GetCampaign | ReadUnlaunched) -> Steps[Any]:
    """Look at the campaign, or at its rows, after a launch whose effect is not known."""
    try:
        return (yield step)
    except RevoxError as error:
        raise LaunchUnconfirmedError(
            f"This try could not see whether the calls of campaign {step.campaign_id} are launched "
            f"({error}). The next try looks again, and launches those of its calls that are not launched."
        ) from None
