"""The statistics on the page of a campaign, while it calls people and after its end."""

from __future__ import annotations

import pytest

from airflow_provider_revox.plugin import live as live_views
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import ask, create_campaign

LIST = "/revox/api/campaigns"
PEOPLE = 20
WEEK = 7 * 24 * 3600


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0, generation="launch-calls", seed=7)


@pytest.fixture
def campaign_id(revox_sandbox):
    return create_campaign(revox_sandbox, PEOPLE)


@pytest.fixture
def look(login, rows, campaign_id, monkeypatch):
    """Look at the page of the campaign. Each look asks for its state, and not for statistics that are new."""
    monkeypatch.setattr(live_views, "FRESH_SECONDS", 0.0)
    rows.add_task("renewals", xcoms={"campaign": rows.record(campaign_id)})
    client = login("ann")
    return lambda: client.get(f"{LIST}/{campaign_id}").json()


def refuse_statistics(sandbox, status):
    path = "/campaigns/{id}/statistics"
    sandbox.faults.add(Fault(kind="status", status=status, method="GET", path=path, times=None))


def times_asked(sandbox, campaign_id):
    return [one.path for one in sandbox.requests()].count(f"/campaigns/{campaign_id}/statistics")


def outcomes_of(sandbox, campaign_id):
    statistics = ask(sandbox, "GET", f"/campaigns/{campaign_id}/statistics")["statistics"]
    return [{"outcome": one["outcome"], "count": one["count"]} for one in statistics["outcome_breakdown"]]


def test_the_outcomes_are_those_of_the_end_as_soon_as_it_is_seen(look, campaign_id, revox_sandbox):
    before = look()
    assert (before["state"], before["statistics"]["outcomes"]) == ("running", [])
    revox_sandbox.advance(WEEK)
    looks = [look() for _ in range(3)]
    assert times_asked(revox_sandbox, campaign_id) == 2
    outcomes = outcomes_of(revox_sandbox, campaign_id)
    assert len(outcomes) > 1
    for after in looks:
        assert (after["state"], after["statistics"]["outcomes"]) == ("completed", outcomes)


def test_the_outcomes_are_those_of_the_end_if_a_task_saw_it(look, rows, campaign_id, revox_sandbox):
    assert look()["statistics"]["outcomes"] == []
    revox_sandbox.advance(WEEK)
    ended = {"at": "2099-01-01T00:00:00Z", "state": "completed", "counts": {"total": PEOPLE}}
    rows.add_task("waits", xcoms={"campaign": rows.record(campaign_id, role="wait"), "progress": [ended]})
    assert look()["statistics"]["outcomes"] == outcomes_of(revox_sandbox, campaign_id) != []


def test_the_statistics_before_the_end_are_shown_until_those_of_the_end_are_there(look, revox_sandbox):
    before = look()
    revox_sandbox.advance(WEEK)
    refuse_statistics(revox_sandbox, 403)
    after = look()
    assert after["state"] == "completed"
    assert after["statistics"] == before["statistics"] != {"outcomes": [], "funnel": []}


@pytest.mark.parametrize("status", [403, 404])
def test_statistics_that_revox_refuses_are_not_asked_for_at_each_look(
    look, campaign_id, revox_sandbox, status
):
    refuse_statistics(revox_sandbox, status)
    for _ in range(2):
        assert look()["statistics"] is None
    revox_sandbox.advance(WEEK)
    for _ in range(3):
        assert look()["statistics"] is None
    assert times_asked(revox_sandbox, campaign_id) == 2
