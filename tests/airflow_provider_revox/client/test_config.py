from __future__ import annotations

import pytest

from airflow_provider_revox.client import AsyncRevoxClient, ClientConfig, RevoxClient
from airflow_provider_revox.client.config import is_loopback
from airflow_provider_revox.client.errors import InvalidConfigurationError, RevoxError
from airflow_provider_revox.client.messages import Request
from airflow_provider_revox.client.sync_client import build_request
from airflow_provider_revox.client.transport import _tls_context

KEY = "sandbox-key"


def refusal(**options: object) -> str:
    """Why a config with these options is refused; nothing of the chain of errors shows the options."""
    with pytest.raises(InvalidConfigurationError) as caught:
        ClientConfig(**{"api_key": KEY, **options})
    assert not caught.value.transient
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.getrevox.com/api",
        "https://10.0.0.1/api",
        "http://127.0.0.1:8080/api",
        "http://127.8.9.10/api",
        "http://[::1]:8080/api",
        "http://localhost:8080",
        "http://LOCALHOST/api",
    ],
)
def test_https_and_this_machine_are_accepted(url):
    assert ClientConfig(api_key=KEY, base_url=url).base_url == url


@pytest.mark.parametrize(
    "host",
    [
        "localhost.evil.example",
        "127.1",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "192.168.0.1",
        "0.0.0.0",
        "www.getrevox.com",
        "evil-localhost",
        "2130706433",
        "0x7f.1",
        "[::2]",
        "[::ffff:10.0.0.1]",
    ],
)
def test_the_key_does_not_go_unencrypted_to_another_machine(host):
    text = refusal(base_url=f"http://{host}/api")
    assert "unencrypted" in text
    assert "https://" in text
    assert "allow_http" in text
    assert ClientConfig(api_key=KEY, base_url=f"http://{host}/api", allow_http=True).allow_http


@pytest.mark.parametrize("url", ["http://127.0.0.1@evil.example/api", "http://localhost:80@evil.example/api"])
def test_a_loopback_user_name_makes_no_loopback_host(url):
    assert "user name" in refusal(base_url=url)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.1", False), ("", False)],
)
def test_only_names_and_addresses_of_this_machine_are_loopback(host, expected):
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    "url",
    [
        "https://admin:hunter2@www.getrevox.com/api",
        "https://hunter2@www.getrevox.com/api",
        "https://:hunter2@www.getrevox.com/api",
        "http://admin:hunter2@127.0.0.1/api",
        "//admin:hunter2@www.getrevox.com/api",
        "admin:hunter2@www.getrevox.com/api",
        "https://www.getrevox.com/api?token=hunter2",
        "https://www.getrevox.com/api#hunter2",
        "https://hunter2:x@[www.getrevox.com/api",
    ],
)
def test_a_secret_in_the_base_url_is_refused_and_not_shown(url):
    assert "hunter2" not in refusal(base_url=url)


@pytest.mark.parametrize(
    "url", ["", "www.getrevox.com/api", "ftp://www.getrevox.com", "https://", "https://[::1"]
)
def test_what_is_no_url_is_refused(url):
    assert "base URL (host)" in refusal(base_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "https://\u2603.example",
        "https://xn--a.example/api",
        "https://xn--\u00fc.example",
        "https://\uff57ww.example",
        "https://a.\u200b.example",
        "https://http://revox.example",
        "https://revox.example/https://revox.example",
    ],
)
def test_a_host_that_a_library_can_not_read_is_refused(url):
    assert "base URL (host)" in refusal(base_url=url)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://p\u2603:1",
        "http://user:hunter2@xn--a:1",
        " http://p:1",
        "http://p :1",
        "http://p:1\n",
        "http://:1",
        "",
    ],
)
def test_a_proxy_that_a_library_can_not_read_is_refused_and_not_shown(proxy):
    text = refusal(proxy=proxy)
    assert "proxy must be a URL" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("host", ["b\u00fccher.example", "xn--bcher-kva.example", "a_b.example", "[fe80::1]"])
def test_an_international_host_is_accepted(host):
    config = ClientConfig(api_key=KEY, base_url=f"https://{host}/api", proxy=f"http://{host}:1")
    assert (config.base_url, config.proxy) == (f"https://{host}/api", f"http://{host}:1")
    # That neither client raises is the assertion.
    RevoxClient(config).close()
    AsyncRevoxClient(config)


@pytest.mark.parametrize("url", ["https://h:99999/api", "https://h:port/api"])
def test_a_port_that_is_none_is_refused(url):
    assert "base URL (host)" in refusal(base_url=url)


@pytest.mark.parametrize(
    "key",
    [
        "secret key",
        " secretkey",
        "secretkey\n",
        "secret\r\nX-Header: key",
        "secret\tkey",
        "secretkéy",
        "secret\x00key",
        "secret\u200bkey",
        "secret\x7fkey",
        "“secretkey”",
    ],
)
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(key):
    text = refusal(api_key=key)
    assert "API key" in text
    assert "secret" not in text


