"""
The second half of a launch, where creating a campaign calls nobody: its calls are launched.

What the campaign shows decides: a draft is launched, and so are calls that are not launched. Both can be sent
again: Revox launches a draft once, and calls that are launched already are not selected.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.campaign_state import (
    calls_not_launched,
    has_calls_to_launch,
    is_cancelled,
    is_untouched,
    may_have_called,
    shows_row_stats,
)
from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.client.retry import FIRST_BACKOFF, retry_pause
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchRefusedError,
    LaunchUnconfirmedError,
    PartlyLaunchedError,
)
from airflow_provider_revox.launch.steps import (
    Cancel,
    ComparePeople,
    LaunchCalls,
    LaunchDraft,
    Look,
    Note,
    Steps,
    Wait,
)

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign

RELAUNCHES = 3
"""How often a launch that was not confirmed is sent again within one try."""


def is_launched(found: Sequence[Campaign]) -> bool:
    """
    Whether a campaign of a launch stands. What is created and calls nobody yet does not: who may be called
    still counts. What was cancelled counts only where there is nothing else.

    :param found: All campaigns with the tag, :func:`counted`.
    """
    return not all(map(is_untouched, [one for one in found if not is_cancelled(one)] or found))


def adopt_or_start(
    campaign: Campaign, found: Sequence[Campaign], *, ours: bool, was_launched: bool = False
) -> Steps[Campaign]:
    """
    Launch what an earlier try has created and not launched. What people have decided is left alone.

    :param campaign: The campaign that stands.
    :param found: All campaigns with the tag.
    :param ours: Whether its name is just as the launch made it; that of a copy made by hand is not.
    :param was_launched: Whether this try's contacts were read on the strength of a launch that was seen.
    """
    if not has_calls_to_launch(campaign):
        return campaign
    if campaign.status in ("paused", "completed") or not ours:
        why = f"it is {campaign.shown_status}" if ours else "its name was changed, or it is a copy"
        yield Note(
            f"Campaign {campaign.id} has calls that are not launched, and {why}: left alone. Launch them in "
            "Revox if these people are to be called."
        )
        return campaign
    if not is_untouched(campaign):
        raise PartlyLaunchedError(
            f"Campaign {campaign.id} has launched a part of its calls, and {calls_not_launched(campaign):,} "
            "not. That may be somebody's decision, so they are not called now. If it stays so: launch or "
            "cancel them in Revox, then clear this task.",
            campaign.id,
        )
    if was_launched:
        # Nobody was left out of the contacts, so that they are the same people says nothing.
        raise LaunchUnconfirmedError(
            f"Campaign {campaign.id} was launched when the contacts were read, and shows now that it is not. "
            "It is left alone. The next try looks again."
        )
    # It has called nobody, so it need not stand: somebody may have been taken off the list since.
    same = yield ComparePeople(campaign.id, campaign.row_stats.total if campaign.row_stats else None)
    if isinstance(same, RevoxError):
        raise LaunchUnconfirmedError(
            f"Campaign {campaign.id} of an earlier try is created and calls nobody yet. Whether its people "
            f"are those of this try could not be seen ({same}), so it is not launched. The next try looks "
            "again."
        )
    if not same:
        raise LaunchRefusedError(
            f"Campaign {campaign.id} of an earlier try is created and calls nobody yet. Its people are not "
            "those of this try: somebody may have asked for no calls since, so it is not launched. Delete it "
            "in Revox and clear this task, or launch it there."
        )
    yield Note(f"Campaign {campaign.id} is created and not launched yet: launching it.")
    return (yield from start(campaign, found, fresh=False))


def start(campaign: Campaign, found: Sequence[Campaign], *, fresh: bool) -> Steps[Campaign]:
    """
    Launch a campaign that waits for it.

    :param campaign: The campaign that stands.
    :param found: All campaigns with the tag.
    :param fresh: Whether this try has created it.
    :return: The campaign, as it was last seen.
    """
    if not has_calls_to_launch(campaign):
        return campaign
    for namesake in found:
        if namesake.id == campaign.id:
            continue
        other = yield from counted(namesake)
        if may_have_called(other):
            yield Cancel(campaign.id)
            raise CampaignWasCancelledError(
                f"Campaign {other.id} of this launch key has called people and was cancelled, so "
                f"{campaign.id}, with the same people, is cancelled, too, instead of being launched.",
                other.id,
            )
    step = (LaunchDraft if campaign.status == "draft" else LaunchCalls)(campaign.id, fresh=fresh)
    for attempt in itertools.count():
        outcome = yield step
        if isinstance(outcome, InvalidRequestError):
            raise outcome
        if isinstance(step, LaunchCalls) and _launched(outcome) >= calls_not_launched(campaign):
            return campaign
        # Whatever the answer was, the campaign tells: what is no draft any more is refused, for example.
        seen = yield Look(campaign.id)
        if isinstance(seen, RevoxError):
            raise _unconfirmed(campaign, seen)
        if is_cancelled(seen):
            raise CampaignWasCancelledError(
                f"Campaign {seen.id} of this launch key was cancelled before all its calls were launched.",
                seen.id,
            )
        if not has_calls_to_launch(seen):
            break
        pause = _pause(campaign, outcome, attempt)
        yield Wait(pause)
    last_seen: Campaign = seen
    return last_seen


def _pause(campaign: Campaign, outcome: Any, attempt: int) -> float:
    """Return how long to wait before the launch is sent again, of which nothing came."""
    if not isinstance(outcome, RevoxError):
        if attempt < RELAUNCHES:
            return FIRST_BACKOFF
        raise LaunchUnconfirmedError(
            f"Campaign {campaign.id} is created, and not all of its calls could be launched, but Revox does "
            "not say why. The next try looks again."
        )
    if not outcome.transient:
        raise LaunchRefusedError(
            f"Campaign {campaign.id} is created and calls nobody: Revox refuses to launch it. {outcome}"
        )
    pause = retry_pause(outcome, repeatable=True, attempt=attempt, retries=RELAUNCHES)
    if pause is None:
        raise _unconfirmed(campaign, outcome)
    return pause


def counted(campaign: Campaign) -> Steps[Campaign]:
    """Look at the campaign itself where a list or an answer does not show how many calls are where."""
    if shows_row_stats(campaign):
        return campaign
    seen = yield Look(campaign.id)
    if isinstance(seen, RevoxError):
        raise _unconfirmed(campaign, seen)
    last_seen: Campaign = seen
    return last_seen


def _unconfirmed(campaign: Campaign, error: RevoxError) -> LaunchUnconfirmedError:
    return LaunchUnconfirmedError(
        f"Campaign {campaign.id} is created, but whether its calls are launched could not be seen ({error}). "
        "The next try looks, and launches what is not."
    )


def _launched(outcome: Any) -> int:
    return 0 if isinstance(outcome, RevoxError) else outcome.launched or 0
