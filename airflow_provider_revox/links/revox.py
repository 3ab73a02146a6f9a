"""Links to Revox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.providers.common.compat.sdk import BaseOperatorLink, XCom

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import BaseOperator, TaskInstanceKey

CAMPAIGN_URL_KEY = "campaign_url"


class CampaignLink(BaseOperatorLink):
    """The campaign in Revox. Reads the address that the task pushed, so it needs no connection."""

    name = "Open in Revox"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the campaign's address; empty as long as there is no campaign."""
        try:
            return XCom.get_value(ti_key=ti_key, key=CAMPAIGN_URL_KEY) or ""
        except Exception:  # a link must never break the page or the task that shows it
            return ""
