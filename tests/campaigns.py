"""Campaigns of the sandbox, whatever generation it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from revox_sandbox import Sandbox

HTTP = httpx.Client(trust_env=False, verify=False, timeout=30)
"""For plain HTTP only. A client that loads certificates takes longer to make than most tests take."""


def ask(sandbox: Sandbox, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """Send a request to the sandbox's API, past the provider's client; return the answer."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    answer = HTTP.request(method, f"{sandbox.base_url}{path}", json=body, headers=headers).raise_for_status()
    return dict(answer.json()) if answer.content else {}


def number(index: int) -> str:
    return f"+1415555{index:04}"


def create_campaign(
    sandbox: Sandbox, people: int | Sequence[dict[str, Any]] = 3, *, launched: bool = True, **options: Any
) -> str:
    """Create a campaign and launch it; return its id."""
    if isinstance(people, int):
        people = [
            {"to_phone_number": number(index), "prompt_variables": {"customer_id": f"C{index}", "who": "Ada"}}
            for index in range(people)
        ]
    needed = {"launch": True, "type": "regular"} if sandbox.settings.generation == "drafts" else {}
    body = {"assistant_id": "a", "name": "Renewals", "contacts": list(people), **needed, **options}
    campaign = ask(sandbox, "POST", "/campaigns", body)["campaign"]
    campaign_id = str(campaign["id"])
    if launched and campaign["row_stats"].get("not_launched"):
        everybody = {
            "filters": {
                "assignee_ids": [], "directions": [], "outcomes": [], "results": [],
                "statuses": ["not_launched"],
            },
            "rows": {"call_ids": [], "mode": "all_except"},
        }  # fmt: skip
        order = {"mode": "ai_first", "selection": everybody}
        ask(sandbox, "POST", f"/campaigns/{campaign_id}/launch-calls", order)
    return campaign_id
