from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from airflow_provider_revox.client import AsyncRevoxClient, ClientConfig, RevoxClient, endpoints
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.client.shared_client import SharedClient, shared_client
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.triggers import revox as module
from airflow_provider_revox.triggers.revox import CampaignTrigger
from revox_sandbox import Fault, SandboxSettings

ADA = "+33612345678"
FIRST_PAUSE = module.FIRST_PAUSE


@pytest.fixture(autouse=True)
def airflow(monkeypatch):
    """An Airflow that says that a person has marked the task failed, and does not mind early triggers."""
    states = {"run": {"task": "failed"}}
    asked = "airflow_provider_revox.waiting.killed_triggers.states_of_task"
    monkeypatch.setattr(asked, lambda dag_id, task_id, run_ids: states)
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.0)


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, call_ends={"human": 1})


@pytest.fixture
def campaign_id(revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    contacts = [{"to_phone_number": ADA, "prompt_variables": {"who": "Ada"}}]
    with RevoxClient(config) as client:
        return client.create_campaign(CampaignCreate.build(assistant_id="a1", name="x", contacts=contacts)).id


def trigger(campaign_id, deadline_in=60.0, poll_interval=0.05):
    return CampaignTrigger(
        campaign_id=campaign_id,
        revox_conn_id="revox_default",
        poll_interval=poll_interval,
        deadline=time.time() + deadline_in,
    )


def of_a_task(campaign_id, *, cancel_on_kill):
    made = CampaignTrigger(**{**trigger(campaign_id).serialize()[1], "cancel_on_kill": cancel_on_kill})
    made.task_instance = SimpleNamespace(
        dag_id="dag", task_id="task", run_id="run", map_index=-1, try_number=1
    )
    return made


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
        "outage_began",
        "carried",
        "logged",
        "last_point",
        "outage_budget",
        "max_failed_ratio",
        "on_paused",
        "not_launched",
        "is_part",
        "starts_at",
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
async def test_a_killed_task_cancels_its_campaign_only_if_the_user_wants_it(
    revox_sandbox, campaign_id, cancel_on_kill
):
    killed = of_a_task(campaign_id, cancel_on_kill=cancel_on_kill)
    waiting = asyncio.create_task(events_of(killed))
    await asyncio.to_thread(revox_sandbox.wait_for, ("GET", "/campaigns/{id}"))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await killed.on_kill()
    async with await RevoxHook().get_async_conn() as client:
        campaign = await client.send(endpoints.get_campaign(campaign_id))
    assert campaign.is_cancelled is cancel_on_kill


@pytest.mark.parametrize("problem", ["an outage", "no key"])
async def test_a_kill_whose_cancel_fails_raises_nothing(revox_sandbox, campaign_id, monkeypatch, problem):
    if problem == "no key":
        monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", '{"conn_type": "revox"}')
    path = "/campaigns/{id}/cancel"
    revox_sandbox.faults.add(Fault(kind="status", status=500, path=path, times=None))
    await of_a_task(campaign_id, cancel_on_kill=True).on_kill()
    sent = [request.path for request in revox_sandbox.requests()].count(f"/campaigns/{campaign_id}/cancel")
    assert sent == (0 if problem == "no key" else 2)
    revox_sandbox.faults.clear()
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", revox_sandbox.conn_json())
    async with await RevoxHook().get_async_conn() as client:
        assert not (await client.send(endpoints.get_campaign(campaign_id))).is_cancelled


@pytest.fixture
def pauses(monkeypatch):
    """Collect the seconds that triggers would sleep, and don't sleep."""
    pauses = []

    async def note(seconds):
        pauses.append(seconds)

    monkeypatch.setattr("airflow_provider_revox.triggers.revox.asyncio.sleep", note)
    return pauses


@pytest.mark.parametrize(("poll_interval", "latest"), [(100, 100), (30, 30), (5, 20), (0.1, 20)])
async def test_the_first_poll_comes_10_seconds_after_the_deferral_or_later_and_not_in_step(
    revox_sandbox, campaign_id, pauses, monkeypatch, poll_interval, latest
):
    # Airflow fails a task whose trigger fires a few seconds after the deferral.
    monkeypatch.setattr(module, "FIRST_PAUSE", FIRST_PAUSE)
    revox_sandbox.advance(24 * 3600)
    for _ in range(30):
        await events_of(trigger(campaign_id, poll_interval=poll_interval, deadline_in=1000))
    assert len(set(pauses)) > 20
    assert all(10 <= pause <= latest for pause in pauses)
    # All over the interval: after a restart all start at once.
    assert max(pauses) - min(pauses) > (latest - 10) / 2


async def test_the_first_poll_comes_at_the_deadline_at_the_latest(
    revox_sandbox, campaign_id, pauses, monkeypatch
):
    monkeypatch.setattr(module, "FIRST_PAUSE", FIRST_PAUSE)
    revox_sandbox.advance(24 * 3600)
    for deadline_in, latest in ((5, 5), (-5, 0)):
        (event,) = await events_of(trigger(campaign_id, poll_interval=100, deadline_in=deadline_in))
        assert event["state"] == "succeeded"
        assert latest - 1 < pauses.pop() <= latest


async def test_the_pace_is_the_interval_give_or_take_a_tenth(revox_sandbox, campaign_id, pauses):
    waiting = asyncio.create_task(events_of(trigger(campaign_id, poll_interval=100, deadline_in=1000)))
    await asyncio.to_thread(revox_sandbox.wait_for, ("GET", "/campaigns/{id}"), times=20)
    revox_sandbox.advance(24 * 3600)
    await waiting
    assert all(90 <= pause <= 110 + module.TICK for pause in pauses[1:])
    assert len(set(pauses)) == len(pauses)


async def test_the_polls_of_many_triggers_come_at_the_same_ticks(revox_sandbox, campaign_id, monkeypatch):
    ends = []

    async def note(seconds):
        ends.append(asyncio.get_running_loop().time() + seconds)

    monkeypatch.setattr("airflow_provider_revox.triggers.revox.asyncio.sleep", note)
    waiting = [asyncio.create_task(events_of(trigger(campaign_id, 1000, 100))) for _ in range(3)]
    await asyncio.to_thread(revox_sandbox.wait_for, ("GET", "/campaigns/{id}"), times=30)
    revox_sandbox.advance(24 * 3600)
    await asyncio.gather(*waiting)
    polls = ends[3:]
    ticks = [end / module.TICK for end in polls]
    assert len(polls) > 20
    assert all(abs(tick - round(tick)) < 0.02 for tick in ticks)


async def test_a_campaign_that_is_not_due_is_not_polled_before_it_is(revox_sandbox, pauses):
    due = datetime.now(UTC) + timedelta(hours=2)
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    contacts = [{"to_phone_number": ADA, "prompt_variables": {}}]
    request = CampaignCreate.build(assistant_id="a1", name="x", contacts=contacts, scheduled_at=due)
    with RevoxClient(config) as client:
        campaign_id = client.create_campaign(request).id
    waiting = asyncio.create_task(events_of(trigger(campaign_id, poll_interval=60, deadline_in=86_400)))
    await asyncio.to_thread(revox_sandbox.wait_for, ("GET", "/campaigns/{id}"), stage="answered")
    revox_sandbox.advance(24 * 3600)
    await waiting
    assert pauses[1] > 7000


# --- one client for all ---


async def test_triggers_of_one_connection_share_a_client_that_is_closed_after_the_last(
    revox_sandbox, campaign_id, monkeypatch
):
    opened, closed = [], []
    real_open, real_close = AsyncRevoxClient.open, AsyncRevoxClient.aclose

    async def note_open(config):
        opened.append(config)
        return await real_open(config)

    async def note_close(client):
        closed.append(client.config)
        await real_close(client)

    monkeypatch.setattr(AsyncRevoxClient, "open", note_open)
    monkeypatch.setattr(AsyncRevoxClient, "aclose", note_close)
    waiting = [asyncio.create_task(events_of(trigger(campaign_id))) for _ in range(20)]
    await asyncio.to_thread(revox_sandbox.wait_for, ("GET", "/campaigns/{id}"), times=60)
    waiting[0].cancel()
    assert (len(opened), closed) == (1, [])
    revox_sandbox.advance(24 * 3600)
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [event[0]["state"] for event in ended[1:]] == ["succeeded"] * 19
    assert closed == opened
    # A later trigger opens a new client.
    await events_of(trigger(campaign_id))
    assert len(opened) == len(closed) == 2


async def test_a_429_holds_every_trigger_of_the_connection(revox_sandbox, campaign_id):
    revox_sandbox.faults.add(
        Fault(kind="status", status=429, retry_after=3600, method="GET", path="/campaigns/{id}")
    )
    waiting = [
        asyncio.create_task(events_of(trigger(campaign_id, deadline_in=1.5, poll_interval=0.05)))
        for _ in range(5)
    ]
    ended = await asyncio.gather(*waiting)
    assert {event["state"] for (event,) in ended} == {"timed_out"}
    # At most one poll each before the 429 comes, and one at the deadline.
    assert len([request for request in revox_sandbox.requests() if request.method == "GET"]) <= 10


async def test_a_trigger_that_comes_while_all_are_held_is_held_too(revox_sandbox, campaign_id):
    async with shared_client(await RevoxHook().get_async_config()) as client:
        client._hold(3600)
        before = len(revox_sandbox.requests())
        (event,) = await events_of(trigger(campaign_id, deadline_in=0.5))
    assert event["state"] == "timed_out"
    assert len(revox_sandbox.requests()) == before + 1  # at the deadline


# --- the key ---


async def test_a_wait_goes_on_with_a_new_key_of_the_connection(revox_sandbox, campaign_id, monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_REVOX_DEFAULT",
        revox_sandbox.conn_json().replace(revox_sandbox.api_key, "the-old-key"),
    )
    real_send = SharedClient.send

    async def send_and_rotate(client, call):
        monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", revox_sandbox.conn_json())
        return await real_send(client, call)

    monkeypatch.setattr(SharedClient, "send", send_and_rotate)
    waiting = asyncio.create_task(events_of(trigger(campaign_id)))
    await asyncio.to_thread(revox_sandbox.wait_for, ("GET", "/campaigns/{id}"), times=2)
    revox_sandbox.advance(24 * 3600)
    (event,) = await waiting
    assert event["state"] == "succeeded"


async def test_a_wrong_key_ends_the_wait_at_once(revox_sandbox, campaign_id, monkeypatch):
    wrong = revox_sandbox.conn_json().replace(revox_sandbox.api_key, "wrong-key")
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", wrong)
    (event,) = await events_of(trigger(campaign_id))
    assert event["state"] == "refused"
    assert "check the API key" in event["summary"]
    assert "wrong-key" not in str(event)


async def test_the_event_of_a_long_wait_brings_few_points(campaign_id, monkeypatch):
    waiting = 3 * module.MOST_NEW_POINTS
    polls = [
        Campaign(id=campaign_id, status="running", row_stats={"total": 99, "completed": n})
        for n in range(waiting)
    ]
    polls.append(Campaign(id=campaign_id, status="completed", is_cancelled=False))

    async def poll(*_):
        return polls.pop(0)

    times = iter(range(10**9, 10**9 + 10**6, 60))
    monkeypatch.setattr(module, "poll_async", poll)
    monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: float(next(times))))
    [event] = await events_of(trigger(campaign_id, deadline_in=10**9, poll_interval=0.001))
    assert polls == []
    assert len(event["progress"]) == module.MOST_NEW_POINTS
    assert event["progress"][-1]["state"] == "completed"
