"""Call the rest: whom a campaign that has ended did not reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.launch.tag import LaunchTag, SealedTag
from airflow_provider_revox.operators.create import CreateCampaignOperator

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.contacts.call_list import CallList, Suppressed

ABOUT_CONTACTS = (
    "contacts",
    "phone_field",
    "variable_fields",
    "variable_default",
    "default_region",
    "region_field",
    "encoding",
    "delimiter",
)
NOT_HERE = (*ABOUT_CONTACTS, "launch_key")


class RelaunchCampaignOperator(CreateCampaignOperator):
    """
    Call those people of a campaign that no attempt has reached, in a new campaign.

    The campaign must have ended: cancelled or completed, and none of its calls in progress. Its rows say who
    was reached: whoever, or whatever, answered a call, a mailbox too, and whoever's call can't be read. The
    others are called with the variables they had. They never leave the worker.

    **A campaign is relaunched once**, whatever DAG, run or try does it: its id is the launch key. To call the
    rest of the rest, relaunch the new campaign.

    Takes the arguments of :class:`CreateCampaignOperator`, but those that say what contacts look like, and
    ``launch_key``. Returns the new campaign's id, and pushes the same XComs. In ``contact_report`` every row
    is accounted for; those of people who were reached count as suppressed.

    :param campaign_id: The campaign that has ended.
    :raises TypeError: An argument of :class:`CreateCampaignOperator` that means nothing here is given.
    """

    template_fields: Sequence[str] = (
        "campaign_id",
        *(name for name in CreateCampaignOperator.template_fields if name not in NOT_HERE),
    )

    def __init__(self, *, campaign_id: str, **kwargs: Any) -> None:
        if given := sorted(set(NOT_HERE) & set(kwargs)):
            raise TypeError(f"{', '.join(given)}: the people and the launch key come from the campaign")
        super().__init__(contacts=(), **kwargs)
        self.campaign_id = campaign_id

    def call_list(
        self, context: Context, check: Suppressed, suppressed: Mapping[str, int] | None = None
    ) -> CallList:
        """Read whom the campaign did not reach; account for all of its rows."""
        from airflow_provider_revox.results.unreached import read_unreached

        unreached = read_unreached(self.hook.get_conn(), self.campaign_id.strip())
        self.contacts = ContactSource(unreached.contacts, rendered=True)
        return super().call_list(context, check, {**(suppressed or {}), **unreached.left_out})

    def _is_ours(self, tag: LaunchTag, name: str | None) -> bool:
        # Another task, or this one on another day, may relaunch the same campaign under another name.
        return tag.made(name)

    def _way_out(self, cancelled: str | None) -> str:
        if cancelled is None:
            return (
                "More than one campaign of this relaunch may have called people: take their rows with "
                "CampaignResultsOperator, and give those you decide to call to CreateCampaignOperator."
            )
        return f"To call whom it did not reach, give campaign_id {cancelled}."

    def _tag(self, context: Context) -> LaunchTag:
        if not isinstance(self.campaign_id, str) or not self.campaign_id.strip():
            raise InvalidRequestError(["campaign_id: must not be empty"])
        # As Revox writes the id: in another way of writing it would be another launch.
        campaign_id = self.hook.get_conn().get_campaign(self.campaign_id.strip()).id
        # No DAG has an id with a space in it, so this is no other launch's tag.
        return SealedTag.of("relaunch of", campaign_id, "once")
