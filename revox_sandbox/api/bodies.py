"""
The bodies of requests, in each generation of the API.

As on the API page, an unknown field is an error. A missing field is one if the vendor's description
requires it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from revox_sandbox.api.fields import (
    E164,
    ClockTime,
    Concurrency,
    NonEmptyText,
    NonNegativeInteger,
    PositiveInteger,
    Timestamp,
    TimeZone,
    parse_clock_time,
)
from revox_sandbox.play.calling_hours import CallingHours, Window
from revox_sandbox.play.campaign import CampaignRequest
from revox_sandbox.play.outcomes import CallOutcome
from revox_sandbox.play.people import CallResult, CallStatus

Day: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

DraftsOutcome: TypeAlias = Literal["requested_callback_new_number", "do_not_contact", "ai_averse"]
"""Outcomes that only the drafts have. The sandbox never draws them."""
DraftsCallStatus: TypeAlias = Literal[
    "queued_for_calling",
    "calling",
    "post_processing",
    "scheduled",
    "paused",
    "completed",
    "cancelled",
    "errored",
]

POST_PROCESSING_SECONDS = 10.0
MAX_PAGE_SIZE = 1000
_DAYS: tuple[Day, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"  # numbers and variables of people stay out of logs

    __str__ = __repr__

    def sent(self) -> dict[str, Any]:
        """Return the fields that the user sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Contact(_Body):
    """A person to call."""

    to_phone_number: NonEmptyText
    prompt_variables: dict[str, str]


class CallingWindow(_Body):
    """A part of the day in which the campaign calls people."""

    calling_window_start_time: ClockTime
    calling_window_end_time: ClockTime
    retry_delay_seconds: PositiveInteger


class CallRetryConfig(_Body):
    """When and how often to call."""

    calling_windows: Sequence[CallingWindow]
    max_retry_attempts: PositiveInteger
    timezone: TimeZone | None = None

    def calling_hours(self) -> CallingHours:
        """Return when the campaign calls people."""
        windows = [
            Window(
                parse_clock_time(window.calling_window_start_time),
                parse_clock_time(window.calling_window_end_time),
                window.retry_delay_seconds,
            )
            for window in self.calling_windows
        ]
        return CallingHours(windows, self.max_retry_attempts, ZoneInfo(self.timezone or "UTC"))

    def as_json(self) -> dict[str, Any]:
        """Return it as the user wrote it."""
        return self.model_dump(mode="json", exclude_none=True)


class DraftsCallRetryConfig(CallRetryConfig):
    """When, on which days and how often to call."""

    allowed_days: Annotated[list[Day], Field(min_length=1)]
    call_twice_in_a_row: bool

    def calling_hours(self) -> CallingHours:
        """Return when the campaign calls people."""
        days = {_DAYS.index(day) for day in self.allowed_days}
        return replace(super().calling_hours(), days=days, twice_in_a_row=self.call_twice_in_a_row)


class LaunchCallsCallingWindow(CallingWindow):
    """A part of the day in which the campaign calls people. The next attempt may follow at once."""

    retry_delay_seconds: NonNegativeInteger


class LaunchCallsCallRetryConfig(DraftsCallRetryConfig):
    """When, on which days and how often to call."""

    calling_windows: Sequence[LaunchCallsCallingWindow]


class NewCampaign(_Body):
    """A campaign to create: the fields that all generations have."""

    OF_GENERATION: ClassVar[Mapping[str, Any]] = {}
    """What all campaigns of the generation have in common, and no user can say."""

    assistant_id: NonEmptyText
    name: NonEmptyText
    contacts: list[Contact]
    call_retry_config: CallRetryConfig | None = None
    from_phone_number: E164 | None = None
    max_concurrent_calls: Concurrency | None = None

    def as_request(self) -> CampaignRequest:
        """Return what the user asks for."""
        return CampaignRequest(**self.OF_GENERATION, **self.sent())


class CampaignCreate(NewCampaign):
    """The body of ``POST /campaigns``: a campaign that is launched."""

    scheduled_at: Timestamp | None = None


