"""Hold what both senders share: the headers, the certificates to trust and the proxy."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from airflow_provider_revox import __version__
from airflow_provider_revox.client.config import ClientConfig, is_http_url, is_loopback
from airflow_provider_revox.client.errors import InvalidConfigurationError
from airflow_provider_revox.client.messages import Request

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",  # what Body can unpack
    "User-Agent": f"airflow-provider-revox/{__version__}",
}


def headers(config: ClientConfig, request: Request) -> dict[str, str]:
    """
    Return the headers of a request. The API key is in them.

    They belong to one request. A session or pool with these headers would send them to a proxy, too.
    """
    found = {**_HEADERS, "Authorization": f"Bearer {config.api_key}"}
    if request.body is not None:
        found["Content-Type"] = "application/json"
    return found


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer, with their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


def took_longer_than(seconds: float) -> str:
    """Return the reason of an error: the request took too long in all."""
    return f"it took longer than {round(seconds, 1):g} s"


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


def secrets(config: ClientConfig) -> list[str]:
    """
    Return the texts that nobody but Revox and the proxy may see.

    :raises InvalidConfigurationError: The proxy of the environment speaks no http.
    """
    proxy = urlsplit(proxy_url(config) or "")
    password = proxy.password or proxy.username  # if the URL has no password, its user is a token
    return [config.api_key, *([unquote(password)] if password else [])]
