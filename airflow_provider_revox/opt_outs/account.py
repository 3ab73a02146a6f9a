"""Count what became of the people who were taken out of campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from airflow_provider_revox.opt_outs.calls import Call, Look

Outcome = Literal[
    "open", "in_progress", "cancelled", "already_reached", "already_cancelled", "already_failed"
]
OUTCOMES: tuple[Outcome, ...] = (
    "open",
    "in_progress",
    "cancelled",
    "already_reached",
    "already_cancelled",
    "already_failed",
)
"""
What became of a person. Somebody with several calls counts once, under the first that fits.

``open``: Revox may still start an attempt. ``in_progress``: an attempt was in progress when the task looked.
``cancelled``: a call was cancelled, and no attempt was in progress. The others: the task found nothing to
cancel.
"""


class Account:
    """
    Accounts for every person. Nothing that it returns is personal.

    :param given: How many people are to be taken out.
    """

    def __init__(self, given: int) -> None:
        self.given = given
        self.ended_campaigns = 0
        """How many campaigns had ended, so that their rows were not read."""
        self._seen: dict[str, dict[str, tuple[str, Look, Look, bool]]] = {}
        """By campaign and row: the person, the first and the last look, and whether one was in progress."""

    def note(self, campaign_id: str, calls: Iterable[Call]) -> None:
        """Note what the rows of a campaign show now."""
        seen = self._seen.setdefault(campaign_id, {})
        for call in calls:
            _, first, _, in_progress = seen.get(call.row_id, ("", call.look, call.look, False))
            in_progress = in_progress or call.look == "in_progress"
            seen[call.row_id] = (call.number, first, call.look, in_progress)

    def has_seen(self, campaign_id: str) -> bool:
        """Return whether the rows of a campaign were read."""
        return campaign_id in self._seen

    def counts(self, campaign_id: str | None = None) -> dict[str, int]:
        """
        Return how many people have each outcome.

        :param campaign_id: Count in this campaign alone. Default: over all campaigns.
        """
        people: dict[str, Outcome] = {}
        for seen_in, rows in self._seen.items():
            for number, first, last, in_progress in rows.values() if campaign_id in (None, seen_in) else ():
                outcome = _outcome(first, last, in_progress=in_progress)
                people[number] = min(outcome, people.get(number, outcome), key=OUTCOMES.index)
        found = Counter(people.values())
        return {"found": len(people), **{outcome: found[outcome] for outcome in OUTCOMES}}

    def of_everybody(self) -> dict[str, int]:
        """Return the counts as metrics: what became of each person on the list, also if a call is open."""
        counts = self.counts()
        found = counts.pop("found")
        return {"given": self.given, **counts, "not_found": self.given - found}

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as they are pushed to XCom: for a task that has left no call open."""
        counts = self.counts()
        del counts["open"]
        return {
            "ended_campaigns": self.ended_campaigns,
            "given": self.given,
            **counts,
            "not_found": self.given - counts["found"],
        }

    def __str__(self) -> str:
        counts = self.counts()
        found = ", ".join(
            f"{counts[outcome]:,} {outcome.replace('_', ' ')}" for outcome in OUTCOMES if counts[outcome]
        )
        parts = [found] if found else []
        parts.append(f"{self.given - counts['found']:,} not found")
        return f"{self.given:,} given: {', '.join(parts)}"


def _outcome(first: Look, last: Look, *, in_progress: bool) -> Outcome:
    if last == "open":
        return "open"
    if in_progress:
        return "in_progress"
    if first == "open":
        # A call that has ended between two looks was in progress between them.
        return "cancelled" if last == "cancelled" else "in_progress"
    return _ALREADY[last]


_ALREADY: dict[Look, Outcome] = {
    "cancelled": "already_cancelled",
    "reached": "already_reached",
    "failed": "already_failed",
}
