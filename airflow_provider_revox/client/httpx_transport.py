"""How httpx is set up, asked and understood."""

from __future__ import annotations

from typing import Any

import httpx

from airflow_provider_revox.client.config import ClientConfig
from airflow_provider_revox.client.errors import NoAnswerError, NotSentError, TransportError
from airflow_provider_revox.client.messages import Request
from airflow_provider_revox.client.transport import content_headers, headers, proxy_url, tls_context


def http_options(config: ClientConfig) -> dict[str, Any]:
    tls = tls_context(config)
    return {
        "base_url": config.base_url,
        "headers": headers(config),
        "timeout": httpx.Timeout(
            connect=config.connect_timeout,
            read=config.read_timeout,
            write=config.write_timeout,
            pool=config.pool_timeout,
        ),
        "follow_redirects": False,
        "proxy": proxy_url(config),
        "trust_env": False,
        "verify": False if tls is None else tls,
    }


def build_request(http: httpx.Client, request: Request) -> httpx.Request:
    return http.build_request(
        request.method,
        request.path,
        params=request.query or None,
        content=request.body,
        headers=content_headers(request),
    )


_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def transport_error(request: Request, error: Exception) -> TransportError:
    if isinstance(error, _NOT_SENT):
        return NotSentError(request.method, request.path, f"{type(error).__name__}: {error}".rstrip(": "))
    # The text of these may quote what came over the wire, so only their kind is told.
    return NoAnswerError(request.method, request.path, type(error).__name__)
