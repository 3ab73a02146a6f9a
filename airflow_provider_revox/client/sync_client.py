"""Send requests to the Revox API and wait for their answers, over httpx."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

import httpx

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.body import Body, max_seconds, more_seconds
from airflow_provider_revox.client.calling_hours import check_schedule
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.config import ClientConfig
from airflow_provider_revox.client.deadline import (
    count_body,
    deadline,
    is_flooded,
    is_over,
    new_transport,
    prolong,
)
from airflow_provider_revox.client.errors import (
    NoAnswerError,
    NotSentError,
    RevoxError,
    TransportError,
)
from airflow_provider_revox.client.frames import forgetful, without_frames
from airflow_provider_revox.client.limits import TOO_MUCH_BESIDE_BODY
from airflow_provider_revox.client.messages import (
    REMEMBERED,
    Answer,
    Endpoint,
    Request,
    Sink,
    check_success,
    remember,
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
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from airflow_provider_revox.client.retry import retry_pause
from airflow_provider_revox.client.transport import (
    headers,
    lower_names,
    secrets,
    took_longer_than,
)
from airflow_provider_revox.client.unlogged import unlogged

T = TypeVar("T")


class RevoxClient:
    """
    Asks the Revox API, and blocks until it answers.

    The client holds a pool of connections: use it as a context manager, or close it.

    :param config: How to reach the API.
    :raises InvalidConfigurationError: The CA bundle or the proxy can't be used.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        # A client of httpx reads redirects and keeps cookies, so the server decides what it does next.
        self._transport = new_transport(config)
        self._secrets = secrets(config)
        self._sent: deque[Request] = deque(maxlen=REMEMBERED)

    def hurried(self, seconds: float) -> Self:
        """
        Return a client on the same connections that gives up soon, and sends nothing again.

        :param seconds: How long a connection, the next byte and a whole answer may take at most.
        """
        config = self.config
        client = copy(self)
        client.config = replace(
            config,
            retries=0,
            connect_timeout=min(seconds, config.connect_timeout),
            read_timeout=min(seconds, config.read_timeout),
            write_timeout=min(seconds, config.write_timeout),
            pool_timeout=min(seconds, config.pool_timeout),
            limits=replace(config.limits, answer_seconds=seconds, long_seconds=seconds),
        )
        return client

    def send(self, endpoint: Endpoint[T], *, retries: int | None = None) -> T:
        """
        Ask an endpoint; send the request again if that is safe and may help.

        :param endpoint: From ``airflow_provider_revox.client.endpoints``.
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
        try:
            return self._attempt(endpoint)
        except RevoxError as error:
            failure = without_frames(error)
        except httpx.HTTPError as error:
            failure = transport_error(endpoint.request, error)
        except BaseException as error:
            # Such as the timeout of a task. The frames of httpx hold the request, with its key and people.
            error.__traceback__ = None
            raise
        raise failure

    def _attempt(self, endpoint: Endpoint[T]) -> T:
        read, sink = endpoint.begin_attempt()
        answer = self._transmit(endpoint.request, sink)
        check_success(endpoint.request, answer, self._secrets, self._sent)
        return read(answer)

    def _transmit(self, request: Request, sink: Sink | None) -> Answer:
        remember(self._sent, request)
        seconds = max_seconds(request, self.config.limits)
        with unlogged(), deadline(seconds):
            try:
                response = self._begin(request)
                try:
                    found = lower_names(response.headers)
                    content: bytes | bytearray = b""
                    if wants_body(request, response.status_code):
                        body = Body(request, response.status_code, found, self.config.limits, sink)
                        content = self._read(request, response, body)
                finally:
                    response.close()
            except (httpx.ReadTimeout, httpx.WriteTimeout):
                if is_over():
                    raise NoAnswerError(request.method, request.path, took_longer_than(seconds)) from None
                raise
            except httpx.RemoteProtocolError:
                if is_flooded():
                    raise NoAnswerError(request.method, request.path, TOO_MUCH_BESIDE_BODY) from None
                raise
        return Answer(response.status_code, found, content)

    def _begin(self, request: Request) -> httpx.Response:
        """Send a request. Return its answer: the headers are read, and the body is still to come."""
        try:
            built = build_request(self.config, request)
            response = self._transport.handle_request(built)
        except (httpx.InvalidURL, ValueError) as error:
            # What httpx can't read. Its text may be what the server wrote.
            raise NoAnswerError(request.method, request.path, type(error).__name__) from None
        response.request = built
        return response

    def _read(self, request: Request, response: httpx.Response, body: Body) -> bytes | bytearray:
        for chunk in response.iter_raw():
            prolong(more_seconds(request, chunk))
            count_body(chunk)
            for _ in body.feed(chunk):
                pass
            if body.is_enough:
                break
        return body.finish()

    def create_campaign(self, campaign: CampaignCreate) -> Campaign:
        """
        Create a campaign. On some servers this launches it.

        :raises InvalidRequestError: ``scheduled_at`` is in the past.
        """
        check_schedule(campaign.scheduled_at, now=datetime.now(UTC))
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
        """
        Launch calls of a campaign.

        :raises InvalidRequestError: ``scheduled_at`` is in the past.
        """
        check_schedule(order.scheduled_at, now=datetime.now(UTC))
        return self.send(endpoints.launch_calls(campaign_id, order))

    def pause_campaign(self, campaign_id: str) -> bool:
        """Hold pending and queued calls. Calls in progress go on."""
        return self.send(endpoints.pause_campaign(campaign_id))

    def resume_campaign(self, campaign_id: str) -> bool:
        """Make the calls that were held."""
        return self.send(endpoints.resume_campaign(campaign_id))

    def update_campaign(self, campaign_id: str, update: CampaignUpdate) -> Campaign:
        """
        Change a campaign; return it.

        The campaign is read first if the change needs it.

        :raises InvalidRequestError: ``scheduled_at`` is in the past, a field can change in a draft only, or
            a ``call_retry_config`` can't be completed with what the campaign has. Nothing was changed.
        """
        check_schedule(update.scheduled_at, now=datetime.now(UTC))
        if update.needs_campaign:
            update = update.for_campaign(self.get_campaign(campaign_id))
        return self.send(endpoints.update_campaign(campaign_id, update))

    def get_statistics(self, campaign_id: str) -> Statistics:
        """Return the statistics of a campaign."""
        return self.send(endpoints.get_statistics(campaign_id))

    def get_auth_status(self) -> bool:
        """Return true if the API key is good. A wrong key raises."""
        return self.send(endpoints.get_auth_status())

    @forgetful
    def get_phone_history(self, numbers: Collection[str] | None = None) -> PhoneHistory:
        """Return what Revox knows about these numbers, or about all that were ever called."""
        return self.send(endpoints.get_phone_history(numbers))

    @forgetful
    def get_rows(self, campaign_id: str, *, page: int, page_size: int, **filters: str | None) -> RowsPage:
        """Return one page of rows. The filters are ``query``, ``result`` and ``statuses``."""
        return self.send(endpoints.get_rows(campaign_id, page=page, page_size=page_size, **filters))

    def export_rows(self, campaign_id: str) -> RowsExport:
        """Return all rows as the text of a CSV file."""
        return self.send(endpoints.export_rows(campaign_id))

    def close(self) -> None:
        """Close the connections."""
        with unlogged():
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def build_request(config: ClientConfig, request: Request) -> httpx.Request:
    """Return the request as httpx takes it."""
    timeout = httpx.Timeout(
        connect=config.connect_timeout,
        read=config.read_timeout,
        write=config.write_timeout,
        pool=config.pool_timeout,
    )
    return httpx.Request(
        request.method,
        f"{config.base_url.rstrip('/')}{request.path}",
        params=request.query or None,
        content=request.body,
        headers=headers(config, request),
        extensions={"timeout": timeout.as_dict()},
    )


_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def transport_error(request: Request, error: Exception) -> TransportError:
    """Turn an error of httpx into one that says whether the request may have reached Revox."""
    reason = type(error).__name__
    if isinstance(error, _NOT_SENT):
        # The text of a ProxyError is what the proxy says, and that of the errors below may quote the answer.
        cause = "" if isinstance(error, httpx.ProxyError) else str(error)
        return NotSentError(request.method, request.path, f"{reason}: {cause}" if cause else reason)
    return NoAnswerError(request.method, request.path, reason)
