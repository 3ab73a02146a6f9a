"""Where the key and people's data go, and where they don't."""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys

import httpx
import pytest

from airflow_provider_revox.client.errors import (
    AnswerError,
    InvalidConfigurationError,
    NoAnswerError,
    NotSentError,
    RevoxError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.requests import CampaignCreate
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, ask, at, http_answer
from tests.relay import server_context

NUMBER, NAME = "+33612345678", "Zoé Exemplaire"
CAMPAIGN = CampaignCreate.build(
    assistant_id="a1",
    name="Renewals",
    contacts=[
        {"to_phone_number": NUMBER, "prompt_variables": {"name": NAME}},
        {"to_phone_number": "+14155550100", "prompt_variables": {}},
    ],
)
both = pytest.mark.parametrize("kind", BOTH)
pytestmark = pytest.mark.usefixtures("short_pauses")


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0)


@both
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["create_campaign", "get_campaign"])
def test_a_redirect_is_not_followed_and_the_key_stays(kind, status, method):
    argument = CAMPAIGN if method == "create_campaign" else "c"
    with Loopback(http_answer(200)) as target:
        answer = http_answer(status, b"", Location=f"{target.url}/campaigns")
        with Loopback(answer) as server, pytest.raises(UnexpectedAnswerError, match="redirect") as caught:
            ask(kind, at(server.url, retries=1), method, argument)
    assert caught.value.status == status
    assert target.requests == []
    assert len(server.requests) == (1 if method == "create_campaign" else 2)


# --- nothing leaks ---


@both
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "text/html"])
def test_an_echo_of_the_whole_request_leaks_nothing(kind, content_type):
    def echo(request: bytes) -> bytes:
        said = f"Cannot process: {request.decode()}"
        body = json.dumps({"error": {"message": said}}) if "json" in content_type else said
        return http_answer(500, body, Content_Type=content_type)

    with Loopback(echo) as server, pytest.raises(AnswerError) as caught:
        ask(kind, at(server.url, api_key="k3y-0f-revox"), "create_campaign", CAMPAIGN)
    assert "Cannot process" in str(caught.value)
    for secret in ("k3y-0f-revox", NUMBER[1:], NAME, "14155550100"):
        assert secret not in str(caught.value)


@both
@pytest.mark.parametrize("fails", [False, True])
def test_nothing_leaks_into_any_log_even_when_everything_is_logged(
    kind, fails, revox_sandbox, config, caplog
):
    for name in ("", "httpx", "httpcore", "asyncio", "aiohttp"):
        caplog.set_level(logging.DEBUG, logger=name)
    if fails:
        revox_sandbox.faults.add(
            Fault(kind="status", status=500, body={"message": f"{NUMBER} {NAME} {revox_sandbox.api_key}"}),
            Fault(kind="status", status=500, times=None, path="/campaigns/{id}/rows"),
        )
    for method, argument, options in (
        ("create_campaign", CAMPAIGN, {}),
        ("get_rows", "none", {"page": 1, "page_size": 1, "query": NUMBER}),
    ):
        with pytest.raises(RevoxError) if fails or method == "get_rows" else contextlib.nullcontext():
            ask(kind, config, method, argument, **options)
    assert any(record.name == "asyncio" for record in caplog.records) == (kind == "async")
    assert [record for record in caplog.records if record.name.startswith("http")] == []
    lines = caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    for secret in (revox_sandbox.api_key, NUMBER[1:], NAME):
        assert secret not in lines


@both
def test_only_our_own_requests_are_kept_out_of_the_log_of_httpx(kind, config, revox_sandbox, caplog):
    caplog.set_level(logging.INFO, logger="httpx")
    with httpx.Client() as other:
        other.get(f"{revox_sandbox.url}/_sandbox/health?mine=before")
        ask(kind, config, "list_campaigns")
        other.get(f"{revox_sandbox.url}/_sandbox/health?mine=after")
    urls = [record.getMessage() for record in caplog.records if record.name == "httpx"]
    assert ["mine=" in url for url in urls] == [True, True]


@both
@pytest.mark.parametrize("through_proxy", [False, True])
def test_what_a_server_writes_into_headers_is_in_no_log(kind, through_proxy, caplog):
    for name in ("", "httpx", "httpcore", "asyncio", "aiohttp"):
        caplog.set_level(logging.DEBUG, logger=name)
    said = f"{NUMBER} sandbox-key"
    head = f"HTTP/1.1 200 {said}\r\nX-Echo: {said}\r\nSet-Cookie: echo={said}\r\nContent-Type: {said}\r\n"
    with Loopback(f'{head}Connection: close\r\n\r\n{{"campaigns": []}}'.encode()) as server:
        proxy = server.url if through_proxy else None
        ask(
            kind,
            at("http://revox.test" if through_proxy else server.url, proxy=proxy, allow_http=True),
            "list_campaigns",
        )
    assert NUMBER not in caplog.text
    assert "sandbox-key" not in caplog.text


