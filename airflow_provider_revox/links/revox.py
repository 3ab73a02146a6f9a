"""Show links to a campaign on its tasks in Airflow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.providers.common.compat.sdk import BaseOperator, BaseOperatorLink, XCom
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_1_PLUS

from airflow_provider_revox.display import Display

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import TaskInstanceKey

CAMPAIGN_URL_KEY = "campaign_url"
CAMPAIGN_PAGE = "revox/campaigns/{}"
"""Where Airflow shows a campaign. Relative, because the page of a task says where Airflow itself begins."""


class _Link(BaseOperatorLink):
    @property
    def xcom_key(self) -> str:
        """The XCom from which Airflow shows the link."""
        return f"_link_{type(self).__name__}"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address, or an empty text if there is no campaign: then Airflow shows no link."""
        if isinstance(operator, LinkedTask):
            # In the worker. To ask for an XCom that is not there would log an error.
            return operator.campaign_links.get(self.xcom_key, "")
        try:
            return XCom.get_value(ti_key=ti_key, key=self.xcom_key) or ""
        except Exception:  # a link must not break the page that shows it
            return ""


class CampaignLink(_Link):
    """Opens the campaign in Revox."""

    name = "Open in Revox"


class CampaignPageLink(_Link):
    """Opens the campaign's page in Airflow, which Airflow 3.1 and later have."""

    name = "Campaign"


LINKS = (CampaignPageLink(), CampaignLink()) if AIRFLOW_V_3_1_PLUS else (CampaignLink(),)


class LinkedTask(BaseOperator):
    """Base of tasks that act on a campaign. Airflow shows their links from the moment it is known."""

    operator_extra_links = LINKS

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.campaign_links: dict[str, str] = {}
        self.display = Display()
        self._pushed_links: dict[str, str] = {}

    def show_links(self, ti: Any, campaign_id: str, url: str) -> None:
        """
        Show the links of a campaign, also while the task runs. Try again what Airflow has refused before.

        :param ti: The task instance.
        :param url: The campaign's address in Revox.
        """
        page = CAMPAIGN_PAGE.format(quote(campaign_id, safe=""))
        addresses = {CampaignPageLink().xcom_key: page, CampaignLink().xcom_key: url}
        self.campaign_links = {link.xcom_key: addresses[link.xcom_key] for link in LINKS}
        for key, address in self.campaign_links.items():
            push = partial(ti.xcom_push, key=key, value=address)
            if self._pushed_links.get(key) != address and self.display.show("a link", push, self.log):
                self._pushed_links[key] = address
