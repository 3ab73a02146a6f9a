"""Whether each attempt of a call is there once, the last one first, in whatever order the API lists them."""

from __future__ import annotations

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.results.columns import Layout
from airflow_provider_revox.results.flatten import Flattener
from airflow_provider_revox.results.shapes import RowShape


def attempt(number, *, starts=True):
    """Return the attempt with a number. A later one has a higher number."""
    started_at = f"2026-11-24T{number:02}:00:00.000Z" if starts else None
    return {"id": f"a{number}", "result": f"result-{'abcdefghi'[number]}", "started_at": started_at}


def records(record_of, listed, last, **call):
    """Return the records of a row, read as a whole, after a look that reading it in part gives the same."""
    row = {"id": "r", "call": {"id": "c", "call_attempts": listed, "last_call_attempt": last, **call}}
    layout = Layout(record_of)
    shape = RowShape(layout)
    flatten = Flattener("cmp", layout, shape)
    made = flatten(shape.read(row))
    try:
        (in_part,) = shape.read_list(json.dumps([row]))
    except ValueError:
        assert last is None
    else:
        assert flatten(in_part) == made
    return [dict(zip(layout.types, record, strict=True)) for record in made]


def shown(listed, last, **call):
    """Return the ids and numbers in a file of attempts. A file of calls shows the first of them."""
    of_attempts, (of_call,) = (records(kind, listed, last, **call) for kind in ("attempts", "calls"))
    assert {name: of_attempts[0][name] for name in of_call} == of_call
    return [(record["attempt_id"], record["attempt_number"]) for record in of_attempts]


IN_ORDER = [("a3", 3), ("a2", 2), ("a1", 1)]


@pytest.mark.parametrize("order", permutations((1, 2, 3)))
@pytest.mark.parametrize("has_last", [True, False])
def test_attempts_are_in_the_order_of_their_start(order, has_last):
    assert shown([*map(attempt, order)], attempt(3) if has_last else None) == IN_ORDER


def test_a_start_is_read_in_every_form():
    listed = [
        attempt(1) | {"started_at": "2026-11-24T10:00:00+02:00"},
        attempt(2) | {"started_at": 1_795_510_805},
        attempt(3) | {"started_at": 1_795_510_806_000},
    ]
    assert shown(listed, None) == IN_ORDER


@pytest.mark.parametrize("order", [(3, 2, 1), (1, 2, 3)])
@pytest.mark.parametrize("without", [{1}, {2}, {1, 2, 3}])
def test_if_one_has_no_start_the_place_of_the_last_attempt_says_the_order(order, without):
    made = {number: attempt(number, starts=number not in without) for number in (1, 2, 3)}
    assert shown([made[number] for number in order], made[3]) == IN_ORDER


def test_without_starts_and_without_the_last_attempt_the_order_stays():
    assert shown([attempt(3, starts=False), attempt(2), attempt(1)], None) == IN_ORDER


@pytest.mark.parametrize("listed", [(1, 2), (2, 1)])
def test_the_last_attempt_is_there_also_if_the_list_lacks_it(listed):
    listed = [*map(attempt, listed)]
    assert shown(listed, attempt(3)) == IN_ORDER
    assert records("calls", listed, attempt(3))[0]["attempts"] == 3


def test_what_the_api_calls_the_last_attempt_is_the_last():
    assert shown([attempt(3), attempt(2), attempt(1)], attempt(2)) == [("a2", 3), ("a3", 2), ("a1", 1)]


def test_an_attempt_that_is_listed_twice_is_one():
    listed = [attempt(number) for number in (3, 3, 2, 1, 2)]
    assert shown(listed, attempt(3)) == IN_ORDER
    assert shown(listed, attempt(3), calls_count=3) == IN_ORDER
    for record_of in ("calls", "attempts"):
        assert records(record_of, listed, attempt(3))[0]["attempts"] == 3


def test_attempts_without_an_id_are_all_there():
    odd = {"result": "human"}
    assert shown([odd, odd], None) == [(None, 2), (None, 1)]
    assert shown([odd, odd], odd) == [(None, 2), (None, 1)]
    assert shown([attempt(1)], odd) == [(None, 2), ("a1", 1)]


SOME = st.builds(attempt, st.integers(0, 8), starts=st.booleans())


@given(listed=st.none() | st.lists(SOME, max_size=6), last=st.none() | SOME)
def test_no_attempt_is_lost_and_none_is_there_twice(listed, last):
    ids = {found["id"] for found in [*(listed or ()), *([last] if last else ())]}
    found = shown(listed, last)
    if not ids:
        assert found == [(None, None)]
        return
    assert {id_ for id_, _ in found} == ids
    assert [number for _, number in found] == [*range(len(ids), 0, -1)]
