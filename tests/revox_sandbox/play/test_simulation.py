from __future__ import annotations

import random
from dataclasses import astuple
from datetime import UTC, datetime, time

import pytest

from revox_sandbox.api.bodies import Contact
from revox_sandbox.play.calling_hours import CallingHours, Window
from revox_sandbox.play.outcomes import Outcome, SeededDraw
from revox_sandbox.play.people import RowCounts
from revox_sandbox.play.simulation import Simulation
from revox_sandbox.settings import DEFAULT_CALL_ENDS

START = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()
HUMAN = Outcome("human", 10, 60)
NO_ANSWER = Outcome("no_answer", 30)


def simulate(
    people=10,
    *,
    draw=None,
    seed=0,
    lines=50,
    attempts=3,
    delay=600,
    window=None,
    scheduled_at=None,
    numbers=None,
):
    numbers = numbers or [f"+1415555{index:04}" for index in range(people)]
    start, end = map(time.fromisoformat, window or ("00:00", "00:00"))
    return Simulation(
        [Contact(to_phone_number=number, prompt_variables={}) for number in numbers],
        now=START,
        draw=draw or SeededDraw(seed, 0, DEFAULT_CALL_ENDS),
        hours=CallingHours([Window(start, end, delay)], attempts),
        max_concurrent_calls=lines,
        scheduled_at=scheduled_at,
    )


def always(outcome):
    return lambda _row, _attempt: outcome


def in_turn(*outcomes):
    return lambda _row, attempt: outcomes[attempt]


def statuses(simulation):
    return [simulation.call_status(row) for row in simulation.rows]


def history(simulation):
    simulation.advance(START + 10**6)
    return [[astuple(attempt) for attempt in row.attempts] for row in simulation.rows]


def test_a_call_rings_is_answered_and_completes():
    simulation = simulate(1, draw=always(HUMAN))
    assert (statuses(simulation), simulation.status) == (["calling"], "running")
    simulation.advance(START + 69.9)
    assert statuses(simulation) == ["calling"]
    simulation.advance(START + 70)
    assert (statuses(simulation), simulation.status) == (["completed"], "completed")


def test_a_campaign_without_people_is_completed_at_once():
    simulation = simulate(0)
    assert simulation.status == "completed"
    assert simulation.counts == RowCounts(0, 0, 0, 0, 0, 0)


def test_a_person_who_does_not_answer_is_called_again_after_the_delay():
    simulation = simulate(1, draw=in_turn(NO_ANSWER, HUMAN), delay=600)
    simulation.advance(START + 30)
    assert (statuses(simulation), simulation.counts.retry) == (["queued_for_calling"], 1)
    simulation.advance(START + 629)
    assert simulation.counts.retry == 1
    simulation.advance(START + 630)
    assert (statuses(simulation), simulation.counts.calling) == (["calling"], 1)
    simulation.advance(START + 700)
    assert simulation.counts.completed == 1


@pytest.mark.parametrize("end", ["no_answer", "busy", "voicemail"])
def test_attempts_are_limited(end):
    simulation = simulate(1, draw=always(Outcome(end, 5)), attempts=2)
    simulation.advance(START + 10**6)
    assert (statuses(simulation), len(simulation.rows[0].attempts)) == (["errored"], 2)
    assert simulation.counts.failed == 1


def test_a_text_that_is_no_number_fails_without_being_dialed():
    simulation = simulate(numbers=["my aunt", "+14155550100"], draw=always(HUMAN))
    simulation.advance(START + 100)
    assert statuses(simulation) == ["errored", "completed"]
    assert simulation.rows[0].attempts[0].dial_error == "number_non_attributed"
    assert simulation.dialed == {"+14155550100"}


def test_a_scheduled_campaign_dials_nobody_before_its_time():
    simulation = simulate(3, scheduled_at=START + 3600)
    simulation.advance(START + 3599)
    assert statuses(simulation) == ["scheduled"] * 3
    assert (simulation.counts.pending, simulation.dialed, simulation.status) == (3, set(), "running")
    simulation.advance(START + 3600)
    assert statuses(simulation) == ["calling"] * 3


def test_a_campaign_scheduled_in_the_past_starts_at_once():
    assert statuses(simulate(1, scheduled_at=START - 3600)) == ["calling"]


def test_calls_wait_for_a_free_line():
    simulation = simulate(3, draw=always(HUMAN), lines=2)
    assert statuses(simulation) == ["calling", "calling", "queued_for_calling"]
    simulation.advance(START + 70)
    assert statuses(simulation) == ["completed", "completed", "calling"]


def test_people_who_are_due_again_come_before_new_ones():
    draw = lambda row, attempt: NO_ANSWER if (row, attempt) == (0, 0) else HUMAN  # noqa: E731
    simulation = simulate(20, draw=draw, lines=1, delay=100)
    simulation.advance(START + 30 + 140)
    assert simulation.counts.retry == 0
    assert len(simulation.rows[0].attempts) == 2


