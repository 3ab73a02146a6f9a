"""Single calls that are cancelled, paused and resumed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from revox_sandbox.play.people import Launched
from tests.revox_sandbox.play.simulations import (
    FOREVER,
    HUMAN,
    NO_ANSWER,
    START,
    dialed,
    hours,
    simulate,
    statuses,
)


def test_a_cancelled_call_is_never_made():
    simulation = simulate(lines=1, launch=True)
    assert [simulation.cancel_call(simulation.rows[index]) for index in (1, 3)] == [True, True]
    simulation.advance(FOREVER)
    assert statuses(simulation) == ["completed", "cancelled", "completed", "cancelled"]
    assert (dialed(simulation), simulation.cancelled, simulation.status) == ([0, 2], 2, "completed")


def test_a_call_that_is_not_launched_is_cancelled_and_never_launched():
    simulation = simulate()
    assert simulation.cancel_call(simulation.rows[1])
    assert (simulation.not_launched, simulation.cancelled) == (3, 1)
    assert simulation.launch(simulation.rows) == Launched(3, 0, 0, 1)
    simulation.advance(FOREVER)
    assert dialed(simulation) == [0, 2, 3]


def test_a_scheduled_call_is_cancelled():
    simulation = simulate(2, launch=True, scheduled_at=START + 100)
    simulation.cancel_call(simulation.rows[0])
    simulation.advance(FOREVER)
    assert statuses(simulation) == ["cancelled", "completed"]


def test_an_attempt_in_progress_goes_on_and_no_other_one_follows():
    ends = {0: HUMAN, 1: NO_ANSWER}
    simulation = simulate(2, launch=True, draw=lambda row, _: ends[row])
    assert [simulation.cancel_call(row) for row in simulation.rows] == [True, True]
    assert statuses(simulation) == ["calling", "calling"]
    simulation.advance(FOREVER)
    assert statuses(simulation) == ["completed", "cancelled"]
    assert [len(row.attempts) for row in simulation.rows] == [1, 1]


def test_a_person_who_was_cancelled_in_a_talk_is_not_launched_again():
    simulation = simulate(1, launch=True)
    simulation.cancel_call(simulation.rows[0])
    simulation.advance(FOREVER)
    assert simulation.launch(simulation.rows) == Launched(0, 0, 0, 1)


def test_a_call_that_waits_for_its_next_attempt_is_cancelled():
    simulation = simulate(1, launch=True, draw=lambda *_: NO_ANSWER)
    simulation.advance(START + 60)
    assert simulation.counts.retry == 1
    assert simulation.cancel_call(simulation.rows[0])
    simulation.advance(FOREVER)
    assert (statuses(simulation), len(simulation.rows[0].attempts)) == (["cancelled"], 1)


def test_a_call_that_is_over_stays_as_it_is():
    ends = {0: HUMAN, 1: NO_ANSWER}
    simulation = simulate(2, launch=True, draw=lambda row, _: ends[row], hours=hours(attempts=1))
    simulation.advance(FOREVER)
    for change in (simulation.cancel_call, simulation.pause_call, simulation.resume_call):
        assert [change(row) for row in simulation.rows] == [False, False]
    assert statuses(simulation) == ["completed", "errored"]


def test_cancelling_again_says_that_the_call_is_cancelled():
    simulation = simulate(1)
    row = simulation.rows[0]
    assert [simulation.cancel_call(row) for _ in range(3)] == [True] * 3
    assert (simulation.pause_call(row), simulation.resume_call(row)) == (False, False)
    assert simulation.not_launched == 0
    assert simulation.status == "completed"


def test_a_paused_call_is_held_and_the_others_go_on():
    simulation = simulate(lines=1, launch=True)
    assert simulation.pause_call(simulation.rows[1])
    simulation.advance(FOREVER)
    assert statuses(simulation) == ["completed", "paused", "completed", "completed"]
    assert (simulation.status, simulation.counts.pending) == ("running", 1)
    assert simulation.resume_call(simulation.rows[1])
    simulation.advance(FOREVER + 3600)
    assert statuses(simulation) == ["completed"] * 4


def test_a_paused_attempt_in_progress_goes_on_and_the_next_one_is_held():
    simulation = simulate(1, launch=True, draw=lambda *_: NO_ANSWER)
    simulation.pause_call(simulation.rows[0])
    assert statuses(simulation) == ["calling"]
    simulation.advance(FOREVER)
    assert (statuses(simulation), len(simulation.rows[0].attempts)) == (["paused"], 1)
    simulation.resume_call(simulation.rows[0])
    assert len(simulation.rows[0].attempts) == 2


def test_resuming_does_not_shorten_a_schedule_or_a_delay():
    simulation = simulate(1, launch=True, scheduled_at=START + 1000)
    simulation.pause_call(simulation.rows[0])
    simulation.advance(START + 10)
    assert simulation.resume_call(simulation.rows[0])
    simulation.advance(START + 999)
    assert statuses(simulation) == ["scheduled"]
    simulation.advance(START + 1000)
    assert statuses(simulation) == ["calling"]


def test_a_call_that_is_not_launched_is_neither_paused_nor_resumed():
    simulation = simulate(1)
    row = simulation.rows[0]
    assert (simulation.pause_call(row), simulation.resume_call(row)) == (False, False)
    assert statuses(simulation) == ["not_launched"]


def test_launching_a_paused_call_makes_it():
    simulation = simulate(1, launch=True, scheduled_at=START + 1000)
    simulation.pause_call(simulation.rows[0])
    assert simulation.launch(simulation.rows).launched == 1
    simulation.advance(FOREVER)
    assert statuses(simulation) == ["completed"]


def test_a_paused_campaign_holds_a_call_that_is_resumed():
    simulation = simulate(2, launch=True, lines=1)
    row = simulation.rows[1]
    simulation.pause_call(row)
    simulation.pause()
    simulation.resume_call(row)
    simulation.advance(FOREVER)
    assert statuses(simulation) == ["completed", "paused"]
    simulation.resume()
    simulation.advance(FOREVER + 3600)
    assert statuses(simulation) == ["completed", "completed"]


def test_a_cancelled_campaign_resumes_no_call():
    simulation = simulate(2, launch=True, lines=1)
    simulation.pause_call(simulation.rows[0])
    simulation.cancel()
    assert [simulation.resume_call(row) for row in simulation.rows] == [False, False]
    simulation.advance(FOREVER)
    assert statuses(simulation) == ["completed", "cancelled"]


STEPS = st.tuples(
    st.sampled_from(["cancel_call", "pause_call", "resume_call", "launch", "advance", "pause", "resume"]),
    st.integers(0, 2),
    st.sampled_from([0.0, 7.0, 40.0, 7300.0]),
)


@given(st.lists(STEPS, max_size=12), st.integers(1, 3), st.lists(st.booleans(), min_size=9, max_size=9))
def test_whatever_happens_a_cancelled_call_gets_no_new_attempt_and_all_counts_add_up(steps, lines, reached):
    simulation = simulate(
        3, lines=lines, draw=lambda row, attempt: HUMAN if reached[row * 3 + attempt % 3] else NO_ANSWER
    )
    attempts_at_cancel: dict[int, int] = {}
    for step, index, seconds in steps:
        row = simulation.rows[index]
        if step == "advance":
            simulation.advance(simulation.now + seconds)
        elif step == "launch":
            simulation.launch([row])
        elif step in ("pause", "resume"):
            getattr(simulation, step)()
        elif getattr(simulation, step)(row) and step == "cancel_call":
            attempts_at_cancel.setdefault(index, len(row.attempts))
        counts = simulation.counts
        known = counts.pending + counts.calling + counts.retry + counts.completed + counts.failed
        assert known + simulation.cancelled + simulation.not_launched == counts.total == 3
        assert simulation.not_launched == statuses(simulation).count("not_launched")
    simulation.advance(simulation.now + 10**6)
    for index, attempts in attempts_at_cancel.items():
        assert len(simulation.rows[index].attempts) == attempts
    if simulation.paused_reason is None:
        open_ones = [row for row in simulation.rows if row.starts_at is not None and not row.is_paused]
        assert {simulation.call_status(row) for row in open_ones} <= {"completed", "cancelled", "errored"}
