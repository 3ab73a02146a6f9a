"""
Many single reads against one list, for an event loop that waits for many campaigns.

``GET /campaigns`` shows every campaign of the organization with its assistant; a single read shows one. Both
go through the client that the triggerer uses; the answers come from another process. The figures are the
least of several rounds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from airflow_provider_revox.client import AsyncRevoxClient, ClientConfig, endpoints
from benchmarks.campaign_server import API_KEY, CampaignServer

CAMPAIGNS = 1_000
PROMPT_CHARS = (300, 19_000)
AT_ONCE = 10
ROUNDS = 5


def measure() -> str:
    """Return the table."""
    head = (
        f"| prompt of an assistant | {CAMPAIGNS:,} single reads | one list, nothing wanted "
        "| one list, all wanted | the list is as large as | it computes less, if more are waited for than |"
    )
    return "\n".join([head, "|---" * 6 + "|", *map(_row, PROMPT_CHARS)])


def _row(prompt_chars: int) -> str:
    with CampaignServer(CAMPAIGNS, prompt_chars) as server:
        megabytes = server.list_bytes / 1e6
        reads, none_wanted, all_wanted = asyncio.run(_measured(server))
    # What is wanted is read as a campaign, so the list costs more the more is wanted.
    per_read, per_wanted = reads / CAMPAIGNS, (all_wanted - none_wanted) / CAMPAIGNS
    share = none_wanted / (per_read - per_wanted) / CAMPAIGNS if per_read > per_wanted else float("inf")
    pays = f"**{share:.0%}** of all campaigns" if share <= 1 else "all campaigns: never"
    return (
        f"| {prompt_chars:,} characters | {reads * 1e3:.0f} ms | {none_wanted * 1e3:.0f} ms "
        f"| {all_wanted * 1e3:.0f} ms | {megabytes:.1f} MB | {pays} |"
    )


async def _measured(server: CampaignServer) -> tuple[float, float, float]:
    """Return the CPU time of all single reads, of a list of which nothing is kept, and of one kept whole."""
    async with await AsyncRevoxClient.open(ClientConfig(api_key=API_KEY, base_url=server.base_url)) as client:

        async def read_all() -> int:
            ids = iter(server.campaign_ids)

            async def read_some() -> int:
                return len([await client.send(endpoints.get_campaign(id_)) for id_ in ids])

            return sum(await asyncio.gather(*[read_some() for _ in range(AT_ONCE)]))

        async def list_none() -> int:
            return len(await client.send(endpoints.find_campaigns(lambda _: False)))

        async def list_all() -> int:
            return len(await client.send(endpoints.find_campaigns(lambda _: True)))

        return (
            await _cpu(read_all, CAMPAIGNS),
            await _cpu(list_none, 0),
            await _cpu(list_all, CAMPAIGNS),
        )


async def _cpu(way: Callable[[], Awaitable[int]], expected: int) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        found = await way()
        times.append(time.process_time() - start)
        assert found == expected, f"{found} campaigns instead of {expected}"
    return min(times)
