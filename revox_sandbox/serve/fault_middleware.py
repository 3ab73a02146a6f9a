"""Stand between the network and the API: note each request, and let the planned faults strike."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from revox_sandbox.serve.faults import Fault, FaultPlan
    from revox_sandbox.serve.journal import Entry, Journal

BASE_PATH = "/api"
TRANSPORT = "transport"
"""The key in the request's state under which the server puts the transport of the connection."""


@dataclass
class _Answer:
    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(
        default_factory=lambda: [(b"content-type", b"application/json")]
    )
    body: bytes = b'{"message": "The request did not reach the sandbox"}'


class FaultMiddleware:
    """
    Strikes requests to the API, and no other requests.

    :param app: Everything that the sandbox serves.
    :param plan: The planned faults.
    :param journal: Notes the requests.
    """

    def __init__(self, app: ASGIApp, plan: FaultPlan, journal: Journal) -> None:
        self._app = app
        self._plan = plan
        self._journal = journal
        self.stopping = asyncio.Event()
        """Set when the server stops, to end delays."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not path.startswith(f"{BASE_PATH}/") or path.endswith("/openapi.json"):
            await self._app(scope, receive, send)
            return
        path = path.removeprefix(BASE_PATH)
        body = await _read_body(receive)
        if body is None:
            return
        entry = self._journal.receive(scope["method"], path)
        exchange = _Exchange(self._app, self._journal, entry, scope, body, receive, send)
        fault = self._plan.take(scope["method"], path)
        if fault is None:
            await exchange.answer(await exchange.run())
        elif fault.kind == "delay":
            await self._delay(fault, exchange)
        else:
            answer = await exchange.run() if fault.when == "after" else _Answer()
            await exchange.strike(fault, answer)

    async def _delay(self, fault: Fault, exchange: _Exchange) -> None:
        answer = await exchange.run() if fault.when == "after" else None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), fault.seconds)
            return
        await exchange.answer(answer or await exchange.run())


@dataclass
class _Exchange:
    app: ASGIApp
    journal: Journal
    entry: Entry
    scope: Scope
    body: bytes
    receive: Receive
    send: Send

    async def run(self) -> _Answer:
        """Let the API act, and return its answer without sending it."""
        answer = _Answer(body=b"")
        body: bytes | None = self.body
        parts: list[bytes] = []

        async def receive() -> Message:
            nonlocal body
            if body is None:
                return await self.receive()
            message = {"type": "http.request", "body": body, "more_body": False}
            body = None
            return message

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message["headers"])
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self.app(self.scope, receive, send)
        answer.body = parts[0] if len(parts) == 1 else b"".join(parts)
        with self.journal.change():
            self.entry.committed = answer.status < 400
        return answer

    async def answer(self, answer: _Answer) -> None:
        """Send an answer of the API."""
        self._note(answer.status)
        await self._send(answer)

    async def strike(self, fault: Fault, answer: _Answer) -> None:
        """Let the fault strike. ``answer`` is what the client would have got without it."""
        self._note(fault.kind)
        match fault.kind:
            case "hang":
                await self._wait_until_disconnected()
            case "reset":
                await self._disconnect(reset=True)
            case "close":
                await self._disconnect(reset=False)
            case "truncate":
                await self._send(answer, len(answer.body) // 2)
                await self._disconnect(reset=False)
            case "status":
                await self._send(_status_answer(fault))
            case "broken_json":
                half = answer.body[: len(answer.body) // 2]
                await self._send(
                    _Answer(200, body=half) if fault.body is None else _text_answer(200, fault.body)
                )

    def _note(self, outcome: int | str) -> None:
        with self.journal.change():
            self.entry.outcome = outcome

    async def _send(self, answer: _Answer, only: int | None = None) -> None:
        headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await self.send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = answer.body if only is None else answer.body[:only]
        await self.send({"type": "http.response.body", "body": body, "more_body": only is not None})

    async def _disconnect(self, *, reset: bool) -> None:
        transport: asyncio.Transport = self.scope["state"][TRANSPORT]
        if reset:
            # A socket that lingers for 0 seconds sends RST when it is closed, not FIN.
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
        else:
            transport.close()
        await self._wait_until_disconnected()

    async def _wait_until_disconnected(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass


async def _read_body(receive: Receive) -> bytes | None:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _status_answer(fault: Fault) -> _Answer:
    assert fault.status is not None  # noqa: S101 - checked when the fault was made
    answer = _text_answer(fault.status, {"message": "Planned fault"} if fault.body is None else fault.body)
    if fault.retry_after is not None:
        answer.headers.append((b"retry-after", str(fault.retry_after).encode()))
    return answer


def _text_answer(status: int, body: object) -> _Answer:
    if isinstance(body, str):
        return _Answer(status, [(b"content-type", b"text/html; charset=utf-8")], body.encode())
    return _Answer(status, body=json.dumps(body).encode())