@pytest.mark.parametrize("key", ["", None])
def test_a_missing_key_says_where_to_set_it(key):
    assert "password of the Airflow connection" in refusal(api_key=key)


@pytest.mark.parametrize("name", ["connect_timeout", "read_timeout", "write_timeout", "pool_timeout"])
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_a_timeout_that_never_ends_or_never_starts_is_refused(name, value):
    assert name in refusal(**{name: value})


def test_retries_are_not_negative():
    assert "retries" in refusal(retries=-1)
    assert ClientConfig(api_key=KEY, retries=0).retries == 0


def test_secrets_are_not_in_the_repr():
    config = ClientConfig(api_key=KEY, proxy="http://user:hunter2@proxy.example.com:3128")
    assert KEY not in repr(config)
    assert "hunter2" not in repr(config)


@pytest.mark.parametrize(
    ("base_url", "page"),
    [
        ("https://www.getrevox.com/api", "https://www.getrevox.com/campaigns/a%2Fb"),
        ("https://www.getrevox.com/api/", "https://www.getrevox.com/campaigns/a%2Fb"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80/campaigns/a%2Fb"),
    ],
)
def test_a_campaign_has_a_page_for_people(base_url, page):
    assert ClientConfig(api_key=KEY, base_url=base_url).campaign_url("a/b") == page


# --- what becomes of it in a client ---

CLIENTS = pytest.mark.parametrize("kind", [RevoxClient, AsyncRevoxClient])


def test_every_timeout_of_the_config_reaches_the_library():
    config = ClientConfig(
        api_key=KEY,
        base_url="http://127.0.0.1",
        connect_timeout=1,
        read_timeout=2,
        write_timeout=3,
        pool_timeout=4,
    )
    assert build_request(config, Request("GET", "/campaigns")).extensions["timeout"] == {
        "connect": 1,
        "read": 2,
        "write": 3,
        "pool": 4,
    }
    timeout = AsyncRevoxClient(config)._timeout
    assert (timeout.total, timeout.connect, timeout.sock_connect, timeout.sock_read) == (None, 5, 1, 2)


def test_no_default_waits_for_ever():
    config = ClientConfig(api_key=KEY)
    assert build_request(config, Request("GET", "/campaigns")).extensions["timeout"] == {
        "connect": 10,
        "read": 60,
        "write": 60,
        "pool": 10,
    }
    timeout = AsyncRevoxClient(config)._timeout
    assert (timeout.connect, timeout.sock_connect, timeout.sock_read) == (20, 10, 60)


@CLIENTS
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_bundle_that_is_none_is_a_wrong_setting(kind, content, tmp_path):
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(InvalidConfigurationError, match="CA bundle"):
        kind(ClientConfig(api_key=KEY, ca_bundle=str(bundle)))


@CLIENTS
@pytest.mark.parametrize(
    "proxy",
    [
        "proxy.example.com",
        "ftp://user:hunter2@proxy",
        "http://user:hunter2@proxy:port",
        "socks5://user:hunter2@proxy",
    ],
)
def test_a_proxy_that_can_not_be_used_is_a_wrong_setting(kind, proxy):
    with pytest.raises(InvalidConfigurationError, match="proxy") as caught:
        kind(ClientConfig(api_key=KEY, proxy=proxy))
    assert "hunter2" not in str(caught.value)


@CLIENTS
@pytest.mark.parametrize(
    "url",
    ["https://www.get\nrevox.com/api", "https://www.getrevox.com/\x00", " https://www.getrevox.com/api"],
)
def test_a_base_url_that_httpx_can_not_use_is_a_wrong_setting(kind, url):
    with pytest.raises(InvalidConfigurationError):
        kind(ClientConfig(api_key=KEY, base_url=url))


def test_a_host_that_no_name_server_can_be_asked_for_is_an_error_of_the_client():
    def ask() -> None:
        config = ClientConfig(api_key=KEY, base_url="https://www..getrevox.com/api", retries=0)
        with RevoxClient(config) as client:
            client.list_campaigns()

    with pytest.raises(RevoxError):
        ask()


def test_certificates_are_read_once():
    assert _tls_context(None) is _tls_context(None)


def test_a_hurried_client_gives_up_soon_on_the_same_connections_and_never_waits_longer_than_the_settings():
    settings = {"api_key": "k", "base_url": "http://127.0.0.1:9", "read_timeout": 2.0}
    with RevoxClient(ClientConfig(**settings)) as client:
        hurried = client.hurried(3.0)
        assert (hurried.config.retries, client.config.retries) == (0, 3)
        assert (hurried.config.connect_timeout, hurried.config.read_timeout) == (3.0, 2.0)
        assert (hurried.config.limits.answer_seconds, hurried.config.limits.long_seconds) == (3.0, 3.0)
        assert hurried._transport is client._transport
        assert client.config.read_timeout == 2.0
