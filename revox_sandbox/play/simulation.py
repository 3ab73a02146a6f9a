"""
Play one campaign, event by event. Knows no HTTP and no real clock: time is what ``advance`` says.

A cancelled row leaves ``pending`` or ``retry`` and no other count gets it. So the counts of a cancelled
campaign may add up to less than its ``total``.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from revox_sandbox.play.calling_hours import CallingHours
from revox_sandbox.play.outcomes import Draw
from revox_sandbox.play.people import (
    OPEN,
    Attempt,
    CallStatus,
    CampaignStatus,
    Contact,
    Launched,
    Row,
    RowCounts,
    RowState,
    is_phone_number,
)

PausedReason: TypeAlias = Literal["manual", "no_presence"]


class Simulation:
    """
    The life of one campaign.

    :param contacts: The people to call, in this order.
    :param now: When the campaign was created, as seconds since 1970.
    :param draw: Decides how each attempt goes.
    :param hours: When people may be called, and how often.
    :param max_concurrent_calls: How many calls may run at once.
    :param scheduled_at: When the calls start. ``None`` or a time in the past: at once.
    :param launch: Whether to launch it now. If not, it dials nobody before :meth:`launch`.
    :param paused_reason: Why it is paused. ``None``: it is not paused.
    :param post_processing_seconds: Seconds from the end of a talk until the row is completed.
    """

    def __init__(
        self,
        contacts: Sequence[Contact],
        *,
        now: float,
        draw: Draw,
        hours: CallingHours,
        max_concurrent_calls: int,
        scheduled_at: float | None = None,
        launch: bool = True,
        paused_reason: PausedReason | None = None,
        post_processing_seconds: float = 0.0,
    ) -> None:
        self.rows = [Row(index, contact) for index, contact in enumerate(contacts)]
        self.now = now
        self.updated_at = now
        self.is_launched = False
        self.is_cancelled = False
        self.paused_reason = paused_reason
        self.dialed: set[str] = set()
        """The numbers that were dialed. A text that is no phone number is never dialed."""
        self.dialed_again: Counter[str] = Counter()
        """How often a number was dialed after a person had answered it in this campaign."""
        self._answered: set[str] = set()
        self._draw = draw
        self._hours = hours
        self._max_concurrent_calls = max_concurrent_calls
        self._post_processing_seconds = post_processing_seconds
        self._counts = dict.fromkeys(RowState, 0)
        self._counts[RowState.PENDING] = len(self.rows)
        self._not_launched = len(self.rows)
        self._new: deque[tuple[Row, int]] = deque()
        self._due: deque[tuple[Row, int]] = deque()
        self._events: list[tuple[float, int, Sequence[Row]]] = []
        self._events_made = 0
        self._wakes_at: float | None = None
        if launch:
            self.launch(self.rows, scheduled_at)

    def launch(self, rows: Iterable[Row], scheduled_at: float | None = None) -> Launched:
        """
        Launch rows. A row that waits already waits anew. A row that is completed is called again.

        :param rows: Some of :attr:`rows`.
        :param scheduled_at: When the calls start. ``None`` or a time in the past: at once.
        """
        starts_at = self.now if scheduled_at is None else max(self.now, scheduled_at)
        launched: list[Row] = []
        active = attempts_exhausted = cancelled = 0
        for row in rows:
            if row.state is RowState.CALLING:
                active += 1
            elif self.is_cancelled:
                cancelled += 1
            elif len(row.attempts) >= self._hours.max_attempts:
                attempts_exhausted += 1
            else:
                self._not_launched -= row.starts_at is None
                row.starts_at = starts_at
                self._move(row, RowState.PENDING)
                launched.append(row)
        self.is_launched = True
        if launched:
            self._push(starts_at, launched)
            self.advance(self.now)
        return Launched(len(launched), active, attempts_exhausted, cancelled)

    def advance(self, now: float) -> None:
        """
        Play everything that happens until ``now``. A time in the past changes nothing.

        :param now: The present, as seconds since 1970.
        """
        while self._events and self._events[0][0] <= now:
            self.now, ticket, rows = heapq.heappop(self._events)
            if not rows:
                self._wakes_at = None
            for row in rows:
                if row.ticket == ticket:
                    self._play_event_of(row)
            self._dial()
        self.now = max(self.now, now)

    def cancel(self) -> bool:
        """
        Abort every call that is not in progress.

        :return: Whether the campaign is cancelled now. A completed one can't be cancelled.
        """
        if self.is_cancelled:
            return True
        if self.status == "completed":
            return False
        self.is_cancelled = True
        self.updated_at = self.now
        self._not_launched = 0
        for row in self.rows:
            if row.state in (RowState.PENDING, RowState.RETRY):
                self._move(row, RowState.CANCELLED)
        return True

    def pause(self) -> bool:
        """
        Hold every call that is not in progress. Schedules and delays go on.

        :return: Whether the campaign is paused now. One that is over can't be paused.
        """
        if self.is_cancelled or self.status == "completed":
            return False
        self.paused_reason = self.paused_reason or "manual"
        self.updated_at = self.now
        return True

    def resume(self) -> bool:
        """
        Make the calls that the pause held.

        :return: Whether the campaign goes on. It does not if it is over or if nobody is present.
        """
        if self.is_cancelled or self.status == "completed" or self.paused_reason == "no_presence":
            return False
        self.paused_reason = None
        self.updated_at = self.now
        self._dial()
        return True

    def change(self, hours: CallingHours, max_concurrent_calls: int) -> None:
        """
        Change how the next calls are made.

        :param hours: When people may be called, and how often.
        :param max_concurrent_calls: How many calls may run at once.
        """
        self._hours = hours
        self._max_concurrent_calls = max_concurrent_calls
        self.updated_at = self.now
        self._wakes_at = None
        self._dial()

    @property
    def status(self) -> CampaignStatus:
        """The status of the campaign. It is not completed while a row is not launched."""
        if not any(self._counts[state] for state in OPEN):
            return "completed"
        return "running" if self.paused_reason is None or self.is_cancelled else "paused"

    @property
    def counts(self) -> RowCounts:
        """How many rows are in each state."""
        return RowCounts(
            total=len(self.rows),
            pending=self._counts[RowState.PENDING] - self._not_launched,
            calling=self._counts[RowState.CALLING],
            retry=self._counts[RowState.RETRY],
            completed=self._counts[RowState.COMPLETED],
            failed=self._counts[RowState.FAILED],
        )

    @property
    def not_launched(self) -> int:
        """How many rows are not launched."""
        return self._not_launched

    @property
    def cancelled(self) -> int:
        """How many rows are cancelled."""
        return self._counts[RowState.CANCELLED]

    @property
    def max_attempts(self) -> int:
        """How many attempts a person gets."""
        return self._hours.max_attempts

    def call_status(self, row: Row) -> CallStatus:
        """
        Return the status of a row's call.

        :param row: One of :attr:`rows`.
        """
        return row.status(self.now, paused=self.paused_reason is not None)

    def _play_event_of(self, row: Row) -> None:
        if row.state is RowState.CALLING:
            self._end_call(row)
        elif row.state is RowState.RETRY:
            self._due.append((row, row.ticket))
        elif row.state is RowState.PENDING:
            self._new.append((row, row.ticket))

    def _end_call(self, row: Row) -> None:
        attempt = row.attempts[-1]
        if attempt.result == "human":
            self._move(row, RowState.COMPLETED)
        elif attempt.dial_error == "number_non_attributed" or len(row.attempts) >= self._hours.max_attempts:
            self._move(row, RowState.FAILED)
        elif self.is_cancelled:
            self._move(row, RowState.CANCELLED)
        else:
            self._move(row, RowState.RETRY)
            delay = self._hours.retry_delay(attempt.started_at, len(row.attempts))
            self._push(self.now + delay, [row])

    def _dial(self) -> None:
        if self.is_cancelled or self.paused_reason or not self._next_queue():
            return
        if not self._hours.are_open(self.now):
            self._wake_at(self._hours.next_opening(self.now))
            return
        while queue := self._next_queue():
            self._start_call(queue.popleft()[0])

    def _next_queue(self) -> deque[tuple[Row, int]] | None:
        if self._counts[RowState.CALLING] >= self._max_concurrent_calls:
            return None
        for queue in (self._due, self._new):
            while queue and queue[0][0].ticket != queue[0][1]:
                queue.popleft()
            if queue:
                return queue
        return None

    def _start_call(self, row: Row) -> None:
        number = row.contact.to_phone_number
        if is_phone_number(number):
            self.dialed.add(number)
            if number in self._answered:
                self.dialed_again[number] += 1
            drawn = self._draw(row.index, len(row.attempts))
            attempt = Attempt.of(drawn, self.now, self._post_processing_seconds)
            if attempt.result == "human":
                self._answered.add(number)
        else:
            attempt = Attempt.of_no_number(self.now)
        row.attempts.append(attempt)
        self._move(row, RowState.CALLING)
        self._push(attempt.processed_at, [row])

    def _move(self, row: Row, state: RowState) -> None:
        self._counts[row.state] -= 1
        self._counts[state] += 1
        row.state = state
        self.updated_at = self.now

    def _wake_at(self, moment: float) -> None:
        if self._wakes_at is None:
            self._wakes_at = moment
            self._push(moment, ())

    def _push(self, moment: float, rows: Sequence[Row]) -> None:
        self._events_made += 1
        for row in rows:
            row.ticket = self._events_made
        heapq.heappush(self._events, (moment, self._events_made, rows))
