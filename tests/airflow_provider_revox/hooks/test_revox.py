from __future__ import annotations

import contextlib
import io
import json
import logging
import socket
import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from airflow_provider_revox.client import RevoxClient, async_client, endpoints, transport
from airflow_provider_revox.client.errors import (
    InvalidConfigurationError,
    InvalidRequestError,
    NotFoundError,
)
from airflow_provider_revox.hooks.revox import RevoxHook
from dev.ports import free_port
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.client.loopback import Loopback, http_answer

CONTACTS = [{"to_phone_number": "+33612345678", "prompt_variables": {"name": "Ada"}}]


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0)


@pytest.fixture
def connect(monkeypatch):
    """Return a function that makes a hook for a connection with the given fields."""

    def connect(**fields: object) -> RevoxHook:
        connection = {"conn_type": "revox", "password": "sandbox-key", **fields}
        monkeypatch.setenv("AIRFLOW_CONN_CALLS", json.dumps(connection))
        return RevoxHook("calls")

    return connect


# --- the calls ---


def test_every_call_of_the_contract(revox_sandbox):
    hook = RevoxHook()
    created = hook.create_campaign(
        assistant_id="a1",
        name="Renewals",
        contacts=CONTACTS,
        scheduled_at=datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Europe/Paris")),
    )
    assert hook.get_campaign(created.id).name == "Renewals"
    assert [campaign.id for campaign in hook.list_campaigns()] == [created.id]
    assert [row.phone_number for row in hook.get_rows(created.id, page=1, page_size=5).rows] == [
        "+33612345678"
    ]
    assert hook.get_rows(created.id, page=1, page_size=5, query="nobody").rows == []
    assert "+33612345678" in hook.export_rows(created.id).csv
    assert hook.cancel_campaign(created.id) is True
    assert hook.get_campaign(created.id).is_cancelled is True
    assert hook.delete_campaign(created.id) is True
    with pytest.raises(NotFoundError):
        hook.get_campaign(created.id)


@pytest.mark.parametrize("revox_sandbox_settings", [SandboxSettings(generation="launch-calls", speed=0)])
def test_every_call_beyond_the_contract(revox_sandbox):
    hook = RevoxHook()
    created = hook.create_campaign(assistant_id="a1", name="Renewals", contacts=CONTACTS)
    assert hook.pause_campaign(created.id) is True
    assert hook.resume_campaign(created.id) is True
    assert hook.update_campaign(created.id, name="Renewed").name == "Renewed"
    assert hook.launch_calls(created.id).launched == 1
    assert hook.get_statistics(created.id).campaign["name"] == "Renewed"
    assert hook.get_auth_status() is True
    assert list(hook.get_phone_history(["+33612345678"])) == ["+33612345678"]
    with pytest.raises(InvalidRequestError, match="mode: "):
        hook.launch_calls(created.id, mode="all")
    with pytest.raises(InvalidRequestError, match="nothing to change"):
        hook.update_campaign(created.id)
    with pytest.raises(NotFoundError):
        hook.launch_campaign(created.id)


def test_an_invalid_campaign_is_not_sent(revox_sandbox):
    with pytest.raises(InvalidRequestError, match="max_concurrent_calls"):
        RevoxHook().create_campaign(assistant_id="a", name="n", contacts=CONTACTS, max_concurrent_calls=0)
    assert revox_sandbox.requests() == []


def test_a_start_in_the_past_is_not_sent_since_revox_would_call_at_once(revox_sandbox):
    past = "2020-01-01T09:00:00Z"
    with pytest.raises(InvalidRequestError, match="scheduled_at: 2020-01-01T09:00:00"):
        RevoxHook().create_campaign(assistant_id="a", name="n", contacts=CONTACTS, scheduled_at=past)
    with pytest.raises(InvalidRequestError, match="scheduled_at: 2020-01-01T09:00:00"):
        RevoxHook().launch_calls("cmp_1", scheduled_at=past)
    assert revox_sandbox.requests() == []


def test_a_hook_has_one_client(revox_sandbox):
    hook = RevoxHook()
    assert isinstance(hook.get_conn(), RevoxClient)
    assert hook.get_conn() is hook.get_conn()


def test_airflow_finds_the_hook_by_its_names():
    assert RevoxHook().revox_conn_id == "revox_default"
    assert getattr(RevoxHook("x"), RevoxHook.conn_name_attr) == "x"
    assert RevoxHook.conn_type == "revox"


# --- test_connection ---


def test_a_good_connection_is_tested_without_changing_anything(revox_sandbox, connect):
    RevoxHook().create_campaign(assistant_id="a", name="n", contacts=CONTACTS)
    before = len(revox_sandbox.requests())
    ok, message = connect(host=revox_sandbox.base_url).test_connection()
    assert ok, message
    assert revox_sandbox.base_url in message
    assert [(record.method, record.path) for record in revox_sandbox.requests()[before:]] == [
        ("GET", "/campaigns")
    ]


def _wrong_key(sandbox, server):
    return {"host": sandbox.base_url, "password": "hunter2-wrong"}, "check the API key"


def _unreachable(sandbox, server):
    return {"host": f"http://127.0.0.1:{free_port()}/api"}, "can't be reached"


def _not_revox(sandbox, server):
    return {"host": server.url}, "not the Revox API: check the base URL"


def _wrong_path(sandbox, server):
    return {"host": f"{sandbox.url}/nowhere"}, "404: Not Found (check the base URL"


def _no_key(sandbox, server):
    return {"host": sandbox.base_url, "password": ""}, "set it as the password"


