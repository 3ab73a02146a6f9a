"""Campaigns of the sandbox, whatever generation it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from revox_sandbox import Sandbox


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
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    with httpx.Client(base_url=sandbox.base_url, headers=headers, timeout=30) as http:
        answer = http.post("/campaigns", json=body).raise_for_status().json()
        campaign_id = str(answer["campaign"]["id"])
        if launched and answer["campaign"]["row_stats"].get("not_launched"):
            everybody = {
                "filters": {
                    "assignee_ids": [], "directions": [], "outcomes": [], "results": [],
                    "statuses": ["not_launched"],
                },
                "rows": {"call_ids": [], "mode": "all_except"},
            }  # fmt: skip
            order = {"mode": "ai_first", "selection": everybody}
            http.post(f"/campaigns/{campaign_id}/launch-calls", json=order).raise_for_status()
    return campaign_id
