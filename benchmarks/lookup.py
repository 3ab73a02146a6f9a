"""
What it costs to look a launch up where the list of campaigns is long.

``GET /campaigns`` has no pages. 5,000 campaigns of 20 kB, made by the sandbox, come from a process of their
own; each way of finding one of them runs in a new process, in turn. Shown is the median of several rounds.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from airflow_provider_revox.launch.tag import LaunchTag, people_digest
from airflow_provider_revox.phone_numbers.people import People

ROUNDS = 5
CAMPAIGNS = 5_000
PROMPT_CHARS = 19_000
MOST_MEGABYTES = 30.0
"""How much memory the look-up of a launch may take."""
PEOPLE = people_digest(People.of(["+33612345678"]), "assistant")
TAG = LaunchTag.of("renewals", "launch", "scheduled__2026-11-23", people=PEOPLE)
OURS, WHOLE, OFFICIAL = "ours", "whole", "official"
WAYS = {
    OURS: "`find_campaigns`, as a launch looks",
    WHOLE: "`list_campaigns`, the same client",
    OFFICIAL: "`campaigns.list`, the official client",
}


def measure() -> str:
    """Return the table."""
    figures: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    server = _python("serve", stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        for _ in range(ROUNDS):
            for way in WAYS:
                figures[way].append(_measured(way, port))
    finally:
        server.terminate()
        server.wait()
    medians = {
        way: {name: statistics.median(round_[name] for round_ in rounds) for name in rounds[0]}
        for way, rounds in figures.items()
    }
    most = max(round_["megabytes"] for round_ in figures[OURS])
    assert most < MOST_MEGABYTES, f"a look-up took {most:.0f} MB"
    rows = [_row(WAYS[way], of, medians[OFFICIAL]) for way, of in medians.items()]
    return "\n".join(["| one look-up by | memory | CPU | time |", "|---|---|---|---|", *rows])


def _row(name: str, of: dict[str, float], official: dict[str, float]) -> str:
    ratios = {figure: f"(**{of[figure] / official[figure]:.2g}**)" for figure in of}
    return (
        f"| {name} | {of['megabytes']:.0f} MB {ratios['megabytes']} "
        f"| {of['cpu']:.2f} s {ratios['cpu']} | {of['wall']:.2f} s {ratios['wall']} |"
    )


def _measured(way: str, port: str) -> dict[str, float]:
    process = _python(way, port, stdout=subprocess.PIPE)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, f"{way} failed"
    figures: dict[str, float] = json.loads(output)
    return figures


def _python(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parent.parent
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.lookup", *arguments], cwd=root, text=True, **options
    )


def _serve() -> None:
    """Serve the list of campaigns; the one that is looked for is the oldest, so it comes last."""
    body = _campaigns()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


def _campaigns() -> bytes:
    from revox_sandbox import SandboxSettings
    from revox_sandbox.api.bodies import Contact
    from revox_sandbox.api.contract import ContractAnswers
    from revox_sandbox.play.campaign import CampaignRequest
    from revox_sandbox.play.store import Store

    store = Store(SandboxSettings(speed=0, assistant_prompt_chars=PROMPT_CHARS))
    for number in range(CAMPAIGNS):
        tag = LaunchTag.of("renewals", "launch", str(number), people=PEOPLE) if number else TAG
        campaign = CampaignRequest(
            assistant_id="assistant",
            name=tag.name("Renewals", 1),
            contacts=[Contact(to_phone_number="+14155550100", prompt_variables={})],
        )
        store.create(campaign, lambda _: None)
    answers = ContractAnswers()
    return answers.all_campaigns(store.read_all(answers.campaign_json))


def _look_up(way: str, port: str) -> dict[str, float]:
    """Find the campaign; return what that cost beyond a process in which all is imported."""
    find = _way(way, f"http://127.0.0.1:{port}/api")
    resident, cpu, wall = memory("VmRSS"), time.process_time(), time.perf_counter()
    found = find()
    figures = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    assert found == 1, f"{way} found {found} campaigns"
    return {"megabytes": memory("VmHWM") - resident, **figures}


def _way(way: str, base_url: str) -> Callable[[], int]:
    if way == OFFICIAL:
        import httpx
        from revox import Revox

        official = Revox(api_key="key", base_url=base_url, http_client=httpx.Client(trust_env=False))
        return lambda: sum(TAG.is_in(campaign.name) for campaign in official.campaigns.list().campaigns)
    from airflow_provider_revox.client import ClientConfig, RevoxClient, endpoints

    client = RevoxClient(ClientConfig(api_key="key", base_url=base_url))
    if way == WHOLE:
        return lambda: sum(TAG.is_in(campaign.name or "") for campaign in client.list_campaigns())
    return lambda: len(client.send(endpoints.find_campaigns(TAG.is_in)))


def memory(figure: str) -> float:
    """
    Return a figure of this process in MB: ``VmRSS`` is its memory now, ``VmHWM`` the most it ever had.

    Not from ``getrusage``, whose peak a child process takes over from its parent.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(line for line in lines if line.startswith(f"{figure}:")).split()[1]
    return int(kilobytes) * 1024 / 1e6


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve()
    else:
        print(json.dumps(_look_up(*sys.argv[1:])))
