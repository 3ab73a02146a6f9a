"""Show links to a campaign in Airflow: to its page in Airflow, and to Revox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from airflow.providers.common.compat.sdk import BaseOperatorLink, XCom, conf
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_1_PLUS

from airflow_provider_revox.campaign_record import CAMPAIGN_KEY

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import BaseOperator, TaskInstanceKey

CAMPAIGN_URL_KEY = "campaign_url"


class CampaignPageLink(BaseOperatorLink):
    """Open the campaign's page in Airflow. Before Airflow 3.1 there is none."""

    name = "Campaign"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address of the page, or an empty text if there is no campaign yet."""
        campaign_id = _recorded(operator, ti_key, "campaign_id") if AIRFLOW_V_3_1_PLUS else ""
        base = urlsplit(conf.get("api", "base_url", fallback="") or "").path.rstrip("/")
        return f"{base}/revox/campaigns/{quote(campaign_id, safe='')}" if campaign_id else ""


class CampaignLink(BaseOperatorLink):
    """Open the campaign in Revox. The task has recorded the address, so no connection is needed."""

    name = "Open in Revox"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address of the campaign, or an empty text if there is no campaign yet."""
        return _recorded(operator, ti_key, "url")


def _recorded(operator: Any, ti_key: TaskInstanceKey, field: str) -> str:
    """Return a field of the record that the task has pushed, or an empty text."""
    # Airflow 3 logs an error if it is asked for an XCom that is not there, as after a skip.
    if getattr(operator, "has_campaign", None) is False:
        return ""
    try:
        return str(XCom.get_value(ti_key=ti_key, key=CAMPAIGN_KEY)[field] or "")
    except Exception:  # a link must not break the page that shows it
        return ""
