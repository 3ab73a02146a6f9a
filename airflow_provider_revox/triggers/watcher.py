"""The trigger that tells an ``AssetWatcher`` of Airflow 3 about completed campaigns."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException
from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from airflow_provider_revox.campaign_record import shown_name
from airflow_provider_revox.client.campaign_state import is_done
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.compatibility import asset_stores
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.launch.tag import without_tag
from airflow_provider_revox.metrics import OUTAGES, Metrics
from airflow_provider_revox.waiting.policy import WaitPolicy
from airflow_provider_revox.waiting.polling import count_poll
from airflow_provider_revox.waiting.verdict import State, verdict_of_campaign

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign

LIST_SECONDS = 600.0
"""How long the answer with the list of all campaigns may take."""
MAX_PAUSE_IN_OUTAGE = 3600.0
"""Seconds until the next poll, at most, however long ``Retry-After`` is."""


class CampaignCompletedTrigger(BaseEventTrigger):
    """
    Sends an event for every campaign that completes, also if another DAG or a person has launched it.

    .. code-block:: python

        calls = Asset("renewal_calls", watchers=[
            AssetWatcher(name="revox", trigger=CampaignCompletedTrigger(name_prefix="Renewals"))])

        with DAG("after_the_calls", schedule=[calls]): ...

    The payload of the event is ``{"campaign_id": ..., "name": ..., "row_stats": {...}}``. There is at most
    one event for a campaign, and none for a cancelled one. Campaigns that ended before the first poll send
    no event. Since Airflow 3.3 the trigger remembers the ended campaigns over a restart, and sends events for
    those that ended meanwhile. Before 3.3 a restart is a new first poll.

    :param name_prefix: How the names of the campaigns begin, as given to the operator. Empty: all campaigns.
    :param revox_conn_id: The Airflow connection.
    :param poll_interval: Seconds between two polls. Each reads the list of all campaigns, as a stream.
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
        """Return what Airflow stores in its database."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "name_prefix": self.name_prefix,
                "revox_conn_id": self.revox_conn_id,
                "poll_interval": self.poll_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll without end; yield an event for each campaign that has completed since the last poll."""
        ended, is_store_read, logged_error = None, False, ""
        while True:
            pause, new = self.poll_interval * random.uniform(0.9, 1.1), []  # noqa: S311
            try:
                if not is_store_read:
                    ended, is_store_read = await self._stored_ids(), True
                done = {campaign.id: campaign for campaign in await self._find() if is_done(campaign)}
                new = [done[id_] for id_ in done if ended is not None and id_ not in ended]
                if ended is None or new:
                    now_ended = (ended or set()) | set(done)
                    # Stored before the events: a DAG that calls people must not start twice for a campaign.
                    await self._store_ids(now_ended)
                    ended = now_ended
            except (RevoxError, AirflowException, AirflowRuntimeError) as error:
                # The trigger must not end, because Airflow would not start it again.
                new = []
                pause = max(pause, min(getattr(error, "retry_after", None) or 0, MAX_PAUSE_IN_OUTAGE))
                if isinstance(error, RevoxError) and not logged_error:
                    Metrics().count(OUTAGES)
                if str(error) != logged_error:
                    self.log.warning("Can't see the campaigns: %s. Polling goes on.", error)
                logged_error = str(error)
            else:
                if logged_error:
                    self.log.info("Revox answers again.")
                logged_error = ""
            for campaign in new:
                if _is_success(campaign):
                    yield TriggerEvent(_payload(campaign))
            await asyncio.sleep(pause)

    async def _find(self) -> list[Campaign]:
        shared_client, find_campaigns = await asyncio.to_thread(_imports)
        config = await RevoxHook(self.revox_conn_id).get_async_config()
        async with shared_client(config) as client:
            found: list[Campaign] | RevoxError
            try:
                found = await client.send(
                    find_campaigns(lambda name: without_tag(name).startswith(self.name_prefix)),
                    within=LIST_SECONDS,
                )
            except RevoxError as error:
                found = error
        count_poll(Metrics(), found)
        if isinstance(found, RevoxError):
            raise found
        return found

    async def _stored_ids(self) -> set[str] | None:
        """Return the ids of the campaigns that had ended at the last poll; ``None`` before the first."""
        stored = [await store.aget(self._key) for store in asset_stores(self)]
        known = [set(ids) for ids in stored if ids is not None]
        return set().union(*known) if known else None

    async def _store_ids(self, ended: set[str]) -> None:
        for store in asset_stores(self):
            await store.aset(self._key, sorted(ended))

    @property
    def _key(self) -> str:
        """A key of its own for each prefix: the same asset may be watched with several."""
        watched = hashlib.sha256(f"{self.revox_conn_id}\0{self.name_prefix}".encode())
        return f"revox_ended_{watched.hexdigest()[:16]}"


def _is_success(campaign: Campaign) -> bool:
    return verdict_of_campaign(campaign, WaitPolicy(1)).state is State.SUCCEEDED


def _payload(campaign: Campaign) -> dict[str, Any]:
    row_stats = campaign.row_stats.to_dict() if campaign.row_stats else {}
    name = shown_name(without_tag(campaign.name or ""))
    return {"campaign_id": campaign.id, "name": name, "row_stats": row_stats}


def _imports() -> Any:
    """Import the client. Call it in a thread: the import would block the event loop for too long."""
    from airflow_provider_revox.client.endpoints import find_campaigns
    from airflow_provider_revox.client.shared_client import shared_client

    return shared_client, find_campaigns
