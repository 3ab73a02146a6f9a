from __future__ import annotations

import asyncio

import pytest

from airflow_provider_revox.client import AsyncRevoxClient, calls
from airflow_provider_revox.client.errors import InvalidConfigurationError, RateLimitedError
from airflow_provider_revox.client.shared import MAX_CONCURRENT_REQUESTS, shared_client
from airflow_provider_revox.sandbox import Fault, SandboxSettings
from tests.client.loopback import at


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


async def test_only_so_many_requests_are_on_their_way_at_once(revox_sandbox, monkeypatch):
    under_way = most = 0
    real_send = AsyncRevoxClient.send

    async def counted(self, call, **options):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await real_send(self, call, **options)
        finally:
            under_way -= 1

    monkeypatch.setattr(AsyncRevoxClient, "send", counted)
    async with shared_client(at(revox_sandbox.base_url)) as client:
        await asyncio.gather(*(client.send(calls.list_campaigns()) for _ in range(100)))
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
            await client.send(calls.list_campaigns())
        pauses = [same.held_for() for _ in range(100)]
    assert len(revox_sandbox.requests()) == 1
    # Not before it is over, and not all at the same moment.
    assert 99 < min(pauses) < 120
    assert 180 < max(pauses) <= 200


async def test_a_429_that_does_not_say_how_long_holds_for_some_seconds(revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=429))
    async with shared_client(at(revox_sandbox.base_url)) as client:
        with pytest.raises(RateLimitedError):
            await client.send(calls.list_campaigns())
        assert 4 < client.held_for() <= 10


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
            return await client.send(calls.list_campaigns())

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
                    await client.send(calls.list_campaigns())
