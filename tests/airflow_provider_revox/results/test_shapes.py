"""Whether rows that are read in part are what rows that are read as a whole show."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_revox.client.streams.rows import RowsScanner
from airflow_provider_revox.results.columns import Layout
from airflow_provider_revox.results.flatten import Flattener
from airflow_provider_revox.results.shapes import RowShape
from tests.airflow_provider_revox.client.streams.json_texts import ODD, WRONG, answer
from tests.airflow_provider_revox.results.rows import ANY, ATTEMPT, CALL, ROW, some_of

LAYOUTS = [Layout("calls", variables=["who"]), Layout("attempts", transcripts=True, variables=["who"])]
BUSY = {**ATTEMPT, "id": "first", "result": None, "dial_error": "busy"}


def scanned(content, layout, piece=65_536):
    """Return the records of an answer that comes in pieces, and how many of its rows were read in part."""
    shape, taken, in_part = RowShape(layout), [], []
    flatten, read_list = Flattener("cmp", layout, shape), shape.read_list

    def read_and_count(text):
        in_part.extend(found := read_list(text))
        return found

    shape.read_list = read_and_count
    scanner = RowsScanner(lambda rows: taken.extend(record for row in rows for record in flatten(row)), shape)
    for start in range(0, len(content), piece):
        scanner.feed(content[start : start + piece])
    scanner.finish()
    return taken, len(in_part)


def as_a_whole(rows, layout):
    shape = RowShape(layout)
    return [record for row in rows for record in Flattener("cmp", layout, shape)(shape.read(row))]


def rows_with(place, value):
    """Return 20 rows as JSON. One has a value at a place: a field of the row, the call or the attempt."""
    texts = []
    for number in range(20):
        attempts = [{**ATTEMPT, "x": None}, BUSY]
        call = {**CALL, "last_call_attempt": attempts[0], "call_attempts": attempts, "x": None}
        row = {
            "id": str(number),
            "x": None,
            **{name: ROW[name] for name in ROW if name not in ("id", "call")},
        }
        row["call"] = call  # the last one, as Revox writes it
        if number == 10:
            source, field = place
            {"row": row, "call": call, "attempt": attempts[0]}[source][field] = "<here>"
        texts.append(json.dumps(row).replace('"<here>"', value))
    return texts


PLACES = [
    *[("row", field) for field in (*ROW, "x") if field != "id"],
    *[("call", field) for field in (*CALL, "x")],
    *[("attempt", field) for field in (*ATTEMPT, "x")],
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=["calls", "attempts"])
def test_rows_of_the_usual_types_are_read_in_part(layout):
    texts = rows_with(("row", "x"), "1")
    records, in_part = scanned(answer(texts), layout)
    assert records == as_a_whole(map(json.loads, texts), layout)
    assert in_part >= 18  # all but the first and the last one


@pytest.mark.parametrize("layout", LAYOUTS, ids=["calls", "attempts"])
def test_a_row_that_has_its_last_attempt_in_the_list_alone_shows_it(layout):
    texts = rows_with(("call", "last_call_attempt"), "null")
    records, _ = scanned(answer(texts), layout)
    assert records == as_a_whole(map(json.loads, texts), layout)
    result = list(layout.types).index("result")
    assert {record[result] for record in records} == ({"human"} if layout is LAYOUTS[0] else {"human", None})


@pytest.mark.matrix
@pytest.mark.parametrize("place", PLACES, ids=".".join)
@pytest.mark.parametrize("layout", LAYOUTS, ids=["calls", "attempts"])
@pytest.mark.parametrize("value", [*ODD, "[]", "{}", "3", "3.5", "true", '""', '[{"content": {"a": [1]}}]'])
def test_a_value_of_any_kind_is_read_as_in_a_row_that_is_read_as_a_whole(place, layout, value):
    texts = rows_with(place, value)
    assert scanned(answer(texts), layout)[0] == as_a_whole(map(json.loads, texts), layout)


@pytest.mark.matrix
@pytest.mark.parametrize("place", [("row", "x"), ("call", "outcome"), ("attempt", "x")], ids=".".join)
@pytest.mark.parametrize("value", [value for value in WRONG if len(value) < 1000])
@pytest.mark.parametrize("piece", [500, 65_536])
def test_what_is_no_json_is_refused_also_where_nothing_is_kept(place, value, piece):
    with pytest.raises(ValueError, match=r"not JSON|has a member twice"):
        scanned(answer(rows_with(place, value)), LAYOUTS[0], piece)


@pytest.mark.parametrize("place", [("row", "input_data"), ("attempt", "structured_output")], ids=".".join)
def test_what_is_kept_has_a_hundred_levels_at_most(place):
    deep = '{"a":' * 101 + "1" + "}" * 101
    with pytest.raises(ValueError, match="more than 100 levels"):
        scanned(answer(rows_with(place, deep)), LAYOUTS[0])


def test_what_is_not_kept_may_not_exhaust_the_stack():
    deep = "[" * 100_000 + "]" * 100_000
    with pytest.raises(ValueError, match="more than 100 levels"):
        scanned(answer(rows_with(("call", "x"), deep)), LAYOUTS[0])


@pytest.mark.parametrize("row", ['{"phone_number": "+33612345678"}', '{"id": 1}', '{"id": "a\\n"}'])
def test_a_row_without_an_id_is_refused_among_rows_that_are_read_in_part(row):
    texts = rows_with(("row", "x"), "1")
    texts[10] = row
    with pytest.raises(ValueError, match="has no id"):
        scanned(answer(texts), LAYOUTS[0])


@pytest.mark.matrix
@settings(max_examples=100)
@given(
    rows=st.lists(
        some_of(
            ROW,
            call=ANY
            | some_of(CALL, last_call_attempt=some_of(ATTEMPT), call_attempts=st.lists(some_of(ATTEMPT))),
        ),
        min_size=3,
        max_size=12,
    ),
    layout=st.sampled_from(LAYOUTS),
    piece=st.sampled_from([300, 65_536]),
)
def test_any_rows_are_what_rows_that_are_read_as_a_whole_are(rows, layout, piece):
    texts = [json.dumps({**row, "id": str(place)}) for place, row in enumerate(rows)]
    texts = [text.replace("NaN", "null").replace("Infinity", "1e999") for text in texts]
    found, _ = scanned(answer(texts), layout, piece)
    assert repr(found) == repr(as_a_whole(map(json.loads, texts), layout))
