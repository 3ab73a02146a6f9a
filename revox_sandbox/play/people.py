"""The people of a campaign, and the attempts to call them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal, Protocol, TypeAlias

from revox_sandbox.play.outcomes import CallOutcome, Outcome

CallStatus: TypeAlias = Literal[
    "not_launched",
    "queued_for_calling",
    "calling",
    "post_processing",
    "scheduled",
    "paused",
    "completed",
    "cancelled",
    "errored",
]
CallResult: TypeAlias = Literal["IVR", "voicemail", "human", "unknown", "ios-screening-filter"]
CampaignStatus: TypeAlias = Literal["running", "paused", "completed"]
DialError: TypeAlias = Literal["number_non_attributed", "busy", "no_answer"]

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_UNKNOWN_NUMBER_SECONDS = 1.0


def is_phone_number(text: str) -> bool:
    """Return whether ``text`` is in E.164 format: ``+`` and a country code, at most 15 digits in all."""
    return _E164.fullmatch(text) is not None


class Contact(Protocol):
    """A person to call, as a campaign names them."""

    @property
    def to_phone_number(self) -> str: ...

    @property
    def prompt_variables(self) -> Mapping[str, str]: ...


class RowState(Enum):
    """Where a row is on its way. A row that is not launched is pending and has no start."""

    PENDING = auto()
    CALLING = auto()
    RETRY = auto()
    COMPLETED = auto()
    FAILED = auto()
    CANCELLED = auto()


OPEN = (RowState.PENDING, RowState.CALLING, RowState.RETRY)
NO_EVENT = 0
"""The ``ticket`` of a row that has no event to come."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to call a person, from its start. It holds the future too: its end is drawn at its start."""

    started_at: float
    ended_at: float
    processed_at: float
    answered_at: float | None = None
    result: CallResult | None = None
    dial_error: DialError | None = None
    outcome: CallOutcome | None = None

    @classmethod
    def of(cls, drawn: Outcome, now: float, post_processing_seconds: float) -> Attempt:
        """
        Return an attempt that starts now.

        :param drawn: How it goes.
        :param now: The present, as seconds since 1970.
        :param post_processing_seconds: Seconds from the end of a talk until its outcome is known.
        """
        answered_at = now + drawn.ring_seconds
        ended_at = answered_at + drawn.talk_seconds
        if drawn.end == "human":
            processed_at = ended_at + post_processing_seconds
            return cls(now, ended_at, processed_at, answered_at, "human", outcome=drawn.outcome)
        if drawn.end == "voicemail":
            return cls(now, ended_at, ended_at, answered_at, "voicemail")
        return cls(now, ended_at, ended_at, dial_error=drawn.end)

    @classmethod
    def of_no_number(cls, now: float) -> Attempt:
        """Return an attempt to call a text that is not a phone number. It fails, and nobody is dialed."""
        ended_at = now + _UNKNOWN_NUMBER_SECONDS
        return cls(now, ended_at, ended_at, dial_error="number_non_attributed")


@dataclass(slots=True)
class Row:
    """A person of a campaign."""

    index: int
    contact: Contact
    state: RowState = RowState.PENDING
    attempts: list[Attempt] = field(default_factory=list)
    starts_at: float | None = None
    """When the first attempt may start. ``None``: the row is not launched."""
    ticket: int = NO_EVENT
    """The number of the event that the row waits for."""
    due_at: float = 0.0
    """When that event happens."""
    is_paused: bool = False
    """Whether a user has paused this call. A paused campaign holds its calls, too."""
    is_cancelled: bool = False
    """Whether a user has cancelled this call. An attempt in progress goes on."""

    def outcome(self, now: float) -> CallOutcome | None:
        """
        Return the outcome of the latest talk, if one is known.

        :param now: The present.
        """
        known = (attempt.outcome for attempt in reversed(self.attempts) if attempt.processed_at <= now)
        return next((outcome for outcome in known if outcome), None)

    def last_ended(self, now: float) -> Attempt | None:
        """
        Return the latest attempt that is over.

        :param now: The present.
        """
        return next((attempt for attempt in reversed(self.attempts) if attempt.ended_at <= now), None)

    def status(self, now: float, *, paused: bool) -> CallStatus:
        """
        Return the status of the call, in the words of the API.

        :param now: The present.
        :param paused: Whether the campaign is paused.
        """
        match self.state:
            case RowState.PENDING if self.starts_at is None:
                return "not_launched"
            case RowState.PENDING | RowState.RETRY if paused or self.is_paused:
                return "paused"
            case RowState.PENDING if now < (self.starts_at or now):
                return "scheduled"
            case RowState.PENDING | RowState.RETRY:
                return "queued_for_calling"
            case RowState.CALLING:
                return "post_processing" if self.attempts[-1].ended_at <= now else "calling"
            case RowState.COMPLETED:
                return "completed"
            case RowState.FAILED:
                return "errored"
            case RowState.CANCELLED:
                return "cancelled"


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many rows are in each state. Rows that are cancelled or not launched count in ``total`` only."""

    total: int
    pending: int
    calling: int
    retry: int
    completed: int
    failed: int


@dataclass(frozen=True, slots=True)
class Launched:
    """
    What a launch did with each row.

    :param launched: How many rows will be called.
    :param active: How many are skipped because their call is in progress.
    :param attempts_exhausted: How many are skipped because they had all their attempts.
    :param cancelled: How many are skipped because the campaign is cancelled.
    """

    launched: int
    active: int
    attempts_exhausted: int
    cancelled: int
