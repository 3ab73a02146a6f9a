"""Settings of a client: checked once, before anything is sent."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from airflow_provider_revox.client.errors import InvalidConfigurationError

DEFAULT_BASE_URL = "https://www.getrevox.com/api"


@dataclass(frozen=True)
class ClientConfig:
    """
    How to reach the API.

    :param api_key: The key, sent as a bearer token.
    :param base_url: Root of the API.
    :param connect_timeout: Seconds to make a connection.
    :param read_timeout: Seconds without a byte of the answer.
    :param write_timeout: Seconds without being able to send a byte.
    :param pool_timeout: Seconds to wait for a free connection.
    :param retries: How often a request is sent again that is safe to send again.
    :param proxy: URL of a proxy that speaks http; default: the usual environment variables.
    :param ca_bundle: Path of a PEM file with the certificate authorities to trust.
    :param allow_http: Send the key unencrypted to a host that is not this machine.
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
        Return the address of a campaign for people.

        The vendor does not document the addresses of its web pages; this is the base URL's site with the
        API's own path to the campaign.
        """
        site = self.base_url.rstrip("/").removesuffix("/api")
        return f"{site}/campaigns/{quote(campaign_id, safe='')}"

    def _check_base_url(self) -> None:
        try:
            url = urlsplit(self.base_url)
            host, _ = url.hostname, url.port
            # urlsplit drops what httpx stumbles over; empty labels are no host name.
            if not self.base_url.isprintable() or " " in self.base_url or ".." in (host or ""):
                raise ValueError
        except ValueError:
            raise InvalidConfigurationError("the base URL (host) is not a URL") from None
        if "@" in self.base_url:
            # Not repeated in the text: whatever stands there is a secret.
            raise InvalidConfigurationError("the base URL (host) must not contain a user name or password")
        if url.scheme not in ("http", "https") or not host or url.query or url.fragment:
            raise InvalidConfigurationError(f"the base URL (host) must look like {DEFAULT_BASE_URL}")
        if url.scheme == "http" and not (self.allow_http or is_loopback(host)):
            raise InvalidConfigurationError(
                f"refusing to send the API key unencrypted to {host}: "
                "use https://, or set allow_http in the connection's extras if you mean it"
            )


def is_http_url(text: str) -> bool:
    """Whether ``text`` is the URL of a host that speaks http or https."""
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.hostname)


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
