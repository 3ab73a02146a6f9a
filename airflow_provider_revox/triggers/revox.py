"""Triggers for Revox."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_revox.client.errors import AuthenticationError, RevoxError
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.waiting.on_kill import cancelled, in_a_hurry, not_cancelled
from airflow_provider_revox.waiting.policy import WaitPolicy
from airflow_provider_revox.waiting.polling import look_async
from airflow_provider_revox.waiting.verdict import Progress, State, judge_error
from airflow_provider_revox.waiting.wait import Wait

if TYPE_CHECKING:
    from airflow_provider_revox.client.shared_client import SharedClient

FIRST_PAUSE = 1.0
"""Seconds before the first look, at least. The task has looked before it deferred, and a trigger that fires
at once can fail its task: Airflow may take the end of the deferring process for the resumed one's."""


class CampaignTrigger(BaseTrigger):
    """
    Waits in the triggerer until a campaign has ended.

    All triggers of a triggerer that use the same connection share one client, and look at different moments
    of the interval.

    :param campaign_id: The campaign.
    :param revox_conn_id: The Airflow connection.
    :param poll_interval: Seconds between two looks.
    :param deadline: When to give up, in seconds since 1970; a restart of the triggerer does not move it. A
        campaign that has ended by then counts, even if nobody looked in time.
    :param cancel_on_kill: Whether the campaign is cancelled when somebody marks the task failed or succeeded,
        or clears it. Airflow tells a trigger so since 3.3.
    :param outage_began: Since when Revox has not answered, where the task could not see the campaign either.
    :param policy: The rest of :class:`~airflow_provider_revox.waiting.policy.WaitPolicy`: ``outage_budget``,
        ``max_failed_ratio``, ``on_paused``.
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
        **policy: Any,
    ) -> None:
        super().__init__()
        self.campaign_id = campaign_id
        self.revox_conn_id = revox_conn_id
        self.deadline = deadline
        self.cancel_on_kill = cancel_on_kill
        self.outage_began = outage_began
        self.policy = WaitPolicy(poll_interval, **policy)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what the metadata database stores; no secrets and no personal data are in it."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "campaign_id": self.campaign_id,
                "revox_conn_id": self.revox_conn_id,
                "deadline": self.deadline,
                "cancel_on_kill": self.cancel_on_kill,
                "outage_began": self.outage_began,
                **asdict(self.policy),
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look until the campaign has ended, the API refuses or the time is up; then yield one event."""
        wait = Wait(
            self.campaign_id,
            self.policy,
            self.deadline,
            self.log,
            outage_began=self.outage_began,
            spread=True,
        )
        interval = self.policy.poll_interval
        # Anywhere within the interval: a triggerer that starts anew starts all its triggers at once.
        first = max(min(interval, FIRST_PAUSE), random.uniform(0, interval))  # noqa: S311
        await asyncio.sleep(max(0.0, min(first, self.deadline - time.time())))
        progress = await self._wait(wait)
        yield TriggerEvent({"campaign_id": self.campaign_id, **progress.to_event()})

    async def on_kill(self) -> None:
        """Cancel the campaign, if that is wanted: somebody acted on the deferred task."""
        if not self.cancel_on_kill:
            return
        cancel_campaign = await asyncio.to_thread(_import_cancel_campaign)
        try:
            # The client that waited may be closed by now.
            async with await RevoxHook(self.revox_conn_id).get_async_conn(in_a_hurry) as client:
                done = await client.send(cancel_campaign(self.campaign_id))
        except (RevoxError, AirflowException) as error:
            self.log.error(not_cancelled(self.campaign_id, error))
        else:
            self.log.warning(cancelled(self.campaign_id, done))

    async def _wait(self, wait: Wait) -> Progress:
        hook, shared_client = RevoxHook(self.revox_conn_id), await asyncio.to_thread(_import_shared_client)
        try:
            config = await hook.get_async_config()
            while True:
                async with shared_client(config) as client:
                    progress, wrong_key = await self._look_until_the_end(client, wait)
                if not wrong_key or config == (config := await hook.get_async_config()):
                    return progress
                # A wait of days outlives keys: the connection has a new one.
                self.log.info("The connection %s has changed: asking again with it.", self.revox_conn_id)
        except RevoxError as error:
            return judge_error(self.campaign_id, error)

    async def _look_until_the_end(self, client: SharedClient, wait: Wait) -> tuple[Progress, bool]:
        pause = 0.0
        while True:
            # The longer of both: another trigger may have been told to ask later.
            while (pause := max(pause, client.held_for())) > 0 and (left := self.deadline - time.time()) > 0:
                await asyncio.sleep(min(pause, left))
                pause = 0.0
            progress, wrong_key = await self._look(client, wait)
            if progress.state is not State.WAITING:
                return progress, wrong_key
            pause = wait.pause(time.time())

    async def _look(self, client: SharedClient, wait: Wait) -> tuple[Progress, bool]:
        # What was seen is let go here: with its assistant it is the largest part of what a wait would hold.
        found = await look_async(client, self.campaign_id)
        return wait.take(found, time.time()), isinstance(found, AuthenticationError)


def _import_shared_client() -> Any:
    """Import in a thread what takes longer than an event loop may stand still."""
    from airflow_provider_revox.client.shared_client import shared_client

    return shared_client


def _import_cancel_campaign() -> Any:
    from airflow_provider_revox.client.endpoints import cancel_campaign

    return cancel_campaign
