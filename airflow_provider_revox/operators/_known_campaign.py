"""Tell Airflow of a campaign as soon as its id is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_revox.campaign_record import CAMPAIGN_KEY, campaign_record
from airflow_provider_revox.launch.tag import FoundTag
from airflow_provider_revox.links.revox import CAMPAIGN_URL_KEY
from airflow_provider_revox.operators._second_memory import remember_campaign

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client import ClientConfig
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.identity import LaunchIdentity


class KnownCampaign:
    """
    Pushes the id and the address of the campaign of a launch, and notes it for later tries.

    :param context: The context of the task.
    :param config: How to reach Revox.
    :param identity: What tells the campaigns of this launch from others; ``None``: nothing is noted.
    :param operator: The task, a ``LaunchOperator``.
    """

    def __init__(
        self, context: Context, config: ClientConfig, identity: LaunchIdentity | None, operator: Any
    ) -> None:
        self._context, self._config, self._identity, self._operator = context, config, identity, operator
        self._announced: set[str] = set()

    def announce(self, campaign_id: str) -> None:
        """Push the id, the address and what the page of the campaigns needs, once."""
        # Not imported before, since it brings Airflow's database along.
        from airflow.providers.common.compat.sdk import XCOM_RETURN_KEY

        if campaign_id in self._announced:
            return
        # Now, and not when the task has succeeded: if it fails, a cancel behind it needs the id.
        if self._operator.do_xcom_push:
            self._context["ti"].xcom_push(key=XCOM_RETURN_KEY, value=campaign_id)
        url = self._config.campaign_url(campaign_id)
        self._context["ti"].xcom_push(key=CAMPAIGN_URL_KEY, value=url)
        record = campaign_record(
            campaign_id,
            name=self._operator.name,
            revox_conn_id=self._operator.revox_conn_id,
            url=url,
            role="launch",
        )
        self._context["ti"].xcom_push(key=CAMPAIGN_KEY, value=record)
        self._operator.has_campaign = True
        self._announced.add(campaign_id)

    def note_own(self, campaign_id: str) -> None:
        """Note a campaign that this try has created."""
        if self._identity:
            tag = self._identity.tag
            self._note(campaign_id, FoundTag(tag.place, tag.people, self._identity.try_number))

    def note_adopted(self, campaign: Campaign) -> None:
        """Note a campaign that this try has adopted. Its name says which list it has."""
        if self._identity and (found := self._identity.find(campaign)):
            self._note(campaign.id, found)

    def _note(self, campaign_id: str, found: FoundTag) -> None:
        identity = self._identity
        if identity and not (identity.remembered and identity.remembered.campaign_id == campaign_id):
            remember_campaign(self._context, identity.tag, campaign_id, found, self._operator.log)
