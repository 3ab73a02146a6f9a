"""The blocking sender, over httpx: it carries out the steps of :mod:`.protocol` and decides nothing."""

from __future__ import annotations

import time
from collections.abc import Collection
from types import TracebackType
from typing import Self, TypeVar

import httpx

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.config import ClientConfig
from airflow_provider_revox.client.errors import TransportError
from airflow_provider_revox.client.httpx_transport import build_request, http_options, transport_error
from airflow_provider_revox.client.messages import Answer, Endpoint, Pause, Transmit
from airflow_provider_revox.client.models import (
    Campaign,
    LaunchedCalls,
    PhoneHistory,
    RowsExport,
    RowsPage,
    Statistics,
)
from airflow_provider_revox.client.requests import CampaignCreate, CampaignUpdate, LaunchCalls
from airflow_provider_revox.client.transport import (
    is_success,
    quiet,
    read_answer,
    start_exchange,
    wants_body,
)

T = TypeVar("T")


class RevoxClient:
    """
    The API, blocking. Holds a connection pool: use it as a context manager, or close it.

    :param config: How to reach the API.
    :raises InvalidConfigurationError: The CA bundle or the proxy can't be used.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self._http = httpx.Client(**http_options(config))

    def send(self, call: Endpoint[T], *, retries: int | None = None) -> T:
        """
        Carry out one call of :mod:`.calls`.

        :param retries: How often it may be sent again; default: the configuration's.
        """
        exchange = start_exchange(call, self.config, retries)
        outcome: Answer | TransportError | None = None
        while True:
            try:
                step = exchange.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            match step:
                case Transmit():
                    outcome = self._transmit(step)
                case Pause(seconds):
                    outcome = None
                    time.sleep(seconds)

    def _transmit(self, step: Transmit) -> Answer | TransportError:
        request, body = step.request, b""
        try:
            with quiet():
                response = self._http.send(build_request(self._http, request), stream=True)
                try:
                    if step.sink and is_success(response.status_code):
                        for chunk in response.iter_bytes():
                            step.sink.feed(chunk)
                    elif wants_body(request, response.status_code):
                        body = response.read()
                finally:
                    response.close()
        except (httpx.HTTPError, httpx.StreamError) as error:
            return transport_error(request, error)
        return read_answer(response.status_code, response.headers, body)

    def create_campaign(self, campaign: CampaignCreate) -> Campaign:
        """Create a campaign; the API page launches it with that. Sent again only where it was not taken."""
        return self.send(endpoints.create_campaign(campaign))

    def list_campaigns(self) -> list[Campaign]:
        """Return every campaign of the organization, finished ones too."""
        return self.send(endpoints.list_campaigns())

    def get_campaign(self, campaign_id: str) -> Campaign:
        """Return one campaign."""
        return self.send(endpoints.get_campaign(campaign_id))

    def cancel_campaign(self, campaign_id: str) -> bool:
        """Abort pending and queued calls; calls in progress finish, the campaign and its rows stay."""
        return self.send(endpoints.cancel_campaign(campaign_id))

    def delete_campaign(self, campaign_id: str) -> bool:
        """Delete a campaign and its rows for good."""
        return self.send(endpoints.delete_campaign(campaign_id))

    def launch_campaign(self, campaign_id: str) -> Campaign:
        """Launch a draft. Sent again only where it surely was not taken."""
        return self.send(endpoints.launch_campaign(campaign_id))

    def launch_calls(self, campaign_id: str, order: LaunchCalls) -> LaunchedCalls:
        """Launch calls of a campaign. Sent again freely only if none but those not launched are selected."""
        return self.send(endpoints.launch_calls(campaign_id, order))

    def pause_campaign(self, campaign_id: str) -> bool:
        """Hold pending and queued calls; calls in progress finish."""
        return self.send(endpoints.pause_campaign(campaign_id))

    def resume_campaign(self, campaign_id: str) -> bool:
        """Make the calls that were held."""
        return self.send(endpoints.resume_campaign(campaign_id))

    def update_campaign(self, campaign_id: str, update: CampaignUpdate) -> Campaign:
        """Change a campaign; return it."""
        return self.send(endpoints.update_campaign(campaign_id, update))

    def get_statistics(self, campaign_id: str) -> Statistics:
        """Return the report on a campaign."""
        return self.send(endpoints.get_statistics(campaign_id))

    def get_auth_status(self) -> bool:
        """Return true for a good API key; a wrong one raises. The API page has no such request."""
        return self.send(endpoints.get_auth_status())

    def get_phone_history(self, numbers: Collection[str] | None = None) -> PhoneHistory:
        """Return what is known of these numbers, or of all; who was never called is not in it."""
        return self.send(endpoints.get_phone_history(numbers))

    def get_rows(self, campaign_id: str, *, page: int, page_size: int, **filters: str | None) -> RowsPage:
        """Return one page of rows; ``filters`` are ``query``, ``result`` and ``statuses``."""
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
