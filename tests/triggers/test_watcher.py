from __future__ import annotations

import asyncio
import json

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.calls import campaign_create
from airflow_provider_revox.sandbox import Fault, SandboxSettings

watcher = pytest.importorskip("airflow_provider_revox.triggers.watcher", reason="Airflow 3 only")

DAY = 24 * 3600
LIST = ("GET", "/campaigns")


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, call_ends={"human": 1})


@pytest.fixture
def client(revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    with RevoxClient(config) as client:
        yield client


def launch(client, name="Renewals Monday"):
    contacts = [{"to_phone_number": "+33612345678", "prompt_variables": {"who": "Ada"}}]
    return client.create_campaign(campaign_create(assistant_id="a1", name=name, contacts=contacts)).id


class Store:
    """What Airflow 3.3 hands a trigger to remember things for its asset; it survives the trigger."""

    def __init__(self):
        self.values = {}

    async def aget(self, key, default=None):
        return json.loads(self.values[key]) if key in self.values else default

    async def aset(self, key, value):
        self.values[key] = json.dumps(value)


class Events:
    """The events of a trigger that runs beside the test."""

    def __init__(self, store=None):
        trigger = watcher.CampaignCompletedTrigger(name_prefix="Renewals", poll_interval=0.05)
        trigger.asset_state_store = store
        self.fired = []
        self._task = asyncio.create_task(self._collect(trigger))

    async def _collect(self, trigger):
        async for event in trigger.run():
            self.fired.append(event.payload)

    async def stop(self):
        self._task.cancel()
        await asyncio.wait([self._task])


async def looks(sandbox, more):
    """Wait until the list was read so many times more, and what followed from it is done."""
    before = len([request for request in sandbox.requests() if (request.method, request.path) == LIST])
    await asyncio.to_thread(sandbox.wait_for, LIST, times=before + more, stage="answered")


async def test_each_campaign_of_the_name_that_completes_fires_once(revox_sandbox, client):
    ours, other, cancelled = launch(client), launch(client, "Surveys"), launch(client)
    events = Events()
    await looks(revox_sandbox, 2)
    assert events.fired == []
    client.cancel_campaign(cancelled)
    revox_sandbox.advance(DAY)
    await looks(revox_sandbox, 4)
    await events.stop()
    # A call that was in progress when its campaign was cancelled changes nothing: it is no success.
    assert [event["campaign_id"] for event in events.fired] == [ours]
    assert other not in str(events.fired)
    assert events.fired[0]["name"] == "Renewals Monday"
    assert events.fired[0]["row_stats"]["completed"] == 1
    assert "+33612345678" not in str(events.fired)


async def test_what_ended_before_the_first_look_is_no_event(revox_sandbox, client):
    launch(client)
    revox_sandbox.advance(DAY)
    events = Events()
    await looks(revox_sandbox, 3)
    await events.stop()
    assert events.fired == []


async def test_after_a_restart_it_fires_for_what_ended_meanwhile_and_for_nothing_twice(revox_sandbox, client):
    store, first = Store(), launch(client)
    events = Events(store)
    await looks(revox_sandbox, 2)
    revox_sandbox.advance(DAY)
    await looks(revox_sandbox, 3)
    await events.stop()
    assert [event["campaign_id"] for event in events.fired] == [first]
    second = launch(client)
    revox_sandbox.advance(DAY)
    events = Events(store)
    await looks(revox_sandbox, 3)
    await events.stop()
    assert [event["campaign_id"] for event in events.fired] == [second]


async def test_an_outage_does_not_end_it_and_is_told_once(revox_sandbox, client, capfd, caplog):
    campaign = launch(client)
    events = Events()
    await looks(revox_sandbox, 2)
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", path="/campaigns", times=3))
    await looks(revox_sandbox, 4)
    revox_sandbox.advance(DAY)
    await looks(revox_sandbox, 3)
    await events.stop()
    assert [event["campaign_id"] for event in events.fired] == [campaign]
    captured = capfd.readouterr()
    said = captured.out + captured.err
    assert said.count("Can't see the campaigns") == 1
    assert said.count("Revox answers again.") == 1


def test_it_is_stored_as_plain_values():
    trigger = watcher.CampaignCompletedTrigger(name_prefix="Renewals", revox_conn_id="calls", poll_interval=9)
    path, arguments = trigger.serialize()
    assert path == "airflow_provider_revox.triggers.watcher.CampaignCompletedTrigger"
    assert json.loads(json.dumps(arguments)) == {
        "name_prefix": "Renewals",
        "revox_conn_id": "calls",
        "poll_interval": 9,
    }
    assert watcher.CampaignCompletedTrigger(**arguments).serialize() == (path, arguments)
