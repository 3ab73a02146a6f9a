"""How long a client waits in the tests, whatever the machine does."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx

from airflow_provider_revox.client import RevoxClient
from revox_sandbox import Fault, Sandbox

NO_ANSWER_AFTER = 0.02
"""Seconds: how long a client waits where a fault keeps the answer back."""
LATE = 0.1
"""Seconds: later than a client waits, and sooner than the search for a lost create ends."""


class Patience:
    """
    Set how long a client waits for an answer: short where a planned fault keeps it back, long elsewhere.

    The short wait begins when the fault has struck. So a slow machine changes nothing.

    :param sandbox: Where the faults are planned. Only clients with this patience send requests meanwhile.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._passed: Counter[int] = Counter()

    def apply(self, client: RevoxClient) -> None:
        """Look at the planned faults before every request of the client."""
        transport = client._transport
        send = transport.handle_request

        def handle_request(request: httpx.Request) -> httpx.Response:
            self._limit(request)
            return send(request)

        transport.handle_request = handle_request  # type: ignore[method-assign]

    def _limit(self, request: httpx.Request) -> None:
        fault = self._next_fault(request.method, request.url.path.removeprefix("/api"))
        if fault is None or not (fault.kind == "hang" or (fault.seconds or 0) >= LATE):
            return
        came = len(self._sandbox.requests())

        def is_struck() -> bool:
            (*_, last) = [None, *self._sandbox.requests()[came:]]
            return last is not None and (fault.kind != "hang" or last.outcome == "hang")

        def before_reading(event: str, info: Any) -> None:
            if event == "http11.receive_response_headers.started":
                self._sandbox.wait_for(is_struck, timeout=60)

        request.extensions["timeout"]["read"] = NO_ANSWER_AFTER
        request.extensions["trace"] = before_reading

    def _next_fault(self, method: str, path: str) -> Fault | None:
        for fault in self._sandbox.faults.waiting:
            if fault.matches(method, path):
                if self._passed[id(fault)] == fault.skip:
                    return fault
                self._passed[id(fault)] += 1
        return None
