"""The trigger that waits for a campaign."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_revox.client.errors import AuthenticationError, RevoxError
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.metrics import Metrics
from airflow_provider_revox.waiting.on_kill import cancel_in_triggerer
from airflow_provider_revox.waiting.outage import verdict_of_error
from airflow_provider_revox.waiting.policy import WaitPolicy
from airflow_provider_revox.waiting.polling import poll_async
from airflow_provider_revox.waiting.progress import Point
from airflow_provider_revox.waiting.progress_xcom import TriggerPushes
from airflow_provider_revox.waiting.verdict import State, Verdict
from airflow_provider_revox.waiting.wait import Wait

if TYPE_CHECKING:
    from airflow_provider_revox.client.shared_client import SharedClient

FIRST_PAUSE = 10.0
"""
Seconds before the first poll, at least. The task polled before it deferred. If the trigger fires soon after
that, Airflow may mistake the end of the process that deferred for the end of the process that goes on, and
fail the task. That was seen 3 seconds after the deferral, on a busy machine.
"""

TICK = 0.25
"""
Seconds between the moments at which triggers poll. An event loop that wakes up for each of thousands of polls
computes about twice as long as one that sends many polls whenever it wakes up.
"""


MOST_NEW_POINTS = 20
"""
How many points of the progress a trigger keeps that Airflow has not taken. A triggerer may have thousands of
triggers, and before Airflow 3.3 none of them can push.
"""


class CampaignTrigger(BaseTrigger):
    """
    Waits in the triggerer until a campaign has ended; then sends one event.

    All triggers of a triggerer that use the same connection share one client. They poll at different moments
    of the interval.

    :param campaign_id: The campaign.
    :param revox_conn_id: The Airflow connection.
    :param poll_interval: Seconds between two polls.
    :param deadline: When to give up, in seconds since 1970. A restart of the triggerer does not move it. A
        campaign that ended before the last poll counts as ended, even if the deadline is over.
    :param cancel_on_kill: Whether to cancel the campaign when a person marks the task failed or succeeded, or
        clears it. Airflow tells a trigger about that since version 3.3.
    :param outage_began: When an outage began that the task saw before it deferred, in seconds since 1970.
    :param logged: What the task has logged of the wait before it deferred. The trigger logs changes only.
    :param carried: Plain values that the event brings back to the task.
    :param last_point: The last point of the campaign's progress that the task saw before it deferred.
    :param policy: The other fields of :class:`~airflow_provider_revox.waiting.policy.WaitPolicy`:
        ``outage_budget``, ``max_failed_ratio``, ``on_paused``.
    """

    def __init__(
        self,
        *,
        campaign_id: str,
        revox_conn_id: str,
        poll_interval: float,
        deadline: float,
        cancel_on_kill: bool = False,
        outage_began: float | None = None,
        logged: Sequence[str] = (),
        carried: Mapping[str, Any] | None = None,
        last_point: Point | None = None,
        **policy: Any,
    ) -> None:
        super().__init__()
        self.campaign_id = campaign_id
        self.revox_conn_id = revox_conn_id
        self.deadline = deadline
        self.cancel_on_kill = cancel_on_kill
        self.outage_began = outage_began
        self.logged = list(logged)
        self.carried = dict(carried or {})
        self.last_point = last_point
        self.policy = WaitPolicy(poll_interval, **policy)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow stores in its database: no secret and no personal data."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "campaign_id": self.campaign_id,
                "revox_conn_id": self.revox_conn_id,
                "deadline": self.deadline,
                "cancel_on_kill": self.cancel_on_kill,
                "outage_began": self.outage_began,
                "logged": self.logged,
                "carried": self.carried,
                "last_point": self.last_point,
                **asdict(self.policy),
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll until the campaign has ended, Revox refuses or the time is up; then yield one event."""
        wait = Wait(
            self.campaign_id,
            self.policy,
            self.deadline,
            self.log,
            Metrics(self.task_instance),
            outage_began=self.outage_began,
            logged=self.logged,
            last_point=self.last_point,
            most_new_points=MOST_NEW_POINTS,
            jitter=True,
        )
        interval = self.policy.poll_interval
        # A triggerer that restarts starts all its triggers at once: spread them over the interval.
        first = random.uniform(FIRST_PAUSE, max(interval, 2 * FIRST_PAUSE))  # noqa: S311
        await asyncio.sleep(max(0.0, min(first, self.deadline - time.time())))
        pushes = TriggerPushes(self.task_instance, wait.progress, self.log)
        try:
            verdict = await self._final_verdict(wait, pushes)
            await pushes.finish()
        finally:
            pushes.drop()
        yield TriggerEvent(verdict.to_event(self.campaign_id, self.carried, wait.progress.new))

    async def on_kill(self) -> None:
        """Cancel the campaign, if the user wants it and a person has marked or cleared the deferred task."""
        if not self.cancel_on_kill:
            return
        hook = RevoxHook(self.revox_conn_id)
        work = asyncio.ensure_future(
            cancel_in_triggerer(hook, self.campaign_id, self.deadline, self.task_instance, self.log)
        )
        while not work.done():
            # Airflow 3.3 cancels this method again every second, until it has ended.
            with suppress(asyncio.CancelledError):
                await asyncio.shield(work)

    async def _final_verdict(self, wait: Wait, pushes: TriggerPushes) -> Verdict:
        """Poll until the verdict is final. If Revox refuses the API key, try a new one of the connection."""
        hook, shared_client = RevoxHook(self.revox_conn_id), await asyncio.to_thread(_import_shared_client)
        try:
            config = await hook.get_async_config()
            while True:
                async with shared_client(config) as client:
                    verdict, is_key_refused = await self._poll_until_final(client, wait, pushes)
                if not is_key_refused or config == (config := await hook.get_async_config()):
                    return verdict
                # A wait may take days, and the connection may get a new key meanwhile.
                self.log.info("The connection %s has changed. Polling again with it.", self.revox_conn_id)
        except RevoxError as error:
            return verdict_of_error(self.campaign_id, error)

    async def _poll_until_final(
        self, client: SharedClient, wait: Wait, pushes: TriggerPushes
    ) -> tuple[Verdict, bool]:
        """Return the final verdict, and whether Revox refused the API key."""
        pause = 0.0
        while True:
            # Another trigger may have been told to wait longer: take the longer pause.
            while (pause := max(pause, client.held_for())) > 0 and (left := self.deadline - time.time()) > 0:
                await asyncio.sleep(min(_until_tick(pause), left))
                pause = 0.0
            verdict, is_key_refused = await self._poll(client, wait)
            if verdict.state is not State.WAITING:
                return verdict, is_key_refused
            pushes.push_if_due(time.time())
            pause = wait.pause(time.time())

    async def _poll(self, client: SharedClient, wait: Wait) -> tuple[Verdict, bool]:
        # The answer is freed here. With its assistant it would be the largest object that a wait holds.
        answer = await poll_async(client, self.campaign_id, Metrics(self.task_instance))
        return wait.observe(answer, time.time()), isinstance(answer, AuthenticationError)


def _until_tick(pause: float) -> float:
    """Return how long a pause is that ends at the next tick, where the pauses of other triggers end, too."""
    tick = min(TICK, pause / 10)
    now = asyncio.get_running_loop().time()
    return math.ceil((now + pause) / tick) * tick - now


def _import_shared_client() -> Any:
    """Import the client. Call it in a thread: the import would block the event loop for too long."""
    from airflow_provider_revox.client.shared_client import shared_client

    return shared_client
