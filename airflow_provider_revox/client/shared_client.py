"""One client for everybody who waits in an event loop with the same settings."""

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
    NoAnswerError,
    RateLimitedError,
    RevoxError,
    TransportError,
)
from airflow_provider_revox.client.messages import Endpoint

T = TypeVar("T")

MAX_CONCURRENT_REQUESTS = 16
HOLD_SECONDS = 5.0
"""How long everybody waits after a 429 that does not say how long."""
MAX_HOLD_SECONDS = 3600.0
HOLD_SPREAD_SECONDS = 60.0
REQUEST_SECONDS = 60.0
"""How long a request may take in all: a server that drips its answer must not hold up everybody."""


class SharedClient:
    """
    A client with many users: it bounds how many requests are on their way, a 429 holds all of them, and what
    one learns of an outage is true for those who wait for their turn.

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

    async def send(self, call: Endpoint[T], *, within: float = REQUEST_SECONDS) -> T:
        """
        Carry out one call of :mod:`.calls`, once.

        :param within: Seconds it may take in all.
        :raises RevoxError: As the call does; or what came of another while this one waited for its turn, if
            that was an outage: where each request hangs for a minute, thousands can't be asked in turn.
        """
        asked_at = asyncio.get_running_loop().time()
        async with self._turns:
            if self._failure is not None and self._failed_at > asked_at:
                raise _same_for(call, self._failure)
            try:
                answer = await self._send(call, within)
            except RevoxError as error:
                if isinstance(error, RateLimitedError):
                    self._hold(HOLD_SECONDS if error.retry_after is None else error.retry_after)
                self._failed_at = asyncio.get_running_loop().time()
                self._failure = error if error.transient else None
                raise
            self._failure = None
            return answer

    async def _send(self, call: Endpoint[T], within: float) -> T:
        client = await self._open()
        try:
            async with asyncio.timeout(within):
                return await client.send(call, retries=0)
        except TimeoutError:
            reason = f"it took longer than {within:g} s"
        raise NoAnswerError(call.request.method, call.request.path, reason)

    def held_for(self) -> float:
        """Return how many seconds nobody should ask; then not everybody should at the same moment."""
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
            # Shielded: one user who is cancelled must not take the client from the others.
            return await asyncio.shield(opening)
        except RevoxError:
            if self._opening is opening:
                self._opening = None  # what was wrong may be mended by the next look
            raise

    async def close(self) -> None:
        """Close the connections."""
        if self._opening is None:
            return
        await asyncio.wait([self._opening])
        if not self._opening.cancelled() and self._opening.exception() is None:
            await self._opening.result().aclose()


def _same_for(call: Endpoint[T], failure: RevoxError) -> RevoxError:
    error = copy.copy(failure).with_traceback(None)
    if isinstance(error, (AnswerError, TransportError)):
        error.path = call.request.path
    return error


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[ClientConfig, SharedClient]] = WeakKeyDictionary()


@asynccontextmanager
async def shared_client(config: ClientConfig) -> AsyncIterator[SharedClient]:
    """
    Use the client of the running event loop for these settings; it is closed after its last user.

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
