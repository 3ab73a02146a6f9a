"""
The sender for an event loop, over aiohttp: it carries out the steps of :mod:`.protocol` and decides nothing.

Not over httpx as the blocking one: there a poll takes several times the CPU, and a triggerer has thousands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.aiohttp_transport import Settings, transport_error
from airflow_provider_revox.client.config import ClientConfig
from airflow_provider_revox.client.errors import TransportError
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
    read_answer,
    start_exchange,
    wants_body,
)

T = TypeVar("T")
_CHUNK = 1 << 16


class AsyncRevoxClient:
    """
    The API for an event loop. Make it with :meth:`open`, which keeps slow set-up off the loop.

    :param config: How to reach the API.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self._settings = Settings(config)
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    async def open(cls, config: ClientConfig) -> Self:
        """Make a client in a thread: reading the certificates alone takes over 100 ms."""
        return await asyncio.to_thread(cls, config)

    async def send(self, call: Endpoint[T], *, retries: int | None = None) -> T:
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
                    outcome = await self._transmit(step)
                case Pause(seconds):
                    outcome = None
                    await asyncio.sleep(seconds)

    async def _transmit(self, step: Transmit) -> Answer | TransportError:
        request, body = step.request, b""
        if self._session is None:
            self._session = self._settings.session()
        try:
            async with self._session.request(**self._settings.request(request)) as response:
                if step.sink and is_success(response.status):
                    async for chunk in response.content.iter_chunked(_CHUNK):
                        step.sink.feed(chunk)
                elif wants_body(request, response.status):
                    body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as error:
            return transport_error(request, error)
        return read_answer(response.status, response.headers, body)

    async def create_campaign(self, campaign: CampaignCreate) -> Campaign:
        """Create a campaign; the API page launches it with that. Sent again only where it was not taken."""
        return await self.send(endpoints.create_campaign(campaign))

    async def list_campaigns(self) -> list[Campaign]:
        """Return every campaign of the organization, finished ones too."""
        return await self.send(endpoints.list_campaigns())

    async def get_campaign(self, campaign_id: str) -> Campaign:
        """Return one campaign."""
        return await self.send(endpoints.get_campaign(campaign_id))

    async def cancel_campaign(self, campaign_id: str) -> bool:
        """Abort pending and queued calls; calls in progress finish, the campaign and its rows stay."""
        return await self.send(endpoints.cancel_campaign(campaign_id))

    async def delete_campaign(self, campaign_id: str) -> bool:
        """Delete a campaign and its rows for good."""
        return await self.send(endpoints.delete_campaign(campaign_id))

    async def launch_campaign(self, campaign_id: str) -> Campaign:
        """Launch a draft. Sent again only where it surely was not taken."""
        return await self.send(endpoints.launch_campaign(campaign_id))

    async def launch_calls(self, campaign_id: str, order: LaunchCalls) -> LaunchedCalls:
        """Launch calls of a campaign. Sent again freely only if none but those not launched are selected."""
        return await self.send(endpoints.launch_calls(campaign_id, order))

    async def pause_campaign(self, campaign_id: str) -> bool:
        """Hold pending and queued calls; calls in progress finish."""
        return await self.send(endpoints.pause_campaign(campaign_id))

    async def resume_campaign(self, campaign_id: str) -> bool:
        """Make the calls that were held."""
        return await self.send(endpoints.resume_campaign(campaign_id))

    async def update_campaign(self, campaign_id: str, update: CampaignUpdate) -> Campaign:
        """Change a campaign; return it."""
        return await self.send(endpoints.update_campaign(campaign_id, update))

    async def get_statistics(self, campaign_id: str) -> Statistics:
        """Return the report on a campaign."""
        return await self.send(endpoints.get_statistics(campaign_id))

    async def get_auth_status(self) -> bool:
        """Return true for a good API key; a wrong one raises. The API page has no such request."""
        return await self.send(endpoints.get_auth_status())

    async def get_phone_history(self, numbers: Collection[str] | None = None) -> PhoneHistory:
        """Return what is known of these numbers, or of all; who was never called is not in it."""
        return await self.send(endpoints.get_phone_history(numbers))

    async def get_rows(
        self, campaign_id: str, *, page: int, page_size: int, **filters: str | None
    ) -> RowsPage:
        """Return one page of rows; ``filters`` are ``query``, ``result`` and ``statuses``."""
        return await self.send(endpoints.get_rows(campaign_id, page=page, page_size=page_size, **filters))

    async def export_rows(self, campaign_id: str) -> RowsExport:
        """Return all rows as the text of a CSV file."""
        return await self.send(endpoints.export_rows(campaign_id))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
