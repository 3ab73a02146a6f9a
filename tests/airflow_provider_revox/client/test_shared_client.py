from __future__ import annotations

import asyncio

import pytest

from airflow_provider_revox.client import AsyncRevoxClient, endpoints
from airflow_provider_revox.client.errors import (
    InvalidConfigurationError,
    NoAnswerError,
    NotFoundError,
    RateLimitedError,
)
from airflow_provider_revox.client.shared_client import (
    MAX_CONCURRENT_REQUESTS,
    REQUEST_SECONDS,
    shared_client,
)
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.client.loopback import at


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


async def test_only_so_many_requests_are_on_their_way_at_once(revox_sandbox, monkeypatch):
    under_way = most = 0
    real_send = AsyncRevoxClient.send

    async def counted(self, endpoint, **options):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await real_send(self, endpoint, **options)
        finally:
            under_way -= 1

    monkeypatch.setattr(AsyncRevoxClient, "send", counted)
    async with shared_client(at(revox_sandbox.base_url)) as client:
        await asyncio.gather(*(client.send(endpoints.list_campaigns()) for _ in range(100)))
    assert most == MAX_CONCURRENT_REQUESTS


async def test_a_request_is_sent_once_and_a_429_holds_everybody_as_long_as_it_says(revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=429, retry_after=100))
    async with (
        shared_client(at(revox_sandbox.base_url)) as client,
        shared_client(at(revox_sandbox.base_url)) as same,
    ):
        assert same is client
        assert same.held_for() == 0
        with pytest.raises(RateLimitedError):
            await client.send(endpoints.list_campaigns())
        pauses = [same.held_for() for _ in range(100)]
    assert len(revox_sandbox.requests()) == 1
    # Not before it is over, and not all at the same moment.
    assert 99 < min(pauses) < 120
    assert 140 < max(pauses) <= 160


async def test_a_429_that_does_not_say_how_long_holds_for_some_seconds(revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=429))
    async with shared_client(at(revox_sandbox.base_url)) as client:
        with pytest.raises(RateLimitedError):
            await client.send(endpoints.list_campaigns())
        assert 4 < client.held_for() <= 10


async def test_a_429_holds_for_an_hour_at_most(revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=429, retry_after=864_000))
    async with shared_client(at(revox_sandbox.base_url)) as client:
        with pytest.raises(RateLimitedError):
            await client.send(endpoints.list_campaigns())
        assert client.held_for() <= 3660


async def test_in_an_outage_nobody_who_waits_for_a_turn_hangs_in_turn(revox_sandbox, monkeypatch):
    revox_sandbox.faults.add(Fault(kind="hang", times=None))
    async with shared_client(at(revox_sandbox.base_url, read_timeout=1000)) as client:
        asking = asyncio.gather(
            *(client.send(endpoints.get_campaign(f"c{n}")) for n in range(100)), return_exceptions=True
        )
        await asyncio.to_thread(
            revox_sandbox.wait_for, ("GET", "/campaigns/{id}"), times=MAX_CONCURRENT_REQUESTS, timeout=60
        )
        loop, time = asyncio.get_running_loop(), asyncio.get_running_loop().time
        monkeypatch.setattr(loop, "time", lambda: time() + REQUEST_SECONDS)  # their time is up now
        # If others asked in turn, the next ones alone would take REQUEST_SECONDS.
        ends = await asyncio.wait_for(asking, REQUEST_SECONDS - 10)
        assert [type(end) for end in ends] == [NoAnswerError] * 100
        assert [end.path for end in ends] == [f"/campaigns/c{n}" for n in range(100)]
        assert len(revox_sandbox.requests()) == MAX_CONCURRENT_REQUESTS
        # Who comes later asks.
        revox_sandbox.faults.clear()
        assert await client.send(endpoints.list_campaigns()) == []


async def test_those_who_wait_for_a_turn_when_a_429_comes_do_not_ask_either(revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=429, retry_after=3600, times=None))
    async with shared_client(at(revox_sandbox.base_url)) as client:
        ends = await asyncio.gather(
            *(client.send(endpoints.list_campaigns()) for _ in range(100)), return_exceptions=True
        )
    assert [(type(end), end.retry_after) for end in ends] == [(RateLimitedError, 3600)] * 100
    assert len(revox_sandbox.requests()) <= 2 * MAX_CONCURRENT_REQUESTS


async def test_an_answer_that_never_comes_is_an_outage_and_not_an_endless_wait(revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="hang", times=None))
    async with shared_client(at(revox_sandbox.base_url, read_timeout=60)) as client:
        with pytest.raises(NoAnswerError, match=r"it took longer than 0.2 s"):
            await client.send(endpoints.list_campaigns(), within=0.2)
        revox_sandbox.faults.clear()
        assert await client.send(endpoints.list_campaigns()) == []


async def test_settings_that_are_mended_are_used_by_those_who_are_there_already(revox_sandbox, monkeypatch):
    real_open = AsyncRevoxClient.open

    async def broken_once(config):
        monkeypatch.setattr(AsyncRevoxClient, "open", real_open)
        raise InvalidConfigurationError("the CA bundle can't be read: Too many open files")

    monkeypatch.setattr(AsyncRevoxClient, "open", broken_once)
    async with shared_client(at(revox_sandbox.base_url)) as client:
        with pytest.raises(InvalidConfigurationError):
            await client.send(endpoints.list_campaigns())
        assert await client.send(endpoints.list_campaigns()) == []


async def test_what_is_wrong_with_one_request_is_not_taken_for_an_outage(revox_sandbox):
    async with shared_client(at(revox_sandbox.base_url)) as client:
        ends = await asyncio.gather(
            *(client.send(endpoints.get_campaign("nowhere")) for _ in range(40)),
            *(client.send(endpoints.list_campaigns()) for _ in range(40)),
            return_exceptions=True,
        )
    assert [type(end) for end in ends] == [NotFoundError] * 40 + [list] * 40


async def test_other_settings_have_another_client(revox_sandbox):
    other_settings = at(revox_sandbox.base_url, api_key="another-key")
    async with shared_client(at(revox_sandbox.base_url)) as one, shared_client(other_settings) as other:
        assert other is not one


async def test_a_user_who_is_cancelled_does_not_take_the_client_from_the_others(revox_sandbox, monkeypatch):
    opening, go_on = asyncio.Event(), asyncio.Event()
    real_open = AsyncRevoxClient.open

    async def slow_open(config):
        opening.set()
        await go_on.wait()
        return await real_open(config)

    monkeypatch.setattr(AsyncRevoxClient, "open", slow_open)

    async def ask():
        async with shared_client(at(revox_sandbox.base_url)) as client:
            return await client.send(endpoints.list_campaigns())

    first, second = asyncio.create_task(ask()), asyncio.create_task(ask())
    await opening.wait()
    first.cancel()
    await asyncio.wait([first])
    go_on.set()
    assert await second == []


async def test_settings_that_cannot_be_used_are_an_error_for_every_user_and_for_no_later_one(tmp_path):
    bundle = tmp_path / "ca.pem"
    config = at("https://127.0.0.1:1", ca_bundle=str(bundle))
    for _ in range(2):
        async with shared_client(config) as client:
            for _ in range(2):
                with pytest.raises(InvalidConfigurationError, match="CA bundle"):
                    await client.send(endpoints.list_campaigns())
