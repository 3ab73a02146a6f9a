"""Remember what happens next in a campaign: when each row goes on, and whose turn to be dialed it is."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence

from revox_sandbox.play.people import Row, RowState


class Agenda:
    """
    Keeps the events to come, and the rows that wait for a free line.

    A row waits for one event: its latest one. Earlier events no longer concern the row.
    """

    def __init__(self) -> None:
        self._events: list[tuple[float, int, Sequence[Row]]] = []
        self._events_made = 0
        self._new: deque[tuple[Row, int]] = deque()
        self._due: deque[tuple[Row, int]] = deque()

    def add(self, moment: float, rows: Sequence[Row]) -> None:
        """
        Add an event.

        :param moment: When it happens, as seconds since 1970.
        :param rows: The rows that go on then. Empty: the campaign itself wakes up.
        """
        self._events_made += 1
        for row in rows:
            row.ticket, row.due_at = self._events_made, moment
        heapq.heappush(self._events, (moment, self._events_made, rows))

    def next_at(self) -> float | None:
        """Return when the next event happens. ``None``: there is none."""
        return self._events[0][0] if self._events else None

    def pop(self) -> list[Row] | None:
        """Take the next event. Return the rows that still wait for it. ``None``: the campaign wakes up."""
        _, ticket, rows = heapq.heappop(self._events)
        return [row for row in rows if row.ticket == ticket] if rows else None

    def queue(self, row: Row) -> None:
        """Let a row wait for a free line. A row that was tried before goes first."""
        (self._due if row.state is RowState.RETRY else self._new).append((row, row.ticket))

    def next_in_queue(self) -> Row | None:
        """Return the row that is dialed next. It leaves the queue when it gets its next event."""
        for queue in (self._due, self._new):
            while queue and (queue[0][0].ticket != queue[0][1] or queue[0][0].is_paused):
                queue.popleft()
            if queue:
                return queue[0][0]
        return None
