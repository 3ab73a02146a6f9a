"""Show campaigns to a user: what tasks have recorded and what Revox says, and no more than allowed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
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
    read_campaigns,
    read_progress,
    read_recorded,
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
    """
    A campaign, and what the user may do with it.

    :param visible: With the tasks that the user may read.
    """

    visible: Campaign
    may_change: bool


class CampaignView:
    """What one user sees, for one request."""

    def __init__(self, user: Any, live: LiveView) -> None:
        self._user, self._live = user, live
        self._may_edit: dict[str, bool] = {}

    async def listed(self, filters: Filters, page: int, page_size: int) -> dict[str, Any]:
        """Return a page of the list. It does not wait for Revox, which is asked in the background."""
        campaigns = await run_in_threadpool(self._readable)
        standings = {one.campaign_id: self._standing(one) for one, _ in campaigns}
        found = [pair for pair in campaigns if _matches(pair[0], standings[pair[0].campaign_id], filters)]
        shown = found[(page - 1) * page_size : page * page_size]
        for one, _ in shown:
            self._refresh(one, standings[one.campaign_id])
        rows = await run_in_threadpool(self._describe, shown, standings)
        return {
            "now": text_now(),
            "total": len(found),
            "page": page,
            "page_size": page_size,
            "dag_ids": sorted({task.dag_id for one, _ in campaigns for task in one.tasks}),
            "states": sorted({now.state for now in standings.values()}),
            "campaigns": rows,
        }

    async def one(self, campaign_id: str) -> dict[str, Any] | None:
        """Return all about one campaign; ``None``: the user may not see it. It waits a second at most."""
        found = await run_in_threadpool(self._find, campaign_id)
        if found is None:
            return None
        campaign, _ = found
        ends_at = time.monotonic() + SECONDS_TO_WAIT
        asking = self._refresh(campaign, self._standing(campaign))
        statistics = asyncio.create_task(
            self._live.statistics(
                campaign.revox_conn_id,
                campaign_id,
                is_ended=self._standing(campaign).is_ended,
                within=SECONDS_TO_WAIT,
            )
        )
        if asking is not None:
            await asyncio.wait([asking], timeout=ends_at - time.monotonic())
        counted = await statistics
        now = self._standing(campaign)
        described = await run_in_threadpool(self._describe_all, found, now)
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
        standings = {campaign_id: self._standing(found[0])}
        rows = await run_in_threadpool(self._describe, [found], standings)
        return rows[0]

    async def access(self, campaign_id: str) -> Access | None:
        """Return what the user may do with a campaign; ``None`` if they may not see it."""
        found = await run_in_threadpool(self._find, campaign_id)
        if found is None:
            return None
        may_change = await run_in_threadpool(access.may_change, self._user, found[1], self._may_edit)
        return Access(found[0], may_change)

    def _readable(self) -> list[tuple[Campaign, Campaign]]:
        """Return the campaigns that the user may read: with the readable tasks, and with all tasks."""
        with create_session(scoped=False) as session:
            return self._visible(read_campaigns(session))

    def _find(self, campaign_id: str) -> tuple[Campaign, Campaign] | None:
        if id_problem(campaign_id):
            return None
        with create_session(scoped=False) as session:
            found = self._visible(read_campaigns(session, campaign_id))
        return found[0] if found else None

    def _visible(self, campaigns: Sequence[Campaign]) -> list[tuple[Campaign, Campaign]]:
        dag_ids = access.readable_dag_ids(self._user)
        return [(shown, one) for one in campaigns if (shown := one.visible_to(dag_ids))]

    def _standing(self, campaign: Campaign) -> Standing:
        return standing(campaign, self._live.seen(campaign.revox_conn_id, campaign.campaign_id))

    def _refresh(self, campaign: Campaign, now: Standing) -> asyncio.Task[None] | None:
        if now.is_ended:
            return None
        return self._live.refresh(campaign.revox_conn_id, campaign.campaign_id)

    def _describe(
        self, campaigns: Sequence[tuple[Campaign, Campaign]], standings: dict[str, Standing]
    ) -> list[dict[str, Any]]:
        tasks = [task for shown, _ in campaigns for task in shown.tasks]
        with create_session(scoped=False) as session:
            recorded = read_recorded(session, tasks, LIST_KEYS)
        return [
            listed(
                shown,
                [recorded[task.key] for task in shown.tasks if task.key in recorded],
                standings[shown.campaign_id],
                problem=self._live.problem(shown.revox_conn_id, shown.campaign_id),
                may_change=access.may_change(self._user, whole, self._may_edit),
            )
            for shown, whole in campaigns
        ]

    def _describe_all(self, found: tuple[Campaign, Campaign], now: Standing) -> dict[str, Any]:
        campaign = found[0]
        described = self._describe([found], {campaign.campaign_id: now})[0]
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
