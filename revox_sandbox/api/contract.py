"""Campaigns and rows as the JSON of the API page. Later generations add to it."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from revox_sandbox.play.people import Attempt, Row
    from revox_sandbox.play.store import Assistant, Campaign

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


def moment(seconds: float | None) -> str | None:
    """
    Write a moment as the API does.

    :param seconds: Since 1970.
    """
    if seconds is None:
        return None
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def call_id(campaign: Campaign, row: Row) -> str:
    """
    Return the id of a row's call.

    :param campaign: The row's.
    :param row: The row.
    """
    return str(uuid5(campaign.id, f"call {row.index}"))


def attempt_id(campaign: Campaign, row: Row, number: int) -> str:
    """
    Return the id of an attempt.

    :param campaign: The row's.
    :param row: The row.
    :param number: The attempt's, from 0.
    """
    return str(uuid5(campaign.id, f"attempt {row.index} {number}"))


@lru_cache(maxsize=1024)
def _assistant_json(wire: Wire, assistant: Assistant) -> bytes:
    return to_json(wire.assistant(assistant))


class Wire:
    """The JSON of the contract."""

    transcript: list[dict[str, Any]] = [
        {"role": "assistant", "content": FIRST_SENTENCE},
        {"role": "user", "content": "Yes, go on."},
    ]
    """What is said in every call."""

    def one_campaign(self, campaign: Campaign) -> bytes:
        """Return the answer that shows one campaign."""
        return b'{"campaign":%s}' % self.campaign_json(campaign)

    def all_campaigns(self, campaigns: Iterable[bytes]) -> bytes:
        """
        Return the answer that lists campaigns.

        :param campaigns: Each as :meth:`campaign_json` made it.
        """
        return b'{"campaigns":[%s]}' % b",".join(campaigns)

    def campaign_json(self, campaign: Campaign) -> bytes:
        """
        Return a campaign as the API shows it.

        :param campaign: Up to date.
        """
        # The assistant is most of the answer and always the same: its text is made once.
        shown = to_json(self.campaign(campaign))
        return b'%s,"assistant":%s}' % (shown[:-1], _assistant_json(self, campaign.assistant))

    def campaign(self, campaign: Campaign) -> dict[str, Any]:
        """Return a campaign without its assistant."""
        request, simulation = campaign.request, campaign.simulation
        return {
            "id": str(campaign.id),
            "assistant_id": request.assistant_id,
            "created_at": moment(campaign.created_at),
            "is_cancelled": simulation.is_cancelled,
            "name": request.name,
            "organization_id": ORGANIZATION_ID,
            "status": self.status(campaign),
            "updated_at": moment(simulation.updated_at),
            "call_retry_config": self.retry_config(campaign),
            "from_phone_number": request.from_phone_number,
            "max_concurrent_calls": request.max_concurrent_calls,
            "row_stats": self.row_stats(campaign),
            "scheduled_at": self.scheduled_at(campaign),
        }

    def status(self, campaign: Campaign) -> str:
        """Return a campaign's status."""
        return campaign.simulation.status

    def row_stats(self, campaign: Campaign) -> dict[str, int]:
        """Return how many rows are where."""
        return asdict(campaign.simulation.counts)

    def retry_config(self, campaign: Campaign) -> dict[str, Any] | None:
        """Return when and how often a campaign calls, if it says so itself."""
        config = campaign.request.call_retry_config
        return config.model_dump(mode="json", exclude_none=True) if config else None

    def scheduled_at(self, campaign: Campaign) -> str | None:
        """Return when a campaign's calls start, if that was said."""
        starts_at = campaign.request.starts_at
        return moment(starts_at.timestamp()) if starts_at else None

    def assistant(self, assistant: Assistant) -> dict[str, Any]:
        """Return an assistant."""
        return {
            "id": assistant.id,
            "background_sound": "audio/office.ogg",
            "calendly": None,
            "call_retry_config": None,
            "created_at": moment(assistant.created_at),
            "end_of_call_sentence": None,
            "first_sentence": FIRST_SENTENCE,
            "first_sentence_delay_ms": FIRST_SENTENCE_DELAY_MS,
            "first_sentence_mode": "static",
            "ivr_navigation_enabled": False,
            "llm_model": LLM_MODEL,
            "max_call_duration_secs": 600,
            "name": f"Sandbox assistant {assistant.id}",
            "organization_id": ORGANIZATION_ID,
            "prompt": assistant.prompt,
            "structured_output_config": STRUCTURED_OUTPUT_CONFIG,
            "transfer_phone_number": None,
            "updated_at": moment(assistant.created_at),
            "voice": {"id": "sandbox-voice", "provider": "cartesia", "speed": 1.0},
            "voicemail_message": None,
            "webhook_url": None,
            "faq_items": [],
            "pending_faq_count": 0,
        }

    def rows_json(self, campaign: Campaign, rows: Iterable[Row]) -> bytes:
        """
        Return rows of a campaign, with commas between them. Never holds more than one of them as objects.

        :param campaign: Up to date.
        :param rows: Some of its rows.
        """
        common = self.call(campaign)
        return b",".join(to_json(self.row(campaign, row, common)) for row in rows)

    def row(self, campaign: Campaign, row: Row, common: dict[str, Any]) -> dict[str, Any]:
        """
        Return a row.

        :param campaign: Up to date.
        :param row: One of its rows.
        :param common: What :meth:`call` returned.
        """
        return {
            "id": str(uuid5(campaign.id, f"row {row.index}")),
            "row_index": row.index,
            "phone_number": row.contact.to_phone_number,
            "input_data": row.contact.prompt_variables,
            "call": common | self.call_of(campaign, row),
        }

    def call(self, campaign: Campaign) -> dict[str, Any]:
        """Return what all calls of a campaign have in common."""
        return {
            # It may be missing, and repeated in every row it would make a page of rows huge.
            "assistant": None,
            "call_retry_config": self.retry_config(campaign),
            "campaign": {"id": str(campaign.id), "name": campaign.request.name},
            "created_at": moment(campaign.created_at),
            "direction": "outbound",
            "first_sentence_delay_ms": FIRST_SENTENCE_DELAY_MS,
            "from_phone_number": campaign.request.from_phone_number or DEFAULT_FROM_PHONE_NUMBER,
            "llm_model": LLM_MODEL,
            "metadata": None,
            "organization_id": ORGANIZATION_ID,
            "scheduled_at": self.scheduled_at(campaign),
        }

    def call_of(self, campaign: Campaign, row: Row) -> dict[str, Any]:
        """Return what is a row's own about its call."""
        status = campaign.simulation.call_status(row)
        attempts = [self.attempt(campaign, row, number) for number in reversed(range(len(row.attempts)))]
        return {
            "id": call_id(campaign, row),
            "call_attempts": attempts,
            "calls_count": len(attempts),
            "is_cancelled": status == "cancelled",
            "is_completed": status == "completed",
            "last_call_attempt": attempts[0] if attempts else None,
            "status": status,
            "to_phone_number": row.contact.to_phone_number,
        }

    def attempt(self, campaign: Campaign, row: Row, number: int) -> dict[str, Any]:
        """Return an attempt, as far as it has come."""
        attempt, now = row.attempts[number], campaign.simulation.now
        over, processed = attempt.ended_at <= now, attempt.processed_at <= now
        answered = attempt.answered_at is not None and attempt.answered_at <= now
        spoke = over and attempt.result == "human"
        id_ = attempt_id(campaign, row, number)
        return {
            "id": id_,
            "started_at": moment(attempt.started_at),
            "answered_at": moment(attempt.answered_at) if answered else None,
            "ended_at": moment(attempt.ended_at) if over else None,
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

    def rows_page(self, campaign: Campaign, rows: Sequence[Row], page: int, page_size: int) -> bytes:
        """
        Return one page of a campaign's rows.

        :param campaign: Up to date.
        :param rows: Those that are wanted.
        :param page: Its number, from 1.
        :param page_size: How many rows a page has.
        """
        start = (page - 1) * page_size
        shown = self.rows_json(campaign, rows[start : start + page_size])
        return b'{"page":%d,"page_size":%d,"total":%d,"rows":[%s]}' % (page, page_size, len(rows), shown)

    def export(self, campaign: Campaign) -> bytes:
        """
        Return a campaign's rows as a CSV file: a column for every variable, then how the calls went.

        :param campaign: Up to date.
        """
        simulation = campaign.simulation
        variables = list(
            dict.fromkeys(name for row in simulation.rows for name in row.contact.prompt_variables)
        )
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["row_index", "phone_number", *variables, "status", "attempts", "result", "ended_at"])
        for row in simulation.rows:
            last = row.attempts[-1] if row.attempts else None
            over = last is not None and last.ended_at <= simulation.now
            contact = row.contact
            writer.writerow(
                [
                    row.index,
                    contact.to_phone_number,
                    *(contact.prompt_variables.get(name, "") for name in variables),
                    simulation.call_status(row),
                    len(row.attempts),
                    last.result if last and over else "",
                    moment(last.ended_at) if last and over else "",
                ]
            )
        return to_json({"csv": text.getvalue(), "filename": f"campaign-{campaign.id}.csv"})


def _attempt_status(attempt: Attempt, *, over: bool, answered: bool) -> str:
    if over:
        return "error" if attempt.dial_error else "completed"
    return "ongoing" if answered else "ringing"