def _unencrypted(sandbox, server):
    return {"host": "http://revox.example.com/api"}, "use https://"


def _bad_extra(sandbox, server):
    return {"host": sandbox.base_url, "extra": {"retries": "many"}}, "extra retries must be a number"


TROUBLES = [_wrong_key, _unreachable, _not_revox, _wrong_path, _no_key, _unencrypted, _bad_extra]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__.strip("_"))
def test_a_bad_connection_says_what_to_do(revox_sandbox, connect, trouble):
    with Loopback(http_answer(200, "<html>Welcome</html>", Content_Type="text/html")) as server:
        fields, advice = trouble(revox_sandbox, server)
        ok, message = connect(**fields).test_connection()
    assert not ok
    assert advice in message
    assert "hunter2" not in message
    assert all(record.method == "GET" for record in revox_sandbox.requests())


def test_every_trouble_has_its_own_message(revox_sandbox, connect):
    with Loopback(http_answer(200, "<html>Welcome</html>", Content_Type="text/html")) as server:
        messages = {connect(**trouble(revox_sandbox, server)[0]).test_connection()[1] for trouble in TROUBLES}
    assert len(messages) == len(TROUBLES)


def test_a_test_is_one_attempt(revox_sandbox, connect):
    revox_sandbox.faults.add(Fault(kind="status", status=503, times=None))
    ok, message = connect(host=revox_sandbox.base_url, extra={"retries": 9}).test_connection()
    assert not ok
    assert "503" in message
    assert len(revox_sandbox.requests()) == 1


def test_a_test_does_not_read_the_list_of_all_campaigns(connect):
    """The server never gets to the end of its answer, and the test does not wait for that."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000000000\r\n\r\n{"
            )
            with contextlib.suppress(OSError):
                connection.recv(1)  # returns when the client hangs up
            gone.set()
            connection.close()

        threading.Thread(target=serve, daemon=True).start()
        hook = connect(host=f"http://127.0.0.1:{listener.getsockname()[1]}", extra={"read_timeout": 5})
        ok, message = hook.test_connection()
        assert ok, message
        assert gone.wait(2)


# --- secrets in Airflow's logs ---


@pytest.fixture
def logged(monkeypatch):
    """Return a function that tells what becomes of a line in the log of a task."""

    def logged(text: str) -> str:
        try:
            from airflow.sdk.log import mask_logs
        except ImportError:
            from airflow import settings

            monkeypatch.setattr(settings, "MASK_SECRETS_IN_LOGS", True)  # as in the process of a task
            stream = io.StringIO()
            handler = logging.StreamHandler(stream)
            logger = logging.getLogger("airflow.task")
            logger.addHandler(handler)
            try:
                logger.warning("said: %s", text)
            finally:
                logger.removeHandler(handler)
            return stream.getvalue()
        return str(mask_logs(None, "warning", {"event": f"said: {text}"})["event"])

    return logged


def test_the_key_and_the_proxy_are_masked_in_the_logs(connect, logged):
    # Airflow itself masks the password as it is written, with the space around it.
    proxy = "http://user:pr0xy-pass@127.0.0.1:1"
    connect(password=" k3y-with-space \n", extra={"proxy": proxy}, host="http://localhost").get_conn()
    assert logged(f"k3y-with-space through {proxy}").strip() == "said: *** through ***"


async def test_the_key_of_the_async_client_is_masked_in_the_logs(connect, logged):
    async with await connect(password=" k3y-of-async ", host="http://localhost").get_async_conn():
        assert logged("it is k3y-of-async").strip() == "said: it is ***"


def test_the_password_of_the_proxy_is_masked_wherever_it_stands(connect, logged):
    connect(extra={"proxy": "http://user:0ther-pass@127.0.0.1:1"}, host="http://localhost").get_conn()
    assert "0ther-pass" not in logged("407 for user with 0ther-pass")


def test_the_password_of_the_proxy_of_the_environment_is_masked_too(connect, logged, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://user:thrd-pass@127.0.0.1:1")
    connect(host="https://revox.invalid").get_conn()
    assert "thrd-pass" not in logged("407 for user with thrd-pass")


# --- the event loop ---


async def test_the_async_client_talks_to_the_connection(revox_sandbox):
    async with await RevoxHook().get_async_conn() as client:
        assert await client.send(endpoints.list_campaigns()) == []


async def test_a_bad_connection_is_refused(connect):
    with pytest.raises(InvalidConfigurationError, match="connection 'calls': extra retries"):
        await connect(extra={"retries": "x"}).get_async_conn()


async def test_nothing_slow_runs_on_the_event_loop(connect, monkeypatch):
    from airflow.secrets.environment_variables import EnvironmentVariablesBackend

    threads: dict[str, int] = {}

    def record(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def recorded(*args: object, **options: object) -> object:
            threads[name] = threading.get_ident()
            return original(*args, **options)

        monkeypatch.setattr(owner, name, recorded)

    transport._tls_context.cache_clear()
    record(httpx, "create_ssl_context")
    record(async_client, "tls_context")
    backends = [EnvironmentVariablesBackend]
    with contextlib.suppress(ImportError):
        from airflow.sdk.execution_time.secrets import EnvironmentVariablesBackend as SdkBackend

        backends.append(SdkBackend)
    for backend in dict.fromkeys(backends):
        record(backend, "get_conn_value")
    client = await connect().get_async_conn()
    await client.aclose()
    assert set(threads) == {"create_ssl_context", "tls_context", "get_conn_value"}
    assert threading.get_ident() not in threads.values()
