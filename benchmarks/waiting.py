"""
What it costs to wait for many campaigns in one triggerer.

A real ``airflow triggerer`` with a PostgreSQL runs 500, then 2,000 deferred tasks of one kind: the
provider's, ones that open a session for every poll, and ones that only sleep. A probe in the same event loop
notes how late it is, what the process computes and how much memory it has. The campaigns come from another
process. At the end some of them are completed, and it is measured when the triggerer hands their tasks back.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.triggers.revox import CampaignTrigger
from airflow_provider_revox.waiting.progress import Point, Progress
from benchmarks.campaign_server import API_KEY, CampaignServer
from benchmarks.triggerer import Triggerer
from benchmarks.triggers import SessionPerPollTrigger, SleepingTrigger
from dev.airflow_api import wait_until

NUMBERS = {500: 30.0, 2_000: 30.0}
"""How many triggers wait, and for how many seconds that is measured."""
POLL_INTERVAL = 10.0
PROMPT_CHARS = 19_000
LONGEST_STALL = 0.1
COMPLETED = 200
"""How many campaigns are completed at the end."""
MOST_OF_A_SESSION = 0.5
"""Which part of the CPU of a poll with a session of its own a poll may take."""
RATE_TOLERANCE = 0.15
SLEEPING, OTHERS, OURS = "sleeping", "others", "ours"
WAYS = {SLEEPING: "only sleeping", OTHERS: "a session for every poll", OURS: "`CampaignTrigger`"}


@dataclass(frozen=True)
class _Figures:
    """
    What one number of triggers cost.

    :param polls: Requests a second, as the server counted them.
    :param cpu: Seconds computed in a second.
    :param stall: The longest one, in seconds.
    :param stall_without_garbage: The longest one without full garbage collections, in seconds.
    :param memory: Of the process, in bytes.
    :param commits: Transactions that the database commits in a second.
    """

    polls: float
    cpu: float
    stall: float
    stall_without_garbage: float
    memory: float
    commits: float


def measure() -> str:
    """Return the table."""
    figures: dict[str, dict[int, _Figures]] = {}
    handed_back = {}
    with (
        tempfile.TemporaryDirectory(prefix="airflow-revox-bench-") as folder,
        CampaignServer(max(NUMBERS), PROMPT_CHARS) as server,
    ):
        Path(folder).chmod(0o755)  # the user postgres must reach the database
        for way in WAYS:
            env = {"AIRFLOW_CONN_REVOX_DEFAULT": server.conn_json()}
            with Triggerer(Path(folder) / way, env) as triggerer:
                figures[way] = _measured(way, triggerer, server)
                if way == OURS:
                    handed_back = _seconds_until_handed_back(triggerer, server)
    rows = [_row(way, number, figures) for number in NUMBERS for way in WAYS]
    head = (
        "| waiting | way | polls a minute | CPU of a core | CPU per poll | longest stall "
        "| without garbage collections | memory | per trigger more | commits a second |"
    )
    part = "\n".join(f"| {name} | {seconds:.1f} s |" for name, seconds in handed_back.items())
    table = "\n".join(
        [
            head,
            "|---" * 10 + "|",
            *rows,
            "",
            f"| of {COMPLETED} campaigns that end at one moment | handed back to the scheduler after |",
            "|---|---|",
            part,
        ]
    )
    _check(figures, table)
    return table


def _seconds_until_handed_back(triggerer: Triggerer, server: CampaignServer) -> dict[str, float]:
    """Complete campaigns; return how long it takes until half of their tasks, and all, are handed back."""
    server.complete(server.campaign_ids[:COMPLETED])
    start = time.monotonic()
    seconds = {}
    for name, tasks in (("half", COMPLETED // 2), ("all", COMPLETED)):
        wait_until(lambda n=tasks: triggerer.not_deferred() >= n, 120, "the triggerer kept tasks")
        seconds[name] = time.monotonic() - start
    return seconds


def _measured(way: str, triggerer: Triggerer, server: CampaignServer) -> dict[int, _Figures]:
    make: Callable[[str], Any] = {
        SLEEPING: lambda _: SleepingTrigger(poll_interval=POLL_INTERVAL),
        OTHERS: lambda id_: SessionPerPollTrigger(campaign_id=id_, poll_interval=POLL_INTERVAL),
        OURS: partial(_our_trigger, last_point=_point_of(server)),
    }[way]
    figures = {}
    for fewer, (number, seconds) in zip((0, *NUMBERS), NUMBERS.items(), strict=False):
        server.counts(forget=True)
        triggerer.defer([make(id_).serialize() for id_ in server.campaign_ids[fewer:number]])
        triggerer.wait_until_running()
        if way != SLEEPING:
            wait_until(
                lambda n=number: server.counts()["campaigns"] == n,
                120,
                f"{way}: not every campaign was polled",
            )
        figures[number] = _window(triggerer, server, seconds)
    return figures


def _point_of(server: CampaignServer) -> Point | None:
    """Return what a task sees of a campaign before it defers. All campaigns have the same counts."""
    progress = Progress()
    with RevoxClient(ClientConfig(api_key=API_KEY, base_url=server.base_url)) as client:
        progress.observe(client.get_campaign(server.campaign_ids[0]), time.time())
    return progress.last


def _our_trigger(campaign_id: str, last_point: Point | None) -> CampaignTrigger:
    return CampaignTrigger(
        campaign_id=campaign_id,
        revox_conn_id="revox_default",
        poll_interval=POLL_INTERVAL,
        deadline=time.time() + 24 * 3600,
        last_point=last_point,
    )


def _window(triggerer: Triggerer, server: CampaignServer, seconds: float) -> _Figures:
    server.counts(forget=True)
    start, commits = time.time(), triggerer.commits()
    time.sleep(seconds)
    requests, end = server.counts()["requests"], time.time()
    commits = triggerer.commits() - commits
    notes = triggerer.notes(since=start)
    first, last = notes[0], notes[-1]
    return _Figures(
        polls=requests / (end - start),
        cpu=(last["cpu"] - first["cpu"]) / (last["at"] - first["at"]),
        stall=max(note["late"] for note in notes),
        stall_without_garbage=max(note["late_without_garbage"] for note in notes),
        memory=last["memory"],
        commits=commits / (end - start),
    )


def _cpu_per_poll(way: str, number: int, figures: dict[str, dict[int, _Figures]]) -> float:
    """Return what a poll computes beyond a loop in which as many triggers sleep, in seconds."""
    return (figures[way][number].cpu - figures[SLEEPING][number].cpu) / figures[way][number].polls


def _row(way: str, number: int, figures: dict[str, dict[int, _Figures]]) -> str:
    of = figures[way][number]
    polls = per_poll = added = ""
    if way != SLEEPING:
        wanted = number * 60 / POLL_INTERVAL
        polls = f"{of.polls * 60:,.0f} of {wanted:,.0f}"
        cpu = _cpu_per_poll(way, number, figures)
        per_poll = f"{cpu * 1e3:.2f} ms (**{cpu / _cpu_per_poll(OTHERS, number, figures):.2g}**)"
    fewer = max((fewer for fewer in NUMBERS if fewer < number), default=0)
    if fewer:
        added = f"{(of.memory - figures[way][fewer].memory) / (number - fewer) / 1e3:.0f} kB"
    return (
        f"| {number:,} | {WAYS[way]} | {polls} | {of.cpu:.1%} | {per_poll} | {of.stall * 1e3:.0f} ms "
        f"| {of.stall_without_garbage * 1e3:.0f} ms | {of.memory / 1e6:.0f} MB | {added} | {of.commits:.1f} |"
    )


def _check(figures: dict[str, dict[int, _Figures]], table: str) -> None:
    wrong = []
    for number, of in figures[OURS].items():
        ratio = _cpu_per_poll(OURS, number, figures) / _cpu_per_poll(OTHERS, number, figures)
        wanted = number / POLL_INTERVAL
        if ratio > MOST_OF_A_SESSION:
            wrong.append(f"with {number} triggers a poll computes {ratio:.2g} times as long as the others'")
        if of.stall_without_garbage > LONGEST_STALL:
            stall = f"{of.stall_without_garbage * 1e3:.0f} ms"
            wrong.append(
                f"with {number} triggers the loop stood still for {stall}, garbage collections aside"
            )
        if abs(of.polls - wanted) > wanted * RATE_TOLERANCE:
            wrong.append(f"{number} triggers polled {of.polls:.1f} times a second instead of {wanted:.1f}")
    assert not wrong, "\n".join([table, *wrong])
