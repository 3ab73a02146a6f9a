"""Campaigns as a source of events: what an ``AssetWatcher`` of Airflow 3 watches."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException
from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.compatibility import asset_stores
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.waiting.policy import WaitPolicy
from airflow_provider_revox.waiting.verdict import State, judge

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign

LIST_SECONDS = 600.0
"""How long the list of all campaigns may take."""
MAX_HOLD_SECONDS = 3600.0


class CampaignCompletedTrigger(BaseEventTrigger):
    """
    Fires for every campaign that completes, also for those that other DAGs or people have launched.

    .. code-block:: python

        calls = Asset("renewal_calls", watchers=[
            AssetWatcher(name="revox", trigger=CampaignCompletedTrigger(name_prefix="Renewals"))])

        with DAG("after_the_calls", schedule=[calls]): ...

    The payload of the event is ``{"campaign_id": ..., "name": ..., "row_stats": {...}}``. A campaign fires at
    most once; one that was cancelled does not. What has ended before the first look is no event. Since
    Airflow 3.3 the trigger knows after a restart what it has seen, and fires for what ended meanwhile;
    before 3.3 it starts anew.

    :param name_prefix: How the names of the campaigns begin, as given to the operator; empty for all of them.
    :param revox_conn_id: The Airflow connection.
    :param poll_interval: Seconds between two looks at the list of all campaigns, which is read as a stream.
    """

    def __init__(
        self,
        *,
        name_prefix: str,
        revox_conn_id: str = RevoxHook.default_conn_name,
        poll_interval: float = 300,
    ) -> None:
        super().__init__()
        self.name_prefix = name_prefix
        self.revox_conn_id = revox_conn_id
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what the metadata database stores."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "name_prefix": self.name_prefix,
                "revox_conn_id": self.revox_conn_id,
                "poll_interval": self.poll_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look again and again; yield an event for each campaign that has completed since the last look."""
        ended, is_read, trouble = None, False, ""
        while True:
            pause, new = self.poll_interval * random.uniform(0.9, 1.1), []  # noqa: S311
            try:
                if not is_read:
                    ended, is_read = await self._remembered(), True
                over = {campaign.id: campaign for campaign in await self._look() if _is_over(campaign)}
                new = [over[id_] for id_ in over if ended is not None and id_ not in ended]
                if ended is None or new:
                    now_ended = (ended or set()) | set(over)
                    # Before the events: a DAG that calls people must not start twice for one campaign.
                    await self._remember(now_ended)
                    ended = now_ended
            except (RevoxError, AirflowException, AirflowRuntimeError) as error:
                # A source of events never ends: Airflow would not start it again.
                new = []
                pause = max(pause, min(getattr(error, "retry_after", None) or 0, MAX_HOLD_SECONDS))
                if str(error) != trouble:
                    self.log.warning("Can't see the campaigns: %s. Looking again and again.", error)
                trouble = str(error)
            else:
                if trouble:
                    self.log.info("Revox answers again.")
                trouble = ""
            for campaign in new:
                if _is_success(campaign):
                    yield TriggerEvent(_payload(campaign))
            await asyncio.sleep(pause)

    async def _look(self) -> list[Campaign]:
        shared_client, find_campaigns = await asyncio.to_thread(_imports)
        config = await RevoxHook(self.revox_conn_id).get_async_config()
        async with shared_client(config) as client:
            found: list[Campaign] = await client.send(
                find_campaigns(lambda name: name.startswith(self.name_prefix)), within=LIST_SECONDS
            )
        return found

    async def _remembered(self) -> set[str] | None:
        notes = [await store.aget(self._key) for store in asset_stores(self)]
        known = [set(ids) for ids in notes if ids is not None]
        return set().union(*known) if known else None

    async def _remember(self, ended: set[str]) -> None:
        for store in asset_stores(self):
            await store.aset(self._key, sorted(ended))

    @property
    def _key(self) -> str:
        """What is seen of one prefix says nothing of another, which may be watched for the same asset."""
        watched = hashlib.sha256(f"{self.revox_conn_id}\0{self.name_prefix}".encode())
        return f"revox_ended_{watched.hexdigest()[:16]}"


def _state(campaign: Campaign) -> State:
    return judge(campaign, WaitPolicy(1)).state


def _is_over(campaign: Campaign) -> bool:
    return _state(campaign) in (State.SUCCEEDED, State.FAILED)


def _is_success(campaign: Campaign) -> bool:
    return _state(campaign) is State.SUCCEEDED


def _payload(campaign: Campaign) -> dict[str, Any]:
    row_stats = campaign.row_stats.to_dict() if campaign.row_stats else {}
    return {"campaign_id": campaign.id, "name": campaign.name, "row_stats": row_stats}


def _imports() -> Any:
    """Import in a thread what takes longer than an event loop may stand still."""
    from airflow_provider_revox.client.endpoints import find_campaigns
    from airflow_provider_revox.client.shared_client import shared_client

    return shared_client, find_campaigns
