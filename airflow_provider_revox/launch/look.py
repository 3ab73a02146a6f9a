"""Look the tag of a launch up: once before a create, and for a while after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from airflow_provider_revox.client.errors import AnswerError, NotFoundError, RevoxError
from airflow_provider_revox.launch.start_calls import stands, with_row_stats
from airflow_provider_revox.launch.steps import GetCampaign, LookUp, Note, Prepare, Steps, Wait

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign, FoundCampaigns
    from airflow_provider_revox.launch.identity import LaunchIdentity, Reason

FIRST_LOOK_AFTER = 1.0
LOOK_EVERY_AT_MOST = 10.0


@dataclass(frozen=True)
class Standing:
    """
    What a look showed.

    :param found: All campaigns that carry the tag of the launch.
    :param campaigns: The campaigns of them that this try adopts.
    :param reason: Why it adopts them.
    :param history_applied: Whether the phone history was applied to the contacts of this try.
    """

    found: FoundCampaigns
    campaigns: list[Campaign]
    reason: Reason
    history_applied: bool = True

    @classmethod
    def of(cls, found: FoundCampaigns, identity: LaunchIdentity, *, history_applied: bool = True) -> Self:
        """
        Return what a look showed.

        :raises OtherListError: It is not clear whose campaign it is.
        """
        return cls(found, *identity.standing(found), history_applied=history_applied)


def look_up_and_prepare(identity: LaunchIdentity) -> Steps[Standing]:
    """
    Look the tag up once, and have the contacts prepared accordingly.

    The phone history was read before this look. A campaign that the look does not find is therefore not in
    that history either.
    """
    found: FoundCampaigns = yield LookUp(patient=True)
    yield from _recall(found, identity)
    for place, campaign in enumerate(found):
        found[place] = yield from with_row_stats(campaign)
    standing, _ = identity.standing(found)
    history_applies = not stands(standing)
    yield Prepare(history_applies)
    return Standing.of(found, identity, history_applied=history_applies)


def _recall(found: FoundCampaigns, identity: LaunchIdentity) -> Steps[None]:
    """Add the campaign that an earlier try has noted, if the look did not find it: it may be renamed."""
    remembered = identity.remembered
    if remembered is None or any(campaign.id == remembered.campaign_id for campaign in found):
        return
    try:
        campaign: Campaign = yield GetCampaign(remembered.campaign_id)
    except NotFoundError:
        return  # it was deleted
    yield Note(
        f"Campaign {campaign.id}, which an earlier try of this task has launched, is not found by its tag. "
        "It was found by its id."
    )
    found.append(campaign)


def look_until(enough: Callable[[Sequence[Campaign]], bool], limit: float) -> Steps[FoundCampaigns | None]:
    """Look until the campaigns are enough or the time is up. Return ``None`` if no look succeeded."""
    began = passed = yield Wait(0)
    pause, last = FIRST_LOOK_AFTER, None
    while passed - began < limit:
        passed = yield Wait(min(pause, limit - (passed - began)))
        pause = min(pause * 2, LOOK_EVERY_AT_MOST)
        try:
            last = yield LookUp(patient=False)
        except RevoxError as error:
            if not error.transient:
                break
            if isinstance(error, AnswerError):
                pause = max(pause, error.retry_after or 0)
        else:
            if enough(last):
                break
    return last
