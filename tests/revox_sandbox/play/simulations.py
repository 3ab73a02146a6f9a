"""Campaigns that a test plays, with calls that end as it says."""

from __future__ import annotations

from datetime import UTC, datetime, time

from revox_sandbox.api.bodies import Contact
from revox_sandbox.play.calling_hours import CallingHours, Window
from revox_sandbox.play.outcomes import Outcome
from revox_sandbox.play.simulation import Simulation

START = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()  # a Tuesday
FOREVER = START + 10**6
EVERY_DAY = range(7)
TUESDAY, WEDNESDAY, THURSDAY, SUNDAY = 1, 2, 3, 6
HUMAN = Outcome("human", 10, 60, "interested")
NO_ANSWER = Outcome("no_answer", 30)


def hours(attempts=3, delay=600, days=(TUESDAY, WEDNESDAY, THURSDAY), **options):
    return CallingHours([Window(time(), time(), delay)], attempts, days=days, **options)


def simulate(people=4, *, numbers=None, draw=None, lines=50, launch=False, hours=None, **options):
    numbers = numbers or [f"+1415555{index:04}" for index in range(people)]
    return Simulation(
        [Contact(to_phone_number=number, prompt_variables={}) for number in numbers],
        now=START,
        draw=draw or (lambda _row, _attempt: HUMAN),
        hours=hours or CallingHours(),
        max_concurrent_calls=lines,
        launch=launch,
        **options,
    )


def statuses(simulation):
    return [simulation.call_status(row) for row in simulation.rows]


def dialed(simulation):
    return [row.index for row in simulation.rows if row.attempts]
