from __future__ import annotations

import asyncio
import json

import pytest
from airflow.providers.common.compat.sdk import AirflowException

from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.compatibility import asset_stores
from airflow_provider_revox.launch.tag import LaunchTag, people_digest
from airflow_provider_revox.metrics import FAILED_POLLS, OUTAGES, POLLS
from airflow_provider_revox.phone_numbers.people import People
from revox_sandbox import Fault, SandboxSettings

watcher = pytest.importorskip("airflow_provider_revox.triggers.watcher", reason="Airflow 3 only")

DAY = 24 * 3600
LIST = ("GET", "/campaigns")


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, call_ends={"human": 1})


def launch(client, name="Renewals Monday"):
    contacts = [{"to_phone_number": "+33612345678", "prompt_variables": {"who": "Ada"}}]
    return client.create_campaign(CampaignCreate.build(assistant_id="a1", name=name, contacts=contacts)).id


class Store:
    """What Airflow 3.3 keeps for one asset; it survives the trigger."""

    def __init__(self):
        self.values = {}
        self.is_down = False

    async def aget(self, key, default=None):
        if self.is_down:
            raise AirflowException("the API server does not answer")
        return json.loads(self.values[key]) if key in self.values else default

    async def aset(self, key, value):
        if self.is_down:
            raise AirflowException("the API server does not answer")
        self.values[key] = json.dumps(value)


class Stores:
    """What it hands to a trigger: the stores of all assets that watch with it."""

    def __init__(self, *stores):
        self._by_name = {f"asset {number}": store for number, store in enumerate(stores)}
        self._by_uri = {}


class Events:
    """The events of a trigger that runs beside the test."""

    def __init__(self, *stores, name_prefix="Renewals"):
        trigger = watcher.CampaignCompletedTrigger(name_prefix=name_prefix, poll_interval=0.05)
        trigger.asset_state_store = Stores(*stores) if stores else None
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


async def test_the_tag_in_a_campaigns_name_is_neither_matched_nor_told(revox_sandbox, client):
    tag = LaunchTag.of("dag", "task", "run", people=people_digest(People.of(["+33612345678"]), "a1"))
    name = "Renewals of the customers in the north and in the south"
    events = Events()
    await looks(revox_sandbox, 2)
    assert tag.name(name, 1).startswith("[af-")
    launch(client, tag.name(name, 1))
    revox_sandbox.advance(DAY)
    await looks(revox_sandbox, 4)
    await events.stop()
    assert [event["name"] for event in events.fired] == [name]


async def test_the_name_in_an_event_is_one_line_without_numbers(revox_sandbox, client):
    events = Events()
    await looks(revox_sandbox, 2)
    launch(client, "Renewals\nINFO \x1b[31m of 06 12 34 56 78")
    revox_sandbox.advance(DAY)
    await looks(revox_sandbox, 4)
    await events.stop()
    assert [event["name"] for event in events.fired] == ["Renewals INFO  [31m of …"]


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


async def test_two_assets_may_watch_with_one_trigger(revox_sandbox, client):
    one, other = Store(), Store()
    events = Events(one, other)
    await looks(revox_sandbox, 2)
    campaign = launch(client)
    revox_sandbox.advance(DAY)
    await looks(revox_sandbox, 3)
    await events.stop()
    assert [event["campaign_id"] for event in events.fired] == [campaign]
    # A third asset that joins knows nothing yet, and repeats nothing.
    events = Events(one, other, Store())
    await looks(revox_sandbox, 3)
    await events.stop()
    assert events.fired == []


async def test_another_prefix_for_the_same_asset_begins_anew(revox_sandbox, client):
    store = Store()
    launch(client), launch(client, "Surveys")
    revox_sandbox.advance(DAY)
    for prefix in ("Renewals", "Surveys", "Renewals"):
        events = Events(store, name_prefix=prefix)
        await looks(revox_sandbox, 3)
        await events.stop()
        assert events.fired == []


async def test_while_it_can_not_remember_it_fires_nothing_and_nothing_is_lost(revox_sandbox, client):
    store = Store()
    events = Events(store)
    await looks(revox_sandbox, 2)
    campaign = launch(client)
    store.is_down = True
    revox_sandbox.advance(DAY)
    await looks(revox_sandbox, 3)
    assert events.fired == []
    store.is_down = False
    await looks(revox_sandbox, 3)
    await events.stop()
    assert [event["campaign_id"] for event in events.fired] == [campaign]


def test_airflow_hands_out_the_stores_of_all_assets():
    context = pytest.importorskip("airflow.sdk.execution_time.context")
    if not hasattr(context, "AssetStateStoreAccessors"):
        pytest.skip("Airflow remembers nothing for assets before 3.3")
    from airflow.sdk import Asset

    trigger = watcher.CampaignCompletedTrigger(name_prefix="")
    trigger.asset_state_store = context.AssetStateStoreAccessors(inlets=[Asset("one"), Asset("two")])
    stores = asset_stores(trigger)
    assert len(stores) == 2
    assert all(callable(store.aget) and callable(store.aset) for store in stores)


async def test_its_polls_and_outages_are_counted_for_no_task(revox_sandbox, client, statsd):
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", path="/campaigns", times=2))
    events = Events()
    await looks(revox_sandbox, 5)
    await events.stop()
    counts = statsd.counts("task_id")
    assert counts.pop((POLLS, "")) >= 4
    assert counts == {(FAILED_POLLS, ""): 2, (OUTAGES, ""): 1}


async def test_an_outage_does_not_end_it_and_is_logged_once(revox_sandbox, client, capfd, caplog):
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
