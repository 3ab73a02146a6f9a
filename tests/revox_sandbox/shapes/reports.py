"""The shapes of the reports of the later generations."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from tests.revox_sandbox.shapes.later import CallOutcome


class CampaignReported(BaseModel):
    """The campaign a report is about."""

    id: str
    agent_name: str | None
    first_activity_at: Any
    has_activity: bool
    is_cancelled: bool
    last_activity_at: Any
    max_attempts_per_contact: int | None
    name: str
    status: Literal["draft", "running", "paused", "completed"]
    timezone: str


class DataExtraction(BaseModel):
    """What assistants find out."""

    fields: list[str]
    intro: str


class Effort(BaseModel):
    """How many calls were made."""

    calls_total: int
    inbound_calls: int
    outbound_attempts: int


class Called(BaseModel):
    """How many people were called, of how many."""

    count: int
    imported_rows: int


class Reached(BaseModel):
    """How many people answered."""

    count: int
    inbound: int
    outbound: int
    overlap: int
    pct_of_called: float | None


class ShareOfReached(BaseModel):
    """How many of those who answered."""

    count: int
    pct_of_reached: float | None


class Funnel(BaseModel):
    """From those who were called to those who are interested."""

    called: Called
    hot_leads: ShareOfReached
    reached: Reached
    real_exchanges: ShareOfReached


class Inbound(BaseModel):
    """How many people called in."""

    unique_callers: int


class JumpIn(BaseModel):
    """How often a person took over."""

    joined_calls: int
    median_conversation_seconds: float | None
    median_time_to_join_seconds: float | None


class Lead(BaseModel):
    """Somebody who is interested."""

    attempt_id: str | None
    call_id: str
    direction: Literal["inbound", "outbound"]
    email: str | None
    last_activity_at: Any
    name: str
    phone: str
    summary: str | None


class DraftsLeads(BaseModel):
    """Those who are interested, and those who asked to be called again."""

    hot: list[Lead]
    warm: list[Lead]


class LaunchCallsLeads(BaseModel):
    """Those who are interested, and those who asked to be called again."""

    callback_requested: list[Lead]
    interested: list[Lead]


class OutcomeCount(BaseModel):
    """How often an outcome came about."""

    count: int
    label: str
    outcome: str


class CommonReport(BaseModel):
    """A report on a campaign, as every generation that has one makes it."""

    campaign: CampaignReported
    data_extraction: DataExtraction | None
    effort: Effort
    funnel: Funnel
    hot_lead_outcomes: list[str]
    inbound: Inbound
    outcome_breakdown: list[OutcomeCount]


class DraftsReport(CommonReport):
    """A report on a campaign."""

    leads: DraftsLeads


class LaunchCallsReport(CommonReport):
    """A report on a campaign."""

    jump_in: JumpIn
    leads: LaunchCallsLeads


class DraftsStatistics(BaseModel):
    """A report on a campaign."""

    statistics: DraftsReport


class LaunchCallsStatistics(BaseModel):
    """A report on a campaign."""

    statistics: LaunchCallsReport


class CampaignCalled(BaseModel):
    """A campaign that called a number."""

    id: str
    name: str


class NumberHistory(BaseModel):
    """What became of calling a number."""

    campaigns: list[CampaignCalled]
    count: int
    do_not_contact: bool
    hot: bool
    last_called_at: str | None
    last_outcome: CallOutcome | None
    reached_human: bool


class PhoneHistory(BaseModel):
    """Every number that was called, or must not be."""

    phone_history: dict[str, NumberHistory]