@pytest.mark.parametrize("lines", [1, 3, 10])
@pytest.mark.parametrize("seed", range(3))
def test_there_are_never_more_calls_at_once_than_lines(lines, seed):
    changes = []
    for attempts in history(simulate(60, seed=seed, lines=lines)):
        for started_at, ended_at, *_ in attempts:
            changes += [(started_at, 1), (ended_at, -1)]
    at_once, most = 0, 0
    for _, change in sorted(changes):
        at_once += change
        most = max(most, at_once)
    assert most == lines


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("cancel_at", [None, 0, 7])
def test_counts_always_add_up(seed, cancel_at):
    steps = random.Random(seed)
    simulation = simulate(40, seed=seed, lines=8)
    for step in range(400):
        if step == cancel_at:
            simulation.cancel()
        simulation.advance(simulation.now + steps.uniform(0, 60))
        counts = simulation.counts
        cancelled = statuses(simulation).count("cancelled")
        assert counts.total == 40
        assert sum(astuple(counts)[1:]) + cancelled == 40
        assert counts.calling == statuses(simulation).count("calling")
        assert counts.completed == statuses(simulation).count("completed")
        assert counts.failed == statuses(simulation).count("errored")
        assert counts.pending == sum(not row.attempts for row in simulation.rows) - (
            sum(not row.attempts for row in simulation.rows if simulation.call_status(row) == "cancelled")
        )
    assert simulation.status == "completed"


def test_the_same_seed_has_the_same_history_however_often_one_looks():
    often = simulate(30, lines=4)
    for second in range(0, 20_000, 7):
        often.advance(START + second)
    assert history(often) == history(simulate(30, lines=4))


def test_another_seed_has_another_history():
    assert history(simulate(30)) != history(simulate(30, seed=1))


@pytest.mark.parametrize("window", [("09:00", "12:30"), ("13:00", "14:00"), ("22:00", "01:00")])
def test_calls_start_inside_the_windows_only(window):
    simulation = simulate(30, lines=2, window=window, delay=3000)
    hours = simulation.hours
    for attempts in history(simulation):
        assert attempts
        assert all(hours.are_open(started_at) for started_at, *_ in attempts)
    assert simulation.status == "completed"


def test_outside_the_windows_the_campaign_waits():
    simulation = simulate(1, window=("13:00", "14:00"), draw=always(HUMAN))
    simulation.advance(START + 3599)
    assert statuses(simulation) == ["queued_for_calling"]
    simulation.advance(START + 3600)
    assert statuses(simulation) == ["calling"]


def test_cancelling_aborts_what_waits_and_lets_calls_finish():
    simulation = simulate(3, draw=always(HUMAN), lines=1)
    assert simulation.cancel() is True
    assert simulation.is_cancelled
    assert statuses(simulation) == ["calling", "cancelled", "cancelled"]
    assert (simulation.status, simulation.counts.pending) == ("running", 0)
    simulation.advance(START + 70)
    assert statuses(simulation) == ["completed", "cancelled", "cancelled"]
    assert (simulation.status, len(simulation.dialed)) == ("completed", 1)


def test_cancelling_aborts_another_attempt():
    simulation = simulate(1, draw=always(NO_ANSWER))
    simulation.advance(START + 30)
    simulation.cancel()
    assert (statuses(simulation), simulation.counts.retry) == (["cancelled"], 0)
    assert len(history(simulation)[0]) == 1


def test_a_call_in_progress_that_fails_after_cancelling_is_not_tried_again():
    simulation = simulate(1, draw=always(NO_ANSWER))
    simulation.cancel()
    simulation.advance(START + 10**6)
    assert (statuses(simulation), len(simulation.rows[0].attempts)) == (["cancelled"], 1)


def test_cancelling_twice_is_as_good_as_once():
    simulation = simulate(1, draw=always(HUMAN))
    assert simulation.cancel() is True
    simulation.advance(START + 70)
    assert simulation.cancel() is True


def test_a_completed_campaign_cannot_be_cancelled():
    simulation = simulate(1, draw=always(HUMAN))
    simulation.advance(START + 70)
    assert simulation.cancel() is False
    assert not simulation.is_cancelled


def test_time_does_not_go_backwards():
    simulation = simulate(1, draw=always(HUMAN))
    simulation.advance(START + 70)
    simulation.advance(START)
    assert (simulation.now, simulation.status) == (START + 70, "completed")


def test_the_last_change_is_remembered():
    simulation = simulate(1, draw=always(HUMAN))
    simulation.advance(START + 500)
    assert simulation.updated_at == START + 70
