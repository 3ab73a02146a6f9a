"""Take the counts out of Revox's statistics. Their leads are people and are never read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.plugin.plain import count_of, word_of

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Statistics

MOST_ITEMS = 50


def counted_statistics(statistics: Statistics) -> dict[str, Any]:
    """Return ``{"outcomes": [{"outcome", "count"}], "funnel": [{"step", "count"}]}``."""
    outcomes = [
        {"outcome": outcome, "count": count}
        for one in (statistics.outcome_breakdown or [])[:MOST_ITEMS]
        if (outcome := word_of(one.get("outcome"))) and (count := count_of(one.get("count"))) is not None
    ]
    funnel = [
        {"step": step, "count": count}
        for name, value in list((statistics.funnel or {}).items())[:MOST_ITEMS]
        if (step := word_of(name)) and (count := _count_of_step(value)) is not None
    ]
    return {"outcomes": outcomes, "funnel": funnel}


def _count_of_step(value: Any) -> int | None:
    return count_of(value.get("count") if isinstance(value, Mapping) else value)
