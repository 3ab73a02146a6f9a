"""Send the page's requests over one Airflow connection: few at once, and none while Revox is away."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from airflow.providers.common.compat.sdk import AirflowException

from airflow_provider_revox.client.errors import (
    AnswerError,
    AuthenticationError,
    InvalidConfigurationError,
    NotFoundError,
    RevoxError,
    TransportError,
)
from airflow_provider_revox.client.shared_client import shared_client
from airflow_provider_revox.hooks.revox import RevoxHook

if TYPE_CHECKING:
    from airflow_provider_revox.client import ClientConfig
    from airflow_provider_revox.client.messages import Endpoint

T = TypeVar("T")

AT_ONCE = 4
"""How many requests of one connection are under way at most."""
REQUEST_SECONDS = 5.0
SETTINGS_SECONDS = 60.0
"""How long the settings of a connection are used before they are read again."""
FIRST_HOLD = 10.0
LONGEST_HOLD = 300.0


class HeldError(Exception):
    """Nothing was sent: Revox did not answer a short while ago, or asked to wait."""


class Connection:
    """
    One Airflow connection.

    :param conn_id: Its id.
    """

    def __init__(self, conn_id: str) -> None:
        self.problem: str | None = None
        self.waiting = 0
        self._conn_id = conn_id
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._reading = asyncio.Lock()
        self._config: ClientConfig | None = None
        self._config_read_at = float("-inf")
        self._failures = 0
        self._failing_since = 0.0
        self._held_until = float("-inf")

    def held_seconds(self) -> float:
        """Return for how many seconds nothing is sent."""
        return max(0.0, self._held_until - time.monotonic())

    def is_held(self) -> bool:
        """Return whether nothing is sent now."""
        return self.held_seconds() > 0

    async def send(self, endpoint: Endpoint[T], *, unless_held: bool = False) -> T:
        """
        Send a request once. Note whether Revox could be reached.

        :param unless_held: Whether to send nothing while the connection is held.
        :raises HeldError: The connection is held.
        :raises RevoxError: The request failed.
        :raises AirflowException: There is no such connection.
        """
        self.waiting += 1
        try:
            async with self._turns:
                if unless_held and self.is_held():
                    raise HeldError
                try:
                    answer = await self._send(endpoint)
                except NotFoundError:
                    self._note_answer()
                    raise
                except (RevoxError, AirflowException) as error:
                    self._note_failure(error)
                    raise
                self._note_answer()
                return answer
        finally:
            self.waiting -= 1

    async def _send(self, endpoint: Endpoint[T]) -> T:
        async with shared_client(await self._read_config()) as client:
            if (seconds := client.held_for()) > 0:
                self._hold(seconds)
            return await client.send(endpoint, within=REQUEST_SECONDS)

    async def _read_config(self) -> ClientConfig:
        async with self._reading:
            if self._config is None or time.monotonic() - self._config_read_at > SETTINGS_SECONDS:
                # In a thread: Airflow may ask its database or a secrets backend.
                self._config = await asyncio.to_thread(RevoxHook(self._conn_id).get_config)
                self._config_read_at = time.monotonic()
            return self._config

    def _note_answer(self) -> None:
        self.problem, self._failures, self._held_until = None, 0, float("-inf")

    def _note_failure(self, error: Exception) -> None:
        if not self._failures:
            self._failing_since = time.time()
        self._failures += 1
        self._config = None  # the next request reads the connection again, which somebody may have corrected
        self.problem = self._in_words(error)
        asked = error.retry_after if isinstance(error, AnswerError) else None
        self._hold(max(asked or 0.0, FIRST_HOLD * 2.0 ** min(self._failures - 1, 10)))

    def _hold(self, seconds: float) -> None:
        self._held_until = max(self._held_until, time.monotonic() + min(seconds, LONGEST_HOLD))

    def _in_words(self, error: Exception) -> str:
        if isinstance(error, AuthenticationError):
            return (
                f"Revox refuses the API key of the connection {self._conn_id!r} ({error.status}). Put the "
                "right key into its password."
            )
        if isinstance(error, InvalidConfigurationError):
            return f"The connection {self._conn_id!r} can't be used: {error}."
        since = time.strftime("%H:%M UTC", time.gmtime(self._failing_since))
        if isinstance(error, TransportError):
            return f"Revox can't be reached since {since}: {error.reason}."
        if isinstance(error, AnswerError) and error.transient:
            return f"Revox gives no good answer since {since}: it answered {error.status}."
        if isinstance(error, AnswerError):
            return f"Revox refuses to show this campaign ({error.status})."
        return f"The connection {self._conn_id!r} can't be read by the api-server ({type(error).__name__})."
