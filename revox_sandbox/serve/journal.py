"""Which requests came, and what became of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from revox_sandbox.serve.faults import path_matches

MAX_REQUESTS = 100_000

Stage: TypeAlias = Literal["received", "committed", "answered"]
"""
How far a request has come: it is there; the API did what it asks; it is answered, or struck by a fault.
"""


class RequestRecord(NamedTuple):
    """
    A request to the API.

    :param method: Such as ``POST``.
    :param path: Below the base URL, without a query.
    :param outcome: The status of the answer, or the kind of the fault; ``None`` so far neither.
    """

    method: str
    path: str
    outcome: int | str | None


@dataclass(slots=True, eq=False)
class Entry:
    """A request on its way."""

    method: str
    path: str
    committed: bool = False
    outcome: int | str | None = None

    def has_reached(self, stage: Stage) -> bool:
        """
        Whether the request has come so far.

        :param stage: How far.
        """
        match stage:
            case "received":
                return True
            case "committed":
                return self.committed
            case "answered":
                return self.outcome is not None


class Journal:
    """The latest requests, without their bodies. Others can wait for what happens in it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._entries: deque[Entry] = deque(maxlen=MAX_REQUESTS)

    def receive(self, method: str, path: str) -> Entry:
        """
        Note a request that has arrived.

        :param method: Of the request.
        :param path: Of the request, below the base URL.
        """
        entry = Entry(method, path)
        with self.change():
            self._entries.append(entry)
        return entry

    @contextmanager
    def change(self) -> Iterator[None]:
        """Change an entry, or anything else that somebody may be waiting for."""
        with self._changed:
            yield
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget all requests."""
        with self.change():
            self._entries.clear()

    def records(self) -> list[RequestRecord]:
        """Return the requests, in the order in which they came."""
        with self._changed:
            return [RequestRecord(entry.method, entry.path, entry.outcome) for entry in self._entries]

    def count(self, method: str, template: str, stage: Stage) -> int:
        """
        Count the requests that have come so far.

        :param method: Of the requests.
        :param template: Their path, such as ``/campaigns/{id}``.
        :param stage: How far.
        """
        with self._changed:
            return sum(
                entry.method == method.upper()
                and entry.has_reached(stage)
                and path_matches(template, entry.path)
                for entry in self._entries
            )

    def wait_for(self, condition: Callable[[], bool], timeout: float) -> bool:
        """
        Wait until ``condition`` holds; it is checked whenever something happens here.

        :param condition: What to wait for.
        :param timeout: For how many seconds at most.
        :return: Whether it holds.
        """
        with self._changed:
            return self._changed.wait_for(condition, timeout)
