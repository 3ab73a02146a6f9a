from __future__ import annotations

import json
from typing import Any

import certifi
import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS, AIRFLOW_V_3_2_PLUS

from airflow_provider_revox.client import ClientConfig
from airflow_provider_revox.client.errors import InvalidConfigurationError
from airflow_provider_revox.hooks.revox import RevoxHook

DEFAULTS = ClientConfig(api_key="the-key")
EVERY_EXTRA = {
    "connect_timeout": 1.5,
    "read_timeout": 2,
    "write_timeout": 3,
    "pool_timeout": 4,
    "retries": 0,
    "proxy": "http://proxy.example.com:3128",
    "ca_bundle": certifi.where(),
    "allow_http": True,
    "namespace": "staging",
}


@pytest.fixture
def read(monkeypatch):
    """Return a function that reads a connection, as Airflow has it from an environment variable."""

    def read(text: str | dict[str, Any]) -> ClientConfig:
        text = (
            text
            if isinstance(text, str)
            else json.dumps({"conn_type": "revox", "password": "the-key", **text})
        )
        monkeypatch.setenv("AIRFLOW_CONN_CALLS", text)
        return RevoxHook("calls").get_conn().config

    return read


def test_the_password_is_all_a_connection_needs(read):
    assert read({}) == DEFAULTS
    assert DEFAULTS.base_url == "https://www.getrevox.com/api"


@pytest.mark.parametrize(
    ("text", "base_url"),
    [
        ("revox://:the-key@", "https://www.getrevox.com/api"),
        ("revox://:the-key@www.getrevox.com/api", "https://www.getrevox.com/api"),
        ("revox://:the-key@eu.example.com:8443/v2", "https://eu.example.com:8443/v2"),
        ("revox://:the-key@eu.example.com", "https://eu.example.com"),
        ("revox://:the-key@https%3A%2F%2Feu.example.com%2Fapi", "https://eu.example.com/api"),
        ("revox://:the-key@http%3A%2F%2F127.0.0.1%3A8080%2Fapi", "http://127.0.0.1:8080/api"),
        # Airflow takes these apart into host, port and schema, the protocol staying with the host.
        ("revox://https://:the-key@eu.example.com:8443/v2", "https://eu.example.com:8443/v2"),
        ("revox://http://:the-key@127.0.0.1:8080/api", "http://127.0.0.1:8080/api"),
        ("revox://:the-key@https%3A%2F%2Feu.example.com/api", "https://eu.example.com/api"),
        ("revox://:the-key@[2001:db8::1]:8443/api", "https://[2001:db8::1]:8443/api"),
        ("revox://:the-key@[2001:db8::1]", "https://[2001:db8::1]"),
        ("revox://:the-key@%5B2001%3Adb8%3A%3A1%5D/api", "https://[2001:db8::1]/api"),
        ("revox://https://:the-key@[2001:db8::1]:8443/v2", "https://[2001:db8::1]:8443/v2"),
        ("revox://http://:the-key@[::1]:8080/api", "http://[::1]:8080/api"),
        ("revox://:the-key@https%3A%2F%2Feu.example.com%2Fapi:8443", "https://eu.example.com:8443/api"),
        ("revox://:the-key@https%3A%2F%2Feu.example.com%2Fapi:8443/v2", "https://eu.example.com:8443/api/v2"),
        ("revox://:the-key@eu.example.com:8443/https", "https://eu.example.com:8443"),
        ("revox://:the-key@localhost:8080/http", "http://localhost:8080"),
        ("revox://:the-key@eu.example.com:0/api", "https://eu.example.com/api"),  # the form writes 0 for none
    ],
)
def test_a_connection_is_read_from_a_uri(read, text, base_url):
    config = read(text)
    assert (config.api_key, config.base_url) == ("the-key", base_url)


@pytest.mark.parametrize(
    ("fields", "base_url"),
    [
        ({"host": None}, "https://www.getrevox.com/api"),
        ({"host": ""}, "https://www.getrevox.com/api"),
        ({"host": " https://eu.example.com/api/ "}, "https://eu.example.com/api"),
        ({"host": "eu.example.com/api"}, "https://eu.example.com/api"),
        ({"host": "eu.example.com", "port": 8443, "schema": "api"}, "https://eu.example.com:8443/api"),
        ({"host": "http://localhost:8080/api"}, "http://localhost:8080/api"),
        ({"host": "https://eu.example.com/api", "port": 8443}, "https://eu.example.com:8443/api"),
        ({"host": "eu.example.com:8443/api/", "port": 8443}, "https://eu.example.com:8443/api"),
        ({"host": "2001:db8::1", "port": 8443, "schema": "/api"}, "https://[2001:db8::1]:8443/api"),
        ({"host": "[2001:db8::1]:8443/api", "port": 8443}, "https://[2001:db8::1]:8443/api"),
        ({"host": "http://[::1]/api", "port": 80}, "http://[::1]:80/api"),
        ({"host": "eu.example.com", "schema": "https"}, "https://eu.example.com"),
        ({"host": "eu.example.com/api", "schema": "HTTPS"}, "https://eu.example.com/api"),
        ({"host": "https://eu.example.com/api", "schema": "https"}, "https://eu.example.com/api"),
        ({"host": "localhost/api", "schema": "http", "port": 8080}, "http://localhost:8080/api"),
        ({"schema": "https"}, "https://www.getrevox.com/api"),
        ({"host": "eu.example.com", "port": 0, "schema": ""}, "https://eu.example.com"),
    ],
)
def test_a_connection_is_read_from_json(read, fields, base_url):
    assert read(fields).base_url == base_url