class DraftsCampaignCreate(CampaignCreate):
    """The body of ``POST /campaigns``: a campaign that is launched, or saved as a draft."""

    OF_GENERATION = {"post_processing_seconds": POST_PROCESSING_SECONDS}

    call_retry_config: DraftsCallRetryConfig | None = None
    launch: bool
    type: Literal["regular", "jump_in"]


class LaunchCallsCampaignCreate(NewCampaign):
    """The body of ``POST /campaigns``: a campaign whose calls the user launches later."""

    OF_GENERATION = {"post_processing_seconds": POST_PROCESSING_SECONDS, "launch": False}

    call_retry_config: LaunchCallsCallRetryConfig | None = None


class CampaignUpdate(_Body):
    """A change of a campaign. Only the fields that the user sent change, so the defaults mean nothing."""

    DRAFT_ONLY: ClassVar[frozenset[str]] = frozenset()
    """The fields that nobody can change after the launch."""

    name: NonEmptyText = "-"
    call_retry_config: CallRetryConfig | None = None
    from_phone_number: E164 | None = None
    max_concurrent_calls: Concurrency | None = None


class DraftsCampaignUpdate(CampaignUpdate):
    """The body of ``PATCH /campaigns/{id}``."""

    DRAFT_ONLY = frozenset(
        {"assistant_id", "contacts", "from_phone_number", "max_concurrent_calls", "scheduled_at", "type"}
    )

    call_retry_config: DraftsCallRetryConfig | None = None
    assistant_id: NonEmptyText = "-"
    contacts: list[Contact] = []
    scheduled_at: Timestamp | None = None
    type: Literal["regular", "jump_in"] = "regular"


class LaunchCallsCampaignUpdate(CampaignUpdate):
    """The body of ``PATCH /campaigns/{id}``."""

    call_retry_config: LaunchCallsCallRetryConfig | None = None


class _CallFilters(_Body):
    """Filters of calls. A call must fit all filters. An empty filter fits every call."""

    assignee_ids: list[str]
    directions: list[Literal["inbound", "outbound"]]
    outcomes: Sequence[str]
    results: list[Literal[CallResult, "none"]]
    statuses: Sequence[str]
    query: str = ""

    def selects_no_outbound_call(self) -> bool:
        """Return whether no call of the sandbox fits. Its calls have no assignee, and nobody calls in."""
        return bool(self.assignee_ids or (self.directions and "outbound" not in self.directions))


class SelectionFilters(_CallFilters):
    """The filters of a selection."""

    outcomes: list[Literal[CallOutcome, "none"]]
    statuses: list[Literal["initializing", CallStatus]]


class SelectionRows(_Body):
    """The ids of calls. ``only`` selects these calls, ``all_except`` all other calls that fit the filters."""

    call_ids: list[str]
    mode: Literal["all_except", "only"]


class Selection(_Body):
    """The calls to launch."""

    filters: SelectionFilters
    rows: SelectionRows


class LaunchCalls(_Body):
    """The body of ``POST /campaigns/{id}/launch-calls``."""

    mode: Literal["ai_first", "speed_dial"]
    selection: Selection
    scheduled_at: Timestamp | None = None

    @model_validator(mode="after")
    def _check_schedule(self) -> Self:
        if self.mode == "speed_dial" and self.scheduled_at:
            raise ValueError("scheduled_at is for ai_first, not for speed_dial")
        return self


class CallSearch(_CallFilters):
    """The body of ``POST /call/search``: which calls, and which page of them."""

    assistant_ids: list[str]
    campaign_ids: list[str]
    from_phone_numbers: list[str]
    page: PositiveInteger
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)]
    call_ids: list[str] = []
    sort_by: Literal["created_at"] = "created_at"
    sort_direction: Literal["asc", "desc"] = "desc"
    to_phone_number: str | None = None


class DraftsCallSearch(CallSearch):
    """The body of ``POST /call/search``."""

    outcomes: list[Literal[CallOutcome, DraftsOutcome, "none"]]
    statuses: list[Literal["initializing", DraftsCallStatus]]


class LaunchCallsCallSearch(CallSearch):
    """The body of ``POST /call/search``."""

    outcomes: list[Literal[CallOutcome, "none"]]
    statuses: list[Literal["initializing", CallStatus]]
