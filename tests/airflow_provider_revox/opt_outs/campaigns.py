"""Campaigns whose people are in every state, and what the tests of this folder ask about them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.operators.revox import CancelCallsOperator
from revox_sandbox import Sandbox
from tests.campaigns import ask, create_campaign, number

WEEK = 7 * 24 * 3600.0
MINUTE = 60.0
LATER = ("drafts", "launch-calls")
"""The generations that can cancel single calls."""


def client_of(sandbox: Sandbox, **options: Any) -> RevoxClient:
    config = {"api_key": sandbox.api_key, "base_url": sandbox.base_url, "read_timeout": 30.0, **options}
    return RevoxClient(ClientConfig(**config))


def statuses(sandbox: Sandbox, campaign_id: str) -> dict[str, str]:
    """Return the status of each person's call."""
    rows = ask(sandbox, "GET", f"/campaigns/{campaign_id}/rows")["rows"]
    return {row["phone_number"]: row["call"]["status"] for row in rows}


def attempts(sandbox: Sandbox, *campaign_ids: str) -> Counter[str]:
    """Return how many attempts were made to call each person."""
    found: Counter[str] = Counter()
    for campaign_id in campaign_ids:
        for row in ask(sandbox, "GET", f"/campaigns/{campaign_id}/rows")["rows"]:
            found[row["phone_number"]] += len((row["call"] or {}).get("call_attempts", ()))
    return found


def cancels(sandbox: Sandbox) -> int:
    return sum(request.path.startswith("/call/") for request in sandbox.requests())


def people(*indices: int) -> list[str]:
    return [number(index) for index in indices]


def call_ids(sandbox: Sandbox, campaign_id: str) -> dict[str, str]:
    rows = ask(sandbox, "GET", f"/campaigns/{campaign_id}/rows")["rows"]
    return {row["phone_number"]: row["call"]["id"] for row in rows}


def running(sandbox: Sandbox, count: int = 10, **options: Any) -> str:
    """Create a campaign that calls its first two people now, and the others later."""
    return create_campaign(sandbox, count, **{"max_concurrent_calls": 2, **options})


def cancel(campaign_ids: Any, contacts: Any, **options: Any) -> dict[str, Any]:
    """Run the operator."""
    task = CancelCallsOperator(task_id="cancel", campaign_ids=campaign_ids, contacts=contacts, **options)
    return task.execute({})


def counts_of(result: dict[str, Any]) -> dict[str, int]:
    """Return the counts that are not 0."""
    return {name: count for name, count in result.items() if name != "by_campaign" and count}
