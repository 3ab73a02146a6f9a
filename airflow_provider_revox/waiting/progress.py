"""
Decide which counts of a campaign are kept over time, and when a task pushes them.

A wait sees the counts at every poll. It keeps a point when they have changed. Nothing here sends or waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from airflow_provider_revox.client.campaign_state import state_in_a_word
from airflow_provider_revox.client.timestamps import seconds_since_1970, utc_text

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign

PROGRESS_KEY = "progress"
"""The XCom with the points."""
MOST_POINTS = 200
SECONDS_BETWEEN_PUSHES = 60.0

Point: TypeAlias = dict[str, Any]
"""``{"at": "2026-11-26T12:00:00Z", "state": "running", "counts": {"total": 3, "pending": 1, ...}}``"""


class Progress:
    """
    The points that a wait has seen and not pushed yet.

    :param last: The last point that an earlier part of this wait has seen.
    :param most_new: How many points to keep, spread evenly over time. At least 2.
    """

    def __init__(self, last: Point | None = None, most_new: int = MOST_POINTS) -> None:
        self.new: list[Point] = []
        self._most_new = most_new
        self.last = last
        self._pushed_at = (seconds_since_1970(last["at"]) or 0.0) if last else 0.0

    def observe(self, campaign: Campaign, now: float) -> None:
        """
        Keep a point if the state or a count has changed.

        :param now: Seconds since 1970.
        """
        counts = campaign.row_stats.to_dict() if campaign.row_stats else {}
        state = state_in_a_word(campaign)
        if self.last is not None and self.last["counts"] == counts and self.last["state"] == state:
            return
        self.last = {"at": utc_text(now), "state": state, "counts": counts}
        self.new = joined(self.new, [self.last], self._most_new)

    def is_due(self, now: float) -> bool:
        """Return whether to push now: there is a new point, and the last push is at least a minute ago."""
        return bool(self.new) and not 0 <= now - self._pushed_at < SECONDS_BETWEEN_PUSHES

    def note_push(self, now: float) -> None:
        """Note that the new points are pushed, or that Airflow did not take them: then they stay new."""
        self._pushed_at = now


def joined(before: Iterable[Point], new: Iterable[Point], most: int = MOST_POINTS) -> list[Point]:
    """Return the points of both in the order of time, thinned. Of two at one second, keep the new one."""
    points = {point["at"]: point for point in (*before, *new)}
    return thinned([points[at] for at in sorted(points)], most)


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """
    Return at most so many points, spread evenly over time. The first and the last always stay.

    :param points: In the order of time.
    :param most: At least 2.
    """
    kept = list(points)
    times = [seconds_since_1970(point["at"]) or 0.0 for point in kept] if len(kept) > most else []
    while len(kept) > most:
        # Drop the point whose two neighbours are closest to each other in time.
        least = min(range(1, len(kept) - 1), key=lambda index: times[index + 1] - times[index - 1])
        del kept[least], times[least]
    return kept


def points_of(value: Any) -> list[Point]:
    """Return the points of an XCom. There are none if it is missing, or if it is something else."""
    if not isinstance(value, (list, tuple)):
        return []
    return [point for point in value if isinstance(point, dict) and {"at", "state", "counts"} <= point.keys()]
