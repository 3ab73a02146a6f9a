"""Write the reports of the later generations: about one campaign, and about every number ever called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from revox_sandbox.api.contract import STRUCTURED_OUTPUT_CONFIG, attempt_id, timestamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from revox_sandbox.api.later import LaterAnswers
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.outcomes import CallOutcome
    from revox_sandbox.play.people import Row

HOT_OUTCOMES: tuple[CallOutcome, ...] = ("interested", "requested_callback_later")


def statistics(answers: LaterAnswers, campaign: Campaign) -> bytes:
    """
    Return the answer with the report about a campaign. It counts people: a number twice is one person.

    :param answers: The generation's names for the parts of the report.
    :param campaign: A campaign that is up to date.
    """
    simulation = campaign.simulation
    tried = [row for row in simulation.rows if row.attempts]
    starts = [attempt.started_at for row in tried for attempt in row.attempts]
    outcomes = {
        row.contact.to_phone_number: outcome for row in tried if (outcome := row.outcome(simulation.now))
    }
    config = campaign.request.call_retry_config
    report = {
        "campaign": {
            "id": str(campaign.id),
            "agent_name": campaign.assistant.name,
            "first_activity_at": timestamp(min(starts, default=None)),
            "has_activity": bool(starts),
            "is_cancelled": simulation.is_cancelled,
            "last_activity_at": timestamp(max(starts, default=None)),
            "max_attempts_per_contact": simulation.max_attempts,
            "name": campaign.request.name,
            "status": answers.status(campaign),
            "timezone": (config.timezone if config else None) or "UTC",
        },
        "data_extraction": {
            "fields": [field["name"] for field in STRUCTURED_OUTPUT_CONFIG],
            "intro": "What the sandbox made up",
        },
        "effort": {"calls_total": len(starts), "inbound_calls": 0, "outbound_attempts": len(starts)},
        "funnel": _funnel(campaign, tried, outcomes.values()),
        "hot_lead_outcomes": HOT_OUTCOMES,
        "inbound": {"unique_callers": 0},
        "leads": {
            answers.interested: _leads(campaign, tried, "interested"),
            answers.callback_requested: _leads(campaign, tried, "requested_callback_later"),
        },
        "outcome_breakdown": [
            {"count": count, "label": outcome.replace("_", " ").capitalize(), "outcome": outcome}
            for outcome, count in Counter(outcomes.values()).most_common()
        ],
    }
    return to_json({"statistics": report | answers.more_statistics})


def _funnel(campaign: Campaign, tried: list[Row], outcomes: Collection[CallOutcome]) -> dict[str, Any]:
    simulation = campaign.simulation
    called = len(simulation.dialed)
    reached = len({row.contact.to_phone_number for row in tried if _is_reached(row, simulation.now)})
    hot = sum(outcome in HOT_OUTCOMES for outcome in outcomes)
    return {
        "called": {"count": called, "imported_rows": len(simulation.rows)},
        "reached": {
            "count": reached,
            "inbound": 0,
            "outbound": reached,
            "overlap": 0,
            "pct_of_called": _percent(reached, called),
        },
        "real_exchanges": {"count": len(outcomes), "pct_of_reached": _percent(len(outcomes), reached)},
        "hot_leads": {"count": hot, "pct_of_reached": _percent(hot, reached)},
    }


def _leads(campaign: Campaign, tried: list[Row], outcome: CallOutcome) -> list[dict[str, Any]]:
    return [_lead(campaign, row) for row in tried if row.outcome(campaign.simulation.now) == outcome]


def _lead(campaign: Campaign, row: Row) -> dict[str, Any]:
    variables = row.contact.prompt_variables
    names = (variables.get("first_name"), variables.get("last_name"))
    return {
        "attempt_id": attempt_id(campaign, row, len(row.attempts) - 1),
        "call_id": campaign.call_id(row),
        "direction": "outbound",
        "email": variables.get("email"),
        "last_activity_at": timestamp(row.attempts[-1].started_at),
        "name": " ".join(name for name in names if name),
        "phone": row.contact.to_phone_number,
        "summary": None,
    }


@dataclass
class _History:
    count: int = 0
    last_called_at: float | None = None
    outcome_at: float = 0.0
    last_outcome: CallOutcome | None = None
    reached_human: bool = False
    campaigns: dict[str, str] = field(default_factory=dict)

    def add(self, campaign: Campaign, row: Row) -> None:
        now, last = campaign.simulation.now, row.attempts[-1]
        self.count += 1
        self.last_called_at = max(self.last_called_at or 0.0, last.started_at)
        self.reached_human |= _is_reached(row, now)
        self.campaigns[str(campaign.id)] = campaign.request.name
        outcome = row.outcome(now)
        if outcome and last.started_at >= self.outcome_at:
            self.outcome_at, self.last_outcome = last.started_at, outcome


def phone_history(campaigns: Iterable[Campaign], do_not_contact: Collection[str]) -> bytes:
    """
    Return the answer with every number that was called or is marked do-not-contact.

    :param campaigns: All campaigns, deleted ones too, up to date.
    :param do_not_contact: The numbers of people who want no calls.
    """
    people = {number: _History() for number in do_not_contact}
    for campaign in campaigns:
        for row in campaign.simulation.rows:
            number = row.contact.to_phone_number
            if row.attempts and number in campaign.simulation.dialed:
                people.setdefault(number, _History()).add(campaign, row)
    shown = {
        number: {
            "campaigns": [{"id": id_, "name": name} for id_, name in history.campaigns.items()],
            "count": history.count,
            "do_not_contact": number in do_not_contact,
            "hot": history.last_outcome in HOT_OUTCOMES,
            "last_called_at": timestamp(history.last_called_at),
            "last_outcome": history.last_outcome,
            "reached_human": history.reached_human,
        }
        for number, history in people.items()
    }
    return to_json({"phone_history": shown})


def _is_reached(row: Row, now: float) -> bool:
    return any(attempt.result == "human" and attempt.ended_at <= now for attempt in row.attempts)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
