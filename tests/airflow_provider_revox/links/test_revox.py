from __future__ import annotations

from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_1_PLUS

from airflow_provider_revox.links import revox as links
from airflow_provider_revox.links.revox import CampaignLink, CampaignPageLink

RECORD = {"campaign_id": "cmp/1", "url": "https://revox.example/campaigns/cmp_1"}
BOTH = [CampaignPageLink, CampaignLink]


@pytest.fixture
def asked(monkeypatch):
    asked = []

    def get_value(**arguments):
        asked.append(arguments["key"])
        return RECORD

    monkeypatch.setattr(links, "XCom", SimpleNamespace(get_value=get_value))
    return asked


def link(kind, has_campaign=True):
    return kind().get_link(SimpleNamespace(has_campaign=has_campaign), ti_key=object())


def test_the_links_lead_to_the_page_and_to_revox(asked):
    assert link(CampaignPageLink) == ("/revox/campaigns/cmp%2F1" if AIRFLOW_V_3_1_PLUS else "")
    assert link(CampaignLink) == RECORD["url"]


@pytest.mark.skipif(not AIRFLOW_V_3_1_PLUS, reason="there is no page")
def test_the_page_is_below_the_base_path_of_the_api_server(asked, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example/team/")
    assert link(CampaignPageLink) == "/team/revox/campaigns/cmp%2F1"


@pytest.mark.parametrize("kind", BOTH)
def test_a_task_without_a_campaign_asks_airflow_for_nothing(asked, kind):
    assert (link(kind, has_campaign=False), asked) == ("", [])


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("value", [None, "text", {}, {"url": None, "campaign_id": None}])
def test_without_a_record_there_is_no_link(monkeypatch, kind, value):
    monkeypatch.setattr(links, "XCom", SimpleNamespace(get_value=lambda **_: value))
    assert link(kind) == ""
