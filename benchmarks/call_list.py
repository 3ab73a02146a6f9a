"""
From records to the bytes of the request: 100,000 contacts with four variables.

``CreateCampaignOperator.execute`` runs as a whole, with flat records and with the API's own shape. The
official client takes the API's own shape. Both send to a transport that answers at once, so only their own
work is measured. ``orjson`` writes the finished payload and does nothing else: the floor.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx
import orjson
from revox import Revox

CONTACTS = 100_000
ROUNDS = 15
OFFICIAL, FLAT, OWN_SHAPE, FLOOR = (
    "official client, `campaigns.create`",
    "`CreateCampaignOperator`, flat records",
    "`CreateCampaignOperator`, the API's own shape",
    "`orjson.dumps` of the finished payload",
)
LEAST_RATIO = 20.0
"""How much faster than the official client each shape must be."""
FIELDS = ["first_name", "plan", "city", "renews_on"]
CAMPAIGN = {"id": "c", "assistant_id": "a", "is_cancelled": False, "status": "running"}
URL = "http://127.0.0.1/api"


class _Revox:
    """Answers as a Revox that has only what the API page describes. It knows only the last campaign."""

    def __init__(self) -> None:
        self.created = b""

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer at once."""
        if request.method == "POST":
            self.created = request.read()
        elif request.url.path not in ("/api/campaigns", "/api/campaigns/c"):
            return _answer(404, {"message": "Not found"})
        name = re.search(rb'"name":"([^"]*)"', self.created)
        campaigns = [{**CAMPAIGN, "name": name[1].decode()}] if name else []
        if request.url.path == "/api/campaigns" and request.method == "GET":
            return _answer(200, {"campaigns": campaigns})
        return _answer(200, {"campaign": campaigns[0]})


def _answer(status: int, content: dict[str, Any]) -> httpx.Response:
    """Return an answer whose body is still to be read, as one that came over the network."""
    return httpx.Response(status, stream=httpx.ByteStream(json.dumps(content).encode()))


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
    revox = _Revox()
    with _in_place_of_the_network(revox):
        flat = _launch(revox, records, phone_field="phone", variable_fields=FIELDS)
        own_shape = _launch(revox, contacts)
        client = Revox(api_key="k", base_url=URL)

        def official() -> None:
            client.campaigns.create(assistant_id="a", name="n", contacts=contacts)  # type: ignore[arg-type]

        def floor() -> None:
            orjson.dumps({"assistant_id": "a", "name": "n", "contacts": contacts})

        expected = orjson.dumps(contacts)
        for launch in (flat, own_shape):
            launch()
            assert revox.created.endswith(b'"contacts":%b}' % expected), "the payloads differ"
        seconds = _least({OFFICIAL: official, FLAT: flat, OWN_SHAPE: own_shape, FLOOR: floor})
    base = seconds[OFFICIAL]
    for shape in (FLAT, OWN_SHAPE):
        ratio = base / seconds[shape]
        assert ratio >= LEAST_RATIO, f"{shape}: only {ratio:.1f} times as fast"
    rows = [f"| {name} | {value:.3f} s | **1/{base / value:.0f}** |" for name, value in seconds.items()]
    return "\n".join(["| 100,000 contacts | CPU time | of the official client |", "|---|---|---|", *rows])


@contextmanager
def _in_place_of_the_network(revox: _Revox) -> Iterator[None]:
    connection = json.dumps({"conn_type": "revox", "host": URL, "password": "sandbox-key"})
    with (
        patch.dict(os.environ, AIRFLOW_CONN_REVOX_DEFAULT=connection),
        patch.object(httpx.HTTPTransport, "handle_request", lambda _, request: revox.answer(request)),
    ):
        yield


def _launch(revox: _Revox, contacts: list[dict[str, Any]], **options: Any) -> Callable[[], None]:
    """Return what runs the whole task: a new operator each time, as Airflow makes one for each try."""
    from airflow_provider_revox.operators.revox import CreateCampaignOperator

    log = logging.getLogger("benchmark")
    log.setLevel(logging.ERROR)
    identity = {"dag_id": "dag", "task_id": "call", "run_id": "run", "map_index": -1, "try_number": 1}
    context: Any = {"ti": SimpleNamespace(**identity, xcom_push=lambda **_: None)}

    def launch() -> None:
        revox.created = b""
        operator = CreateCampaignOperator(
            task_id="call", assistant_id="a", name="n", launch_key="k", contacts=contacts, **options
        )
        with patch.object(CreateCampaignOperator, "log", log):
            assert operator.execute(context) == "c"

    return launch


def _least(ways: dict[str, Callable[[], None]]) -> dict[str, float]:
    least = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.process_time()
            way()
            least[name] = min(least[name], time.process_time() - started)
    return least
