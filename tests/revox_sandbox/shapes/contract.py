"""The shapes of the contract's answers. The sandbox does not use them: the tests judge answers by them."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, Field

CampaignStatus: TypeAlias = Literal["draft", "running", "paused", "completed"]
CallStatus: TypeAlias = Literal[
    "initializing", "queued_for_calling", "calling", "scheduled", "completed", "cancelled", "errored"
]
CallResult: TypeAlias = Literal["IVR", "voicemail", "human", "unknown", "ios-screening-filter"]


class CallingWindowShape(BaseModel):
    """A part of the day in which the campaign calls people."""

    calling_window_start_time: str
    calling_window_end_time: str
    retry_delay_seconds: int


class CallRetryConfigShape(BaseModel):
    """When and how often to call."""

    calling_windows: list[CallingWindowShape]
    max_retry_attempts: int
    timezone: str | None = None


class Problem(BaseModel):
    """Why a request was refused."""

    message: str
    issues: list[str] | None = None


class Success(BaseModel):
    """Whether something was done."""

    success: bool


class LlmModel(BaseModel):
    """The language model of an assistant."""

    name: Literal["gpt-4.1", "ministral-3-8b-instruct"]
    type: Literal["dedicated-instance"]


class Voice(BaseModel):
    """The voice of an assistant."""

    id: str = Field(min_length=1)
    provider: Literal["cartesia", "elevenlabs"]
    speed: float | None = Field(default=None, ge=0.6, le=1.5)


class Calendly(BaseModel):
    """Where an assistant books appointments."""

    connection_id: str
    event_type_id: str


class StructuredOutput(BaseModel):
    """Something an assistant finds out."""

    name: str = Field(min_length=1)
    required: bool
    type: Literal["string", "number", "boolean", "enum", "date", "datetime"]
    description: str | None = None
    enum_options: list[str] | None = None


class FaqItem(BaseModel):
    """A question an assistant can answer."""

    answer: str
    question: str
    id: str | None = None
    needs_human_answer: bool | None = None
    source: Literal["human", "ai"] | None = None


class CommonAssistantShape(BaseModel):
    """The assistant that makes the calls, as every generation shows it."""

    id: str
    background_sound: Literal["audio/office.ogg"] | None
    calendly: Calendly | None
    created_at: Any
    end_of_call_sentence: str | None
    first_sentence: str | None
    first_sentence_delay_ms: int
    first_sentence_mode: Literal["generated", "static", "none"]
    ivr_navigation_enabled: bool
    llm_model: LlmModel
    max_call_duration_secs: float
    name: str
    organization_id: str
    prompt: str
    structured_output_config: list[StructuredOutput] | None
    updated_at: Any
    voicemail_message: str | None
    webhook_url: str | None
    faq_items: list[FaqItem] | None = None
    pending_faq_count: float | None = None


class AssistantShape(CommonAssistantShape):
    """The assistant that makes the calls."""

    call_retry_config: CallRetryConfigShape | None
    transfer_phone_number: str | None
    voice: Voice | None


class RowStatsShape(BaseModel):
    """How many contacts are where; a cancelled one only counts in ``total``."""

    calling: int
    completed: int
    failed: int
    pending: int
    retry: int
    total: int


class CommonCampaignShape(BaseModel):
    """A campaign, as every generation shows it."""

    id: str
    assistant_id: str
    created_at: Any
    is_cancelled: bool
    name: str
    organization_id: str
    updated_at: Any
    from_phone_number: str | None = None
    max_concurrent_calls: float | None = None
    scheduled_at: Any = None


class CampaignShape(CommonCampaignShape):
    """A campaign."""

    status: CampaignStatus
    assistant: AssistantShape | None = None
    call_retry_config: CallRetryConfigShape | None = None
    row_stats: RowStatsShape | None = None


class OneCampaign(BaseModel):
    """One campaign."""

    campaign: CampaignShape


class AllCampaigns(BaseModel):
    """Every campaign of the organisation, finished ones too, the newest first."""

    campaigns: list[CampaignShape]


class TranscriptLine(BaseModel):
    """Something that was said."""

    content: str
    role: Literal["user", "assistant", "tool"]
    tool_arguments: dict[str, Any] | str | None
    tool_is_error: bool | None
    tool_name: str | None


class CommonAttemptShape(BaseModel):
    """One attempt to reach a person, as every generation shows it."""

    id: str
    answered_at: Any
    dial_error: (
        Literal[
            "number_non_attributed",
            "too_many_calls",
            "busy",
            "temporarily_unavailable",
            "no_answer",
            "no_international_permission",
            "precondition_failed",
            "non_classified_error",
        ]
        | None
    )
    ended_at: Any
    phone_number: str
    recording_url: str | None
    result: CallResult | None
    started_at: Any
    status: Literal["queued", "ringing", "ongoing", "completed", "error"]
    end_reason: str | None = None
    ended_by: Literal["agent", "user", "system"] | None = None
    structured_output: dict[str, Any] | None = None


class AttemptShape(CommonAttemptShape):
    """One attempt to reach a person."""

    transcript: list[TranscriptLine] | None = None


class CampaignName(BaseModel):
    """The campaign a call belongs to."""

    id: str
    name: str


class CommonCallShape(BaseModel):
    """The order to call a person, as every generation shows it."""

    id: str
    calls_count: int
    campaign: CampaignName | None
    created_at: Any
    direction: Literal["inbound", "outbound"]
    first_sentence_delay_ms: int
    from_phone_number: str
    is_cancelled: bool
    is_completed: bool
    llm_model: LlmModel
    metadata: dict[str, str] | None
    organization_id: str
    scheduled_at: Any
    to_phone_number: str


class CallShape(CommonCallShape):
    """The order to call a person, with every attempt made, the most recent first."""

    assistant: AssistantShape | None
    call_attempts: list[AttemptShape]
    call_retry_config: CallRetryConfigShape | None
    last_call_attempt: AttemptShape | None
    status: CallStatus


class CommonRowShape(BaseModel):
    """One contact of a campaign, as every generation shows it."""

    id: str
    input_data: dict[str, str]
    phone_number: str
    row_index: int


class RowShape(CommonRowShape):
    """One contact of a campaign."""

    call: CallShape | None


class RowsShape(BaseModel):
    """One page of rows."""

    page: int
    page_size: int
    rows: list[RowShape]
    total: int


class Export(BaseModel):
    """Every row of a campaign, as the text of a CSV file."""

    csv: str
    filename: str
