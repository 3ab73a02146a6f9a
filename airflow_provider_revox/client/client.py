"""Two thin senders over httpx: they carry out the steps of :mod:`.protocol` and decide nothing."""

from __future__ import annotations

import asyncio
import functools
import logging
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self, TypeVar

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
from airflow_provider_revox.client.models import Campaign, CampaignCreate, RowsExport, RowsPage
from airflow_provider_revox.client.protocol import Answer, Call, Pause, Request, Transmit

T = TypeVar("T")

_sending: ContextVar[bool] = ContextVar("revox_sending", default=False)


def _not_ours(_: logging.LogRecord) -> bool:
    return not _sending.get()


# httpx logs every URL at INFO, query included, where a search for a phone number would show; and a line per
# poll would bury what matters.
logging.getLogger("httpx").addFilter(_not_ours)


class RevoxClient:
    """
    The API, blocking. Holds a connection pool: use it as a context manager, or close it.

    :param config: How to reach the API.
    :raises InvalidConfigurationError: The CA bundle or the proxy can't be used.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self._http = httpx.Client(**_http_options(config))

    def send(self, call: Call[T]) -> T:
        """Carry out one call of :mod:`.protocol`."""
        exchange = protocol.exchange(call, retries=self.config.retries, secrets=[self.config.api_key])
        outcome: Answer | TransportError | None = None
        while True:
            try:
                step = exchange.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            match step:
                case Transmit(request):
                    outcome = self._transmit(request)
                case Pause(seconds):
                    outcome = None
                    time.sleep(seconds)

    def _transmit(self, request: Request) -> Answer | TransportError:
        try:
            with _quiet():
                response = self._http.send(_build(self._http, request), stream=True)
                try:
                    body = response.read() if _wants_body(request, response) else b""
                finally:
                    response.close()
        except (httpx.HTTPError, httpx.StreamError) as error:
            return _transport_error(request, error)
        return _answer(response, body)

    def create_campaign(self, campaign: CampaignCreate) -> Campaign:
        """Create a campaign and launch it. Sent again only where it surely was not taken."""
        return self.send(protocol.create_campaign(campaign))

    def list_campaigns(self) -> list[Campaign]:
        """Return every campaign of the organization, finished ones too."""
        return self.send(protocol.list_campaigns())

    def get_campaign(self, campaign_id: str) -> Campaign:
        """Return one campaign."""
        return self.send(protocol.get_campaign(campaign_id))

    def cancel_campaign(self, campaign_id: str) -> bool:
        """Abort pending and queued calls; calls in progress finish, the campaign and its rows stay."""
        return self.send(protocol.cancel_campaign(campaign_id))

    def delete_campaign(self, campaign_id: str) -> bool:
        """Delete a campaign and its rows for good."""
        return self.send(protocol.delete_campaign(campaign_id))

    def get_rows(self, campaign_id: str, *, page: int, page_size: int, **filters: str | None) -> RowsPage:
        """Return one page of rows; ``filters`` are ``query``, ``result`` and ``statuses``."""
        return self.send(protocol.get_rows(campaign_id, page=page, page_size=page_size, **filters))

    def export_rows(self, campaign_id: str) -> RowsExport:
        """Return all rows as the text of a CSV file."""
        return self.send(protocol.export_rows(campaign_id))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncRevoxClient:
    """
    The API for an event loop. Make it with :meth:`open`, which keeps slow set-up off the loop.

    :param config: How to reach the API.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self._http = httpx.AsyncClient(**_http_options(config))

    @classmethod
    async def open(cls, config: ClientConfig) -> Self:
        """Make a client in a thread: reading the certificates alone takes over 100 ms."""
        return await asyncio.to_thread(cls, config)

    async def send(self, call: Call[T]) -> T:
        """Carry out one call of :mod:`.protocol`."""
        exchange = protocol.exchange(call, retries=self.config.retries, secrets=[self.config.api_key])
        outcome: Answer | TransportError | None = None
        while True:
            try:
                step = exchange.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            match step:
                case Transmit(request):
                    outcome = await self._transmit(request)
                case Pause(seconds):
                    outcome = None
                    await asyncio.sleep(seconds)

    async def _transmit(self, request: Request) -> Answer | TransportError:
        try:
            with _quiet():
                response = await self._http.send(_build(self._http, request), stream=True)
                try:
                    body = await response.aread() if _wants_body(request, response) else b""
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.StreamError) as error:
            return _transport_error(request, error)
        return _answer(response, body)

    async def create_campaign(self, campaign: CampaignCreate) -> Campaign:
        """Create a campaign and launch it. Sent again only where it surely was not taken."""
        return await self.send(protocol.create_campaign(campaign))

    async def list_campaigns(self) -> list[Campaign]:
        """Return every campaign of the organization, finished ones too."""
        return await self.send(protocol.list_campaigns())

    async def get_campaign(self, campaign_id: str) -> Campaign:
        """Return one campaign."""
        return await self.send(protocol.get_campaign(campaign_id))

    async def cancel_campaign(self, campaign_id: str) -> bool:
        """Abort pending and queued calls; calls in progress finish, the campaign and its rows stay."""
        return await self.send(protocol.cancel_campaign(campaign_id))

    async def delete_campaign(self, campaign_id: str) -> bool:
        """Delete a campaign and its rows for good."""
        return await self.send(protocol.delete_campaign(campaign_id))

    async def get_rows(
        self, campaign_id: str, *, page: int, page_size: int, **filters: str | None
    ) -> RowsPage:
        """Return one page of rows; ``filters`` are ``query``, ``result`` and ``statuses``."""
        return await self.send(protocol.get_rows(campaign_id, page=page, page_size=page_size, **filters))

    async def export_rows(self, campaign_id: str) -> RowsExport:
        """Return all rows as the text of a CSV file."""
        return await self.send(protocol.export_rows(campaign_id))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


@contextmanager
def _quiet() -> Iterator[None]:
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


def _http_options(config: ClientConfig) -> dict[str, Any]:
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


def _build(http: httpx.Client | httpx.AsyncClient, request: Request) -> httpx.Request:
    return http.build_request(
        request.method,
        request.path,
        params=request.query or None,
        content=request.body,
        headers={"Content-Type": "application/json"} if request.body is not None else None,
    )


def _wants_body(request: Request, response: httpx.Response) -> bool:
    return request.reads_body or not response.is_success


def _answer(response: httpx.Response, body: bytes) -> Answer:
    return Answer(
        response.status_code, {name.lower(): value for name, value in response.headers.items()}, body
    )


_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def _transport_error(request: Request, error: Exception) -> TransportError:
    if isinstance(error, _NOT_SENT):
        return NotSentError(request.method, request.path, f"{type(error).__name__}: {error}".rstrip(": "))
    # The text of these may quote what came over the wire, so only their kind is told.
    return NoAnswerError(request.method, request.path, type(error).__name__)
