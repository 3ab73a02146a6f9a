"""Which hours a campaign has that does not say any."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from revox_sandbox.api.bodies import CallRetryConfig, Contact
from revox_sandbox.api.contract import timestamp
from revox_sandbox.play.campaign import Campaign, CampaignRequest
from revox_sandbox.play.clock import Clock
from revox_sandbox.play.store import Store
from revox_sandbox.settings import SandboxSettings

PEOPLE = [Contact(to_phone_number="+14155550100", prompt_variables={})]
ALL_DAY = CallRetryConfig(
    calling_windows=[
        {"calling_window_start_time": "12am", "calling_window_end_time": "12am", "retry_delay_seconds": 60}
    ],
    max_retry_attempts=3,
)


def first_attempt(campaign: Campaign) -> datetime:
    campaign.simulation.advance(campaign.created_at + 7 * 86400)
    return datetime.fromtimestamp(campaign.simulation.rows[0].attempts[0].started_at, UTC)


def create(generation, request=None, **options):
    store = Store(SandboxSettings(generation=generation, speed=0, **options))
    return store.create(
        request or CampaignRequest(assistant_id="a", name="n", contacts=PEOPLE), lambda one: one
    )


@pytest.mark.parametrize(("generation", "days"), [("contract", 7), ("drafts", 5), ("launch-calls", 5)])
def test_by_default_hours_of_the_page_people_are_called_by_day(generation, days):
    started = first_attempt(create(generation, default_hours="page"))
    assert 10 <= started.hour < 18
    assert started.weekday() < days


def test_without_them_people_are_called_at_once():
    campaign = create("launch-calls")
    assert campaign.simulation.call_status(campaign.simulation.rows[0]) == "calling"


def test_a_campaign_that_says_its_hours_keeps_them():
    request = CampaignRequest(assistant_id="a", name="n", contacts=PEOPLE, call_retry_config=ALL_DAY)
    campaign = create("contract", request, default_hours="page")
    assert campaign.simulation.call_status(campaign.simulation.rows[0]) == "calling"


def test_each_campaign_has_a_time_of_its_own_however_fast_they_are_created(monkeypatch):
    monkeypatch.setattr(Clock, "now", lambda _: 1_764_000_000.1239)
    request = CampaignRequest(assistant_id="a", name="n", contacts=PEOPLE)
    store = Store(SandboxSettings())
    shown = [store.create(request, lambda one: timestamp(one.created_at)) for _ in range(1000)]
    assert shown == sorted(set(shown))