def test_space_around_the_key_is_not_part_of_it(read):
    assert read({"password": " the-key\n"}).api_key == "the-key"


def test_extras_are_read_as_numbers_and_as_text(read):
    expected = ClientConfig(api_key="the-key", **EVERY_EXTRA)
    assert read({"extra": EVERY_EXTRA}) == expected
    assert read({"extra": {name: str(value) for name, value in EVERY_EXTRA.items()}}) == expected
    query = "&".join(
        f"{name}={value}" for name, value in EVERY_EXTRA.items() if name not in ("proxy", "ca_bundle")
    )
    from_uri = read(f"revox://:the-key@?{query}")
    assert (from_uri.read_timeout, from_uri.retries, from_uri.allow_http) == (2.0, 0, True)


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_extra_is_the_default(read, empty):
    assert read({"extra": dict.fromkeys(EVERY_EXTRA, empty)}) == DEFAULTS


def test_every_setting_of_the_client_but_key_url_and_limits_is_an_extra():
    from dataclasses import fields

    no_extras = {"api_key", "base_url", "limits"}
    assert set(EVERY_EXTRA) == {field.name for field in fields(ClientConfig)} - no_extras


def test_an_extra_that_is_not_ours_is_left_alone(read):
    assert read({"extra": {"team": "billing"}}) == DEFAULTS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connect_timeout", "soon"),
        ("connect_timeout", [1]),
        ("connect_timeout", 0),
        ("read_timeout", "-1"),
        ("read_timeout", "inf"),
        ("read_timeout", "nan"),
        ("write_timeout", {"seconds": 1}),
        ("pool_timeout", "10s"),
        ("retries", 1.5),
        ("retries", "1.5"),
        ("retries", -1),
        ("retries", "inf"),
        ("retries", 10**400),
        ("allow_http", "yes"),
        ("allow_http", 1),
    ],
)
def test_a_bad_extra_is_named_with_its_connection(read, name, value):
    with pytest.raises(InvalidConfigurationError) as caught:
        read({"extra": {name: value}})
    assert str(caught.value).startswith("connection 'calls': ")
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"password": None}, "password of the Airflow connection"),
        ({"password": "  "}, "password of the Airflow connection"),
        ({"password": "hunter2 twice"}, "API key"),
        ({"host": "http://www.getrevox.com/api"}, "unencrypted"),
        ({"host": "https://joe:hunter2@www.getrevox.com/api"}, "user name"),
        ({"host": "joe:hunter2@www.getrevox.com"}, "user name"),
        ({"host": "ftp://www.getrevox.com"}, "base URL"),
        ({"host": "http://localhost/api", "schema": "https"}, "name two protocols"),
        ({"host": "eu.example.com:8443", "port": 443}, "name two ports"),
        ({"host": "[::1]:8443", "port": 443}, "name two ports"),
        ({"host": "eu.example.com/api:8443"}, "behind the host name"),
        ({"port": 8443}, "no host name"),
        ({"schema": "api"}, "no host name"),
        ({"host": "eu.example.com", "schema": "http"}, "unencrypted"),
        ({"host": "https://"}, "no host name"),
        ({"host": "eu.example.com", "schema": "https://"}, "the schema must be"),
        ({"host": "eu.example.com", "schema": "hunter2:x"}, "the schema must be"),
        ({"host": "https://http://eu.example.com"}, "base URL"),
        ({"host": "https://\u2603.example"}, "base URL"),
        ({"extra": {"proxy": "http://user:hunter2@\u2603:1"}}, "proxy must be a URL"),
    ],
)
def test_other_bad_fields_are_named_with_their_connection_and_no_secret_is_shown(read, fields, problem):
    with pytest.raises(InvalidConfigurationError, match=problem) as caught:
        read(fields)
    assert str(caught.value).startswith("connection 'calls': ")
    assert "hunter2" not in str(caught.value)


def test_white_space_around_the_proxy_is_removed(read):
    assert (
        read({"extra": {"proxy": " http://proxy.example.com:3128\n"}}).proxy
        == "http://proxy.example.com:3128"
    )


def test_extras_that_are_no_object_are_a_wrong_setting(read):
    if AIRFLOW_V_3_0_PLUS and not AIRFLOW_V_3_2_PLUS:
        pytest.skip("Airflow 3.0 and 3.1 do not find a connection with such extras")
    with pytest.raises(InvalidConfigurationError, match="connection 'calls': "):
        read({"extra": "[1]"})
