"""Hold what both senders share: the headers, the certificates to trust and the proxy."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from airflow_provider_revox import __version__
from airflow_provider_revox.client.config import ClientConfig, is_http_url, is_loopback
from airflow_provider_revox.client.errors import InvalidConfigurationError
from airflow_provider_revox.client.messages import Answer, Request


def headers(config: ClientConfig) -> dict[str, str]:
    """Return the headers of every request. The API key is in them."""
    return {
        "Authorization": f"Bearer {config.api_key}",
        "Accept": "application/json",
        "User-Agent": f"airflow-provider-revox/{__version__}",
    }


def content_headers(request: Request) -> dict[str, str] | None:
    """Return the headers that a request with a body has in addition."""
    return {"Content-Type": "application/json"} if request.body is not None else None


def make_answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the answer, with the names of its headers in lower case."""
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


def tls_context(config: ClientConfig) -> ssl.SSLContext | None:
    """
    Return the certificates to trust.

    :return: ``None`` for a base URL with http://, which needs none: reading certificates takes over 100 ms.
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
    Return the proxy of the settings, or else the proxy of the environment.

    :raises InvalidConfigurationError: The proxy of the environment speaks no http.
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
