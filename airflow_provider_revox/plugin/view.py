"""Show campaigns to a user: what tasks have recorded and what Revox says, and no more than allowed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.utils.session import create_session
from fastapi.concurrency import run_in_threadpool

from airflow_provider_revox.client.ids import id_problem
from airflow_provider_revox.plugin import access
from airflow_provider_revox.plugin.campaigns import (
    Campaign,
    Recorded,
    campaigns_of,
    read_progress,
    read_recorded,
    read_records,
    read_tries,
)
from airflow_provider_revox.plugin.describe import (
    Standing,
    listed,
    people_left,
    report,
    standing,
    text_now,
    with_log_url,
)
from airflow_provider_revox.plugin.windows import calling_windows

if TYPE_CHECKING:
    from airflow_provider_revox.plugin.live import LiveView

SECONDS_TO_WAIT = 1.0
"""How long the page of one campaign waits for Revox."""
LIST_KEYS = ("launch", "contact_report")


@dataclass(frozen=True)
class Filters:
    """What the user looks for. Empty text: everything."""

    dag_id: str = ""
    state: str = ""
    text: str = ""


@dataclass(frozen=True)
class Access:
    """A campaign, and what the user may do with it."""

    campaign: Campaign
    may_change: bool


class AmbiguousError(Exception):
    """Tasks that the user may see name one campaign with several connections."""


class CampaignView:
    """What one user sees, for one request."""

    def __init__(self, user: Any, live: LiveView) -> None:
        self._user, self._live = user, live
        self._may_edit: dict[str, bool] = {}

    async def listed(self, filters: Filters, page: int, page_size: int) -> dict[str, Any]:
        """Return a page of the list. It does not wait for Revox, which is asked in the background."""
        campaigns, standings, found = await run_in_threadpool(self._look_for, filters)
        shown = found[(page - 1) * page_size : page * page_size]
        for one in shown:
            self._refresh(one, standings[one.key])
        rows = await run_in_threadpool(self._describe, shown, standings)
        return {
            "now": text_now(),
            "total": len(found),
            "page": page,
            "page_size": page_size,
            "dag_ids": sorted({task.dag_id for one in campaigns for task in one.tasks}),
            "states": sorted({now.state for now in standings.values()}),
            "campaigns": rows,
        }

    async def one(self, campaign_id: str) -> dict[str, Any] | None:
        """Return all about one campaign; ``None``: the user may not see it. It waits a second at most."""
        campaign = await run_in_threadpool(self._find, campaign_id)
        if campaign is None:
            return None
        ends_at = time.monotonic() + SECONDS_TO_WAIT
        asking = self._refresh(campaign, self._standing(campaign))
        statistics = asyncio.create_task(self._statistics(campaign, ends_at))
        if asking is not None:
            await asyncio.wait([asking], timeout=max(0.0, ends_at - time.monotonic()))
        await statistics
        counted = await self._statistics(campaign, ends_at)  # the campaign may have ended, as is known now
        now = self._standing(campaign)
        described = await run_in_threadpool(self._describe_all, campaign, now)
        seen = self._live.seen(campaign.revox_conn_id, campaign_id)
        windows = calling_windows(seen.retry_config, datetime.now(UTC)) if seen else None
        return {
            **described,
            "statistics": counted,
            "calling_windows": windows,
            "people_left": people_left(now),
            "now": text_now(),
        }

    async def shortly(self, campaign_id: str) -> dict[str, Any] | None:
        """Return one campaign as the list shows it."""
        found = await run_in_threadpool(self._find, campaign_id)
        if found is None:
            return None
        rows = await run_in_threadpool(self._describe, [found], {found.key: self._standing(found)})
        return rows[0]

    async def access(self, campaign_id: str) -> Access | None:
        """Return what the user may do with a campaign; ``None`` if they may not see it."""
        found = await run_in_threadpool(self._find, campaign_id)
        if found is None:
            return None
        may_change = await run_in_threadpool(access.may_change, self._user, found, self._may_edit)
        return Access(found, may_change)

    def _look_for(
        self, filters: Filters
    ) -> tuple[list[Campaign], dict[tuple[str, str], Standing], list[Campaign]]:
        """Return the readable campaigns, where they stand, and the campaigns that the filters leave."""
        campaigns = self._readable()
        standings = {one.key: self._standing(one) for one in campaigns}
        return campaigns, standings, [one for one in campaigns if _matches(one, standings[one.key], filters)]

    def _readable(self, campaign_id: str | None = None) -> list[Campaign]:
        with create_session(scoped=False) as session:
            records = read_records(session, campaign_id)
        # The auth manager opens a session of its own. One request must not hold two: they may run out.
        return campaigns_of(records, access.readable_dag_ids(self._user))

    def _find(self, campaign_id: str) -> Campaign | None:
        """
        Return a campaign; ``None`` if the user may not see it.

        :raises AmbiguousError: Several connections have it.
        """
        if id_problem(campaign_id):
            return None
        found = [one for one in self._readable(campaign_id) if one.campaign_id == campaign_id]
        if len(found) > 1:
            raise AmbiguousError
        return found[0] if found else None

    def _standing(self, campaign: Campaign) -> Standing:
        return standing(campaign, self._live.seen(campaign.revox_conn_id, campaign.campaign_id))

    def _refresh(self, campaign: Campaign, now: Standing) -> asyncio.Task[None] | None:
        if now.is_ended:
            return None
        return self._live.refresh(campaign.revox_conn_id, campaign.campaign_id)

    async def _statistics(self, campaign: Campaign, ends_at: float) -> dict[str, Any] | None:
        return await self._live.statistics(
            campaign.revox_conn_id,
            campaign.campaign_id,
            is_ended=self._standing(campaign).is_ended,
            within=max(0.0, ends_at - time.monotonic()),
        )

    def _describe(
        self, campaigns: Sequence[Campaign], standings: Mapping[tuple[str, str], Standing]
    ) -> list[dict[str, Any]]:
        tasks = [task for one in campaigns for task in one.tasks]
        with create_session(scoped=False) as session:
            recorded = read_recorded(session, tasks, LIST_KEYS)
        return [
            listed(
                one,
                [recorded[task.key] for task in one.tasks if task.key in recorded],
                standings[one.key],
                problem=self._live.problem(one.revox_conn_id, one.campaign_id),
                may_change=access.may_change(self._user, one, self._may_edit),
            )
            for one in campaigns
        ]

    def _describe_all(self, campaign: Campaign, now: Standing) -> dict[str, Any]:
        described = self._describe([campaign], {campaign.key: now})[0]
        with create_session(scoped=False) as session:
            recorded = read_recorded(session, campaign.tasks, LIST_KEYS)
            progress = read_progress(session, campaign.tasks)
            tries = read_tries(session, campaign.tasks)
        values: list[Recorded] = [recorded[task.key] for task in campaign.tasks if task.key in recorded]
        return {
            **described,
            "progress": progress,
            "report": report(values),
            "tries": [with_log_url(one) for one in tries],
        }


def _matches(campaign: Campaign, now: Standing, filters: Filters) -> bool:
    if filters.dag_id and all(task.dag_id != filters.dag_id for task in campaign.tasks):
        return False
    if filters.state and now.state != filters.state:
        return False
    texts = [campaign.name, campaign.campaign_id]
    texts += [text for task in campaign.tasks for text in (task.dag_id, task.run_id, task.task_id)]
    return not filters.text or any(filters.text.casefold() in text.casefold() for text in texts)
