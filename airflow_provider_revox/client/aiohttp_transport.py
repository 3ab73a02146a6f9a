"""How aiohttp is set up, asked and understood."""

from __future__ import annotations

from typing import Any

import aiohttp
from yarl import URL

from airflow_provider_revox.client.config import ClientConfig
from airflow_provider_revox.client.errors import (
    InvalidConfigurationError,
    NoAnswerError,
    NotSentError,
    TransportError,
)
from airflow_provider_revox.client.messages import Request
from airflow_provider_revox.client.transport import content_headers, headers, proxy_url, tls_context

_MAX_HEADER = 65_536
"""Bytes of a header, as the blocking client takes them."""


class Settings:
    """
    What a session and its requests are made with. Slow to make, as certificates are read.

    :param config: How to reach the API.
    :raises InvalidConfigurationError: The CA bundle, the proxy or the base URL can't be used.
    """

    def __init__(self, config: ClientConfig) -> None:
        try:
            self._base = str(URL(config.base_url)).rstrip("/")
        except ValueError:
            raise InvalidConfigurationError("the base URL (host) is not a URL") from None
        self._tls = tls_context(config)
        self._proxy = proxy_url(config)
        self._headers = headers(config)
        self._timeout = aiohttp.ClientTimeout(
            total=None,
            # To wait for a free connection counts for this one, too.
            connect=config.pool_timeout + config.connect_timeout,
            sock_connect=config.connect_timeout,
            sock_read=config.read_timeout,
        )

    def session(self) -> aiohttp.ClientSession:
        """Make a session for the running event loop."""
        return aiohttp.ClientSession(
            headers=self._headers,
            timeout=self._timeout,
            connector=aiohttp.TCPConnector(ssl=True if self._tls is None else self._tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )

    def request(self, request: Request) -> dict[str, Any]:
        """Return the arguments with which a session is asked."""
        url = URL(f"{self._base}{request.path}", encoded=True)
        return {
            "method": request.method,
            "url": url.with_query(request.query) if request.query else url,
            "data": request.body,
            "headers": content_headers(request),
            "proxy": self._proxy,
            "allow_redirects": False,
        }


_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


def transport_error(request: Request, error: Exception) -> TransportError:
    # Their text may show the query, a proxy's password or what came over the wire: only their kind is told.
    reason = type(error).__name__
    if isinstance(error, _NOT_SENT):
        cause = error.os_error.strerror if isinstance(error, aiohttp.ClientConnectorError) else None
        return NotSentError(request.method, request.path, f"{reason}: {cause}" if cause else reason)
    return NoAnswerError(request.method, request.path, reason)
