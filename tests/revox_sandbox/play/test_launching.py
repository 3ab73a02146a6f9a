"""Campaigns that are not launched, launched in parts and again, paused and changed."""

from __future__ import annotations

import random
from dataclasses import astuple
from datetime import UTC, datetime

import pytest

from revox_sandbox.play.calling_hours import CallingHours
from revox_sandbox.play.outcomes import SeededDraw
from revox_sandbox.play.people import Launched
from revox_sandbox.settings import DEFAULT_CALL_ENDS
from tests.revox_sandbox.play.simulations import (
    EVERY_DAY,
    FOREVER,
    HUMAN,
    NO_ANSWER,
    START,
    SUNDAY,
    THURSDAY,
    dialed,
    hours,
    simulate,
    statuses,
)


def test_rows_that_are_not_launched_are_not_dialed():
    simulation = simulate()
    simulation.advance(FOREVER)
    assert (statuses(simulation), dialed(simulation)) == (["not_launched"] * 4, [])
    assert (simulation.status, simulation.is_launched) == ("running", False)
    assert (simulation.not_launched, simulation.counts.pending) == (4, 0)


def test_a_part_is_launched():
    simulation = simulate()
    assert simulation.launch(simulation.rows[1:3]) == Launched(2, 0, 0, 0)
    simulation.advance(FOREVER)
    assert statuses(simulation) == ["not_launched", "completed", "completed", "not_launched"]
    assert (dialed(simulation), simulation.not_launched, simulation.status) == ([1, 2], 2, "running")


def test_launching_at_once_again_changes_nothing():
    simulation = simulate(lines=1)
    simulation.launch(simulation.rows)
    assert simulation.launch(simulation.rows) == Launched(3, 1, 0, 0)
    simulation.advance(FOREVER)
    assert [len(row.attempts) for row in simulation.rows] == [1, 1, 1, 1]
    assert not simulation.dialed_again


def test_a_schedule_is_replaced_by_a_later_launch():
    simulation = simulate(2)
    simulation.launch(simulation.rows, START + 100)
    simulation.launch(simulation.rows[:1], START + 500)
    simulation.launch(simulation.rows[1:])
    assert statuses(simulation) == ["scheduled", "calling"]
    simulation.advance(START + 499)
    assert dialed(simulation) == [1]
    simulation.advance(START + 500)
    assert statuses(simulation) == ["calling", "completed"]
    simulation.advance(FOREVER)
    assert [len(row.attempts) for row in simulation.rows] == [1, 1]


def test_the_same_schedule_twice_dials_once():
    simulation = simulate(2)
    for _ in range(2):
        simulation.launch(simulation.rows, START + 100)
    simulation.advance(FOREVER)
    assert [len(row.attempts) for row in simulation.rows] == [1, 1]


def test_a_completed_call_is_made_again_when_it_is_launched_again_and_that_shows():
    simulation = simulate(2, launch=True, hours=hours(attempts=2, days=EVERY_DAY))
    simulation.advance(FOREVER)
    assert simulation.launch(simulation.rows[:1]) == Launched(1, 0, 0, 0)
    simulation.advance(FOREVER + 1000)
    assert simulation.launch(simulation.rows) == Launched(1, 0, 1, 0)
    assert simulation.dialed == {"+14155550000", "+14155550001"}
    assert simulation.dialed_again == {"+14155550000": 1, "+14155550001": 1}


def test_a_number_that_is_there_twice_is_dialed_again_after_its_answer():
    simulation = simulate(numbers=["+14155550100", "+14155550100"], launch=True, lines=1)
    simulation.advance(FOREVER)
    assert simulation.dialed_again == {"+14155550100": 1}


def test_a_call_that_waits_for_its_next_attempt_is_made_at_once_when_it_is_launched_again():
    draw = lambda _row, attempt: (NO_ANSWER, HUMAN)[attempt]  # noqa: E731
    simulation = simulate(1, launch=True, draw=draw, hours=hours())
    simulation.advance(START + 60)
    assert statuses(simulation) == ["queued_for_calling"]
    simulation.launch(simulation.rows)
    assert statuses(simulation) == ["calling"]
    simulation.advance(FOREVER)
    assert len(simulation.rows[0].attempts) == 2
    assert not simulation.dialed_again


def test_a_cancelled_campaign_launches_nothing():
    simulation = simulate(2)
    assert simulation.cancel() is True
    assert simulation.launch(simulation.rows) == Launched(0, 0, 0, 2)
    simulation.advance(FOREVER)
    assert (statuses(simulation), dialed(simulation)) == (["cancelled"] * 2, [])
    assert (simulation.status, simulation.not_launched, simulation.cancelled) == ("completed", 0, 2)


def test_a_paused_campaign_lets_calls_finish_and_holds_the_others():
    simulation = simulate(3, launch=True, lines=1)
    assert simulation.pause() is True
    assert (statuses(simulation), simulation.status) == (["calling", "paused", "paused"], "paused")
    simulation.advance(FOREVER)
    assert (statuses(simulation), simulation.status) == (["completed", "paused", "paused"], "paused")
    assert simulation.resume() is True
    assert (statuses(simulation), simulation.status) == (
        ["completed", "calling", "queued_for_calling"],
        "running",
    )


