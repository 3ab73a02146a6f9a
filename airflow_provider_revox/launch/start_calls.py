"""
Start the calls of a campaign, on a server where a create calls nobody. This is the second half of a launch.

What the campaign shows decides. Both requests may be sent again: Revox launches a draft once, and
``launch-calls`` selects no call that is launched already.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import (
    calls_not_launched,
    has_calls_to_launch,
    is_cancelled,
    is_draft,
    is_paused,
    is_untouched,
    may_have_called,
    says_paused_or_completed,
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
from airflow_provider_revox.launch.look_until import look_until
from airflow_provider_revox.launch.steps import (
    Cancel,
    ComparePeople,
    GetCampaign,
    LaunchCalls,
    LaunchDraft,
    Note,
    Steps,
    Wait,
)
from airflow_provider_revox.units import unlaunched_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign

RELAUNCHES = 3
"""How often one try repeats a launch that was not confirmed."""


def adopt(
    campaign: Campaign,
    found: Sequence[Campaign],
    *,
    has_own_name: bool,
    history_applied: bool,
    reconcile_seconds: float,
    launch: bool = True,
) -> Steps[Campaign]:
    """
    Adopt a campaign. Start its calls if an earlier try has not, and if nobody has decided otherwise.

    :param campaign: The campaign that stands, with its counts.
    :param found: All campaigns with the tag.
    :param has_own_name: Whether its name is exactly what the launch makes. The name of a copy is not.
    :param history_applied: Whether the phone history was applied to the contacts of this try.
    :param reconcile_seconds: How long another try may take to launch what it has created.
    :param launch: Whether its calls are started. Otherwise it stays as it is, also if somebody has launched
        it meanwhile.
    :return: The campaign, as it was last seen.
    """
    if not has_calls_to_launch(campaign) or not (launch or is_untouched(campaign)):
        return campaign
    if (launch and says_paused_or_completed(campaign)) or not has_own_name:
        why = f"it is {campaign.shown_status}" if has_own_name else "its name was changed, or it is a copy"
        if is_untouched(campaign):
            raise LaunchRefusedError(
                f"Campaign {campaign.id} of this launch calls nobody, and {why}. So this task does not "
                f"{'launch' if launch else 'take'} it. To call these people, launch it in Revox. To launch "
                "anew, delete it in Revox and clear this task."
            )
        yield Note(
            f"Campaign {campaign.id} has calls that are not launched, and {why}. This task leaves it alone. "
            "To call these people, launch the calls in Revox."
        )
        return campaign
    if not is_untouched(campaign):
        raise PartlyLaunchedError(
            f"Campaign {campaign.id} has {unlaunched_in_words(calls_not_launched(campaign))}, and "
            "the others are launched or cancelled. Somebody may have decided that, so this task launches "
            "none. If it stays so, launch the rest with LaunchCampaignOperator or in Revox, or cancel only "
            "the calls that are not launched. Then clear this task: it launches nothing and succeeds.",
            campaign.id,
        )
    if not history_applied:
        # The contacts of this try may include people who must not be called, so equal people prove nothing.
        raise LaunchUnconfirmedError(
            f"Campaign {campaign.id} was launched at the first look, and now shows that it is not. This task "
            "leaves it alone. The next try looks again."
        )
    if not (yield from _has_these_people(campaign)):
        if not launch:  # no other try is about to launch it
            raise _other_people(campaign)
        return (yield from _wait_for_other_try(campaign, reconcile_seconds))
    if launch:
        yield Note(f"Campaign {campaign.id} was created and not launched. Launching it now.")
    return (yield from start_calls(campaign, found, created_by_this_try=False, launch=launch))


def _has_these_people(campaign: Campaign) -> Steps[bool]:
    """
    Return whether an untouched campaign has exactly the people of this try.

    It has called nobody. Somebody may have been taken off the list since it was created.
    """
    total = campaign.row_stats.total if campaign.row_stats else None
    try:
        same: bool = yield ComparePeople(campaign.id, total)
    except RevoxError as error:
        reason = str(error)
    else:
        return same
    raise LaunchUnconfirmedError(
        f"Campaign {campaign.id} of an earlier try was created and calls nobody yet. This try could not "
        f"compare its people with its own ({reason}), so it did not launch it. The next try looks again."
    )


def _wait_for_other_try(campaign: Campaign, seconds: float) -> Steps[Campaign]:
    """
    Wait for another try to launch an untouched campaign, whose people are not those of this try.

    The other try may still run, and be about to launch the campaign.
    """
    yield Note(
        f"Campaign {campaign.id} of an earlier try was created and calls nobody yet. Its people are not the "
        f"people of this try. Waiting up to {seconds:g} s, because the earlier try may be launching it."
    )
    seen: Campaign | None = yield from look_until(
        GetCampaign(campaign.id), lambda seen: not has_calls_to_launch(seen), seconds
    )
    if seen is None:
        raise LaunchUnconfirmedError(
            f"Campaign {campaign.id} of an earlier try called nobody, and could not be looked at again. The "
            "next try looks again."
        )
    if has_calls_to_launch(seen):
        raise _other_people(campaign)
    _check_not_cancelled(seen)
    return seen


def _other_people(campaign: Campaign) -> LaunchRefusedError:
    return LaunchRefusedError(
        f"Campaign {campaign.id} of an earlier try was created and calls nobody yet. Its people are not the "
        "people of this try: somebody may have asked for no calls since. So it is not launched. If all of "
        "its people may be called, launch it in Revox. Otherwise make sure that no other try of this task "
        "runs, delete it in Revox and clear this task."
    )


def _check_not_cancelled(campaign: Campaign) -> None:
    if is_cancelled(campaign):
        raise CampaignWasCancelledError(
            f"Campaign {campaign.id} of this launch was cancelled before all its calls were launched.",
            campaign.id,
        )


def start_calls(
    campaign: Campaign, found: Sequence[Campaign], *, created_by_this_try: bool, launch: bool = True
) -> Steps[Campaign]:
    """
    Start the calls of a campaign that has calls to launch.

    :param campaign: The campaign that stands.
    :param found: All campaigns with the tag.
    :param created_by_this_try: Whether this try has created it.
    :param launch: Whether to start them. Otherwise only the other campaigns are looked at.
    :return: The campaign, as it was last seen.
    """
    if not has_calls_to_launch(campaign):
        return campaign
    yield from _check_others_called_nobody(campaign, found)
    if not launch:
        return campaign
    step = (LaunchDraft if is_draft(campaign) else LaunchCalls)(campaign.id, created_by_this_try)
    for attempt in itertools.count():
        failure: RevoxError | None = None
        try:
            answer = yield step
        except InvalidRequestError:
            raise
        except RevoxError as error:
            failure = error
        else:
            if isinstance(step, LaunchCalls) and (answer.launched or 0) >= calls_not_launched(campaign):
                return campaign
        # The answer was lost, or Revox refused a draft that is launched already. The campaign shows it.
        campaign_now = yield from _get(campaign)
        _check_not_cancelled(campaign_now)
        if not has_calls_to_launch(campaign_now):
            return campaign_now
        if is_paused(campaign_now):
            raise LaunchRefusedError(
                f"Somebody has paused campaign {campaign.id} before all its calls were launched. So this "
                "task launches no more of them. To call these people, resume it, then clear this task."
            )
        yield Wait(pause_before_relaunch(campaign, failure, attempt))
    raise AssertionError("unreachable")


def _check_others_called_nobody(campaign: Campaign, found: Sequence[Campaign]) -> Steps[None]:
    for other in found:
        if other.id == campaign.id:
            continue
        with_counts = yield from with_row_stats(other)
        # A launched campaign calls people later, even if it has called nobody so far.
        if may_have_called(with_counts) or not (is_cancelled(with_counts) or is_untouched(with_counts)):
            # If the cancel fails, the campaign still calls nobody, and the next try decides the same.
            with contextlib.suppress(RevoxError):
                yield Cancel(campaign.id)
            raise CampaignWasCancelledError(
                f"Campaign {other.id} of this launch calls people already, so {campaign.id} is cancelled and "
                "not launched: it would call them again.",
                other.id,
            )


def pause_before_relaunch(campaign: Campaign, failure: RevoxError | None, attempt: int) -> float:
    """Return the seconds to wait before a launch that was not confirmed is sent again."""
    if failure is None:
        if attempt < RELAUNCHES:
            return FIRST_BACKOFF
        raise LaunchUnconfirmedError(
            f"Campaign {campaign.id} was created, but Revox has not launched all calls that it was to "
            "launch, and does not say why. The next try looks again."
        )
    if not failure.transient:
        raise LaunchRefusedError(
            f"Revox refuses to launch the calls of campaign {campaign.id} that are not launched. {failure}"
        )
    pause = retry_pause(failure, repeatable=True, attempt=attempt, retries=RELAUNCHES)
    if pause is None:
        raise _unconfirmed(campaign, failure)
    return pause


def with_row_stats(campaign: Campaign) -> Steps[Campaign]:
    """Return the campaign with its counts. Get it from Revox if a list or an answer left them out."""
    if shows_row_stats(campaign):
        return campaign
    return (yield from _get(campaign))


def _get(campaign: Campaign) -> Steps[Campaign]:
    try:
        seen: Campaign = yield GetCampaign(campaign.id)
    except RevoxError as error:
        raise _unconfirmed(campaign, error) from None
    return seen


def stands(found: Iterable[Campaign]) -> bool:
    """
    Return whether a campaign of the launch stands, so that a create would call people twice.

    An untouched campaign does not stand: it has called nobody. A cancelled campaign stands only if there is
    no other.

    :param found: All campaigns with the tag, with their counts.
    """
    found = list(found)
    return not all(map(is_untouched, [one for one in found if not is_cancelled(one)] or found))


def _unconfirmed(campaign: Campaign, error: RevoxError) -> LaunchUnconfirmedError:
    return LaunchUnconfirmedError(
        f"Campaign {campaign.id} was created, but this try could not see whether its calls are launched "
        f"({error}). The next try looks again, and launches those that are not launched."
    )
