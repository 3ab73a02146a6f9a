from __future__ import annotations

import pytest

from revox_sandbox import SandboxSettings
from tests.campaigns import create_campaign

LIST = "/revox/api/campaigns"


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0, generation="launch-calls")


@pytest.fixture
def campaign_id(revox_sandbox, rows):
    campaign_id = create_campaign(revox_sandbox, 5, max_concurrent_calls=2)
    rows.add_task("renewals", "call", xcoms={"campaign": rows.record(campaign_id)})
    return campaign_id


def test_the_list_shows_what_a_task_has_recorded(login, campaign_id):
    answer = login("ann").get(LIST)
    assert answer.status_code == 200, answer.text
    (campaign,) = answer.json()["campaigns"]
    assert (campaign["campaign_id"], campaign["name"]) == (campaign_id, "Renewals 2026-11-24")
    assert campaign["actions"] == []


def test_the_page_of_a_campaign_shows_what_revox_says(login, campaign_id):
    answer = login("ben").get(f"{LIST}/{campaign_id}")
    assert answer.status_code == 200, answer.text
    campaign = answer.json()
    assert (campaign["state"], campaign["seen_by"]) == ("running", "revox")
    assert campaign["counts"]["total"] == 5
    assert campaign["actions"] == ["pause", "cancel"]


@pytest.mark.parametrize("path", ["/revox/", "/revox/campaigns/cmp_1", "/revox/static/list.js", LIST])
def test_a_page_runs_and_loads_what_is_in_its_files_alone(login, rows, path):
    headers = login("ann").get(path).headers
    policy = dict(part.split(maxsplit=1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "style", "img", "connect")} == {"'self'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
