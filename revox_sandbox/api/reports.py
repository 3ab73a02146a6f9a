"""What the later generations tell about a campaign, and about everybody who was ever called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from revox_sandbox.api.contract import STRUCTURED_OUTPUT_CONFIG, attempt_id, call_id, moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from revox_sandbox.api.contract import Wire
    from revox_sandbox.play.outcomes import CallOutcome
    from revox_sandbox.play.people import Row
    from revox_sandbox.play.store import Campaign

HOT_OUTCOMES: tuple[CallOutcome, ...] = ("interested", "requested_callback_later")


class Statistics:
    """
    The report on a campaign. People are counted, not calls: a number that is there twice is one person.

    :param interested: What the generation calls the people who are interested.
    :param callback: What it calls those who asked to be called again.
    :param more: What else its report has.
    """

    def __init__(self, interested: str, callback: str, **more: Any) -> None:
        self._interested = interested
        self._callback = callback
        self._more = more

    def __call__(self, wire: Wire, campaign: Campaign) -> bytes:
        """
        Return the answer.

        :param wire: Says what the campaign's status is.
        :param campaign: Up to date.
        """
        simulation = campaign.simulation
        tried = [row for row in simulation.rows if row.attempts]
        reached = {row.contact.to_phone_number for row in tried if _reached(row, simulation.now)}
        outcomes = {
            row.contact.to_phone_number: outcome for row in tried if (outcome := row.outcome(simulation.now))
        }
        leads: dict[str, list[dict[str, Any]]] = {self._interested: [], self._callback: []}
        for row in tried:
            outcome = row.outcome(simulation.now)
            if outcome in HOT_OUTCOMES:
                kind = self._interested if outcome == "interested" else self._callback
                leads[kind].append(_lead(campaign, row))
        hot = sum(outcome in HOT_OUTCOMES for outcome in outcomes.values())
        attempts = [attempt for row in tried for attempt in row.attempts]
        config = campaign.request.call_retry_config
        report = {
            "campaign": {
                "id": str(campaign.id),
                "agent_name": f"Sandbox assistant {campaign.assistant.id}",
                "first_activity_at": moment(min((one.started_at for one in attempts), default=None)),
                "has_activity": bool(attempts),
                "is_cancelled": simulation.is_cancelled,
                "last_activity_at": moment(max((one.started_at for one in attempts), default=None)),
                "max_attempts_per_contact": simulation.max_attempts,
                "name": campaign.request.name,
                "status": wire.status(campaign),
                "timezone": (config.timezone if config else None) or "UTC",
            },
            "data_extraction": {
                "fields": [field["name"] for field in STRUCTURED_OUTPUT_CONFIG],
                "intro": "What the sandbox made up",
            },
            "effort": {
                "calls_total": len(attempts),
                "inbound_calls": 0,
                "outbound_attempts": len(attempts),
            },
            "funnel": {
                "called": {"count": len(simulation.dialed), "imported_rows": len(simulation.rows)},
                "reached": {
                    "count": len(reached),
                    "inbound": 0,
                    "outbound": len(reached),
                    "overlap": 0,
                    "pct_of_called": _percent(len(reached), len(simulation.dialed)),
                },
                "real_exchanges": {
                    "count": len(outcomes),
                    "pct_of_reached": _percent(len(outcomes), len(reached)),
                },
                "hot_leads": {"count": hot, "pct_of_reached": _percent(hot, len(reached))},
            },
            "hot_lead_outcomes": HOT_OUTCOMES,
            "inbound": {"unique_callers": 0},
            "leads": leads,
            "outcome_breakdown": [
                {"count": count, "label": outcome.replace("_", " ").capitalize(), "outcome": outcome}
                for outcome, count in Counter(outcomes.values()).most_common()
            ],
        }
        return to_json({"statistics": report | self._more})


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
        self.reached_human |= _reached(row, now)
        self.campaigns[str(campaign.id)] = campaign.request.name
        outcome = row.outcome(now)
        if outcome and last.started_at >= self.outcome_at:
            self.outcome_at, self.last_outcome = last.started_at, outcome


def phone_history(campaigns: Iterable[Campaign], do_not_contact: Collection[str]) -> bytes:
    """
    Return the answer that tells of every number that was called, or must not be.

    :param campaigns: All there ever were, up to date.
    :param do_not_contact: Numbers of people who want no calls.
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
            "last_called_at": moment(history.last_called_at),
            "last_outcome": history.last_outcome,
            "reached_human": history.reached_human,
        }
        for number, history in people.items()
    }
    return to_json({"phone_history": shown})


def _reached(row: Row, now: float) -> bool:
    return any(attempt.result == "human" and attempt.ended_at <= now for attempt in row.attempts)


def _lead(campaign: Campaign, row: Row) -> dict[str, Any]:
    variables = row.contact.prompt_variables
    names = (variables.get("first_name"), variables.get("last_name"))
    return {
        "attempt_id": attempt_id(campaign, row, len(row.attempts) - 1),
        "call_id": call_id(campaign, row),
        "direction": "outbound",
        "email": variables.get("email"),
        "last_activity_at": moment(row.attempts[-1].started_at),
        "name": " ".join(name for name in names if name),
        "phone": row.contact.to_phone_number,
        "summary": None,
    }


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
