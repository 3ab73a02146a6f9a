from __future__ import annotations

import json
import sys
import threading
import time

import httpx
import pytest

from revox_sandbox import Fault, Sandbox, SandboxSettings

HANG = 60
"""Seconds that only a hang takes, on any machine."""


@pytest.fixture
def in_background():
    threads = []

    def start(work):
        thread = threading.Thread(target=work)
        thread.start()
        threads.append(thread)
        return thread

    yield start
    for thread in threads:
        thread.join(HANG)
        assert not thread.is_alive()


def test_it_serves_at_once_and_not_after_its_end(anonymous):
    with Sandbox() as sandbox:
        health = f"{sandbox.url}/_sandbox/health"
        assert anonymous.get(health).status_code == 200
    with pytest.raises(httpx.ConnectError):
        anonymous.get(health)


def test_it_can_be_started_again_and_knows_its_campaigns(anonymous, body):
    sandbox = Sandbox(SandboxSettings(speed=0))
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    with sandbox:
        anonymous.post(f"{sandbox.base_url}/campaigns", json=body(), headers=headers).raise_for_status()
    with sandbox:
        answer = anonymous.get(f"{sandbox.base_url}/campaigns", headers=headers)
    assert len(answer.json()["campaigns"]) == 1


def test_it_cannot_be_started_twice(revox_sandbox):
    with pytest.raises(RuntimeError, match="running"):
        revox_sandbox.start()


def test_a_port_that_is_taken_is_an_error(revox_sandbox):
    port = int(revox_sandbox.url.rpartition(":")[2])
    other = Sandbox(SandboxSettings(port=port))
    with pytest.raises(OSError, match="in use"):
        other.start()
    other.stop()


def test_two_sandboxes_know_nothing_of_each_other(revox_sandbox, launch):
    launch()
    with Sandbox() as other:
        assert other.calls_per_person() == {}
        assert other.base_url != revox_sandbox.base_url


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("::1", "http://[::1]:80"), ("0.0.0.0", "http://127.0.0.1:80")],
)
def test_the_url_is_one_that_can_be_reached(host, url):
    sandbox = Sandbox(SandboxSettings(host=host, port=80))
    assert (sandbox.url, sandbox.base_url) == (url, f"{url}/api")


def test_the_connection_leads_to_it(revox_sandbox):
    assert json.loads(revox_sandbox.conn_json()) == {
        "conn_type": "revox",
        "host": revox_sandbox.base_url,
        "password": "sandbox-key",
    }


@pytest.mark.parametrize("fault", [{"kind": "hang"}, {"kind": "delay", "seconds": 3600}])
@pytest.mark.parametrize("when", ["before", "after"])
def test_it_stops_though_requests_hang(anonymous, in_background, fault, when, body, monkeypatch):
    # It does not stop because it gives up its requests or its thread.
    for module in ("sandbox", "serve.http_server"):
        monkeypatch.setattr(f"revox_sandbox.{module}._STOP_SECONDS", 2 * HANG)
    sandbox = Sandbox().start()
    sandbox.faults.add(Fault(when=when, times=None, **fault))
    errors = []

    def post():
        try:
            headers = {"Authorization": f"Bearer {sandbox.api_key}"}
            url = f"{sandbox.base_url}/campaigns"
            anonymous.post(url, json=body(), headers=headers, timeout=2 * HANG)
        except httpx.TransportError as error:
            errors.append(error)

    threads = [in_background(post) for _ in range(3)]
    stage = "received" if when == "before" else "committed"
    sandbox.wait_for(("POST", "/campaigns"), times=3, stage=stage, timeout=HANG)
    start = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - start < HANG
    for thread in threads:
        thread.join(HANG)
    assert len(errors) == 3
    assert bool(sandbox.calls_per_person()) == (when == "after")


def test_requests_can_be_waited_for(revox_sandbox, launch, in_background):
    received = threading.Event()

    def wait():
        revox_sandbox.wait_for(("POST", "/campaigns"), times=2, stage="answered", timeout=HANG)
        received.set()

    launch()
    in_background(wait)
    assert not received.is_set()
    launch()
    assert received.wait(HANG)


def test_a_condition_is_checked_when_time_is_skipped(revox_sandbox, launch, in_background):
    launch(2, max_concurrent_calls=1)
    happened = threading.Event()

    def wait():
        revox_sandbox.wait_for(lambda: len(revox_sandbox.calls_per_person()) == 2, timeout=HANG)
        happened.set()

    in_background(wait)
    revox_sandbox.advance(10**6)
    assert happened.wait(HANG)


def test_what_has_happened_need_not_be_waited_for(revox_sandbox, launch):
    launch()
    # That no wait raises is the assertion.
    for stage in ("received", "committed", "answered"):
        revox_sandbox.wait_for(("post", "/campaigns"), stage=stage, timeout=0)


@pytest.mark.parametrize("what", [("POST", "/campaigns"), lambda: False])
def test_waiting_has_an_end(revox_sandbox, what):
    with pytest.raises(TimeoutError, match=r"within 0\.01 seconds"):
        revox_sandbox.wait_for(what, timeout=0.01)


def test_campaigns_play_in_real_time_times_speed(anonymous, body):
    with Sandbox(SandboxSettings(speed=10**6)) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        campaigns = f"{sandbox.base_url}/campaigns"
        campaign_id = anonymous.post(campaigns, json=body(), headers=headers).json()["campaign"]["id"]
        end = time.monotonic() + HANG
        while True:
            shown = anonymous.get(f"{campaigns}/{campaign_id}", headers=headers).json()["campaign"]
            if shown["status"] == "completed":
                break
            assert time.monotonic() < end


@pytest.mark.parametrize("module", ["fastapi", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "revox_sandbox.serve.http_server", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'airflow-provider-revox\[sandbox\]'"):
        Sandbox().start()
