"""
Set aside the campaigns that carry the tag of a list and are not the campaign of that list.

A person makes such a campaign by copying one in Revox. The tag is copied with the name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import is_cancelled, is_untouched
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.launch.errors import LaunchUnconfirmedError, OtherListError
from airflow_provider_revox.launch.limits import FEWEST_SECONDS_FOR_COPIES, TimeLimit, refuse_too_many
from airflow_provider_revox.launch.steps import HasOtherPeople, Note, Steps

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.identity import LaunchIdentity

HasOwnName = Callable[["Campaign"], bool]


def find_copies(
    found: Sequence[Campaign],
    identity: LaunchIdentity,
    has_own_name: HasOwnName,
    own_id: str | None = None,
    *,
    seconds: float,
) -> Steps[frozenset[str]]:
    """
    Return the ids of the campaigns that are copies.

    A campaign is a copy if it has people who are not on its list, or if its name is not the one that the
    launch makes and another campaign has that name. If Revox does not show its people, its name decides.

    :param found: All campaigns that carry the tag of this launch, with their counts.
    :param has_own_name: Whether a campaign's name is exactly what the launch makes.
    :param own_id: The campaign that this try has created.
    :param seconds: How long the campaigns may be looked at, one by one.
    :raises LaunchUnconfirmedError: Neither name nor people tell whether the only campaign is a copy, or there
        are more campaigns than can be looked at.
    :raises OtherListError: All campaigns with the list of this try have other people. Whether it was launched
        is not known, so nothing is launched.
    """
    refuse_too_many(found, identity)
    time = TimeLimit(max(seconds, FEWEST_SECONDS_FOR_COPIES))
    lists: dict[str, list[Campaign]] = defaultdict(list)
    for campaign in sorted(found, key=age):
        if tag := identity.find(campaign):
            lists[tag.people].append(campaign)
    copies: set[str] = set()
    for people, same_list in lists.items():
        is_this_list = people == identity.tag.people
        if len(same_list) == 1 and (not is_this_list or is_untouched(same_list[0])):
            continue  # The list of another try is not known. An untouched campaign is compared later.
        own = [one for one in same_list if has_own_name(one)]
        others = [one for one in same_list if one not in own]
        of_list = None if is_this_list else (own or others)[0].id
        for pool in (own, others):
            real = []
            for campaign in pool:
                is_known = campaign.id in (own_id, of_list) or is_cancelled(campaign)
                if is_known or not (yield from _has_other_people(campaign, of_list, pool is own, time)):
                    real.append(campaign)
            if real:
                break
        else:
            raise OtherListError(
                f"Campaign {same_list[0].id} carries the tag of this launch and list, but has people who "
                "are not on the list. Somebody has copied or changed a campaign, and the campaign of this "
                "launch is gone. This try launches nothing more. If nobody on the list was called before, "
                "remove the tag ([af-...]) from the campaign's name in Revox, then clear this task."
            )
        copies.update(one.id for one in same_list if one not in real and one.id != own_id)
    for campaign_id in sorted(copies):
        yield Note(
            f"Campaign {campaign_id} carries the tag of this launch, but has another name or other people: "
            "somebody has copied a campaign. This task leaves it alone."
        )
    return frozenset(copies)


def _has_other_people(
    campaign: Campaign, of_list: str | None, has_own_name: bool, time: TimeLimit
) -> Steps[bool]:
    yield from time.check()
    try:
        other: bool = yield HasOtherPeople(campaign.id, of_list)
    except RevoxError as error:
        reason = error
    else:
        return other
    if has_own_name or not reason.transient:
        return False
    raise LaunchUnconfirmedError(
        f"Campaign {campaign.id} carries the tag of this launch, and has another name than this task gives. "
        f"This try could not see whether it has the people of its list ({reason}). The next try looks again."
    )


def age(campaign: Campaign) -> tuple[float, str]:
    """Return a key that sorts campaigns by age, the oldest first."""
    created = seconds_since_1970(campaign.created_at)
    return (float("inf") if created is None else created, campaign.id)
