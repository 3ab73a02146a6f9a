"""The people of a campaign, and the calls made to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Literal, TypeAlias

from revox_sandbox.play.outcomes import CallOutcome

if TYPE_CHECKING:
    from airflow_provider_revox.client.requests import Contact

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


class RowState(Enum):
    """Where a row is on its way. One that is not launched is pending, and has no start."""

    PENDING = auto()
    CALLING = auto()
    RETRY = auto()
    COMPLETED = auto()
    FAILED = auto()
    CANCELLED = auto()


OPEN = (RowState.PENDING, RowState.CALLING, RowState.RETRY)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call that was started, with all that will come of it."""

    started_at: float
    ended_at: float
    processed_at: float
    answered_at: float | None = None
    result: CallResult | None = None
    dial_error: DialError | None = None
    outcome: CallOutcome | None = None


@dataclass(slots=True)
class Row:
    """One person of a campaign."""

    index: int
    contact: Contact
    state: RowState = RowState.PENDING
    attempts: list[Attempt] = field(default_factory=list)
    starts_at: float | None = None
    """When the first call may be made; ``None``: when it is launched."""
    ticket: int = 0
    """The number of the event the row waits for; what it waited for before is void."""

    def outcome(self, now: float) -> CallOutcome | None:
        """
        Return what came of the latest call to somebody who answered.

        :param now: The present.
        """
        known = (attempt.outcome for attempt in reversed(self.attempts) if attempt.processed_at <= now)
        return next((outcome for outcome in known if outcome), None)


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many rows are where; those that are not launched or cancelled count in ``total`` only."""

    total: int
    pending: int
    calling: int
    retry: int
    completed: int
    failed: int


@dataclass(frozen=True, slots=True)
class Launched:
    """
    What came of launching rows.

    :param launched: How many will be called.
    :param active: How many are not, for they are being called.
    :param attempts_exhausted: How many are not, for they have had all their attempts.
    :param cancelled: How many are not, for they were cancelled.
    """

    launched: int
    active: int
    attempts_exhausted: int
    cancelled: int
