"""Send the page's requests over one Airflow connection: few at once, and none while Revox is away."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from airflow_provider_revox.campaign_record import shown_name
from airflow_provider_revox.client.errors import (
    AnswerError,
    AuthenticationError,
    InvalidConfigurationError,
    RevoxError,
    TransportError,
)
from airflow_provider_revox.client.shared_client import shared_client
from airflow_provider_revox.hooks.connection_form import CONNECTION_TYPE
from airflow_provider_revox.hooks.revox import RevoxHook

if TYPE_CHECKING:
    from airflow_provider_revox.client import ClientConfig
    from airflow_provider_revox.client.messages import Endpoint

T = TypeVar("T")
log = logging.getLogger(__name__)

AT_ONCE = 4
"""How many requests of one connection are under way at most, and as many actions of users beside them."""
REQUEST_SECONDS = 5.0
SETTINGS_SECONDS = 60.0
"""How long the settings of a connection are used before they are read again."""
FIRST_HOLD = 10.0
LONGEST_HOLD = 300.0


class HeldError(Exception):
    """Nothing was sent: Revox did not answer a short while ago, or asked to wait."""


class UnusableError(Exception):
    """Nothing was sent: the api-server can't use the connection."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """
    What Revox has answered.

    :param sent_at: When the request was sent, on the clock ``time.monotonic``.
    """

    value: T
    sent_at: float


class Connection:
    """
    One Airflow connection.

    :param conn_id: Its id. It comes from an XCom, so it may be whatever a task has pushed.
    """

    def __init__(self, conn_id: str) -> None:
        self.problem: str | None = None
        self.waiting = 0
        self._conn_id, self._shown_id = conn_id, shown_name(conn_id)
        self._turns_to_look = asyncio.Semaphore(AT_ONCE)
        self._turns_to_act = asyncio.Semaphore(AT_ONCE)
        self._reading = asyncio.Lock()
        self._config: ClientConfig | None = None
        self._config_read_at = float("-inf")
        self._failures = 0
        self._failing_since = 0.0
        self._held_at = self._held_until = float("-inf")

    def held_seconds(self) -> float:
        """Return for how many seconds nothing is sent."""
        return max(0.0, self._held_until - time.monotonic())

    def is_held(self) -> bool:
        """Return whether nothing is sent now."""
        return self.held_seconds() > 0

    async def send(self, endpoint: Endpoint[T], *, unless_held: bool = False) -> Answer[T]:
        """
        Send a request once. Note whether Revox could be reached.

        :param unless_held: Whether to send nothing while the connection is held. Without it, the request is
            part of a user's action, and does not wait for the others.
        :raises HeldError: The connection is held.
        :raises RevoxError: The request failed.
        :raises UnusableError: The api-server can't use the connection.
        """
        self.waiting += 1
        try:
            async with self._turns_to_look if unless_held else self._turns_to_act:
                if unless_held and self.is_held():
                    raise HeldError
                sent_at = time.monotonic()
                try:
                    value = await self._send(endpoint)
                except (RevoxError, UnusableError) as error:
                    if is_about_all(error):
                        self._note_failure(error)
                    else:
                        self._note_answer(sent_at)
                    raise
                self._note_answer(sent_at)
                return Answer(value, sent_at)
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
                self._config = await asyncio.to_thread(self._read_anew)
                self._config_read_at = time.monotonic()
            return self._config

    def _read_anew(self) -> ClientConfig:
        if self._shown_id != self._conn_id:
            raise UnusableError  # Airflow would log the number that is in it
        try:
            return _RevoxConnectionHook(self._conn_id).get_config()
        except Exception as error:  # a secrets backend, the database or a key of Airflow may raise anything
            kind = type(error).__name__
        # Without the text of the error: it may have a field of the connection.
        log.warning("The campaigns page can't use the connection %r (%s).", self._conn_id, kind)
        raise UnusableError

    def _note_answer(self, sent_at: float) -> None:
        if sent_at >= self._held_at:  # an older request does not show that Revox is back
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
        self._held_at = time.monotonic()
        self._held_until = max(self._held_until, self._held_at + min(seconds, LONGEST_HOLD))

    def _in_words(self, error: Exception) -> str:
        if isinstance(error, AuthenticationError):
            return (
                f"Revox refuses the API key of the connection {self._shown_id!r} ({error.status}). Put the "
                "right key into its password."
            )
        if isinstance(error, (UnusableError, InvalidConfigurationError)):
            # One sentence for all reasons: a task may name any connection to find out about it.
            return (
                f"The api-server can't use the connection {self._shown_id!r}. It must be there, be of the "
                "type Revox, and have right values in its fields."
            )
        since = time.strftime("%H:%M UTC", time.gmtime(self._failing_since))
        if isinstance(error, TransportError):
            return f"Revox can't be reached since {since}: {error.reason}."
        what = f"it answered {error.status}" if isinstance(error, AnswerError) else type(error).__name__
        return f"Revox gives no good answer since {since}: {what}."


class _RevoxConnectionHook(RevoxHook):
    """Refuses a connection of another type: its password would be sent to its host."""

    @classmethod
    def get_connection(cls, conn_id: str) -> Any:
        connection = super().get_connection(conn_id)
        if connection.conn_type != CONNECTION_TYPE:
            raise InvalidConfigurationError(f"the type must be {CONNECTION_TYPE}")
        return connection


def is_about_all(error: Exception) -> bool:
    """Return whether a request for another campaign would fail, too."""
    if isinstance(error, RevoxError) and not isinstance(
        error, (AuthenticationError, InvalidConfigurationError)
    ):
        return error.transient
    return True
