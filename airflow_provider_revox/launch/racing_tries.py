"""Keep the earliest of several campaigns with the same list, and cancel its later twins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import (
    has_calls_to_launch,
    is_cancelled,
    is_untouched,
    may_have_called,
)
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.launch.choose_form import CreateRules
from airflow_provider_revox.launch.copied_by_hand import age
from airflow_provider_revox.launch.errors import CampaignWasCancelledError, SecondCampaignError
from airflow_provider_revox.launch.identity import LaunchIdentity, Reason
from airflow_provider_revox.launch.look import Standing, look_up
from airflow_provider_revox.launch.start_calls import adopt, start_calls, with_row_stats
from airflow_provider_revox.launch.steps import Cancel, Launch, Launched, Note, Steps
from airflow_provider_revox.launch.tag import have_same_name
from airflow_provider_revox.launch.without_counts import check_shows_whether_launched

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign

RECONCILE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Rules(CreateRules):
    """
    The facts about a launch that its decisions need.

    :param identity: What tells the campaigns of this launch from others.
    :param reconcile_seconds: How long to look for a campaign that was created and is not listed yet.
    :param has_own_name: Whether a campaign's name is exactly what the launch makes. Most copies made by hand
        have the tag, too, but another name.
    """

    identity: LaunchIdentity
    reconcile_seconds: float = RECONCILE_SECONDS
    has_own_name: Callable[[Campaign], bool] = lambda _: True

    def are_twins(self, one: Campaign, other: Campaign) -> bool:
        """
        Return whether two tries have created the two campaigns. A campaign whose people differ is not a twin.

        A server may change both names in the same way. The name of a copy made by hand differs from both.
        """
        same_name = have_same_name(one.name, other.name)
        both_own = self.has_own_name(one) and self.has_own_name(other)
        # The phone history may leave out other people at every try.
        same_size = self.has_phone_history or _have_same_size(one, other)
        return self.identity.have_same_list(one, other) and same_size and (same_name or both_own)

    def untouched_campaigns(self, found: Sequence[Campaign]) -> list[Campaign]:
        """
        Return the campaigns that tries of this task have created with this list, the earliest first.

        Only those that call nobody yet: a campaign that calls people is not cancelled because of another.
        """
        same_list = self.identity.of_this_list(found)
        own = [one for one in same_list if self.identity.is_of_this_place(one) and self.has_own_name(one)]
        return sorted((one for one in own if is_untouched(one) and not is_cancelled(one)), key=_rank)

    def first_of_another_list(self, found: Sequence[Campaign], own: Campaign) -> Campaign | None:
        """Return the campaign that another try of this task has launched before, with another list."""
        rivals = self.identity.rivals(found, own)
        first = not_cancelled([one for one in rivals if one.id == own.id or not is_cancelled(one)])[0]
        return None if self.identity.of_this_list([first]) else first


def adopt_earliest(standing: Standing, rules: Rules, *, own_id: str | None = None) -> Launch:
    """
    Keep the earliest campaign, cancel its later twins, and start the calls if nobody has.

    :param standing: What the last look showed.
    :param own_id: The campaign that this try has created.
    """
    first, *later = not_cancelled(standing.campaigns)
    cancelled = yield from _cancel_later(first, later, rules, own_id)
    first = yield from with_row_stats(first)
    if has_calls_to_launch(first) and cancelled:
        # A cancelled campaign may have been launched since it was seen. Then the first must not be launched.
        problem, remaining = "", []
        try:
            found = yield from look_up(rules.identity)
            found = found.without(standing.copies)
        except RevoxError as error:
            problem = f" ({error})"
        else:
            standing = Standing.of(
                found, rules.identity, history_applied=standing.history_applied, copies=standing.copies
            )
            remaining = not_cancelled(standing.campaigns)
        if not remaining or remaining[0].id != first.id:
            raise SecondCampaignError(
                f"Two tries have created the campaign of this launch. {first.id} was first, but this try "
                f"could not see that it is the only one{problem}. The next try looks again."
            )
        first = yield from with_row_stats(remaining[0])
    yield from check_shows_whether_launched(first, standing.found, rules)
    rivals = rules.identity.rivals(standing.found, first)
    if first.id == own_id:
        started = yield from start_calls(first, rivals, created_by_this_try=True, launch=rules.launch)
        return Launched(started, adopted=False, reason=Reason.CREATED)
    adopted = yield from adopt(
        first,
        rivals,
        has_own_name=rules.has_own_name(first),
        history_applied=standing.history_applied,
        reconcile_seconds=rules.reconcile_seconds,
        launch=rules.launch,
    )
    return Launched(adopted, adopted=True, reason=standing.reason)


def _cancel_later(first: Campaign, later: Sequence[Campaign], rules: Rules, own_id: str | None) -> Steps[int]:
    """Cancel the later campaigns of this launch. Return how many requests to cancel were answered."""
    cancelled = 0
    for campaign in later:
        if campaign.id == first.id:
            continue  # the list shows it twice
        if campaign.id != own_id and not rules.are_twins(first, campaign):
            yield Note(
                f"Campaign {campaign.id} carries the tag of {first.id}, but has another name or another "
                "list. This task leaves it alone."
            )
            continue
        problem = ""
        try:
            success = yield Cancel(campaign.id)
        except RevoxError as error:
            problem = str(error)
        if problem:
            raise SecondCampaignError(
                f"Two tries have launched the campaign of this task. {first.id} was first and stays. "
                f"{campaign.id} could not be cancelled: {problem}"
            )
        cancelled += 1
        ending = "could not be cancelled any more: people may have been called twice"
        if success:
            ending = "is cancelled"
        elif is_untouched(campaign):
            ending = "could not be cancelled and calls nobody so far: cancel it in Revox"
        yield Note(
            f"Two tries have launched the campaign of this task. {first.id} was first and stays. "
            f"{campaign.id} {ending}."
        )
    return cancelled


def _have_same_size(one: Campaign, other: Campaign) -> bool:
    totals = [campaign.row_stats.total if campaign.row_stats else None for campaign in (one, other)]
    return None in totals or totals[0] == totals[1]


def not_cancelled(found: Sequence[Campaign]) -> list[Campaign]:
    """
    Return the campaigns that are not cancelled, the one that stays first.

    :raises CampaignWasCancelledError: All of them are cancelled.
    """
    if not found:
        return []
    remaining = sorted((campaign for campaign in found if not is_cancelled(campaign)), key=_rank)
    if not remaining:
        first, *more = sorted(filter(may_have_called, found), key=_rank) or sorted(found, key=_rank)
        raise CampaignWasCancelledError(
            f"Campaign {first.id} of this launch was cancelled, and some of its people may have been called "
            "already.",
            None if more else first.id,
        )
    return remaining


def _rank(campaign: Campaign) -> tuple[bool, float, str]:
    """Order campaigns: first those that call people, then by age. Every try must get the same order."""
    return (is_untouched(campaign), *age(campaign))
