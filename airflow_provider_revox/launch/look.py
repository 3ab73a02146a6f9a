"""Look the tag of a launch up: once before a create, and for a while after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from airflow_provider_revox.client.campaign_state import is_cancelled, may_have_called, shows_row_stats
from airflow_provider_revox.client.errors import NotFoundError, RejectedError
from airflow_provider_revox.launch.copied_by_hand import HasOwnName, find_copies
from airflow_provider_revox.launch.errors import OtherListError
from airflow_provider_revox.launch.identity import KEY_PER_LIST, Reason
from airflow_provider_revox.launch.limits import SECONDS_FOR_LAUNCH, TimeLimit, refuse_too_many
from airflow_provider_revox.launch.start_calls import stands, with_row_stats
from airflow_provider_revox.launch.steps import (
    GetCampaign,
    LookUp,
    Note,
    Prepare,
    SharePeople,
    Steps,
)

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign, FoundCampaigns
    from airflow_provider_revox.launch.identity import LaunchIdentity


@dataclass(frozen=True)
class Standing:
    """
    What a look showed.

    :param found: All campaigns that carry the tag of the launch.
    :param campaigns: The found campaigns that this try adopts.
    :param reason: Why it adopts them.
    :param history_applied: Whether the phone history was applied to the contacts of this try.
    :param copies: The ids of campaigns that were set aside.
    """

    found: FoundCampaigns
    campaigns: list[Campaign]
    reason: Reason
    history_applied: bool = True
    copies: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        found: FoundCampaigns,
        identity: LaunchIdentity,
        *,
        history_applied: bool = True,
        copies: frozenset[str] = frozenset(),
    ) -> Self:
        """
        Return what a look showed.

        :raises OtherListError: It is not clear whose campaign it is.
        """
        return cls(found, *identity.standing(found), history_applied=history_applied, copies=copies)


def look_up_and_prepare(
    identity: LaunchIdentity, has_own_name: HasOwnName, *, seconds: float
) -> Steps[Standing]:
    """
    Look the tag up once, and have the contacts prepared accordingly.

    The phone history was read before this look. A campaign that the look does not find is therefore not in
    that history either.

    :param seconds: How long copies may be looked at, one by one.
    """
    found = yield from look_up(identity)
    refuse_too_many(found, identity)
    time = TimeLimit(SECONDS_FOR_LAUNCH)
    for place, campaign in enumerate(found):
        if not shows_row_stats(campaign):
            yield from time.check()
            found[place] = yield from with_row_stats(campaign)
    copies = yield from find_copies(found, identity, has_own_name, seconds=seconds)
    found = found.without(copies)
    campaigns, _ = identity.standing(found)
    history_applies = not stands(campaigns)
    yield Prepare(history_applies)
    standing = Standing.of(found, identity, history_applied=history_applies, copies=copies)
    if identity.tag.is_mapped and not identity.is_empty and standing.reason is not Reason.SAME_LIST:
        yield from _check_mapped_list(standing, identity, time)
    return standing


def _check_mapped_list(standing: Standing, identity: LaunchIdentity, time: TimeLimit) -> Steps[None]:
    """
    Check that the lists of a mapped task have not changed in a way that calls people twice or never.

    A launch key of the user's own may be the same for all lists of the task. Then the campaign at this place
    may be that of another list. And a later try may get a list at a new place, with people of another list.
    A first try is not checked: people who are in two lists are called for both, as the DAG says.
    """
    for campaign in standing.campaigns:
        yield from time.check()
        _, missing = yield SharePeople(campaign.id, _total(campaign))
        if missing:
            raise OtherListError(
                f"Campaign {campaign.id} is of this launch and place, but has not all people of this try. "
                f"The lists of the mapped task have changed places or content. {KEY_PER_LIST}"
            )
    if standing.campaigns or identity.try_number == 1:
        return
    for campaign in standing.found:
        if is_cancelled(campaign) and not may_have_called(campaign):
            continue
        yield from time.check()
        shared, _ = yield SharePeople(campaign.id, _total(campaign))
        if shared:
            raise OtherListError(
                f"Campaign {campaign.id} of this launch has another list, with people who are in this try's "
                f"list, too. The lists of the mapped task have changed places or content. {KEY_PER_LIST}"
            )


def _total(campaign: Campaign) -> int | None:
    return campaign.row_stats.total if campaign.row_stats else None


def look_up(identity: LaunchIdentity) -> Steps[FoundCampaigns]:
    """
    Return the campaigns of this launch.

    The campaign that an earlier try has noted is one of them, even if its name has lost the tag.

    :raises RevoxError: They can't be looked up.
    """
    found: FoundCampaigns = yield LookUp(patient=True)
    remembered = identity.remembered
    if remembered is None or any(campaign.id == remembered.campaign_id for campaign in found):
        return found
    try:
        campaign: Campaign = yield GetCampaign(remembered.campaign_id)
    except (NotFoundError, RejectedError):
        return found  # it was deleted
    yield Note(
        f"Campaign {campaign.id}, which an earlier try of this task has launched, is not found by its tag. "
        "It was found by its id."
    )
    found.append(campaign)
    return found
