"""
A campaign, played event by event. Knows no HTTP and no real clock: time is what ``advance`` says.

A row that was cancelled leaves ``pending`` or ``retry`` and is counted nowhere else, so the counts of a
cancelled campaign may add up to less than its ``total``.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal, TypeAlias

from airflow_provider_revox.client.models import Contact
from airflow_provider_revox.client.phone import is_e164
from airflow_provider_revox.sandbox.calling_hours import CallingHours
from airflow_provider_revox.sandbox.outcomes import Draw

CallStatus: TypeAlias = Literal[
    "initializing", "queued_for_calling", "calling", "scheduled", "completed", "cancelled", "errored"
]
CallResult: TypeAlias = Literal["IVR", "voicemail", "human", "unknown", "ios-screening-filter"]
CampaignStatus: TypeAlias = Literal["draft", "running", "paused", "completed"]
DialError: TypeAlias = Literal["number_non_attributed", "busy", "no_answer"]

_WAKE = -1
_UNKNOWN_NUMBER_SECONDS = 1.0


class RowState(Enum):
    """Where a row is on its way."""

    PENDING = auto()
    CALLING = auto()
    RETRY = auto()
    COMPLETED = auto()
    FAILED = auto()
    CANCELLED = auto()


_OPEN = (RowState.PENDING, RowState.CALLING, RowState.RETRY)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call that was started, with all that will come of it."""

    started_at: float
    ended_at: float
    answered_at: float | None = None
    result: CallResult | None = None
    dial_error: DialError | None = None


@dataclass(slots=True)
class Row:
    """One person of a campaign."""

    index: int
    contact: Contact
    state: RowState = RowState.PENDING
    attempts: list[Attempt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many rows are where."""

    total: int
    pending: int
    calling: int
    retry: int
    completed: int
    failed: int


class Simulation:
    """
    The life of one campaign.

    :param contacts: The people to call, in this order.
    :param now: When the campaign was created, as seconds since 1970.
    :param draw: Decides how an attempt goes.
    :param hours: When people may be called, and how often.
    :param max_concurrent_calls: How many calls may run at once.
    :param scheduled_at: When the calls start; at once when it is past or ``None``.
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
    ) -> None:
        self.rows = [Row(index, contact) for index, contact in enumerate(contacts)]
        self.now = now
        self.updated_at = now
        self.is_cancelled = False
        self.dialed: set[str] = set()
        """Numbers that were really dialed: a text that is no phone number never is."""
        self._draw = draw
        self._hours = hours
        self._max_concurrent_calls = max_concurrent_calls
        self._starts_at = now if scheduled_at is None else max(now, scheduled_at)
        self._counts = dict.fromkeys(RowState, 0)
        self._counts[RowState.PENDING] = len(self.rows)
        self._next_new = 0
        self._due: deque[Row] = deque()
        self._events: list[tuple[float, int, int]] = []
        self._events_made = 0
        self._wakes_at: float | None = None
        self._wake_at(self._starts_at)
        self.advance(now)

    def advance(self, now: float) -> None:
        """
        Play everything that happens until ``now``.

        :param now: A time before the present one changes nothing.
        """
        while self._events and self._events[0][0] <= now:
            self.now, _, index = heapq.heappop(self._events)
            if index == _WAKE:
                self._wakes_at = None
            else:
                self._happens_to(self.rows[index])
            self._dial()
        self.now = max(self.now, now)

    def cancel(self) -> bool:
        """
        Abort every call that is not in progress.

        :return: Whether there was something to cancel, or the campaign was cancelled before.
        """
        if self.is_cancelled:
            return True
        if self.status == "completed":
            return False
        self.is_cancelled = True
        self.updated_at = self.now
        for row in self.rows:
            if row.state in (RowState.PENDING, RowState.RETRY):
                self._move(row, RowState.CANCELLED)
        return True

    @property
    def status(self) -> CampaignStatus:
        """What the API calls the campaign's status."""
        return "running" if any(self._counts[state] for state in _OPEN) else "completed"

    @property
    def counts(self) -> RowCounts:
        """How many rows are where."""
        return RowCounts(
            total=len(self.rows),
            pending=self._counts[RowState.PENDING],
            calling=self._counts[RowState.CALLING],
            retry=self._counts[RowState.RETRY],
            completed=self._counts[RowState.COMPLETED],
            failed=self._counts[RowState.FAILED],
        )

    def call_status(self, row: Row) -> CallStatus:
        """
        Return what the API calls the status of a row's call.

        :param row: One of :attr:`rows`.
        """
        match row.state:
            case RowState.PENDING:
                return "scheduled" if self.now < self._starts_at else "queued_for_calling"
            case RowState.RETRY:
                return "queued_for_calling"
            case RowState.CALLING:
                return "calling"
            case RowState.COMPLETED:
                return "completed"
            case RowState.FAILED:
                return "errored"
            case RowState.CANCELLED:
                return "cancelled"

    def _happens_to(self, row: Row) -> None:
        if row.state is RowState.CALLING:
            self._end_call(row)
        elif row.state is RowState.RETRY:
            self._due.append(row)

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
            self._push(self.now + self._hours.retry_delay(attempt.started_at), row.index)

    def _dial(self) -> None:
        if self.is_cancelled or not self._has_free_line():
            return
        if not self._hours.are_open(self.now):
            self._wake_at(self._hours.next_opening(self.now))
            return
        while self._has_free_line():
            if self._due:
                self._start_call(self._due.popleft())
            else:
                self._start_call(self.rows[self._next_new])
                self._next_new += 1

    def _has_free_line(self) -> bool:
        somebody_waits = self._due or self._next_new < len(self.rows)
        return bool(somebody_waits) and self._counts[RowState.CALLING] < self._max_concurrent_calls

    def _start_call(self, row: Row) -> None:
        attempt = self._attempt(row)
        row.attempts.append(attempt)
        self._move(row, RowState.CALLING)
        self._push(attempt.ended_at, row.index)

    def _attempt(self, row: Row) -> Attempt:
        number = row.contact.to_phone_number
        if not is_e164(number):
            return Attempt(self.now, self.now + _UNKNOWN_NUMBER_SECONDS, dial_error="number_non_attributed")
        self.dialed.add(number)
        outcome = self._draw(row.index, len(row.attempts))
        answered_at = self.now + outcome.ring_seconds
        ended_at = answered_at + outcome.talk_seconds
        if outcome.end == "human" or outcome.end == "voicemail":
            return Attempt(self.now, ended_at, answered_at, result=outcome.end)
        return Attempt(self.now, ended_at, dial_error=outcome.end)

    def _move(self, row: Row, state: RowState) -> None:
        self._counts[row.state] -= 1
        self._counts[state] += 1
        row.state = state
        self.updated_at = self.now

    def _wake_at(self, moment: float) -> None:
        if self._wakes_at is None:
            self._wakes_at = moment
            self._push(moment, _WAKE)

    def _push(self, moment: float, index: int) -> None:
        self._events_made += 1
        heapq.heappush(self._events, (moment, self._events_made, index))
