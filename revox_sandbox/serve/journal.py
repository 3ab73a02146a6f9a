"""Note which requests came and what became of them. Others can wait for it."""

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
How far a request has come.

- ``received``: the sandbox has it.
- ``committed``: the API did what the request asks for.
- ``answered``: the sandbox answered, or a fault struck the request.
"""


class RequestRecord(NamedTuple):
    """
    A request to the API.

    :param method: The method, such as ``POST``.
    :param path: The path below the base URL, without the query.
    :param outcome: The status of the answer, or the kind of the fault. ``None``: neither yet.
    """

    method: str
    path: str
    outcome: int | str | None


@dataclass(slots=True, eq=False)
class Entry:
    """A request that may still be in progress."""

    method: str
    path: str
    committed: bool = False
    outcome: int | str | None = None

    def has_reached(self, stage: Stage) -> bool:
        """
        Return whether the request has come as far as ``stage``.

        :param stage: The stage.
        """
        match stage:
            case "received":
                return True
            case "committed":
                return self.committed
            case "answered":
                return self.outcome is not None


class Journal:
    """Keeps the latest 100,000 requests, without their bodies."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._entries: deque[Entry] = deque(maxlen=MAX_REQUESTS)

    def receive(self, method: str, path: str) -> Entry:
        """
        Note a request that has arrived.

        :param method: The method of the request.
        :param path: The path below the base URL.
        """
        entry = Entry(method, path)
        with self.change():
            self._entries.append(entry)
        return entry

    @contextmanager
    def change(self) -> Iterator[None]:
        """Change an entry inside the ``with`` block, then wake everybody who waits."""
        with self._changed:
            yield
            self._changed.notify_all()

    def notify(self) -> None:
        """Wake everybody who waits, so that they check their condition again."""
        with self._changed:
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget all requests."""
        with self.change():
            self._entries.clear()

    def records(self) -> list[RequestRecord]:
        """Return the requests in the order in which they came."""
        with self._changed:
            return [RequestRecord(entry.method, entry.path, entry.outcome) for entry in self._entries]

    def count(self, method: str, template: str, stage: Stage) -> int:
        """
        Count the requests that have come as far as ``stage``.

        :param method: The method of the requests.
        :param template: The path of the requests, such as ``/campaigns/{id}``.
        :param stage: The stage.
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
        Wait until the condition is true. It is checked again after each change.

        :param condition: What to wait for.
        :param timeout: How many seconds to wait at most.
        :return: Whether the condition is true.
        """
        with self._changed:
            return self._changed.wait_for(condition, timeout)
