"""
What each generation of the API can be asked for.

The shapes are the sandbox's own, so that it judges the provider's client instead of agreeing with it. As on
the API page, an unknown field is an error; what the vendor's description calls required must be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from airflow_provider_revox.client.fields import (
    E164,
    JS_MAX_SAFE_INTEGER,
    ClockTime,
    Concurrency,
    NonEmptyText,
    PositiveInteger,
    TimeZone,
)
from airflow_provider_revox.client.fields import Timestamp as Moment
from airflow_provider_revox.client.requests import Contact
from revox_sandbox.play.calling_hours import CallingHours
from revox_sandbox.play.outcomes import CallOutcome
from revox_sandbox.play.people import CallResult, CallStatus

Day: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

POST_PROCESSING_SECONDS = 10.0
_DAYS: tuple[Day, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class CallingWindow(_Request):
    """A part of the day in which people may be called."""

    calling_window_start_time: ClockTime
    calling_window_end_time: ClockTime
    retry_delay_seconds: PositiveInteger


class CallRetryConfig(_Request):
    """When and how often to call."""

    calling_windows: Sequence[CallingWindow]
    max_retry_attempts: PositiveInteger
    timezone: TimeZone | None = None

    def calling_hours(self) -> CallingHours:
        """Return when people may be called."""
        return CallingHours(self)


class DraftsCallRetryConfig(CallRetryConfig):
    """When and how often to call, and on which days."""

    allowed_days: Annotated[list[Day], Field(min_length=1)]
    call_twice_in_a_row: bool

    def calling_hours(self) -> CallingHours:
        """Return when people may be called."""
        days = {_DAYS.index(day) for day in self.allowed_days}
        return CallingHours(self, days, twice_in_a_row=self.call_twice_in_a_row)


class LaunchCallsCallingWindow(CallingWindow):
    """A part of the day in which people may be called, if need be several times without a break."""

    retry_delay_seconds: Annotated[int, Field(ge=0, le=JS_MAX_SAFE_INTEGER)]


class LaunchCallsCallRetryConfig(DraftsCallRetryConfig):
    """When and how often to call, and on which days."""

    calling_windows: Sequence[LaunchCallsCallingWindow]


class NewCampaign(_Request):
    """A campaign to create, in any generation."""

    post_processing_seconds: ClassVar[float] = 0.0
    """From the end of a talk until its outcome is known."""

    assistant_id: NonEmptyText
    name: NonEmptyText
    contacts: list[Contact]
    call_retry_config: CallRetryConfig | None = None
    from_phone_number: E164 | None = None
    max_concurrent_calls: Concurrency | None = None

    @property
    def is_launched(self) -> bool:
        """Whether calls start when it is created, or are scheduled."""
        return True

    @property
    def starts_at(self) -> datetime | None:
        """When the calls start."""
        return None

    @property
    def needs_presence(self) -> bool:
        """Whether people are called only while somebody looks at the campaign."""
        return False

    def calling_hours(self) -> CallingHours:
        """Return when people may be called."""
        return self.call_retry_config.calling_hours() if self.call_retry_config else CallingHours(None)


class CampaignCreate(NewCampaign):
    """The body of ``POST /campaigns``: a campaign that is launched."""

    scheduled_at: Moment | None = None

    @property
    def starts_at(self) -> datetime | None:
        """When the calls start."""
        return self.scheduled_at


class DraftsCampaignCreate(CampaignCreate):
    """The body of ``POST /campaigns``: a campaign that is launched, or saved as a draft."""

    post_processing_seconds = POST_PROCESSING_SECONDS

    call_retry_config: DraftsCallRetryConfig | None = None
    launch: bool
    type: Literal["regular", "jump_in"]

    @property
    def is_launched(self) -> bool:
        """Whether calls start when it is created, or are scheduled."""
        return self.launch

    @property
    def needs_presence(self) -> bool:
        """Whether people are called only while somebody looks at the campaign."""
        return self.type == "jump_in"


class LaunchCallsCampaignCreate(NewCampaign):
    """The body of ``POST /campaigns``: a campaign whose calls are launched later."""

    post_processing_seconds = POST_PROCESSING_SECONDS

    call_retry_config: LaunchCallsCallRetryConfig | None = None

    @property
    def is_launched(self) -> bool:
        """Whether calls start when it is created, or are scheduled."""
        return False


class CampaignUpdate(_Request):
    """A change of a campaign. Defaults mean nothing: only what was sent is changed."""

    DRAFT_ONLY: ClassVar[frozenset[str]] = frozenset()
    """What can't be changed any more when the campaign is launched."""

    name: NonEmptyText = "-"
    call_retry_config: CallRetryConfig | None = None
    from_phone_number: E164 | None = None
    max_concurrent_calls: Concurrency | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """What to change."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class DraftsCampaignUpdate(CampaignUpdate):
    """The body of ``PATCH /campaigns/{id}``."""

    DRAFT_ONLY = frozenset(
        {"assistant_id", "contacts", "from_phone_number", "max_concurrent_calls", "scheduled_at", "type"}
    )

    call_retry_config: DraftsCallRetryConfig | None = None
    assistant_id: NonEmptyText = "-"
    contacts: list[Contact] = []
    scheduled_at: Moment | None = None
    type: Literal["regular", "jump_in"] = "regular"


class LaunchCallsCampaignUpdate(CampaignUpdate):
    """The body of ``PATCH /campaigns/{id}``."""

    call_retry_config: LaunchCallsCallRetryConfig | None = None


class SelectionFilters(_Request):
    """Which calls: those that fit every filter; an empty one fits all."""

    assignee_ids: list[str]
    directions: list[Literal["inbound", "outbound"]]
    outcomes: list[CallOutcome | Literal["none"]]
    results: list[CallResult | Literal["none"]]
    statuses: list[Literal["initializing"] | CallStatus]
    query: str = ""


class SelectionRows(_Request):
    """Which of the calls that fit: only these, or all others."""

    call_ids: list[str]
    mode: Literal["all_except", "only"]


class Selection(_Request):
    """Which calls to launch."""

    filters: SelectionFilters
    rows: SelectionRows


class LaunchCalls(_Request):
    """The body of ``POST /campaigns/{id}/launch-calls``."""

    mode: Literal["ai_first", "speed_dial"]
    selection: Selection
    scheduled_at: Moment | None = None

    @model_validator(mode="after")
    def _check_schedule(self) -> Self:
        if self.mode == "speed_dial" and self.scheduled_at:
            raise ValueError("scheduled_at is for ai_first, not for speed_dial")
        return self
