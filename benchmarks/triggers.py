"""What runs in the triggerer beside the provider's trigger: two other ways to wait, and a probe."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from airflow.providers.common.compat.connection import get_async_connection
from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_revox.client.models import Campaign

TICK = 0.01


class _Trigger(BaseTrigger):
    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.arguments = arguments

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__qualname__}", self.arguments


class SleepingTrigger(_Trigger):
    """Only sleeps: what Airflow's loop itself costs."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while True:
            await _pause(self.arguments["poll_interval"])
        yield


class SessionPerPollTrigger(_Trigger):
    """Opens a session for every poll, as the hooks of today's providers do."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        connection = await get_async_connection("revox_default")
        url = f"{connection.host}/campaigns/{self.arguments['campaign_id']}"
        headers = {"Authorization": f"Bearer {connection.password}", "Accept": "application/json"}
        while True:
            await _pause(self.arguments["poll_interval"])
            if await self._status(url, headers) == "completed":
                yield TriggerEvent({"status": "completed"})
                return

    @staticmethod
    async def _status(url: str, headers: dict[str, str]) -> str | None:
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
            response.raise_for_status()
            return Campaign.model_validate((await response.json())["campaign"]).status


class ProbeTrigger(_Trigger):
    """
    Notes once a second how the loop and its process are, one JSON object a line.

    ``late`` is the longest time that a sleep of 10 ms took too long, ``late_without_garbage`` the longest
    without the full garbage collections that fell into it, ``cpu`` the seconds that the process has computed
    since it started, ``memory`` the bytes it has, ``tasks`` how many tasks run in the loop.
    """

    async def run(self) -> AsyncIterator[TriggerEvent]:
        page = os.sysconf("SC_PAGE_SIZE")
        garbage = _GarbageWatch()
        with Path(self.arguments["path"]).open("a", buffering=1) as file:  # noqa: ASYNC230
            while True:
                late = without = 0.0
                end = time.perf_counter() + 1
                while (start := time.perf_counter()) < end:
                    await asyncio.sleep(TICK)
                    too_late = time.perf_counter() - start - TICK
                    late, without = max(late, too_late), max(without, too_late - garbage.take())
                note = {
                    "at": time.time(),
                    "late": late,
                    "late_without_garbage": without,
                    "cpu": time.process_time(),
                    "memory": int(Path("/proc/self/statm").read_text().split()[1]) * page,  # noqa: ASYNC240
                    "tasks": len(asyncio.all_tasks()),
                }
                file.write(json.dumps(note) + "\n")
        yield


class _GarbageWatch:
    """Measures full garbage collections: they stop everything in the process."""

    def __init__(self) -> None:
        self._start = self._seconds = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, info: dict[str, int]) -> None:
        if info["generation"] == 2 and phase == "start":
            self._start = time.perf_counter()
        elif info["generation"] == 2:
            self._seconds += time.perf_counter() - self._start

    def take(self) -> float:
        """Return how many seconds they took since this was last asked."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds


async def _pause(interval: float) -> None:
    await asyncio.sleep(interval * random.uniform(0.9, 1.1))
