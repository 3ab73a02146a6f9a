from collections import Counter

import pytest

from revox_sandbox.play.outcomes import SeededDraw
from revox_sandbox.settings import DEFAULT_CALL_ENDS


def draws(seed=0, ordinal=0, rows=50):
    draw = SeededDraw(seed, ordinal, DEFAULT_CALL_ENDS)
    return [draw(row, attempt) for row in range(rows) for attempt in range(2)]


def test_the_same_seed_draws_the_same():
    assert draws() == draws()


@pytest.mark.parametrize("other", [{"seed": 1}, {"ordinal": 1}])
def test_another_seed_or_campaign_draws_otherwise(other):
    assert draws() != draws(**other)


def test_what_was_drawn_before_makes_no_difference():
    one, other = SeededDraw(0, 0, DEFAULT_CALL_ENDS), SeededDraw(0, 0, DEFAULT_CALL_ENDS)
    for row in range(10):
        other(row, 0)
    assert one(7, 1) == other(7, 1)


def test_calls_end_as_often_as_asked_for():
    ends = Counter(outcome.end for outcome in draws(rows=5000))
    assert {end: count / 10_000 for end, count in ends.items()} == pytest.approx(DEFAULT_CALL_ENDS, abs=0.02)


def test_calls_take_as_long_as_calls_do():
    for outcome in draws(rows=500):
        if outcome.end == "human":
            assert 5 <= outcome.ring_seconds <= 30
            assert 20 <= outcome.talk_seconds <= 180
        if outcome.end in ("busy", "no_answer"):
            assert outcome.talk_seconds == 0
