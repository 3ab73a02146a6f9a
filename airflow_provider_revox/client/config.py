"""Check the settings of a client, before anything is sent."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from airflow_provider_revox.client.errors import InvalidConfigurationError
from airflow_provider_revox.client.limits import Limits

DEFAULT_BASE_URL = "https://www.getrevox.com/api"


@dataclass(frozen=True)
class ClientConfig:
    """
    Holds the settings of a client.

    :param api_key: The key. It is sent as a bearer token.
    :param base_url: The URL of the API.
    :param connect_timeout: Seconds to wait for a connection.
    :param read_timeout: Seconds to wait for the next byte of an answer.
    :param write_timeout: Seconds to wait until the server takes the next byte. Not used by the async client.
    :param pool_timeout: Seconds to wait for a free connection.
    :param retries: How often a failed request is sent again, if that is safe.
    :param proxy: The URL of an HTTP proxy. Default: the proxy of the usual environment variables.
    :param ca_bundle: The path of a PEM file with the certificate authorities to trust.
    :param allow_http: Whether the key may be sent without encryption to another machine.
    :param limits: How much a server may answer. They are not a setting of the connection.
    :param namespace: What tells the campaigns of this Airflow from those of others in the organization.
    :raises InvalidConfigurationError: A setting can't be used.
    """

    api_key: str = field(repr=False)
    base_url: str = DEFAULT_BASE_URL
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    write_timeout: float = 60.0
    pool_timeout: float = 10.0
    retries: int = 3
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None
    allow_http: bool = False
    namespace: str = ""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not self.api_key:
            raise InvalidConfigurationError(
                "there is no API key: set it as the password of the Airflow connection"
            )
        if not (self.api_key.isascii() and self.api_key.isprintable()) or " " in self.api_key:
            raise InvalidConfigurationError(
                "the API key has spaces, line breaks or non-ASCII characters in it: copy it again"
            )
        for name in ("connect_timeout", "read_timeout", "write_timeout", "pool_timeout"):
            if not 0 < getattr(self, name) < float("inf"):
                raise InvalidConfigurationError(f"{name} must be a number of seconds above 0")
        if self.retries < 0:
            raise InvalidConfigurationError("retries must be 0 or more")
        if self.proxy is not None and not is_http_url(self.proxy):
            raise InvalidConfigurationError("proxy must be a URL such as http://proxy.example.com:3128")
        self._check_base_url()

    def campaign_url(self, campaign_id: str) -> str:
        """
        Return the address of a campaign's web page.

        Revox does not document the addresses of its web pages. This is the site of the base URL with the path
        that a campaign has in the API.
        """
        site = self.base_url.rstrip("/").removesuffix("/api")
        return f"{site}/campaigns/{quote(campaign_id, safe='')}"

    def _check_base_url(self) -> None:
        try:
            url = urlsplit(self.base_url)
            host, _ = url.hostname, url.port
            # urlsplit accepts these URLs, and httpx fails on them.
            if not self.base_url.isprintable() or " " in self.base_url or ".." in (host or ""):
                raise ValueError
        except ValueError:
            raise InvalidConfigurationError("the base URL (host) is not a URL") from None
        if "@" in self.base_url:
            # The text does not repeat the URL, since a password is in it.
            raise InvalidConfigurationError("the base URL (host) must not contain a user name or password")
        is_plain = not url.query and not url.fragment and self.base_url.count("://") == 1
        if url.scheme not in ("http", "https") or not host or not is_plain:
            raise InvalidConfigurationError(f"the base URL (host) must look like {DEFAULT_BASE_URL}")
        if not _is_understood(self.base_url):
            raise InvalidConfigurationError("the base URL (host) is not a URL")
        if re.search(r":\d+$", url.path.rstrip("/")):
            raise InvalidConfigurationError("the port in the base URL (host) must stand behind the host name")
        if url.scheme == "https" or self.allow_http:
            return
        proxy = urlsplit(self.proxy or self.base_url).hostname or ""
        for machine in (host, proxy):
            if not is_loopback(machine):
                raise InvalidConfigurationError(
                    f"refusing to send the API key unencrypted to {machine}: "
                    "use https://, or set allow_http in the connection's extras if you mean it"
                )


def is_http_url(text: str) -> bool:
    """Return whether ``text`` is a URL with http:// or https:// that the clients can use."""
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return False
    is_clean = text.isprintable() and " " not in text
    return url.scheme in ("http", "https") and bool(url.hostname) and is_clean and _is_understood(text)


def _is_understood(url: str) -> bool:
    """Return whether both HTTP libraries can read a URL. One may refuse an international host name."""
    import httpx
    from yarl import URL

    try:
        return bool(httpx.URL(url).host and URL(url).host)
    except (httpx.InvalidURL, ValueError):
        return False


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
