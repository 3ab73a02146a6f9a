from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.client.timestamps import seconds_since_1970, utc_text
from airflow_provider_revox.waiting.progress import (
    MOST_POINTS,
    SECONDS_BETWEEN_PUSHES,
    Progress,
    joined,
    points_of,
    thinned,
)

NOON = 1_795_694_400.0


def campaign(completed: int = 0, status: str = "running", **fields) -> Campaign:
    return Campaign(id="cmp_1", status=status, row_stats={"total": 9, "completed": completed}, **fields)


def point(seconds: float, completed: int = 0) -> dict:
    return {"at": utc_text(NOON + seconds), "state": "running", "counts": {"completed": completed}}


def seconds_of(points):
    return [seconds_since_1970(one["at"]) - NOON for one in points]


def test_a_point_has_time_state_and_counts():
    progress = Progress()
    progress.observe(campaign(4), NOON)
    assert progress.new == [
        {"at": "2026-11-26T12:00:00Z", "state": "running", "counts": {"total": 9, "completed": 4}}
    ]


def test_only_a_change_is_kept():
    progress = Progress()
    for second, seen in enumerate(
        [
            campaign(1),
            campaign(1),
            campaign(2),
            campaign(2, "paused"),
            campaign(2, "paused", is_cancelled=True),
        ]
    ):
        progress.observe(seen, NOON + second)
    assert seconds_of(progress.new) == [0, 2, 3, 4]
    assert [one["state"] for one in progress.new] == ["running", "running", "paused", "cancelled"]


def test_what_an_earlier_part_of_the_wait_has_seen_is_no_change():
    progress = Progress(
        last={"at": utc_text(NOON), "state": "running", "counts": {"total": 9, "completed": 1}}
    )
    progress.observe(campaign(1), NOON + 600)
    assert (progress.new, progress.is_due(NOON + 600)) == ([], False)


@given(st.lists(st.tuples(st.floats(0, 200), st.integers(0, 3)), max_size=60))
def test_a_push_needs_a_change_and_a_minute_since_the_last(polls):
    progress, now, pushes, changes, last = Progress(), NOON, [], 0, None
    for pause, completed in polls:
        now += pause
        changes += completed != last
        last = completed
        progress.observe(campaign(completed), now)
        if progress.is_due(now):
            pushes.append(now)
            progress.new = []
            progress.note_push(now)
    assert all(later - earlier >= SECONDS_BETWEEN_PUSHES for earlier, later in pairwise(pushes))
    assert len(pushes) <= changes
    assert not polls or pushes[0] == NOON + polls[0][0]


def test_a_change_within_the_minute_is_pushed_after_it():
    progress = Progress()
    progress.observe(campaign(1), NOON)
    progress.new = []
    progress.note_push(NOON)
    progress.observe(campaign(2), NOON + 30)
    assert not progress.is_due(NOON + 59)
    progress.observe(campaign(2), NOON + 60)
    assert progress.is_due(NOON + 60)


@given(st.integers(2, 30), st.integers(1, 60))
def test_points_that_are_not_pushed_are_thinned_to_as_many_as_are_wanted(most, polls):
    progress = Progress(None, most)
    for poll in range(polls):
        progress.observe(campaign(poll), NOON + 60 * poll)
    seen = [one["counts"]["completed"] for one in progress.new]
    assert len(seen) == min(most, polls)
    assert (seen[0], seen[-1]) == (0, polls - 1)


def test_a_clock_that_is_set_back_does_not_stop_the_pushes():
    progress = Progress()
    progress.note_push(NOON + 3600)
    progress.observe(campaign(1), NOON)
    assert progress.is_due(NOON)


@given(st.lists(st.integers(0, 10_000), unique=True, max_size=60).map(sorted), st.integers(2, 20))
def test_thinning_keeps_the_first_the_last_and_the_order(times, most):
    points = [point(second) for second in times]
    kept = thinned(points, most)
    assert len(kept) == min(len(points), most)
    assert kept == [one for one in points if one in kept]
    assert not points or (kept[0], kept[-1]) == (points[0], points[-1])


@settings(max_examples=25)
@given(st.integers(201, 1500), st.integers(1, 600))
def test_points_that_came_evenly_stay_even(number, step):
    points: list[dict] = []
    for index in range(number):
        points = joined(points, [point(index * step)])
    gaps = [later - earlier for earlier, later in pairwise(seconds_of(points))]
    assert len(points) == MOST_POINTS
    assert max(gaps) <= 4 * number * step / MOST_POINTS


def test_joining_sorts_and_replaces_what_was_seen_in_the_same_second():
    assert joined([point(5, 1), point(1)], [point(5, 2), point(3)]) == [point(1), point(3), point(5, 2)]


def test_what_is_no_list_of_points_is_no_progress():
    for value in (None, "text", 3, {"at": 1}, [1, None, {}, {"at": "x"}], {"points": []}):
        assert points_of(value) == []
    assert points_of([point(1), "x"]) == [point(1)]