def test_schedules_and_delays_go_on_in_a_pause():
    draw = lambda _row, attempt: (NO_ANSWER, HUMAN)[attempt]  # noqa: E731
    simulation = simulate(2, draw=draw, hours=hours(delay=600))
    simulation.launch(simulation.rows[:1])
    simulation.launch(simulation.rows[1:], START + 5000)
    simulation.advance(START + 100)
    simulation.pause()
    simulation.advance(START + 700)
    assert statuses(simulation) == ["paused", "paused"]
    simulation.resume()
    assert statuses(simulation) == ["calling", "scheduled"]


@pytest.mark.parametrize("over", ["completed", "cancelled"])
def test_a_campaign_that_is_over_is_neither_paused_nor_resumed(over):
    simulation = simulate(2, launch=True, lines=1)
    if over == "cancelled":
        simulation.cancel()
    else:
        simulation.advance(FOREVER)
    assert (simulation.pause(), simulation.resume()) == (False, False)


def test_pausing_and_resuming_again_is_as_good_as_once():
    simulation = simulate(2, launch=True)
    assert (simulation.pause(), simulation.pause()) == (True, True)
    assert (simulation.resume(), simulation.resume()) == (True, True)


def test_a_campaign_without_anybody_present_is_not_resumed():
    simulation = simulate(2, launch=True, paused_reason="no_presence")
    assert (simulation.pause(), simulation.resume()) == (True, False)
    simulation.advance(FOREVER)
    assert (simulation.status, simulation.paused_reason, dialed(simulation)) == ("paused", "no_presence", [])


def test_calls_follow_a_change_of_hours():
    simulation = simulate(1, launch=True, hours=hours(days=[SUNDAY]))
    simulation.advance(START + 60)
    assert statuses(simulation) == ["queued_for_calling"]
    simulation.change(hours(), 1)
    assert statuses(simulation) == ["calling"]


def test_more_lines_let_more_calls_start():
    simulation = simulate(3, launch=True, lines=1)
    simulation.change(CallingHours(), 3)
    assert statuses(simulation) == ["calling"] * 3


def test_nobody_is_called_on_another_day():
    simulation = simulate(1, launch=True, hours=hours(days=[THURSDAY]))
    simulation.advance(FOREVER)
    started = datetime.fromtimestamp(simulation.rows[0].attempts[0].started_at, UTC)
    assert (started.strftime("%A"), started.hour) == ("Thursday", 0)


def test_the_second_attempt_follows_the_first_at_once_if_so_asked():
    simulation = simulate(
        1, launch=True, draw=lambda *_: NO_ANSWER, hours=hours(delay=600, twice_in_a_row=True)
    )
    simulation.advance(FOREVER)
    starts = [attempt.started_at - START for attempt in simulation.rows[0].attempts]
    assert starts == [0, 30, 60 + 600]


def test_the_outcome_is_known_some_time_after_the_talk():
    simulation = simulate(1, launch=True, post_processing_seconds=10)
    row = simulation.rows[0]
    simulation.advance(START + 75)
    assert (statuses(simulation), row.outcome(simulation.now), simulation.status) == (
        ["post_processing"],
        None,
        "running",
    )
    simulation.launch([row])
    simulation.advance(START + 80)
    assert (statuses(simulation), row.outcome(simulation.now)) == (["completed"], "interested")
    assert len(row.attempts) == 1


@pytest.mark.parametrize("seed", range(8))
def test_at_all_times_only_launched_rows_are_dialed_and_counts_add_up(seed):
    steps = random.Random(seed)
    simulation = simulate(
        40, draw=SeededDraw(seed, 0, DEFAULT_CALL_ENDS), lines=5, post_processing_seconds=10
    )
    launched = set()
    for _ in range(300):
        match steps.randrange(7):
            case 0:
                not_launched = [row for row in simulation.rows if row.starts_at is None]
                part = steps.sample(not_launched, min(3, len(not_launched)))
                assert simulation.launch(part, simulation.now + steps.choice([0, 500])).launched == len(part)
                launched |= {row.index for row in part}
            case 1:
                known = sorted(launched)
                part = [simulation.rows[index] for index in steps.sample(known, min(3, len(known)))]
                waiting = [row for row in part if simulation.call_status(row) not in ("completed", "errored")]
                simulation.launch(waiting)
            case 2:
                simulation.pause()
            case 3:
                simulation.resume()
            case _:
                simulation.advance(simulation.now + steps.uniform(0, 200))
        counts = simulation.counts
        assert set(dialed(simulation)) <= launched
        assert sum(astuple(counts)[1:]) + simulation.not_launched == counts.total == 40
        assert counts.calling <= 5
    for row in simulation.rows:
        for before, after in zip(row.attempts, row.attempts[1:], strict=False):
            assert before.processed_at <= after.started_at
        assert len(row.attempts) <= 3
    assert not simulation.dialed_again
