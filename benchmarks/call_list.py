"""
From records to the bytes of the request: 100,000 flat records with four variables.

The official client takes the API's own shape and sends to a transport that answers at once, so only its work
on the request is measured. ``orjson`` writes the finished payload and does nothing else: the floor.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import httpx
import orjson
from revox import Revox

from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.contacts.call_list import CallListBuilder
from airflow_provider_revox.contacts.record import CallListOptions
from airflow_provider_revox.contacts.variables import variable_map

CONTACTS = 100_000
ROUNDS = 5
OFFICIAL, OURS, FLOOR = (
    "official client, `campaigns.create`",
    "this provider, records to bytes",
    "`orjson.dumps` of the finished payload",
)
LEAST_RATIO = 20.0
"""How much faster than the official client it must be."""
FIELDS = ["first_name", "plan", "city", "renews_on"]
ANSWER = {
    "campaign": {"id": "c", "name": "n", "assistant_id": "a", "is_cancelled": False, "status": "running"}
}


def measure() -> str:
    """Return the table."""
    records = [
        {
            "phone": f"+336{index:08}",
            "first_name": f"Ada {index}",
            "plan": "gold",
            "city": "Besançon",
            "renews_on": "2026-12-01",
        }
        for index in range(CONTACTS)
    ]
    contacts = [
        {"to_phone_number": record["phone"], "prompt_variables": {name: record[name] for name in FIELDS}}
        for record in records
    ]
    options = CallListOptions(phone_field="phone", variables=variable_map(FIELDS))

    def ours() -> int:
        call_list = CallListBuilder(options).take(records)
        return len(CampaignCreate.build(assistant_id="a", name="n", checked_contacts=call_list).body)

    sent: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(len(request.content))
        return httpx.Response(200, json=ANSWER)

    client = Revox(
        api_key="k",
        base_url="http://127.0.0.1/api",
        http_client=httpx.Client(transport=httpx.MockTransport(answer)),
    )

    def official() -> int:
        client.campaigns.create(assistant_id="a", name="n", contacts=contacts)  # type: ignore[arg-type]
        return sent[-1]

    def floor() -> int:
        return len(orjson.dumps({"assistant_id": "a", "name": "n", "contacts": contacts}))

    seconds = _medians({OFFICIAL: official, OURS: ours, FLOOR: floor})
    base = seconds[OFFICIAL]
    assert ours() == floor(), "the payloads differ"
    assert base / seconds[OURS] >= LEAST_RATIO, f"only {base / seconds[OURS]:.1f} times as fast"
    rows = [f"| {name} | {value:.3f} s | **1/{base / value:.0f}** |" for name, value in seconds.items()]
    return "\n".join(["| 100,000 contacts | time | of the official client |", "|---|---|---|", *rows])


def _medians(ways: dict[str, Callable[[], Any]]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - started)
    return {name: statistics.median(seconds) for name, seconds in times.items()}