# --- the way there ---


@both
def test_the_answer_of_a_proxy_that_lets_nothing_through_means_not_sent(kind):
    with Loopback(http_answer(403, b"")) as proxy:
        through = f"http://user:hunter2@127.0.0.1:{proxy.port}"
        config = at("https://revox.invalid/api", proxy=through, retries=0)
        with pytest.raises(NotSentError) as caught:
            ask(kind, config, "create_campaign", CAMPAIGN)
    assert proxy.requests[0].startswith(b"CONNECT revox.invalid:443 ")
    assert b"sandbox-key" not in proxy.requests[0]
    assert "hunter2" not in str(caught.value)


@both
def test_the_key_for_this_machine_does_not_go_to_the_proxy_of_the_environment(kind, config, monkeypatch):
    with Loopback(http_answer(502)) as proxy:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert ask(kind, config, "list_campaigns") == []
    assert proxy.requests == []


@both
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_used_unless_the_host_is_excepted(kind, variable, monkeypatch):
    for name in ("HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Loopback(http_answer(200, '{"campaigns": []}')) as proxy:
        monkeypatch.setenv(variable, f"127.0.0.1:{proxy.port}")
        config = at("http://revox.invalid/api", allow_http=True, retries=0)
        assert ask(kind, config, "list_campaigns") == []
        assert proxy.requests[0].startswith(b"GET http://revox.invalid/api/campaigns ")
        monkeypatch.setenv("NO_PROXY", "revox.invalid")
        with pytest.raises(NotSentError):
            ask(kind, config, "list_campaigns")
    assert len(proxy.requests) == 1


@both
def test_a_proxy_of_the_environment_that_speaks_no_http_is_a_wrong_setting(kind, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://user:hunter2@127.0.0.1:1")
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    with pytest.raises(InvalidConfigurationError, match="environment") as caught:
        ask(kind, at("https://revox.invalid/api", retries=0), "list_campaigns")
    assert "hunter2" not in str(caught.value)


@both
def test_a_broken_content_encoding_is_a_lost_answer(kind):
    with (
        Loopback(http_answer(200, b"no gzip", Content_Encoding="gzip")) as server,
        pytest.raises(NoAnswerError),
    ):
        ask(kind, at(server.url), "create_campaign", CAMPAIGN)
    assert len(server.requests) == 1


@both
def test_what_is_no_http_is_a_lost_answer(kind):
    with Loopback(b"SSH-2.0-OpenSSH_9\r\n") as server, pytest.raises(NoAnswerError):
        ask(kind, at(server.url), "create_campaign", CAMPAIGN)
    assert len(server.requests) == 1


# --- encryption ---


@pytest.fixture
def https_server(certificate):
    with Loopback(http_answer(200, '{"campaigns": []}'), tls=server_context(certificate)) as server:
        yield server


@both
@pytest.mark.parametrize("scheme", ["https", "HTTPS", "Https"])
def test_a_server_that_nobody_vouches_for_gets_no_key(kind, scheme, https_server):
    with pytest.raises(NotSentError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(kind, at(https_server.url.replace("https", scheme), retries=0), "list_campaigns")
    assert https_server.requests == []


@both
def test_the_ca_bundle_of_the_config_is_trusted(kind, https_server, certificate):
    assert ask(kind, at(https_server.url, ca_bundle=str(certificate)), "list_campaigns") == []
    assert b"sandbox-key" in https_server.requests[0]


# --- on its own ---

NO_AIRFLOW = """
import importlib, pkgutil, sys

class Forbid:
    def find_spec(self, name, path=None, target=None):
        if name == "airflow" or name.startswith("airflow."):
            raise ImportError(f"{name} is forbidden")

sys.meta_path.insert(0, Forbid())
import airflow_provider_revox.client as client
names = [module.name for module in pkgutil.walk_packages(client.__path__, client.__name__ + ".")]
for name in names:
    importlib.import_module(name)
client.ClientConfig, client.RevoxClient, client.AsyncRevoxClient
try:
    import airflow
except ImportError:
    print(*names)
"""


def test_the_client_needs_no_airflow():
    run = subprocess.run([sys.executable, "-c", NO_AIRFLOW], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "airflow_provider_revox.client.messages" in run.stdout.split()


def test_the_errors_can_be_imported_without_an_http_library():
    script = (
        "import sys, airflow_provider_revox.client.errors; "
        "print(bool({'httpx', 'aiohttp'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
