"""Share one client among all triggers of an event loop that have the same settings."""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar
from weakref import WeakKeyDictionary

from airflow_provider_revox.client.async_client import AsyncRevoxClient
from airflow_provider_revox.client.config import ClientConfig
from airflow_provider_revox.client.errors import (
    AnswerError,
    RateLimitedError,
    RevoxError,
    TransportError,
)
from airflow_provider_revox.client.messages import Endpoint

T = TypeVar("T")

MAX_CONCURRENT_REQUESTS = 16
HOLD_SECONDS = 5.0
"""How long all users wait after a 429 that does not say how long."""
MAX_HOLD_SECONDS = 3600.0
HOLD_SPREAD_SECONDS = 60.0
REQUEST_SECONDS = 60.0
"""How long a request may take in all, so that a slow server does not hold up all users."""


class SharedClient:
    """
    Sends the requests of many users.

    It limits how many requests are sent at the same time. After a 429 all users wait. If a request fails
    because of an outage, the requests that wait for their turn fail with the same error.

    :param config: How to reach the API.
    """

    def __init__(self, config: ClientConfig) -> None:
        self._config = config
        self._opening: asyncio.Task[AsyncRevoxClient] | None = None
        self._turns = asyncio.Semaphore(MAX_CONCURRENT_REQUESTS)
        self._held_until = 0.0
        self._failure: RevoxError | None = None
        self._failed_at = 0.0
        self.users = 0

    async def send(self, endpoint: Endpoint[T], *, within: float = REQUEST_SECONDS) -> T:
        """
        Ask an endpoint. The request is not sent again: the caller polls anyway.

        :param endpoint: From :mod:`airflow_provider_revox.client.endpoints`.
        :param within: Seconds that the request may take in all.
        :raises RevoxError: The request failed. Or another request failed because of an outage, while this one
            waited for its turn: if each request hangs for a minute, thousands can't be sent in turn.
        """
        asked_at = asyncio.get_running_loop().time()
        async with self._turns:
            if self._failure is not None and self._failed_at > asked_at:
                raise _same_for(endpoint, self._failure)
            try:
                # Not sent again: the caller polls anyway.
                answer = await (await self._open()).send(endpoint, retries=0, within=within)
            except RevoxError as error:
                if isinstance(error, RateLimitedError):
                    self._hold(HOLD_SECONDS if error.retry_after is None else error.retry_after)
                self._failed_at = asyncio.get_running_loop().time()
                self._failure = error if error.transient else None
                raise
            self._failure = None
            return answer

    def held_for(self) -> float:
        """Return how many seconds a user should wait. It is random, so that not all come back at once."""
        left = self._held_until - asyncio.get_running_loop().time()
        return left + random.uniform(0, min(left, HOLD_SPREAD_SECONDS)) if left > 0 else 0.0  # noqa: S311

    def _hold(self, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + min(seconds, MAX_HOLD_SECONDS)
        self._held_until = max(self._held_until, until)

    async def _open(self) -> AsyncRevoxClient:
        if self._opening is None:
            self._opening = asyncio.create_task(AsyncRevoxClient.open(self._config))
        opening = self._opening
        try:
            # Shielded, so that the others get the client if this user is cancelled.
            return await asyncio.shield(opening)
        except RevoxError:
            if self._opening is opening:
                self._opening = None  # the settings may be correct next time
            raise

    async def close(self) -> None:
        """Close the connections."""
        if self._opening is None:
            return
        await asyncio.wait([self._opening])
        if not self._opening.cancelled() and self._opening.exception() is None:
            await self._opening.result().aclose()


def _same_for(endpoint: Endpoint[T], failure: RevoxError) -> RevoxError:
    error = copy.copy(failure).with_traceback(None)
    if isinstance(error, (AnswerError, TransportError)):
        error.path = endpoint.request.path
    return error


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[ClientConfig, SharedClient]] = WeakKeyDictionary()


@asynccontextmanager
async def shared_client(config: ClientConfig) -> AsyncIterator[SharedClient]:
    """
    Use the client that the running event loop has for these settings. The last user closes it.

    :param config: How to reach the API.
    """
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    client = clients.setdefault(config, SharedClient(config))
    client.users += 1
    try:
        yield client
    finally:
        client.users -= 1
        if not client.users:
            del clients[config]
            await asyncio.shield(client.close())
