"""Tell Airflow of a campaign as soon as its id is known."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from airflow_provider_revox.campaign_record import CAMPAIGN_KEY, campaign_record
from airflow_provider_revox.launch.tag import FoundTag
from airflow_provider_revox.links.revox import CAMPAIGN_URL_KEY
from airflow_provider_revox.operators._second_memory import remember_campaign

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client import ClientConfig
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.identity import LaunchIdentity
    from airflow_provider_revox.operators._waiting_operator import WaitingOperator


class KnownCampaign:
    """
    Pushes the id and the address of the campaign of a launch, notes it for later tries, and shows it.

    :param task: The task that launches it.
    :param context: The context of the task.
    :param config: How to reach Revox.
    :param identity: What tells the campaigns of this launch from others; ``None``: nothing is noted.
    :param name: The campaign's name without its tag.
    """

    def __init__(
        self,
        task: WaitingOperator,
        context: Context,
        config: ClientConfig,
        identity: LaunchIdentity | None,
        *,
        name: str,
    ) -> None:
        self._task, self._context, self._config = task, context, config
        self._identity, self._name = identity, name
        self._announced: set[str] = set()
        self._shown: set[str] = set()

    def tell(self, campaign_id: str, *, is_created: bool = False) -> None:
        """
        Push the id and the address, note the campaign, and then show it.

        :param is_created: Whether this try has created it.
        """
        self._announce(campaign_id)
        if is_created and self._identity:
            tag = self._identity.tag
            self._note(campaign_id, FoundTag(tag.place, tag.people, self._identity.try_number))
        self._show(campaign_id)

    def note_adopted(self, campaign: Campaign) -> None:
        """Note a campaign that this try has adopted. Its name says which list it has."""
        if self._identity and (found := self._identity.find(campaign)):
            self._note(campaign.id, found)

    def _announce(self, campaign_id: str) -> None:
        """Push the id and the address, once. If Airflow refuses them, the task fails, and a retry adopts."""
        # Not imported before, since it brings Airflow's database along.
        from airflow.providers.common.compat.sdk import XCOM_RETURN_KEY

        if campaign_id in self._announced:
            return
        # Push it now, and not at the end: if the task fails, a cancel behind it needs the id.
        if self._task.do_xcom_push:
            self._context["ti"].xcom_push(key=XCOM_RETURN_KEY, value=campaign_id)
        self._context["ti"].xcom_push(key=CAMPAIGN_URL_KEY, value=self._config.campaign_url(campaign_id))
        self._announced.add(campaign_id)

    def _show(self, campaign_id: str) -> None:
        """Push what people look at. Try again what Airflow has refused before."""
        ti, task, url = self._context["ti"], self._task, self._config.campaign_url(campaign_id)
        task.show_links(ti, campaign_id, url)
        if campaign_id in self._shown:
            return
        record = campaign_record(
            campaign_id, name=self._name, revox_conn_id=task.revox_conn_id, url=url, role="launch"
        )
        push = partial(ti.xcom_push, key=CAMPAIGN_KEY, value=record)
        if task.display.show("the entry of the campaigns page", push, task.log):
            self._shown.add(campaign_id)

    def _note(self, campaign_id: str, found: FoundTag) -> None:
        identity = self._identity
        if identity and not (identity.remembered and identity.remembered.campaign_id == campaign_id):
            remember_campaign(self._context, identity.tag, campaign_id, found, self._task.log)
