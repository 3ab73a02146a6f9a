"""Campaigns and rows as the JSON of the API page."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import uuid5

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_provider_revox.sandbox.simulation import Attempt, Row
    from airflow_provider_revox.sandbox.store import Assistant, Campaign

ORGANIZATION_ID = "org_sandbox"
FIRST_SENTENCE = "Hello, do you have a minute?"
FIRST_SENTENCE_DELAY_MS = 400
LLM_MODEL = {"name": "gpt-4.1", "type": "dedicated-instance"}
DEFAULT_FROM_PHONE_NUMBER = "+12025550100"


def moment(seconds: float | None) -> str | None:
    """
    Write a moment as the API does.

    :param seconds: Since 1970.
    """
    if seconds is None:
        return None
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


@lru_cache(maxsize=1024)
def _assistant_json(assistant: Assistant) -> str:
    return json.dumps(
        {
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
            "structured_output_config": None,
            "transfer_phone_number": None,
            "updated_at": moment(assistant.created_at),
            "voice": {"id": "sandbox-voice", "provider": "cartesia", "speed": 1.0},
            "voicemail_message": None,
            "webhook_url": None,
            "faq_items": [],
            "pending_faq_count": 0,
        }
    )


def campaign_json(campaign: Campaign) -> str:
    """
    Return a campaign as the API shows it.

    :param campaign: Up to date.
    """
    request, simulation = campaign.request, campaign.simulation
    shown = {
        "id": str(campaign.id),
        "assistant_id": request.assistant_id,
        "created_at": moment(campaign.created_at),
        "is_cancelled": simulation.is_cancelled,
        "name": request.name,
        "organization_id": ORGANIZATION_ID,
        "status": simulation.status,
        "updated_at": moment(simulation.updated_at),
        "call_retry_config": _retry_config(campaign),
        "from_phone_number": request.from_phone_number,
        "max_concurrent_calls": request.max_concurrent_calls,
        "row_stats": asdict(simulation.counts),
        "scheduled_at": _scheduled_at(campaign),
    }
    # The assistant is most of the answer and always the same: its text is made once.
    return f'{json.dumps(shown)[:-1]}, "assistant": {_assistant_json(campaign.assistant)}}}'


def one_campaign(campaign: Campaign) -> str:
    """Return the answer that shows one campaign."""
    return f'{{"campaign": {campaign_json(campaign)}}}'


def all_campaigns(campaigns: Iterable[str]) -> str:
    """
    Return the answer that lists campaigns.

    :param campaigns: Each as :func:`campaign_json` made it.
    """
    return f'{{"campaigns": [{", ".join(campaigns)}]}}'


def rows_page(campaign: Campaign, page: int, page_size: int, matches: Callable[[Row], bool] | None) -> str:
    """
    Return one page of a campaign's rows.

    :param campaign: Up to date.
    :param page: Its number, from 1.
    :param page_size: How many rows a page has.
    :param matches: Says which rows are wanted; ``None``: all.
    """
    rows = campaign.simulation.rows
    if matches is not None:
        rows = [row for row in rows if matches(row)]
    start = (page - 1) * page_size
    return json.dumps(
        {
            "page": page,
            "page_size": page_size,
            "total": len(rows),
            "rows": [_row(campaign, row) for row in rows[start : start + page_size]],
        }
    )


def export(campaign: Campaign) -> str:
    """
    Return a campaign's rows as a CSV file: a column for every variable, then how the calls went.

    :param campaign: Up to date.
    """
    simulation = campaign.simulation
    variables = list(dict.fromkeys(name for row in simulation.rows for name in row.contact.prompt_variables))
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
    return json.dumps({"csv": text.getvalue(), "filename": f"campaign-{campaign.id}.csv"})


def _retry_config(campaign: Campaign) -> dict[str, Any] | None:
    config = campaign.request.call_retry_config
    return config.model_dump(mode="json", exclude_none=True) if config else None


def _scheduled_at(campaign: Campaign) -> str | None:
    scheduled_at = campaign.request.scheduled_at
    return moment(scheduled_at.timestamp()) if scheduled_at else None


def _row(campaign: Campaign, row: Row) -> dict[str, Any]:
    return {
        "id": str(uuid5(campaign.id, f"row {row.index}")),
        "row_index": row.index,
        "phone_number": row.contact.to_phone_number,
        "input_data": row.contact.prompt_variables,
        "call": _call(campaign, row),
    }


def _call(campaign: Campaign, row: Row) -> dict[str, Any]:
    status = campaign.simulation.call_status(row)
    attempts = [_attempt(campaign, row, number) for number in reversed(range(len(row.attempts)))]
    return {
        "id": str(uuid5(campaign.id, f"call {row.index}")),
        # It may be missing, and repeated in every row it would make a page of rows huge.
        "assistant": None,
        "call_attempts": attempts,
        "call_retry_config": _retry_config(campaign),
        "calls_count": len(attempts),
        "campaign": {"id": str(campaign.id), "name": campaign.request.name},
        "created_at": moment(campaign.created_at),
        "direction": "outbound",
        "first_sentence_delay_ms": FIRST_SENTENCE_DELAY_MS,
        "from_phone_number": campaign.request.from_phone_number or DEFAULT_FROM_PHONE_NUMBER,
        "is_cancelled": status == "cancelled",
        "is_completed": status == "completed",
        "last_call_attempt": attempts[0] if attempts else None,
        "llm_model": LLM_MODEL,
        "metadata": None,
        "organization_id": ORGANIZATION_ID,
        "scheduled_at": _scheduled_at(campaign),
        "status": status,
        "to_phone_number": row.contact.to_phone_number,
    }


def _attempt(campaign: Campaign, row: Row, number: int) -> dict[str, Any]:
    attempt, now = row.attempts[number], campaign.simulation.now
    over = attempt.ended_at <= now
    answered = attempt.answered_at is not None and attempt.answered_at <= now
    spoke = over and attempt.result == "human"
    return {
        "id": str(uuid5(campaign.id, f"attempt {row.index} {number}")),
        "started_at": moment(attempt.started_at),
        "answered_at": moment(attempt.answered_at) if answered else None,
        "ended_at": moment(attempt.ended_at) if over else None,
        "phone_number": row.contact.to_phone_number,
        "recording_url": None,
        "result": attempt.result if over else None,
        "dial_error": attempt.dial_error if over else None,
        "status": _attempt_status(attempt, over=over, answered=answered),
        "end_reason": "tool_end_call" if spoke else "voicemail" if over and answered else None,
        "ended_by": "agent" if over and answered else None,
        "structured_output": None,
        "transcript": [
            {"role": "assistant", "content": FIRST_SENTENCE},
            {"role": "user", "content": "Yes, go on."},
        ]
        if spoke
        else None,
    }


def _attempt_status(attempt: Attempt, *, over: bool, answered: bool) -> str:
    if over:
        return "error" if attempt.dial_error else "completed"
    return "ongoing" if answered else "ringing"
