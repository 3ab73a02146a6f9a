"""
A CRM on this machine that speaks as HubSpot's contacts API does, as far as ``hubspot_sync`` asks it.

The shapes and limits are those of HubSpot's developer documentation: "Search the CRM" (200 results a page,
10,000 a search, five searches a second), "Contacts" (batches of 100), "API usage guidelines" (429).
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from revox_sandbox.serve.faults import Fault, FaultPlan

CONTACTS = "/crm/v3/objects/contacts"
TOKEN = "pat-local"
OWN = ("revox_call_requested", "revox_do_not_call", "revox_run", "revox_outcome", "revox_ended_at")
"""The properties that ``hubspot_sync`` wants contacts to have."""
KNOWN = {"phone", "firstname", "lastname", "email", "createdate", "lastmodifieddate", "hs_object_id", *OWN}
NUMBERS = {"hs_object_id", "createdate", "lastmodifieddate"}
Answer = tuple[int, dict[str, Any], dict[str, str]]


@dataclass
class Contact:
    """
    A contact, and each value that a property of it has had.

    :param modified: When it was changed, in milliseconds since 1970.
    """

    id: int
    created: int
    modified: int
    properties: dict[str, str] = field(default_factory=dict)
    history: list[tuple[str, str]] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        times = {"createdate": self.created, "lastmodifieddate": self.modified}
        if name == "hs_object_id":
            return str(self.id)
        return str(times[name]) if name in times else self.properties.get(name)

    def shown(self, names: list[str]) -> dict[str, Any]:
        created, modified = _iso(self.created), _iso(self.modified)
        fixed = {"createdate": created, "lastmodifieddate": modified, "hs_object_id": str(self.id)}
        return {
            "id": str(self.id),
            "properties": {name: self.properties.get(name) for name in names if name in KNOWN} | fixed,
            "createdAt": created,
            "updatedAt": modified,
            "archived": False,
        }

    def history_of(self, name: str) -> list[str]:
        return [value for changed, value in self.history if changed == name]


class HubSpot:
    """
    Serve contacts on loopback, between ``start`` and ``stop`` or in a ``with`` block.

    :param now: The clock: seconds since 1970.
    :param searches_per_second: How many searches a second are answered; others get 429.
    :param most_results: How many results of one search can be read; a page beyond them gets 400.
    :param port: The port. 0: any free one.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        searches_per_second: int = 5,
        most_results: int = 10_000,
        port: int = 0,
    ) -> None:
        self.now = now
        self.contacts: dict[int, Contact] = {}
        self.faults = FaultPlan()
        self.requests: list[tuple[str, int]] = []
        """Path below ``CONTACTS`` and status of each request."""
        self.before_request: Callable[[str], None] = lambda path: None
        """Called with the path of each request before it is answered."""
        self.seconds: Callable[[], float] = time.monotonic
        """The clock of the rate limit."""
        self._lock = threading.RLock()
        self._most_results = most_results
        self._searched: deque[float] = deque(maxlen=searches_per_second)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def conn_json(self) -> str:
        """Return an Airflow connection to this CRM as JSON."""
        return json.dumps(
            {"conn_type": "http", "host": self.url, "extra": {"Authorization": f"Bearer {TOKEN}"}}
        )

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, **properties: str) -> int:
        """Add a contact; return its id."""
        with self._lock:
            now = self._milliseconds()
            contact = Contact(101 + len(self.contacts), now, now)
            self.contacts[contact.id] = contact
            self.change(contact.id, **properties)
            return contact.id

    def change(self, id_: int, **properties: str) -> None:
        """Set properties of a contact. A property keeps its history only where its value changes."""
        with self._lock:
            contact = self.contacts[id_]
            contact.modified = self._milliseconds()
            for name, value in properties.items():
                if contact.properties.get(name, "") != value:
                    contact.history.append((name, value))
                contact.properties[name] = value
                if not value:
                    del contact.properties[name]

    def answer(self, method: str, path: str, body: dict[str, Any], token: str | None) -> Answer:
        """Return status, body and headers of the answer to a request."""
        path = path.partition("?")[0].removeprefix(CONTACTS).strip("/")
        self.before_request(path)
        with self._lock:
            if token != f"Bearer {TOKEN}" and method != "GET":
                found = _error(401, "INVALID_AUTHENTICATION")
            elif method == "GET" and not path:
                everybody = [contact.shown(["firstname", *OWN]) for contact in self.contacts.values()]
                found = 200, {"results": everybody}, {}
            else:
                routes = {"search": self._search, "batch/read": self._read, "batch/update": self._update}
                found = routes[path](body) if path in routes else _error(404, "OBJECT_NOT_FOUND")
            self.requests.append((path, found[0]))
            return found

    def _search(self, body: dict[str, Any]) -> Answer:
        now = self.seconds()
        if len(self._searched) == self._searched.maxlen and now - self._searched[0] < 1:
            return _too_many()
        self._searched.append(now)
        limit, after = body.get("limit", 10), int(body.get("after", 0))
        groups = [group["filters"] for group in body["filterGroups"]]
        names = {one["propertyName"] for filters in groups for one in filters}
        too_many = len(groups) > 5 or any(len(filters) > 6 for filters in groups)
        if names - KNOWN or not 0 < limit <= 200 or after + limit > self._most_results or too_many:
            return _error(400, "VALIDATION_ERROR")
        found = [one for one in self.contacts.values() if any(_fits(one, filters) for filters in groups)]
        for sort in body.get("sorts", []):
            found.sort(
                key=lambda one: _comparable(sort["propertyName"], one.value(sort["propertyName"])),
                reverse=sort["direction"] == "DESCENDING",
            )
        page = [one.shown(body.get("properties", [])) for one in found[after : after + limit]]
        more = {"paging": {"next": {"after": str(after + limit)}}} if after + limit < len(found) else {}
        return 200, {"total": len(found), "results": page, **more}, {}

    def _read(self, body: dict[str, Any]) -> Answer:
        return self._batch(body, lambda contact, one: contact.shown(body["properties"]))

    def _update(self, body: dict[str, Any]) -> Answer:
        if any(set(one["properties"]) - set(OWN) for one in body["inputs"]):
            return _error(400, "VALIDATION_ERROR")

        def update(contact: Contact, one: dict[str, Any]) -> dict[str, Any]:
            self.change(contact.id, **one["properties"])
            return contact.shown(list(one["properties"]))

        return self._batch(body, update)

    def _batch(
        self, body: dict[str, Any], act: Callable[[Contact, dict[str, Any]], dict[str, Any]]
    ) -> Answer:
        inputs = body["inputs"]
        if not 0 < len(inputs) <= 100 or len({one["id"] for one in inputs}) < len(inputs):
            return _error(400, "VALIDATION_ERROR")
        found = [(self.contacts.get(int(one["id"])), one) for one in inputs]
        results = [act(contact, one) for contact, one in found if contact]
        answer: dict[str, Any] = {"status": "COMPLETE", "results": results}
        lost = [one["id"] for contact, one in found if not contact]
        if not lost:
            return 200, answer, {}
        error = {"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"ids": lost}}
        return 207, {**answer, "numErrors": 1, "errors": [error]}, {}

    def _milliseconds(self) -> int:
        return int(self.now() * 1000)


def _fits(contact: Contact, filters: list[dict[str, Any]]) -> bool:
    return all(_holds(contact.value(one["propertyName"]), one) for one in filters)


def _holds(value: str | None, condition: dict[str, Any]) -> bool:
    operator = condition["operator"]
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return (value is not None) is (operator == "HAS_PROPERTY")
    if value is None:
        return False
    name = condition["propertyName"]
    have, wanted = _comparable(name, value), _comparable(name, str(condition["value"]))
    return bool(
        {
            "EQ": have == wanted, "NEQ": have != wanted, "GT": have > wanted,
            "GTE": have >= wanted, "LT": have < wanted, "LTE": have <= wanted,
        }[operator]
    )  # fmt: skip


def _comparable(name: str, value: str | None) -> Any:
    return int(value or 0) if name in NUMBERS else value or ""


def _iso(milliseconds: int) -> str:
    text = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _error(status: int, category: str) -> Answer:
    return status, {"status": "error", "message": "", "category": category, "correlationId": "1"}, {}


def _too_many() -> Answer:
    status, body, _ = _error(429, "RATE_LIMITS")
    return status, {**body, "policyName": "SECONDLY"}, {"Retry-After": "1"}


def _handler(hubspot: HubSpot) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault = hubspot.faults.take(self.command, self.path.partition("?")[0])
            if fault and fault.when == "before":
                self._strike(fault, b"{}")
                return
            token = self.headers.get("Authorization")
            status, body, headers = hubspot.answer(
                self.command, self.path, json.loads(content or "{}"), token
            )
            if fault:
                self._strike(fault, json.dumps(body).encode())
            else:
                self._send(status, json.dumps(body).encode(), headers)

        def _strike(self, fault: Fault, body: bytes) -> None:
            self.close_connection = True
            if fault.kind == "status":
                # Without it, the client would send its next request into a connection that closes.
                headers = {"Connection": "close"}
                if fault.retry_after is not None:
                    headers["Retry-After"] = str(fault.retry_after)
                self._send(fault.status or 500, json.dumps(fault.body or {}).encode(), headers)
            elif fault.kind == "truncate":
                self._send(200, body[: len(body) // 2], {}, length=len(body))

        def _send(
            self, status: int, body: bytes, headers: dict[str, str], *, length: int | None = None
        ) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

    return Handler
