"""The shapes of the answers of the later generations."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from tests.revox_sandbox.shapes.contract import (
    CallRetryConfigShape,
    CampaignStatus,
    CommonAssistantShape,
    CommonAttemptShape,
    CommonCallShape,
    CommonCampaignShape,
    CommonRowShape,
    RowStatsShape,
    Voice,
)

CallOutcome: TypeAlias = Literal["not_interested", "interested", "completed", "requested_callback_later"]
DraftsCallStatus: TypeAlias = Literal[
    "initializing",
    "queued_for_calling",
    "calling",
    "post_processing",
    "scheduled",
    "paused",
    "completed",
    "cancelled",
    "errored",
]


class LaterCallRetryConfigShape(CallRetryConfigShape):
    """When, on which days and how often to call."""

    allowed_days: list[str]
    call_twice_in_a_row: bool


class AuthStatus(BaseModel):
    """Whether the key is good."""

    authenticated: bool


class LaterVoice(Voice):
    """The voice of an assistant."""

    model: Literal["sonic-3", "sonic-3.5"] | None
    volume: float | None


class LaterAssistantShape(CommonAssistantShape):
    """The assistant that makes the calls."""

    after_call_sms_outcomes: None
    after_call_sms_prompt: str | None
    background_sound_volume: float
    cartesia_dictionary_pronunciation_id: str | None
    created_by: None
    custom_tools: None
    email_notification_address: str | None
    email_notification_outcomes: None
    from_phone_number: str | None
    human_transfer_mode: Literal["warm", "cold"] | None
    is_realestate_assistant: bool | None
    logo_url: str | None
    max_duration_end_message: str | None
    position: None
    prompt_flow: None
    slack: None
    sms_enabled: bool
    sms_template: str | None
    structured_output_prompt: str | None
    stt_context: None
    stt_model: Literal["stt-rt-v4", "stt-rt-v5"]
    thinking_sound: str | None
    thinking_sound_probability: float
    thinking_sound_volume: float
    type: Literal["standalone", "multi-step", "sub-assistant"]
    voice: LaterVoice | None
    voicemail_sms_prompt: str | None
    warm_transfer_summary_instructions: str | None
    zoho: None


class DraftsAssistantShape(LaterAssistantShape):
    """The assistant that makes the calls."""

    call_retry_config: LaterCallRetryConfigShape | None
    email_notification_language: Literal["en", "fr"]
    transfer_phone_number: str | None


class LaunchCallsAssistantShape(LaterAssistantShape):
    """The assistant that makes the calls."""

    call_retry_config: LaterCallRetryConfigShape | None
    is_inbound_receptionist: bool | None
    precall_lookup_url: str | None
    transfer_destinations: None


class LaterCampaignShape(CommonCampaignShape):
    """A campaign."""

    created_by: None
    funnel_stats: None
    structured_output_extraction: Literal["none", "running", "completed"] | None


class DraftsCampaignShape(LaterCampaignShape):
    """A campaign, which may be a draft."""

    status: CampaignStatus
    type: Literal["regular", "jump_in"]
    active_takeover_call_id: str | None
    assistant: DraftsAssistantShape | None
    call_retry_config: LaterCallRetryConfigShape | None
    paused_reason: Literal["manual", "no_presence"] | None
    present_count: float | None
    row_stats: RowStatsShape | None


class LaunchCallsRowStatsShape(RowStatsShape):
    """How many contacts are where; ``skipped`` are those that were cancelled."""

    not_launched: int
    skipped: int


class LaunchCallsCampaignShape(LaterCampaignShape):
    """A campaign, whose calls are launched after it was created."""

    status: Literal["running", "paused", "completed"]
    assistant: LaunchCallsAssistantShape | None
    call_retry_config: LaterCallRetryConfigShape | None
    metadata_keys: list[str] | None
    row_stats: LaunchCallsRowStatsShape | None


class OneDraftsCampaign(BaseModel):
    """One campaign."""

    campaign: DraftsCampaignShape


class AllDraftsCampaigns(BaseModel):
    """Every campaign of the organisation, finished ones too, the newest first."""

    campaigns: list[DraftsCampaignShape]


class OneLaunchCallsCampaign(BaseModel):
    """One campaign."""

    campaign: LaunchCallsCampaignShape


class AllLaunchCallsCampaigns(BaseModel):
    """Every campaign of the organisation, finished ones too, the newest first."""

    campaigns: list[LaunchCallsCampaignShape]


class LaterTranscriptLine(BaseModel):
    """Something that was said or done."""

    content: str
    role: Literal["user", "assistant", "human_agent", "tool"]
    tool_arguments: dict[str, Any] | str | None
    tool_is_error: bool | None
    tool_name: str | None
    tool_output: str | None


class DraftsAttemptShape(CommonAttemptShape):
    """One attempt to reach a person."""

    assistants_used: list[str] | None
    post_call_transcript: list[LaterTranscriptLine] | None
    sms_log: None
    transcript: list[LaterTranscriptLine] | None


class LaunchCallsAttemptShape(DraftsAttemptShape):
    """One attempt to reach a person."""

    email_log: None
    handled_by_ai: bool
    handled_by_human: bool
    handled_by_user: None
    speech_events: None


class ContactShape(BaseModel):
    """Who a person is, as far as the variables tell."""

    company: str | None
    email: str | None
    first_name: str | None
    last_name: str | None


class LaunchCallsContactShape(ContactShape):
    """Who a person is, as far as the variables tell."""

    job_title: str | None


class LaterCallShape(CommonCallShape):
    """The order to call a person, with every attempt made, the most recent first."""

    assignee: None
    follow_up_emails: list[str] | None
    outcome: CallOutcome | None
    outcome_summary: str | None
    prompt_variables: dict[str, str] | None
    updated_at: Any


class DraftsCallShape(LaterCallShape):
    """The order to call a person, with every attempt made, the most recent first."""

    assistant: DraftsAssistantShape | None
    call_attempts: list[DraftsAttemptShape]
    call_retry_config: LaterCallRetryConfigShape | None
    contact: ContactShape
    last_call_attempt: DraftsAttemptShape | None
    status: DraftsCallStatus


class LaunchCallsCallShape(LaterCallShape):
    """The order to call a person, with every attempt made, the most recent first."""

    assistant: LaunchCallsAssistantShape | None
    call_attempts: list[LaunchCallsAttemptShape]
    call_retry_config: LaterCallRetryConfigShape | None
    contact: LaunchCallsContactShape
    last_call_attempt: LaunchCallsAttemptShape | None
    slack_channel_ids: list[str] | None
    status: DraftsCallStatus | Literal["not_launched"]


class DraftsRow(CommonRowShape):
    """One contact of a campaign; a draft has no calls."""

    call: DraftsCallShape | None


class DraftsRows(BaseModel):
    """All rows."""

    rows: list[DraftsRow]


class LaunchCallsRow(CommonRowShape):
    """One contact of a campaign."""

    call: LaunchCallsCallShape | None


class LaunchCallsRows(BaseModel):
    """All rows."""

    rows: list[LaunchCallsRow]


class SkippedShape(BaseModel):
    """How many calls were not launched, and why."""

    active: int
    attempts_exhausted: int
    cancelled: int


class SessionShape(BaseModel):
    """A person who sits at the phone; in the sandbox nobody does."""

    id: str
    campaign_id: str
    connected_count: int
    created_at: Any
    current_call_id: str | None
    dialed_count: int
    ended_at: Any
    in_flight_calls: list[LaunchCallsCallShape]
    outcome_filter: list[CallOutcome]
    status: Literal["dialing", "connected", "completed", "stopped", "errored"]
    total_targets: int


class LaunchedShape(BaseModel):
    """What came of launching calls."""

    launched: int
    skipped: SkippedShape
    session: SessionShape | None
