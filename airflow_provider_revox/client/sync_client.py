"""Send requests to the Revox API and wait for their answers, over httpx."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.config import ClientConfig
from airflow_provider_revox.client.errors import NoAnswerError, NotSentError, RevoxError, TransportError
from airflow_provider_revox.client.messages import (
    Answer,
    Endpoint,
    Request,
    Sink,
    check_success,
    is_success,
    wants_body,
)
from airflow_provider_revox.client.models import (
    Campaign,
    LaunchedCalls,
    PhoneHistory,
    RowsExport,
    RowsPage,
    Statistics,
)
from airflow_provider_revox.client.requests import CampaignCreate, CampaignUpdate, LaunchCalls
from airflow_provider_revox.client.retry import retry_pause
from airflow_provider_revox.client.transport import (
    content_headers,
    headers,
    make_answer,
    proxy_url,
    tls_context,
)

T = TypeVar("T")

_sending: ContextVar[bool] = ContextVar("revox_sending", default=False)


def _is_not_ours(_: logging.LogRecord) -> bool:
    return not _sending.get()


# At INFO, httpx logs every URL with its query, and a query may hold a phone number.
logging.getLogger("httpx").addFilter(_is_not_ours)


@contextmanager
def unlogged() -> Iterator[None]:
    """Keep the requests of this context out of the log of httpx."""
    token = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(token)


class RevoxClient:
    """
    Ask the Revox API, and block until it answers.

    The client holds a pool of connections: use it as a context manager, or close it.

    :param config: How to reach the API.
    :raises InvalidConfigurationError: The CA bundle or the proxy can't be used.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self._http = httpx.Client(**http_options(config))

    def send(self, endpoint: Endpoint[T], *, retries: int | None = None) -> T:
        """
        Ask an endpoint; send the request again if that is safe and may help.

        :param endpoint: From :mod:`airflow_provider_revox.client.endpoints`.
        :param retries: How often the request may be sent again. Default: as the settings say.
        :return: What the answer says.
        :raises RevoxError: The last attempt failed.
        """
        retries = self.config.retries if retries is None else retries
        attempt = 0
        while True:
            try:
                return self._send_once(endpoint)
            except RevoxError as error:
                pause = retry_pause(
                    error, repeatable=endpoint.request.repeatable, attempt=attempt, retries=retries
                )
                if pause is None:
                    raise
            attempt += 1
            time.sleep(pause)

    def _send_once(self, endpoint: Endpoint[T]) -> T:
        read, sink = endpoint.begin_attempt()
        answer = self._transmit(endpoint.request, sink)
        if isinstance(answer, TransportError):
            # Raised here and not where httpx raised: an error of httpx holds the request with its key.
            raise answer
        check_success(endpoint.request, answer, [self.config.api_key])
        return read(answer)

    def _transmit(self, request: Request, sink: Sink | None) -> Answer | TransportError:
        body = b""
        try:
            with unlogged():
                response = self._http.send(build_request(self._http, request), stream=True)
                try:
                    if sink and is_success(response.status_code):
                        for chunk in response.iter_bytes():
                            sink.feed(chunk)
                    elif wants_body(request, response.status_code):
                        body = response.read()
                finally:
                    response.close()
        except (httpx.HTTPError, httpx.StreamError) as error:
            return transport_error(request, error)
        return make_answer(response.status_code, response.headers, body)

    def create_campaign(self, campaign: CampaignCreate) -> Campaign:
        """Create a campaign. On some servers this launches it."""
        return self.send(endpoints.create_campaign(campaign))

    def list_campaigns(self) -> list[Campaign]:
        """Return every campaign of the organization, the finished ones too."""
        return self.send(endpoints.list_campaigns())

    def get_campaign(self, campaign_id: str) -> Campaign:
        """Return one campaign."""
        return self.send(endpoints.get_campaign(campaign_id))

    def cancel_campaign(self, campaign_id: str) -> bool:
        """Abort pending and queued calls. Calls in progress go on; the campaign and its rows stay."""
        return self.send(endpoints.cancel_campaign(campaign_id))

    def delete_campaign(self, campaign_id: str) -> bool:
        """Delete a campaign and its rows for good."""
        return self.send(endpoints.delete_campaign(campaign_id))

    def launch_campaign(self, campaign_id: str) -> Campaign:
        """Launch a draft."""
        return self.send(endpoints.launch_campaign(campaign_id))

    def launch_calls(self, campaign_id: str, order: LaunchCalls) -> LaunchedCalls:
        """Launch calls of a campaign."""
        return self.send(endpoints.launch_calls(campaign_id, order))

    def pause_campaign(self, campaign_id: str) -> bool:
        """Hold pending and queued calls. Calls in progress go on."""
        return self.send(endpoints.pause_campaign(campaign_id))

    def resume_campaign(self, campaign_id: str) -> bool:
        """Make the calls that were held."""
        return self.send(endpoints.resume_campaign(campaign_id))

    def update_campaign(self, campaign_id: str, update: CampaignUpdate) -> Campaign:
        """Change a campaign; return it."""
        return self.send(endpoints.update_campaign(campaign_id, update))

    def get_statistics(self, campaign_id: str) -> Statistics:
        """Return the statistics of a campaign."""
        return self.send(endpoints.get_statistics(campaign_id))

    def get_auth_status(self) -> bool:
        """Return true if the API key is good. A wrong key raises."""
        return self.send(endpoints.get_auth_status())

    def get_phone_history(self, numbers: Collection[str] | None = None) -> PhoneHistory:
        """Return what Revox knows about these numbers, or about all that were ever called."""
        return self.send(endpoints.get_phone_history(numbers))

    def get_rows(self, campaign_id: str, *, page: int, page_size: int, **filters: str | None) -> RowsPage:
        """Return one page of rows. The filters are ``query``, ``result`` and ``statuses``."""
        return self.send(endpoints.get_rows(campaign_id, page=page, page_size=page_size, **filters))

    def export_rows(self, campaign_id: str) -> RowsExport:
        """Return all rows as the text of a CSV file."""
        return self.send(endpoints.export_rows(campaign_id))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def http_options(config: ClientConfig) -> dict[str, Any]:
    """
    Return the settings of the httpx client.

    :raises InvalidConfigurationError: The CA bundle or the proxy can't be used.
    """
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
    """Return the request as httpx takes it."""
    return http.build_request(
        request.method,
        request.path,
        params=request.query or None,
        content=request.body,
        headers=content_headers(request),
    )


_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def transport_error(request: Request, error: Exception) -> TransportError:
    """Turn an error of httpx into one that says whether the request may have reached Revox."""
    if isinstance(error, _NOT_SENT):
        return NotSentError(request.method, request.path, f"{type(error).__name__}: {error}".rstrip(": "))
    # The text of the others may quote what came over the wire, so only their kind is shown.
    return NoAnswerError(request.method, request.path, type(error).__name__)
