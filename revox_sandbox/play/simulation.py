"""
Play one campaign, event by event. Knows no HTTP and no real clock: time is what ``advance`` says.

A cancelled row leaves ``pending`` or ``retry`` and no other count gets it. So the counts of a cancelled
campaign may add up to less than its ``total``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from revox_sandbox.play.agenda import Agenda
from revox_sandbox.play.calling_hours import CallingHours
from revox_sandbox.play.outcomes import Draw
from revox_sandbox.play.people import (
    NO_EVENT,
    OPEN,
    CallStatus,
    CampaignStatus,
    Contact,
    Launched,
    Row,
    RowCounts,
    RowState,
)
from revox_sandbox.play.phone import Phone

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
        self.is_launched = self.is_cancelled = False
        self.paused_reason = paused_reason
        self._phone = Phone(draw, post_processing_seconds)
        self.dialed, self.dialed_again = self._phone.dialed, self._phone.dialed_again
        self.hours = hours
        self._max_concurrent_calls = max_concurrent_calls
        self._counts = dict.fromkeys(RowState, 0) | {RowState.PENDING: len(self.rows)}
        self._not_launched = len(self.rows)
        self._agenda = Agenda()
        self._wakes_at: float | None = None
        if launch:
            self.launch(self.rows, scheduled_at)

    def launch(self, rows: Iterable[Row], scheduled_at: float | None = None) -> Launched:
        """
        Launch rows. A row that is waiting already waits from now on. A row that is completed is called again.

        :param rows: Some of :attr:`rows`.
        :param scheduled_at: When the calls start. ``None`` or a time in the past: at once.
        """
        starts_at = self.now if scheduled_at is None else max(self.now, scheduled_at)
        launched: list[Row] = []
        active = attempts_exhausted = cancelled = 0
        for row in rows:
            if row.state is RowState.CALLING:
                active += 1
            elif self.is_cancelled or row.is_cancelled:
                cancelled += 1
            elif len(row.attempts) >= self.hours.max_attempts:
                attempts_exhausted += 1
            else:
                self._not_launched -= row.starts_at is None
                row.starts_at, row.is_paused = starts_at, False
                self._move(row, RowState.PENDING)
                launched.append(row)
        self.is_launched = True
        if launched:
            self._agenda.add(starts_at, launched)
            self.advance(self.now)
        return Launched(len(launched), active, attempts_exhausted, cancelled)

    def advance(self, now: float) -> None:
        """
        Play everything that happens until ``now``. A time in the past changes nothing.

        :param now: The present, as seconds since 1970.
        """
        while (moment := self._agenda.next_at()) is not None and moment <= now:
            self.now, rows = moment, self._agenda.pop()
            if rows is None:
                self._wakes_at = None
            for row in rows or ():
                if row.state is RowState.CALLING:
                    self._end_call(row)
                else:
                    self._agenda.queue(row)
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

    def cancel_call(self, row: Row) -> bool:
        """
        Cancel one call. An attempt in progress goes on, and no other one follows.

        :param row: One of :attr:`rows`.
        :return: Whether the call is cancelled. One that is over stays as it is.
        """
        if row.state not in OPEN:
            return row.state is RowState.CANCELLED
        row.is_cancelled = True
        if row.state is not RowState.CALLING:
            self._not_launched -= row.starts_at is None
            row.ticket = NO_EVENT
            self._move(row, RowState.CANCELLED)
        return True

    def pause_call(self, row: Row) -> bool:
        """
        Hold one call. An attempt in progress goes on, and no other one starts before :meth:`resume_call`.

        :param row: One of :attr:`rows`.
        :return: Whether the call is paused. One that is over, cancelled or not launched can't be paused.
        """
        row.is_paused = self._can_be_paused(row)
        return row.is_paused

    def resume_call(self, row: Row) -> bool:
        """
        Make a call that was held. Its schedule and its delay have gone on.

        :param row: One of :attr:`rows`.
        :return: Whether the call goes on.
        """
        if row.is_paused and row.state in (RowState.PENDING, RowState.RETRY):
            self._agenda.add(max(self.now, row.due_at), [row])
        row.is_paused = False
        self.advance(self.now)
        return self._can_be_paused(row)

    def change(self, hours: CallingHours, max_concurrent_calls: int) -> None:
        """
        Change how the next calls are made.

        :param hours: When people may be called, and how often.
        :param max_concurrent_calls: How many calls may run at once.
        """
        self.hours = hours
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
        return self.hours.max_attempts

    def call_status(self, row: Row) -> CallStatus:
        """
        Return the status of a row's call.

        :param row: One of :attr:`rows`.
        """
        return row.status(self.now, paused=self.paused_reason is not None)

    def _can_be_paused(self, row: Row) -> bool:
        is_over = self.is_cancelled or row.is_cancelled or row.state not in OPEN
        return not is_over and row.starts_at is not None

    def _end_call(self, row: Row) -> None:
        attempt = row.attempts[-1]
        if attempt.result == "human":
            self._move(row, RowState.COMPLETED)
        elif attempt.dial_error == "number_non_attributed" or len(row.attempts) >= self.hours.max_attempts:
            self._move(row, RowState.FAILED)
        elif self.is_cancelled or row.is_cancelled:
            self._move(row, RowState.CANCELLED)
        else:
            self._move(row, RowState.RETRY)
            delay = self.hours.retry_delay(attempt.started_at, len(row.attempts))
            self._agenda.add(self.now + delay, [row])

    def _dial(self) -> None:
        if self.is_cancelled or self.paused_reason or not self._next_row():
            return
        if not self.hours.are_open(self.now):
            self._wake_at(self.hours.next_opening(self.now))
            return
        while row := self._next_row():
            attempt = self._phone.dial(row, self.now)
            self._move(row, RowState.CALLING)
            self._agenda.add(attempt.processed_at, [row])

    def _next_row(self) -> Row | None:
        is_full = self._counts[RowState.CALLING] >= self._max_concurrent_calls
        return None if is_full else self._agenda.next_in_queue()

    def _move(self, row: Row, state: RowState) -> None:
        self._counts[row.state] -= 1
        self._counts[state] += 1
        row.state = state
        self.updated_at = self.now

    def _wake_at(self, moment: float) -> None:
        if self._wakes_at is None:
            self._wakes_at = moment
            self._agenda.add(moment, ())
