"""Write campaigns and rows as the JSON of the API page. Later generations add to it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.organization import Assistant, Organization
    from revox_sandbox.play.people import Attempt, Row

ORGANIZATION_ID = "org_sandbox"
FIRST_SENTENCE = "Hello, do you have a minute?"
FIRST_SENTENCE_DELAY_MS = 400
LLM_MODEL = {"name": "gpt-4.1", "type": "dedicated-instance"}
DEFAULT_FROM_PHONE_NUMBER = "+12025550100"
STRUCTURED_OUTPUT_CONFIG = [
    {"name": "interested", "required": True, "type": "boolean", "description": None, "enum_options": None},
    {
        "name": "satisfaction",
        "required": True,
        "type": "number",
        "description": "1 to 5",
        "enum_options": None,
    },
]


def timestamp(seconds: float | None) -> str | None:
    """
    Return a moment as the API writes it.

    :param seconds: Seconds since 1970, or ``None``.
    """
    if seconds is None:
        return None
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def attempt_id(campaign: Campaign, row: Row, number: int) -> str:
    """Return the id of a row's attempt. The first one has the number 0."""
    return str(uuid5(campaign.id, f"attempt {row.index} {number}"))


@lru_cache(maxsize=1024)
def _assistant_json(answers: ContractAnswers, assistant: Assistant) -> bytes:
    return to_json(answers.assistant(assistant))


