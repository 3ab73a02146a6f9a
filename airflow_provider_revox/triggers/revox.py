"""Triggers for Revox."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.kill import cancelled, in_a_hurry, not_cancelled
from airflow_provider_revox.progress import (
    Progress,
    ProgressLog,
    State,
    judge_error,
    look_async,
    timed_out,
)

JITTER = 0.1
"""Polls are spread over this part of the interval, so that many triggers don't ask in step."""


class CampaignTrigger(BaseTrigger):
    """
    Waits in the triggerer until a campaign has ended. Looks for the first time after one interval.

    :param campaign_id: The campaign.
    :param revox_conn_id: The Airflow connection.
    :param poll_interval: Seconds between two looks.
    :param deadline: When to give up, in seconds since the epoch; a restart of the triggerer does not move
        it. A campaign that has ended by then counts, even if nobody looked in time.
    :param cancel_on_kill: Whether the campaign is cancelled when somebody marks the task failed or succeeded,
        or clears it. Airflow tells a trigger so since 3.3.
    """

    def __init__(
        self,
        *,
        campaign_id: str,
        revox_conn_id: str,
        poll_interval: float,
        deadline: float,
        cancel_on_kill: bool = False,
    ) -> None:
        super().__init__()
        self.campaign_id = campaign_id
        self.revox_conn_id = revox_conn_id
        self.poll_interval = poll_interval
        self.deadline = deadline
        self.cancel_on_kill = cancel_on_kill

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what the metadata database stores; no secrets and no personal data are in it."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "campaign_id": self.campaign_id,
                "revox_conn_id": self.revox_conn_id,
                "poll_interval": self.poll_interval,
                "deadline": self.deadline,
                "cancel_on_kill": self.cancel_on_kill,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look until the campaign has ended, the API refuses or the time is up; then yield one event."""
        progress = await self._wait()
        yield TriggerEvent({"campaign_id": self.campaign_id, **progress.to_event()})

    async def on_kill(self) -> None:
        """Cancel the campaign, if that is wanted: somebody acted on the deferred task."""
        if not self.cancel_on_kill:
            return
        try:
            # The client that waited is closed by now.
            async with await RevoxHook(self.revox_conn_id).get_async_conn(in_a_hurry) as client:
                done = await client.cancel_campaign(self.campaign_id)
        except RevoxError as error:
            self.log.error(not_cancelled(self.campaign_id, error))
        else:
            self.log.warning(cancelled(self.campaign_id, done))

    async def _wait(self) -> Progress:
        try:
            client = await RevoxHook(self.revox_conn_id).get_async_conn()
        except RevoxError as error:
            return judge_error(self.campaign_id, error)
        progress_log = ProgressLog(self.log)
        async with client:
            while True:
                # The task has looked before it deferred. A trigger that fires right away can also fail its
                # task: Airflow may take the end of the deferring process for the end of the resumed one.
                spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
                await asyncio.sleep(max(0, min(self.poll_interval * spread, self.deadline - time.time())))
                progress = await look_async(client, self.campaign_id)
                progress_log.tell(progress)
                if progress.state is not State.WAITING:
                    return progress
                if time.time() >= self.deadline:
                    return timed_out(self.campaign_id, progress)
