"""A server with the sandbox's campaigns, quick enough not to be what is measured; a process of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

API_KEY = "sandbox-key"


class CampaignServer:
    """
    Serves campaigns one by one and as a list; a context manager. They run until they are told to end.

    :param campaigns: How many.
    :param prompt_chars: How long the prompt of their assistant is, which every answer repeats.
    """

    def __init__(self, campaigns: int, prompt_chars: int) -> None:
        self._arguments = [str(campaigns), str(prompt_chars)]
        self.campaign_ids: list[str] = []
        self.list_bytes = 0
        self.url = ""

    @property
    def base_url(self) -> str:
        return f"{self.url}/api"

    def conn_json(self) -> str:
        """Return the Airflow connection to it."""
        return json.dumps({"conn_type": "revox", "host": self.base_url, "password": API_KEY})

    def counts(self, *, forget: bool = False) -> dict[str, int]:
        """Return how many requests came, and for how many campaigns; count from 0 again if wanted."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/counts{'?forget' * forget}", timeout=30) as answer:
            return dict(json.load(answer))

    def complete(self, campaign_ids: Sequence[str]) -> None:
        """Let campaigns be completed from now on."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(
            f"{self.url}/complete", data=json.dumps(campaign_ids).encode(), timeout=30
        ) as answer:
            assert answer.status == 200

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.campaign_server", *self._arguments],
            cwd=Path(__file__).resolve().parent.parent,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        started = json.loads(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{started['port']}"
        self.campaign_ids, self.list_bytes = started["campaign_ids"], started["list_bytes"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()


def make_campaigns(number: int, prompt_chars: int) -> dict[str, bytes]:
    """Return campaigns as the sandbox shows them, by id."""
    import httpx

    from revox_sandbox import Sandbox, SandboxSettings

    contacts = [{"to_phone_number": "+14155550100", "prompt_variables": {}}]
    settings = SandboxSettings(speed=0, api_key=API_KEY, assistant_prompt_chars=prompt_chars)
    with (
        Sandbox(settings) as sandbox,
        httpx.Client(headers={"Authorization": f"Bearer {API_KEY}"}, trust_env=False) as http,
    ):
        url = f"{sandbox.base_url}/campaigns"
        for ordinal in range(number):
            campaign = {"assistant_id": "assistant", "name": f"Campaign {ordinal}", "contacts": contacts}
            http.post(url, json=campaign).raise_for_status()
        campaigns = http.get(url, timeout=60).json()["campaigns"]
    return {campaign["id"]: json.dumps(campaign).encode() for campaign in campaigns}


async def _serve(campaigns: dict[str, bytes]) -> None:
    from aiohttp import web

    bodies = {id_: b'{"campaign": %b}' % campaign for id_, campaign in campaigns.items()}
    whole_list = b'{"campaigns": [%b]}' % b", ".join(campaigns.values())
    requests, asked_for = 0, set[str]()

    async def one(request: web.Request) -> web.Response:
        nonlocal requests
        assert request.headers["Authorization"] == f"Bearer {API_KEY}"
        requests += 1
        asked_for.add(request.match_info["id"])
        return web.Response(body=bodies[request.match_info["id"]], content_type="application/json")

    async def every(_: web.Request) -> web.Response:
        return web.Response(body=whole_list, content_type="application/json")

    async def counts(request: web.Request) -> web.Response:
        nonlocal requests
        answer = web.json_response({"requests": requests, "campaigns": len(asked_for)})
        if "forget" in request.query:
            requests = 0
            asked_for.clear()
        return answer

    async def complete(request: web.Request) -> web.Response:
        for id_ in json.loads(await request.read()):
            campaign = {**json.loads(campaigns[id_]), "status": "completed"}
            bodies[id_] = json.dumps({"campaign": campaign}).encode()
        return web.Response()

    app = web.Application()
    app.add_routes(
        [
            web.get("/api/campaigns", every),
            web.get("/api/campaigns/{id}", one),
            web.get("/counts", counts),
            web.post("/complete", complete),
        ]
    )
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=3600)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    started: dict[str, Any] = {
        "port": runner.addresses[0][1],
        "campaign_ids": list(campaigns),
        "list_bytes": len(whole_list),
    }
    print(json.dumps(started), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(make_campaigns(int(sys.argv[1]), int(sys.argv[2]))))
