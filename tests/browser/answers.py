"""The plugin's pages without an Airflow: the browser gets the files, and the answers that a test wants."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route

import airflow_provider_revox

STATIC = Path(airflow_provider_revox.__file__).parent / "plugin" / "static"
HOST = "http://127.0.0.1"
ROOT = f"{HOST}/base/revox/"
"""Airflow may be served below a path; so every address of a page is relative."""
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
SANDBOX = "allow-scripts allow-same-origin allow-forms allow-downloads"
"""What Airflow allows the page in its frame."""
AROUND = f"""<!doctype html><html class="light"><title>Airflow</title>
<iframe title="Revox campaigns" sandbox="{SANDBOX}" src="/base/revox/" width="1200" height="800"></iframe>"""


def before(**ago: float) -> str:
    return (NOW - timedelta(**ago)).isoformat().replace("+00:00", "Z")


def campaign(**fields: Any) -> dict[str, Any]:
    """Return a campaign as the list has it."""
    task = {"dag_id": "renewals", "run_id": "manual__1", "map_index": -1}
    url = "/base/dags/renewals"
    urls = {"dag": url, "run": f"{url}/runs/manual__1", "task": f"{url}/runs/manual__1/tasks/call"}
    return {
        "campaign_id": "c-1",
        "name": "Renewals of November",
        "state": "running",
        "counts": {"total": 100, "completed": 40, "failed": 2, "calling": 3, "retry": 5, "pending": 50},
        "left_out": {
            "total": 7,
            "invalid": 3,
            "duplicate": 2,
            "suppressed": 2,
            "reasons": {"not_valid": 3, "do_not_contact": 2},
        },
        "since": before(hours=2),
        "launch": {"outcome": "adopted", "launched_by_try": 1, "reason": "try 1 launched it"},
        "tasks": [
            {**task, "task_id": "call", "role": "launch", "state": "success", "urls": urls},
            {**task, "task_id": "wait", "role": "wait", "state": "deferred", "map_index": 3, "urls": urls},
        ],
        "revox_url": f"{HOST}/the-revox",
        "seen_at": before(seconds=10),
        "seen_by": "revox",
        "problem": None,
        "actions": ["pause", "cancel"],
        **fields,
    }


def details(**fields: Any) -> dict[str, Any]:
    """Return a campaign as its page has it."""
    seen = [
        {
            "at": before(minutes=60 - 10 * n),
            "state": "running",
            "counts": {"total": 100, "completed": 8 * n, "pending": 100 - 8 * n},
        }
        for n in range(6)
    ]
    tried = {"dag_id": "renewals", "run_id": "manual__1", "task_id": "call", "map_index": -1}
    return {
        **campaign(),
        "now": before(),
        "people_left": 58,
        "progress": seen,
        "report": {
            "received": 107,
            "to_call": 100,
            "invalid": 3,
            "invalid_by_reason": {"not_valid": 3},
            "duplicate": 2,
            "suppressed": 2,
            "suppressed_by_reason": {"do_not_contact": 2},
        },
        "tries": [
            {
                **tried,
                "try_number": number,
                "state": state,
                "started_at": before(minutes=70 - number),
                "ended_at": before(minutes=70 - number, seconds=-30),
                "log_url": f"/base/dags/renewals/runs/manual__1/tasks/call?try_number={number}",
            }
            for number, state in ((1, "failed"), (2, "success"))
        ],
        "statistics": {
            "outcomes": [{"outcome": "interested", "count": 12}, {"outcome": "not_interested", "count": 30}],
            "funnel": [{"step": "called", "count": 45}, {"step": "answered", "count": 42}],
        },
        "calling_windows": {
            "timezone": "Europe/Paris",
            "windows": [{"start": "09:00", "end": "12:00"}],
            "days": ["monday", "tuesday", "wednesday"],
            "now": "13:00",
            "is_open": False,
        },
        **fields,
    }


class Answers:
    """Serves the files of the plugin, and the campaigns that a test sets."""

    def __init__(self) -> None:
        self.campaigns = [campaign()]
        self.details = details()
        self.total: int | None = None
        self.failure: tuple[int, str | None] | None = None
        """A status and a detail that every answer has, or the status 0: no answer at all."""
        self.refusal: tuple[int, str | None] | None = None
        """The same for controls alone."""
        self.asked: list[dict[str, str]] = []
        """The query of each request for the list."""
        self.posted: list[tuple[str, dict[str, str]]] = []
        """The path and the headers of each control."""

    def serve(self, page: Page) -> None:
        page.context.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        """Answer a request with a file of the plugin or with a campaign."""
        url = urlsplit(route.request.url)
        path = url.path.removeprefix("/base").removeprefix("/revox/")
        if path.startswith("static/"):
            route.fulfill(path=STATIC / path.removeprefix("static/"))
        elif path.startswith("api/"):
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            self._api(route, path.removeprefix("api/"), query)
        elif path == "" or path.startswith("campaigns/"):
            file = STATIC / ("campaign.html" if path else "list.html")
            route.fulfill(path=file, headers={"Content-Security-Policy": POLICY, "Content-Type": "text/html"})
        else:
            route.fulfill(body=AROUND, content_type="text/html")

    def _api(self, route: Route, path: str, query: dict[str, str]) -> None:
        parts = path.split("/")
        if route.request.method == "POST":
            self.posted.append((path, route.request.headers))
        elif parts == ["campaigns"]:
            self.asked.append(query)
        failure = self.failure or (self.refusal if route.request.method == "POST" else None)
        if failure and failure[0] == 0:
            route.abort("connectionrefused")
        elif failure:
            route.fulfill(status=failure[0], json={"detail": failure[1]})
        elif parts == ["campaigns"]:
            route.fulfill(json=self._list(query))
        else:
            route.fulfill(body=json.dumps(self.details), content_type="application/json")

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        return {
            "now": before(),
            "total": len(self.campaigns) if self.total is None else self.total,
            "page": int(query.get("page", "1")),
            "page_size": 25,
            "dag_ids": ["renewals", "win_back"],
            "states": ["running", "completed"],
            "campaigns": self.campaigns,
        }