class ContractAnswers:
    """Writes the answers of the contract. Methods that take a campaign expect one that is up to date."""

    transcript: list[dict[str, Any]] = [
        {"role": role, "content": content, **dict.fromkeys(("tool_arguments", "tool_is_error", "tool_name"))}
        for role, content in (("assistant", FIRST_SENTENCE), ("user", "Yes, go on."))
    ]
    """What is said in every call."""

    def one_campaign(self, campaign: Campaign) -> bytes:
        """Return the answer that shows one campaign."""
        return b'{"campaign":%s}' % self.campaign_json(campaign)

    def all_campaigns(self, campaigns: Iterable[bytes]) -> bytes:
        """
        Return the answer that lists campaigns.

        :param campaigns: Each campaign, written by :meth:`campaign_json`.
        """
        return b'{"campaigns":[%s]}' % b",".join(campaigns)

    def campaign_json(self, campaign: Campaign) -> bytes:
        """Return a campaign as JSON."""
        # The assistant is most of the answer and never changes, so its JSON is written once.
        shown = to_json(self.campaign(campaign))
        return b'%s,"assistant":%s}' % (shown[:-1], _assistant_json(self, campaign.assistant))

    def all_assistants(self, organization: Organization) -> bytes:
        """Return the answer that lists all assistants."""
        shown = (self.assistant_json(assistant) for assistant in organization.assistants.values())
        return b'{"assistants":[%s]}' % b",".join(shown)

    def assistant_json(self, assistant: Assistant) -> bytes:
        """Return the answer that shows one assistant. Unlike a campaign, it is the whole answer."""
        return _assistant_json(self, assistant)

    def campaign(self, campaign: Campaign) -> dict[str, Any]:
        """Return a campaign without its assistant."""
        request, simulation = campaign.request, campaign.simulation
        return {
            "id": str(campaign.id),
            "assistant_id": request.assistant_id,
            "created_at": timestamp(campaign.created_at),
            "is_cancelled": simulation.is_cancelled,
            "name": request.name,
            "organization_id": ORGANIZATION_ID,
            "status": self.status(campaign),
            "updated_at": timestamp(simulation.updated_at),
            "call_retry_config": self._call_retry_config(campaign),
            "from_phone_number": request.from_phone_number,
            "max_concurrent_calls": request.max_concurrent_calls,
            "row_stats": self.row_stats(campaign),
            "scheduled_at": self._scheduled_at(campaign),
        }

    def status(self, campaign: Campaign) -> str:
        """Return the status of a campaign."""
        return campaign.simulation.status

    def row_stats(self, campaign: Campaign) -> dict[str, int]:
        """Return how many rows are in each state."""
        return asdict(campaign.simulation.counts)

    def assistant(self, assistant: Assistant) -> dict[str, Any]:
        """Return an assistant."""
        texts = assistant.texts
        return {
            "id": assistant.id,
            "background_sound": "audio/office.ogg",
            "calendly": None,
            "call_retry_config": None,
            "created_at": timestamp(assistant.created_at),
            "end_of_call_sentence": texts.end_of_call_sentence,
            "first_sentence": texts.first_sentence,
            "first_sentence_delay_ms": FIRST_SENTENCE_DELAY_MS,
            "first_sentence_mode": "static" if texts.first_sentence else "none",
            "ivr_navigation_enabled": False,
            "llm_model": LLM_MODEL,
            "max_call_duration_secs": 600,
            "name": assistant.name,
            "organization_id": ORGANIZATION_ID,
            "prompt": texts.prompt,
            "structured_output_config": STRUCTURED_OUTPUT_CONFIG,
            "transfer_phone_number": None,
            "updated_at": timestamp(assistant.created_at),
            "voice": {"id": "sandbox-voice", "provider": "cartesia", "speed": 1.0},
            "voicemail_message": texts.voicemail_message,
            "webhook_url": None,
            "faq_items": [],
            "pending_faq_count": 0,
        }

    def rows_page(self, campaign: Campaign, rows: Sequence[Row], page: int, page_size: int) -> bytes:
        """
        Return the answer that shows one page of rows.

        :param campaign: The campaign of the rows.
        :param rows: The rows that fit the query, from all pages.
        :param page: The number of the page, from 1.
        :param page_size: How many rows a page has.
        """
        start = (page - 1) * page_size
        shown = self.rows_json(campaign, rows[start : start + page_size])
        return b'{"page":%d,"page_size":%d,"total":%d,"rows":[%s]}' % (page, page_size, len(rows), shown)

    def rows_json(self, campaign: Campaign, rows: Iterable[Row]) -> bytes:
        """Return rows as JSON, with commas between them. Builds one row at a time, to save memory."""
        common = self.common_call_fields(campaign)
        return b",".join(to_json(self.row(campaign, row, common)) for row in rows)

    def row(self, campaign: Campaign, row: Row, common: dict[str, Any]) -> dict[str, Any]:
        """
        Return a row.

        :param campaign: The campaign of the row.
        :param row: The row.
        :param common: What :meth:`common_call_fields` returned.
        """
        return {
            "id": str(uuid5(campaign.id, f"row {row.index}")),
            "row_index": row.index,
            "phone_number": row.contact.to_phone_number,
            "input_data": row.contact.prompt_variables,
            "call": common | self.call_fields(campaign, row),
        }

    def common_call_fields(self, campaign: Campaign) -> dict[str, Any]:
        """Return the fields that are equal in all calls of a campaign."""
        return {
            # Repeated in every row, an assistant would make a page of rows huge. The API allows null.
            "assistant": None,
            "call_retry_config": self._call_retry_config(campaign),
            "campaign": {"id": str(campaign.id), "name": campaign.request.name},
            "created_at": timestamp(campaign.created_at),
            "direction": "outbound",
            "first_sentence_delay_ms": FIRST_SENTENCE_DELAY_MS,
            "from_phone_number": self.from_phone_number(campaign),
            "llm_model": LLM_MODEL,
            "metadata": None,
            "organization_id": ORGANIZATION_ID,
            "scheduled_at": self._scheduled_at(campaign),
        }

    def call_fields(self, campaign: Campaign, row: Row) -> dict[str, Any]:
        """Return the fields of a row's call that differ from call to call."""
        status = campaign.simulation.call_status(row)
        attempts = [self.attempt(campaign, row, number) for number in reversed(range(len(row.attempts)))]
        return {
            "id": campaign.call_id(row),
            "call_attempts": attempts,
            "calls_count": len(attempts),
            "is_cancelled": status == "cancelled",
            "is_completed": status == "completed",
            "last_call_attempt": attempts[0] if attempts else None,
            "status": status,
            "to_phone_number": row.contact.to_phone_number,
        }

    def attempt(self, campaign: Campaign, row: Row, number: int) -> dict[str, Any]:
        """Return a row's attempt without its future. The first attempt has the number 0."""
        attempt, now = row.attempts[number], campaign.simulation.now
        over, processed = attempt.ended_at <= now, attempt.processed_at <= now
        answered = attempt.answered_at is not None and attempt.answered_at <= now
        spoke = over and attempt.result == "human"
        id_ = attempt_id(campaign, row, number)
        return {
            "id": id_,
            "started_at": timestamp(attempt.started_at),
            "answered_at": timestamp(attempt.answered_at) if answered else None,
            "ended_at": timestamp(attempt.ended_at) if over else None,
            "phone_number": row.contact.to_phone_number,
            "recording_url": f"https://recordings.invalid/{id_}.mp3" if processed and answered else None,
            "result": attempt.result if over else None,
            "dial_error": attempt.dial_error if over else None,
            "status": _attempt_status(attempt, over=over, answered=answered),
            "end_reason": "tool_end_call" if spoke else "voicemail" if over and answered else None,
            "ended_by": "agent" if over and answered else None,
            "structured_output": {
                "interested": attempt.outcome == "interested",
                "satisfaction": row.index % 5 + 1,
            }
            if spoke and processed
            else None,
            "transcript": self.transcript if spoke else None,
        }

    def from_phone_number(self, campaign: Campaign) -> str:
        """Return the number that the called people see."""
        return campaign.request.from_phone_number or DEFAULT_FROM_PHONE_NUMBER

    def _call_retry_config(self, campaign: Campaign) -> dict[str, Any] | None:
        config = campaign.request.call_retry_config
        return config.as_json() if config else None

    def _scheduled_at(self, campaign: Campaign) -> str | None:
        scheduled_at = campaign.request.scheduled_at
        return timestamp(scheduled_at.timestamp()) if scheduled_at else None


def _attempt_status(attempt: Attempt, *, over: bool, answered: bool) -> str:
    if over:
        return "error" if attempt.dial_error else "completed"
    return "ongoing" if answered else "ringing"
