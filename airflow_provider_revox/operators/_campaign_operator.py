"""Hold what the operators that act on one existing campaign have in common."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.campaign_state import is_cancelled
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.lineage.task import LineageTask
from airflow_provider_revox.links.revox import LinkedTask
from airflow_provider_revox.templating import TemplatedOperator

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client.models import Campaign


class CampaignOperator(TemplatedOperator, LineageTask, LinkedTask):
    """Base of operators that act on one existing campaign. They describe the arguments."""

    template_fields: Sequence[str] = ("campaign_id", "revox_conn_id")
    ui_color = "#e7e4fd"

    def __init__(
        self, *, campaign_id: str, revox_conn_id: str = RevoxHook.default_conn_name, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.campaign_id = campaign_id
        self.revox_conn_id = revox_conn_id

    @cached_property
    def hook(self) -> RevoxHook:
        """The hook of this task's connection."""
        return RevoxHook(self.revox_conn_id)

    def read_campaign(self, context: Context, campaign_id: str) -> Campaign:
        """Read the campaign, and show its links."""
        campaign = self.hook.get_campaign(campaign_id)
        if ti := context.get("ti"):  # a unit test may have none
            self.show_links(ti, campaign_id, self.hook.get_conn().config.campaign_url(campaign_id))
        return campaign


def cancelled_or_unknown(campaign: Campaign) -> bool | None:
    """Return whether the campaign is cancelled; ``None`` if Revox does not say it."""
    return True if is_cancelled(campaign) else campaign.is_cancelled
