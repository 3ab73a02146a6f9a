"""
Ask Revox for campaigns that somebody looks at. All viewers of a process share the answers.

No page waits for Revox longer than it says. It shows what is known, and what is old is asked for again in the
background. A campaign that has ended is not asked for again.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.campaign_state import is_done, state_in_a_word
from airflow_provider_revox.client.control import possible_controls
from airflow_provider_revox.client.errors import AnswerError, NotFoundError, RevoxError
from airflow_provider_revox.client.models import Campaign, Statistics
from airflow_provider_revox.plugin.connection import (
    Answer,
    Connection,
    HeldError,
    UnusableError,
    is_about_all,
)
from airflow_provider_revox.plugin.plain import counts_of
from airflow_provider_revox.plugin.statistics import counted_statistics

if TYPE_CHECKING:
    from airflow_provider_revox.client.messages import Endpoint

T = TypeVar("T")

FRESH_SECONDS = 10.0
FRESH_STATISTICS_SECONDS = 30.0
MOST_KNOWN = 5_000
"""How many answers are kept. The one that nobody has looked at for the longest time goes first."""
MOST_WAITING = 200
"""How many requests of one connection may wait for their turn."""
MOST_CONNECTIONS = 200
"""How many connections are kept. Of those without a request the one that waits the longest goes first."""


@dataclass(frozen=True)
class Seen:
    """
    What Revox has said about a campaign. Nothing in it is personal.

    :param at: When it was asked, in seconds since 1970.
    :param controls: What can be done to it now.
    :param retry_config: Its ``call_retry_config``, as it came.
    """

    at: float
    state: str
    counts: dict[str, int]
    is_ended: bool
    controls: tuple[str, ...]
    retry_config: Any

    @classmethod
    def of(cls, campaign: Campaign, at: float) -> Seen:
        """Return what is kept of an answer."""
        return cls(
            at=at,
            state=state_in_a_word(campaign),
            counts=counts_of(campaign.row_stats.to_dict() if campaign.row_stats else {}),
            is_ended=is_done(campaign),
            controls=tuple(possible_controls(campaign)),
            retry_config=(campaign.model_extra or {}).get("call_retry_config"),
        )


@dataclass
class _Cell:
    value: Any = None
    sent_at: float = float("-inf")
    is_final: bool = False
    asked_at: float = float("-inf")
    problem: str | None = None
    asking: asyncio.Task[None] | None = None


class LiveView:
    """What this process knows of Revox. Use it in one event loop."""

    def __init__(self) -> None:
        self._cells: OrderedDict[tuple[str, str, str], _Cell] = OrderedDict()
        self._connections: OrderedDict[str, Connection] = OrderedDict()

    def seen(self, conn_id: str, campaign_id: str) -> Seen | None:
        """Return what is known of a campaign. Nothing is asked."""
        cell = self._cells.get(("campaign", conn_id, campaign_id))
        return cell.value if cell else None

    def problem(self, conn_id: str, campaign_id: str) -> str | None:
        """Return why Revox could not be asked, in one sentence."""
        cell = self._cells.get(("campaign", conn_id, campaign_id))
        connection = self._connections.get(conn_id)
        return (cell.problem if cell else None) or (connection.problem if connection else None)

    def refresh(self, conn_id: str, campaign_id: str) -> asyncio.Task[None] | None:
        """Ask for a campaign in the background, if what is known is old; return the task that asks."""
        key = ("campaign", conn_id, campaign_id)
        return self._refresh(key, FRESH_SECONDS, endpoints.get_campaign(campaign_id), _keep_campaign)

    async def statistics(
        self, conn_id: str, campaign_id: str, *, is_ended: bool, within: float
    ) -> dict[str, Any] | None:
        """
        Return the statistics, or ``None`` if there are none or Revox has not answered yet.

        Those of a campaign that has ended are asked for after its end, however new the ones before are.

        :param is_ended: Whether the campaign has ended, so that they stay as they are.
        :param within: Seconds to wait for an answer that is not known yet.
        """

        def keep(cell: _Cell, answer: Answer[Statistics]) -> None:
            cell.value, cell.is_final = counted_statistics(answer.value), is_ended

        kinds = ("statistics of the end", "statistics") if is_ended else ("statistics",)
        keys = [(kind, conn_id, campaign_id) for kind in kinds]
        endpoint = endpoints.get_statistics(campaign_id)
        asking = self._refresh(keys[0], FRESH_STATISTICS_SECONDS, endpoint, keep)
        if asking is not None:
            await asyncio.wait([asking], timeout=within)
        known = (cell.value for key in keys if (cell := self._cells.get(key)) is not None)
        return next((value for value in known if value is not None), None)

    async def look(self, conn_id: str, campaign_id: str) -> Campaign:
        """
        Ask for a campaign now, once, and keep the answer.

        :raises RevoxError: It failed.
        :raises UnusableError: The api-server can't use the connection.
        """
        answer = await self._connection(conn_id).send(endpoints.get_campaign(campaign_id))
        cell = self._cell(("campaign", conn_id, campaign_id))
        _keep_campaign(cell, answer)
        cell.asked_at = time.monotonic()
        return answer.value

    async def send(self, conn_id: str, endpoint: Endpoint[T]) -> T:
        """
        Send a request now, once.

        :raises RevoxError: It failed.
        :raises UnusableError: The api-server can't use the connection.
        """
        return (await self._connection(conn_id).send(endpoint)).value

    def _refresh(
        self, key: tuple[str, str, str], max_age: float, endpoint: Endpoint[T], keep: Any
    ) -> asyncio.Task[None] | None:
        cell, connection = self._cell(key), self._connection(key[1])
        if cell.asking is not None:
            return cell.asking
        is_fresh = cell.is_final or time.monotonic() - cell.asked_at < max_age
        if is_fresh or connection.is_held() or connection.waiting >= MOST_WAITING:
            return None

        async def ask() -> None:
            try:
                keep(cell, await connection.send(endpoint, unless_held=True))
                cell.problem = None
            except HeldError:
                return
            except NotFoundError:
                cell.problem = NOT_FOUND if key[0] == "campaign" else None
            except (RevoxError, UnusableError) as error:
                # What all campaigns have in common is the problem of the connection, which shows it.
                cell.problem = None if is_about_all(error) else _refusal(error)
            finally:
                cell.asking = None
            cell.asked_at = time.monotonic()

        cell.asking = asyncio.create_task(ask())
        return cell.asking

    def _cell(self, key: tuple[str, str, str]) -> _Cell:
        cell = self._cells.setdefault(key, _Cell())
        self._cells.move_to_end(key)
        while len(self._cells) > MOST_KNOWN:
            self._cells.popitem(last=False)
        return cell

    def _connection(self, conn_id: str) -> Connection:
        found = self._connections.setdefault(conn_id, Connection(conn_id))
        self._connections.move_to_end(conn_id)
        if len(self._connections) > MOST_CONNECTIONS:
            idle = (
                one for one, other in self._connections.items() if not other.waiting and other is not found
            )
            self._connections.pop(next(idle, ""), None)
        return found


def _keep_campaign(cell: _Cell, answer: Answer[Campaign]) -> None:
    if answer.sent_at < cell.sent_at:
        return  # an action has seen the campaign since
    cell.value = Seen.of(answer.value, time.time() - (time.monotonic() - answer.sent_at))
    cell.sent_at, cell.is_final, cell.problem = answer.sent_at, cell.value.is_ended, None


def _refusal(error: Exception) -> str:
    if isinstance(error, AnswerError):
        return f"Revox refuses to show this campaign ({error.status})."
    return f"Revox was not asked for this campaign ({type(error).__name__})."


NOT_FOUND = (
    "Revox does not know this campaign (404). It was deleted, or the API key of the connection is of another "
    "organization."
)
