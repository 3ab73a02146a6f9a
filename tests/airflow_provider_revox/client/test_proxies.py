"""What a proxy sees, and what is shown of it."""

from __future__ import annotations

import base64

import pytest

from airflow_provider_revox.client.errors import (
    AnswerError,
    InvalidConfigurationError,
    NotSentError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.requests import CampaignCreate
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, ask, at, http_answer
from tests.relay import Relay, server_context

NUMBER = "+33612345678"
CAMPAIGN = CampaignCreate.build(
    assistant_id="a1", name="Renewals", contacts=[{"to_phone_number": NUMBER, "prompt_variables": {}}]
)
both = pytest.mark.parametrize("kind", BOTH)


@pytest.fixture
def no_proxy_in_environment(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def credentials(request: bytes) -> dict[str, str]:
    """The headers of a request that may have a key."""
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return {name: value for name, value in headers.items() if "auth" in name or "key" in name.lower()}


@both
@pytest.mark.parametrize("user", ["", "user:hunter2@", "user@"])
@pytest.mark.parametrize("source", ["connection", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("method", ["list_campaigns", "create_campaign"])
def test_a_proxy_on_the_way_to_https_never_sees_the_key(
    kind, user, source, method, certificate, no_proxy_in_environment, monkeypatch
):
    context = server_context(certificate)
    answer = http_answer(200, '{"campaigns": [], "campaign": {"id": "c"}}')
    with Loopback(answer, tls=context) as server, Relay(server.port, is_proxy=True) as proxy:
        url = f"http://{user}127.0.0.1:{proxy.port}"
        if source != "connection":
            monkeypatch.setenv(source, url)
        config = at(
            "https://revox.test/api",
            proxy=url if source == "connection" else None,
            ca_bundle=str(certificate),
            retries=0,
        )
        ask(kind, config, method, *([CAMPAIGN] if method == "create_campaign" else []))
    connect = proxy.seen.partition(b"\r\n\r\n")[0]
    assert connect.startswith(b"CONNECT revox.test:443 ")
    basic = base64.b64encode(user.removesuffix("@").encode()).decode()
    expected = {"user:hunter2@": basic, "user@": base64.b64encode(b"user:").decode()}.get(user)
    assert credentials(connect) == ({"proxy-authorization": f"Basic {expected}"} if expected else {})
    seen = proxy.seen.lower()
    for secret in (b"sandbox-key", base64.b64encode(b"sandbox-key").lower(), NUMBER[1:].encode()):
        assert secret not in seen
    assert credentials(server.requests[0]) == {"authorization": "Bearer sandbox-key"}


@both
@pytest.mark.parametrize("user", ["", "user:hunter2@"])
@pytest.mark.parametrize("source", ["connection", "HTTP_PROXY", "ALL_PROXY"])
def test_a_proxy_on_the_way_to_plain_http_gets_the_request_and_no_key_of_its_own(
    kind, user, source, no_proxy_in_environment, monkeypatch
):
    with Loopback(http_answer(200, '{"campaigns": []}')) as proxy:
        url = f"http://{user}127.0.0.1:{proxy.port}"
        if source != "connection":
            monkeypatch.setenv(source.lower(), url)
        config = at("http://revox.test/api", proxy=url if source == "connection" else None, allow_http=True)
        ask(kind, config, "list_campaigns")
    found = credentials(proxy.requests[0])
    assert found.pop("authorization") == "Bearer sandbox-key"
    assert found == ({"proxy-authorization": "Basic dXNlcjpodW50ZXIy"} if user else {})


@both
def test_the_ca_bundle_of_the_config_is_trusted_for_a_proxy_too(kind, certificate):
    with Loopback(http_answer(403, b""), tls=server_context(certificate)) as proxy:
        for bundle in (None, str(certificate)):
            config = at("https://revox.test/api", proxy=proxy.url, ca_bundle=bundle, retries=0)
            with pytest.raises(NotSentError):
                ask(kind, config, "list_campaigns")
    assert [request.split(b" ")[:2] for request in proxy.requests] == [[b"CONNECT", b"revox.test:443"]]
    assert b"sandbox-key" not in proxy.requests[0]


def test_the_key_does_not_go_unencrypted_to_a_proxy_on_another_machine():
    url = "http://127.0.0.1:8080/api"
    with pytest.raises(InvalidConfigurationError, match=r"unencrypted to proxy\.example\.com"):
        at(url, proxy="http://user:hunter2@proxy.example.com:3128")
    assert at(url, proxy="http://proxy.example.com:3128", allow_http=True).allow_http
    assert at(url, proxy="http://127.0.0.1:3128").proxy


@both
@pytest.mark.parametrize("through_proxy", [False, True])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_key_does_not_follow_a_redirect_to_another_host(kind, status, through_proxy):
    with Loopback(http_answer(200)) as target:
        answer = http_answer(status, b"", Location=f"{target.url}/campaigns", Refresh=f"0; url={target.url}")
        with Loopback(answer) as server:
            proxy = server.url if through_proxy else None
            with pytest.raises(UnexpectedAnswerError, match="redirect"):
                ask(kind, at(server.url, retries=0, proxy=proxy), "create_campaign", CAMPAIGN)
    assert (target.requests, len(server.requests)) == ([], 1)


@both
@pytest.mark.parametrize(
    "user", ["user:hunter2-pass", "user:hunter2%2Dpass", "hunter2-pass", "hunter2-pass:"]
)
@pytest.mark.parametrize("source", ["connection", "HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("status", [407, 502])
def test_the_password_of_a_proxy_is_not_shown_wherever_the_proxy_is_named(
    kind, user, source, status, no_proxy_in_environment, monkeypatch
):
    with Loopback(http_answer(status, "wrong: hunter2-pass")) as proxy:
        url = f"http://{user}@127.0.0.1:{proxy.port}"
        if source != "connection":
            monkeypatch.setenv(source, url)
        config = at(
            "http://revox.test/api",
            proxy=url if source == "connection" else None,
            allow_http=True,
            retries=0,
        )
        with pytest.raises(AnswerError) as caught:
            ask(kind, config, "list_campaigns")
    assert proxy.requests
    assert "hunter2" not in str(caught.value)


@both
@pytest.mark.parametrize("reason", ["hunter2", "sandbox-key", "\x1b[31m red", "+33612345678"])
def test_what_a_proxy_says_is_not_shown(kind, reason):
    answer = f"HTTP/1.1 407 {reason}\r\nContent-Length: 0\r\n\r\n".encode()
    with Loopback(answer) as proxy, pytest.raises(NotSentError) as caught:
        ask(kind, at("https://revox.test", proxy=proxy.url, retries=0), "list_campaigns")
    assert reason not in str(caught.value)
    assert str(caught.value).isprintable()
