"""What both senders share: who they say they are, whom they trust, which way they go, what is not logged."""

from __future__ import annotations

import functools
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from airflow_provider_revox import __version__
from airflow_provider_revox.client import messages
from airflow_provider_revox.client.config import ClientConfig, is_http_url, is_loopback
from airflow_provider_revox.client.errors import InvalidConfigurationError
from airflow_provider_revox.client.messages import Answer, Endpoint, Request

T = TypeVar("T")

_sending: ContextVar[bool] = ContextVar("revox_sending", default=False)


def _not_ours(_: logging.LogRecord) -> bool:
    return not _sending.get()


# httpx logs every URL at INFO, query included, where a search for a phone number would show; and a line per
# poll would bury what matters.
logging.getLogger("httpx").addFilter(_not_ours)


def start_exchange(call: Endpoint[T], config: ClientConfig, retries: int | None) -> messages.Exchange[T]:
    return messages.exchange(
        call, retries=config.retries if retries is None else retries, secrets=[config.api_key]
    )


@contextmanager
def quiet() -> Iterator[None]:
    token = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(token)


def headers(config: ClientConfig) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {config.api_key}",
        "Accept": "application/json",
        "User-Agent": f"airflow-provider-revox/{__version__}",
    }


def content_headers(request: Request) -> dict[str, str] | None:
    return {"Content-Type": "application/json"} if request.body is not None else None


def tls_context(config: ClientConfig) -> ssl.SSLContext | None:
    """
    Return whom to trust; ``None`` for plain http, allowed for loopback: reading certificates is slow.

    :raises InvalidConfigurationError: The CA bundle can't be used.
    """
    if urlsplit(config.base_url).scheme != "https":
        return None
    try:
        return _tls_context(config.ca_bundle)
    except OSError as error:
        raise InvalidConfigurationError(f"the CA bundle can't be read: {error.strerror or error}") from None


@functools.lru_cache(maxsize=8)
def _tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    if ca_bundle is None:
        import httpx

        return httpx.create_ssl_context()
    return ssl.create_default_context(cafile=ca_bundle)


def proxy_url(config: ClientConfig) -> str | None:
    """
    Return the proxy of the settings, or else the environment's.

    :raises InvalidConfigurationError: The environment names one of another kind than http.
    """
    url = urlsplit(config.base_url)
    host = url.hostname or ""
    if config.proxy is not None or is_loopback(host) or proxy_bypass(host):
        return config.proxy
    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    if found and "://" not in found:
        found = f"http://{found}"
    if found and not is_http_url(found):
        raise InvalidConfigurationError("the proxy that the environment names must have an http:// URL")
    return found


def is_success(status: int) -> bool:
    return 200 <= status < 300


def wants_body(request: Request, status: int) -> bool:
    return request.reads_body or not is_success(status)


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)
