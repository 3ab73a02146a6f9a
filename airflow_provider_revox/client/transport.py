"""What both senders share: how httpx is set up, asked and understood."""

from __future__ import annotations

import functools
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import httpx

from airflow_provider_revox import __version__
from airflow_provider_revox.client import protocol
from airflow_provider_revox.client.config import ClientConfig, is_loopback
from airflow_provider_revox.client.errors import (
    InvalidConfigurationError,
    NoAnswerError,
    NotSentError,
    TransportError,
)
from airflow_provider_revox.client.protocol import Answer, Call, Request

T = TypeVar("T")

_sending: ContextVar[bool] = ContextVar("revox_sending", default=False)


def _not_ours(_: logging.LogRecord) -> bool:
    return not _sending.get()


# httpx logs every URL at INFO, query included, where a search for a phone number would show; and a line per
# poll would bury what matters.
logging.getLogger("httpx").addFilter(_not_ours)


def start_exchange(call: Call[T], config: ClientConfig, retries: int | None) -> protocol.Exchange[T]:
    return protocol.exchange(
        call, retries=config.retries if retries is None else retries, secrets=[config.api_key]
    )


@contextmanager
def quiet() -> Iterator[None]:
    token = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(token)


@functools.lru_cache(maxsize=8)
def _tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    if ca_bundle is None:
        return httpx.create_ssl_context()
    return ssl.create_default_context(cafile=ca_bundle)


def http_options(config: ClientConfig) -> dict[str, Any]:
    try:
        # Plain http, allowed for loopback, needs no certificates; reading them is slow.
        tls = _tls_context(config.ca_bundle) if httpx.URL(config.base_url).scheme == "https" else False
    except OSError as error:
        raise InvalidConfigurationError(f"the CA bundle can't be read: {error.strerror or error}") from None
    if config.proxy is not None:
        try:
            httpx.HTTPTransport(proxy=config.proxy, verify=False).close()
        except (ValueError, httpx.InvalidURL, ImportError):
            raise InvalidConfigurationError(
                "proxy must be a URL such as http://proxy.example.com:3128"
            ) from None
    return {
        "base_url": config.base_url,
        "headers": {
            "Authorization": f"Bearer {config.api_key}",
            "Accept": "application/json",
            "User-Agent": f"airflow-provider-revox/{__version__}",
        },
        "timeout": httpx.Timeout(
            connect=config.connect_timeout,
            read=config.read_timeout,
            write=config.write_timeout,
            pool=config.pool_timeout,
        ),
        "follow_redirects": False,
        "proxy": config.proxy,
        "trust_env": not is_loopback(httpx.URL(config.base_url).host),
        "verify": tls,
    }


def build_request(http: httpx.Client | httpx.AsyncClient, request: Request) -> httpx.Request:
    return http.build_request(
        request.method,
        request.path,
        params=request.query or None,
        content=request.body,
        headers={"Content-Type": "application/json"} if request.body is not None else None,
    )


def wants_body(request: Request, response: httpx.Response) -> bool:
    return request.reads_body or not response.is_success


def read_answer(response: httpx.Response, body: bytes) -> Answer:
    return Answer(
        response.status_code, {name.lower(): value for name, value in response.headers.items()}, body
    )


_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def transport_error(request: Request, error: Exception) -> TransportError:
    if isinstance(error, _NOT_SENT):
        return NotSentError(request.method, request.path, f"{type(error).__name__}: {error}".rstrip(": "))
    # The text of these may quote what came over the wire, so only their kind is told.
    return NoAnswerError(request.method, request.path, type(error).__name__)
