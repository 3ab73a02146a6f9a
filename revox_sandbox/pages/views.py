"""Say what the pages show, as JSON. A view holds no person's data but a number with its middle hidden."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from revox_sandbox.play.people import RowState, is_phone_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from revox_sandbox.api.contract import ContractAnswers
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.people import Row

Part: TypeAlias = Literal["completed", "failed", "calling", "retry", "pending", "not_launched", "cancelled"]
"""A part of a campaign's people. Each person is in one of them."""

CAMPAIGNS_PER_PAGE = 20
ROWS_PER_PAGE = 25
_SHOWN_AT_START, _SHOWN_AT_END = 3, 2


def campaign_view(answers: ContractAnswers, campaign: Campaign) -> dict[str, Any]:
    """
    Return what the list shows of a campaign.

    :param answers: Knows the status.
    :param campaign: A campaign that is up to date.
    """
    simulation = campaign.simulation
    counts = asdict(simulation.counts) | {
        "not_launched": simulation.not_launched,
        "cancelled": simulation.cancelled,
    }
    return {
        "id": str(campaign.id),
        "name": campaign.request.name,
        "state": "cancelled" if simulation.is_cancelled else answers.status(campaign),
        "total": counts["total"],
        "parts": {part: counts[part] for part in get_args(Part)},
        "created_at": _timestamp(campaign.created_at),
        "now": _timestamp(simulation.now),
    }


def detail_view(answers: ContractAnswers, campaign: Campaign, part: Part | None, page: int) -> dict[str, Any]:
    """
    Return what the page of a campaign shows.

    :param answers: Knows the status.
    :param campaign: A campaign that is up to date.
    :param part: The part of its people to show. ``None``: everybody.
    :param page: The page of people, from 1.
    """
    simulation, now = campaign.simulation, campaign.simulation.now
    rows = [row for row in simulation.rows if part_of(row) == part] if part else simulation.rows
    outcomes = Counter(outcome for row in simulation.rows if (outcome := row.outcome(now)))
    start = (page - 1) * ROWS_PER_PAGE
    return campaign_view(answers, campaign) | {
        "outcomes": dict(outcomes.most_common()),
        "attempts": sum(len(row.attempts) for row in simulation.rows),
        "max_attempts": simulation.max_attempts,
        "hours": _hours_view(campaign),
        "page": page,
        "pages": pages(len(rows), ROWS_PER_PAGE),
        "rows": [_row_view(row, now) for row in rows[start : start + ROWS_PER_PAGE]],
    }


def pages(items: int, per_page: int) -> int:
    """Return how many pages the items fill, at least 1."""
    return max(1, -(-items // per_page))


def part_of(row: Row) -> Part:
    """Return the part of the campaign's people that a row is in."""
    if row.state is RowState.PENDING and row.starts_at is None:
        return "not_launched"
    part: Part = row.state.name.lower()  # type: ignore[assignment]  # the names are those of the parts
    return part


def hidden(number: str) -> str:
    """Return a number of which only the start and the end can be read."""
    if not is_phone_number(number):
        return "not a phone number"
    middle = len(number) - _SHOWN_AT_START - _SHOWN_AT_END
    if middle < _SHOWN_AT_START:
        return "•" * len(number)
    return f"{number[:_SHOWN_AT_START]}{'•' * middle}{number[-_SHOWN_AT_END:]}"


def _row_view(row: Row, now: float) -> dict[str, Any]:
    last = row.last_ended(now)
    return {
        "index": row.index,
        "number": hidden(row.contact.to_phone_number),
        "part": part_of(row),
        "attempts": len(row.attempts),
        "result": (last.result or last.dial_error) if last else None,
        "outcome": row.outcome(now),
    }


def _hours_view(campaign: Campaign) -> dict[str, Any]:
    """Return when the campaign calls people, and whether it may call now."""
    hours, now = campaign.simulation.hours, campaign.simulation.now
    return {
        "timezone": str(hours.zone),
        "windows": [f"{window.start:%H:%M} to {window.end:%H:%M}" for window in hours.windows],
        "days": _days_in_words(sorted(hours.days)),
        "local_time": f"{datetime.fromtimestamp(now, hours.zone):%A %H:%M}",
        "is_open": hours.are_open(now),
    }


def _days_in_words(days: Sequence[int]) -> str:
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return "every day" if len(days) == len(names) else ", ".join(names[day] for day in days)


def _timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
