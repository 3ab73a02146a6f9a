"""
Decide whose campaign it is: of all campaigns that carry the tag of a launch, which ones this try adopts.

| found | then |
|---|---|
| nothing | create |
| this launch and this list, of whatever place and try | adopt |
| this launch and place, another list, made by an earlier try of this task | the first launch stands |
| the same, and the launch key is the user's own | the first launch stands: that is what such a key means |
| the same in a mapped task | an error: the lists have changed places or content |
| the same at a first try | an error: another Airflow, or a run that was deleted and run again |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import is_cancelled
from airflow_provider_revox.launch.errors import OtherListError
from airflow_provider_revox.launch.tag import FoundTag

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.tag import LaunchTag


KEY_PER_LIST = (
    "Nobody was called by this try. From the next run on, give each list a launch_key of its own, such as a "
    "region or a file name. In this run, another launch_key calls everybody on the list, also people who "
    "were called already."
)
"""What to do when the lists of a mapped task have changed."""


class Reason(StrEnum):
    """Why the campaign is the campaign of this launch."""

    CREATED = "this try created it"
    SAME_LIST = "it is of this launch and has this list"
    FIRST_STANDS = "the first launch stands, with another list"


@dataclass(frozen=True)
class Remembered:
    """
    The campaign that an earlier try of this task has noted.

    :param campaign_id: Its id.
    :param people: The digest of its list.
    :param try_number: The number of the try that created it.
    """

    campaign_id: str
    people: str
    try_number: int = 1


@dataclass(frozen=True)
class LaunchIdentity:
    """
    The facts that tell the campaigns of this launch from others.

    :param tag: The tag of this try: launch, place and list.
    :param try_number: The number of this try.
    :param has_own_key: Whether the launch key is the user's own, and not the default.
    :param is_empty: Whether the list of this try is empty.
    :param remembered: The campaign that an earlier try has noted.
    """

    tag: LaunchTag
    try_number: int = 1
    has_own_key: bool = False
    is_empty: bool = False
    remembered: Remembered | None = None

    def find(self, campaign: Campaign) -> FoundTag | None:
        """Return the tag of a campaign. A noted campaign has one, whatever its name is now."""
        found = self.tag.find(campaign.name)
        if found is None and self.remembered and campaign.id == self.remembered.campaign_id:
            return FoundTag(self.tag.place, self.remembered.people, self.remembered.try_number)
        return found

    def of_this_list(self, found: Sequence[Campaign]) -> list[Campaign]:
        """Return the campaigns that have the list of this try."""
        return [one for one in found if (tag := self.find(one)) and tag.people == self.tag.people]

    def rivals(self, found: Sequence[Campaign], own: Campaign | None = None) -> list[Campaign]:
        """
        Return the campaigns that may call the people of this list.

        They have the same list, or another try of this task has launched them with another list. Another
        list of this place and of the same try is of another Airflow, which has people of its own.

        :param own: The campaign with this list; its name says which try has created it. ``None``: this try.
        """
        own_tag = self.find(own) if own else None
        own_try = own_tag.try_number if own_tag else self.try_number
        tags = [(one, self.find(one)) for one in found]
        return [
            one
            for one, tag in tags
            if tag and (tag.people == self.tag.people or self._is_of_another_try(tag, own_try))
        ]

    def _is_of_another_try(self, tag: FoundTag, own_try: int) -> bool:
        return tag.place == self.tag.place and (self.has_own_key or tag.try_number != own_try)

    def standing(self, found: Sequence[Campaign]) -> tuple[list[Campaign], Reason]:
        """
        Return the campaigns that this try adopts, and why; none: it creates one.

        :param found: All campaigns that carry the tag of this launch.
        :raises OtherListError: A campaign has this place and another list, and it is not clear which is
            right.
        """
        same_list = self.of_this_list(found)
        others = [one for one in self.rivals(found) if one not in same_list and not is_cancelled(one)]
        if same_list and not (others and all(map(is_cancelled, same_list))):
            return same_list, Reason.SAME_LIST
        # If all of this list are cancelled, a try has left the launch to another list. They do not count.
        found = [one for one in found if one not in same_list]
        same_place = [one for one in found if (tag := self.find(one)) and tag.place == self.tag.place]
        if not same_place:
            return [], Reason.CREATED
        if not self.has_own_key:
            for campaign in same_place:
                self._check_earlier_try(campaign)
        return same_place, Reason.FIRST_STANDS

    def _check_earlier_try(self, campaign: Campaign) -> None:
        name = (
            f"Campaign {campaign.id} is of this launch, but has another list of people or another assistant."
        )
        if self.tag.is_mapped and not self.is_empty:
            raise OtherListError(
                f"{name} The lists of the mapped task have changed places or content since it was launched. "
                f"{KEY_PER_LIST}"
            )
        if not self.is_later_than(campaign):
            raise OtherListError(
                f"{name} No earlier try of this task can have launched it. So another Airflow with the same "
                "DAG and run ids has launched it, or this run was deleted and run again. Nobody was called "
                "by this try. Set namespace in the extras of this Airflow's connection, or give the task "
                "another launch_key. Both call everybody on the list, also people whom that campaign calls."
            )

    def is_later_than(self, campaign: Campaign) -> bool:
        """Return whether this try came after the try that created a campaign."""
        found = self.find(campaign)
        return found is not None and self.try_number > found.try_number

    def is_of_this_try(self, campaign: Campaign) -> bool:
        """Return whether a try with the number of this one created a campaign."""
        found = self.find(campaign)
        return found is not None and found.try_number == self.try_number

    def is_of_this_place(self, campaign: Campaign) -> bool:
        """Return whether a try of this task instance created a campaign."""
        found = self.find(campaign)
        return found is not None and found.place == self.tag.place

    def have_same_list(self, one: Campaign, other: Campaign) -> bool:
        """Return whether two campaigns have the same list."""
        tags = self.find(one), self.find(other)
        return tags[0] is not None and tags[1] is not None and tags[0].people == tags[1].people
