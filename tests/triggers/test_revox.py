from __future__ import annotations

import asyncio
import json
import time

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.calls import campaign_create
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.sandbox import SandboxSettings
from airflow_provider_revox.triggers.revox import CampaignTrigger

ADA = "+33612345678"


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, call_ends={"human": 1})


@pytest.fixture
def campaign_id(revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    contacts = [{"to_phone_number": ADA, "prompt_variables": {"who": "Ada"}}]
    with RevoxClient(config) as client:
        return client.create_campaign(campaign_create(assistant_id="a1", name="x", contacts=contacts)).id


def trigger(campaign_id, deadline_in=60.0, poll_interval=0.05):
    return CampaignTrigger(
        campaign_id=campaign_id,
        revox_conn_id="revox_default",
        poll_interval=poll_interval,
        deadline=time.time() + deadline_in,
    )


async def events_of(trigger):
    return [event.payload async for event in trigger.run()]


def test_it_is_stored_as_plain_values_without_secrets_or_people():
    path, arguments = trigger("cmp_1").serialize()
    assert path == "airflow_provider_revox.triggers.revox.CampaignTrigger"
    assert set(json.loads(json.dumps(arguments))) == {
        "campaign_id",
        "revox_conn_id",
        "poll_interval",
        "deadline",
        "cancel_on_kill",
    }
    assert CampaignTrigger(**arguments).serialize() == (path, arguments)


async def test_it_waits_until_the_campaign_is_completed_and_fires_once(revox_sandbox, campaign_id):
    waiting = asyncio.create_task(events_of(trigger(campaign_id)))
    await asyncio.to_thread(revox_sandbox.wait_for, ("GET", "/campaigns/{id}"), times=2)
    assert not waiting.done()
    revox_sandbox.advance(24 * 3600)
    (event,) = await asyncio.wait_for(waiting, 10)
    assert event["state"] == "succeeded"
    assert event["campaign_id"] == campaign_id
    assert event["row_stats"]["completed"] == 1


async def test_a_deadline_that_passed_while_nobody_looked_does_not_fail_a_completed_campaign(
    revox_sandbox, campaign_id
):
    revox_sandbox.advance(24 * 3600)
    (event,) = await asyncio.wait_for(events_of(trigger(campaign_id, -3600, 3600)), 10)
    assert event["state"] == "succeeded"


async def test_the_deadline_ends_the_wait_after_a_last_look(revox_sandbox, campaign_id):
    (event,) = await asyncio.wait_for(events_of(trigger(campaign_id, 0.1, 3600)), 10)
    assert event["state"] == "timed_out"
    assert "1 contact" in event["summary"]


async def test_a_connection_that_cannot_be_used_is_a_refusal(revox_sandbox, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", '{"conn_type": "revox"}')
    (event,) = await events_of(trigger("cmp_1"))
    assert event["state"] == "refused"
    assert "there is no API key" in event["summary"]


@pytest.mark.parametrize("cancel_on_kill", [True, False])
async def test_a_killed_task_takes_its_campaign_along_only_where_that_is_wanted(
    revox_sandbox, campaign_id, cancel_on_kill
):
    killed = CampaignTrigger(**{**trigger(campaign_id).serialize()[1], "cancel_on_kill": cancel_on_kill})
    waiting = asyncio.create_task(events_of(killed))
    await asyncio.to_thread(revox_sandbox.wait_for, ("GET", "/campaigns/{id}"))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await killed.on_kill()
    async with await RevoxHook().get_async_conn() as client:
        assert (await client.get_campaign(campaign_id)).is_cancelled is cancel_on_kill


async def test_many_triggers_do_not_ask_in_step(revox_sandbox, campaign_id, monkeypatch):
    pauses = []

    async def note(seconds):
        pauses.append(seconds)

    monkeypatch.setattr("airflow_provider_revox.triggers.revox.asyncio.sleep", note)
    for _ in range(20):
        waiting = trigger(campaign_id, poll_interval=100, deadline_in=1000).run()
        revox_sandbox.advance(24 * 3600)
        await anext(aiter(waiting))
    assert len(set(pauses)) == 20
    assert all(90 <= pause <= 110 for pause in pauses)
