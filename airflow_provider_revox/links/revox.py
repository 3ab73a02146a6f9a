"""Show links to Revox in Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.providers.common.compat.sdk import BaseOperatorLink, XCom

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import BaseOperator, TaskInstanceKey

CAMPAIGN_URL_KEY = "campaign_url"


class CampaignLink(BaseOperatorLink):
    """Open the campaign in Revox. The task has pushed the address to XCom, so no connection is needed."""

    name = "Open in Revox"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address of the campaign, or an empty text if there is no campaign yet."""
        try:
            return XCom.get_value(ti_key=ti_key, key=CAMPAIGN_URL_KEY) or ""
        except Exception:  # a link must not break the page that shows it
            return ""
