from __future__ import annotations

import json
from enum import StrEnum

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_revox.contacts import call_list
from airflow_provider_revox.contacts.call_list import CallListBuilder
from airflow_provider_revox.contacts.fast_lane import FastLane
from airflow_provider_revox.contacts.record import CallListOptions, as_lines, number_of
from airflow_provider_revox.phone_numbers.reader import NumberReader

ADA, BOB, CLEO = "+33612345678", "+14155550100", "+447400123456"
VARIABLES = {"who": "Name", 'quoted "%s"\n': "plan"}


class Text(str):
    pass


class Record(dict):
    pass


class Dialling(dict):
    """Answers every question, and remembers each."""

    def __missing__(self, key):
        self[key] = "x"
        return "x"


def options(**changes):
    return CallListOptions(
        **{"phone_field": "phone", "variables": VARIABLES, "suppress": frozenset({CLEO}), **changes}
    )


def outcome(records, options, chunk, *, fast=True):
    """Return everything that comes of records: in chunks through the fast lane, or record by record."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(call_list, "CHUNK", chunk)
        patch.setattr(call_list, "SMALLEST_CHUNK", 2)
        if not fast:
            patch.setattr(FastLane, "write", lambda *_: None)
        builder = CallListBuilder(options)
        contacts = builder.take(iter(records))
    return contacts.json, contacts.numbers, builder.report.to_dict(), list(builder.rejections)


numbers = st.sampled_from([ADA, BOB, CLEO, "06 12 34 56 78", f"{ADA}\n{BOB}", f"{ADA}\n", "", Text(ADA)])
fresh = st.integers(10**9, 10**10).map("+49{}".format)
texts = st.text() | st.sampled_from(
    [
        '"',
        "\\",
        "\n",
        "\x7f",
        "\x00",
        "\ud800",
        "\u2028",
        "é",
        Text("x"),
        "%s",
        " ",
        "\xa0",
        "\u200b",
        '="x"',
        '=""',
    ]
)
plain_records = st.builds(dict, phone=fresh, Name=st.text(min_size=1), plan=st.text(min_size=1))
records = st.fixed_dictionaries(
    {}, optional={"phone": numbers | fresh, "Name": texts | st.none() | st.integers(), "plan": texts}
)
odd = records.map(Record) | records.map(Dialling) | st.none()


@given(
    st.lists(plain_records | records | odd, max_size=12),
    st.sampled_from(["first", "last", "error"]),
    st.sampled_from([None, "there"]),
    st.sampled_from([None, "FR"]),
    st.sampled_from([{}, VARIABLES]),
    st.integers(1, 5),
)
@example([{"phone": ADA, "Name": "a", "plan": "b"}] * 2, "last", None, None, VARIABLES, 1)
@example([{"phone": ADA, "Name": "\x7f", "plan": '"'}], "first", None, None, VARIABLES, 1)
@settings(max_examples=300)
def test_flat_records_come_to_the_same_in_the_fast_lane_and_one_by_one(
    records, on_duplicate, default, region, variables, chunk
):
    how = options(
        on_duplicate=on_duplicate,
        variable_default=default,
        variables=variables,
        numbers=NumberReader(region),
    )
    copies = [type(record)(record) if isinstance(record, dict) else record for record in records]
    assert outcome(records, how, chunk) == outcome(copies, how, 1000, fast=False)


class Word(StrEnum):
    """Text that pydantic may write as another text than it is."""

    GOLD = "gold"


def own(number, told, *, swapped=False):
    record = {"to_phone_number": number, "prompt_variables": told}
    return dict(reversed(record.items())) if swapped else record


own_texts = texts | st.sampled_from([Word.GOLD, '}},{"', '}},{"to_phone_number":"', "},{", '":"'])
told = st.dictionaries(own_texts, own_texts, max_size=3)
no_text = (
    st.none() | st.integers() | st.booleans() | st.binary() | st.datetimes() | st.decimals(allow_nan=False)
)
odd_told = st.dictionaries(own_texts | no_text, own_texts | no_text, max_size=3)
odd_told |= st.sampled_from([None, [], "text", Record(who="Ada"), Dialling(who="Ada")])
own_numbers = fresh | numbers | fresh.map(Text)
own_records = st.builds(own, fresh, told) | st.builds(own, own_numbers, odd_told, swapped=st.booleans())
own_records |= st.fixed_dictionaries(
    {}, optional={"to_phone_number": own_numbers | no_text, "prompt_variables": told, "other": texts}
)


@given(
    st.lists(own_records | own_records.map(Record) | own_records.map(Dialling) | st.none(), max_size=12),
    st.sampled_from(["first", "last", "error"]),
    st.sampled_from([None, "FR"]),
    st.integers(1, 5),
)
@example([own(ADA, {'}},{"to_phone_number":"': "}},{"})] * 2, "last", None, 2)
@example([own(ADA, {}), own(BOB, {"who": "Bob"}, swapped=True)], "first", None, 2)
@example([own(ADA, {"\ud800": "x"}), own(BOB, {"x": "\ud800"})], "first", None, 1)
@settings(max_examples=300)
def test_records_in_the_apis_own_shape_come_to_the_same_in_the_fast_lane_and_one_by_one(
    records, on_duplicate, region, chunk
):
    how = options(phone_field=None, variables={}, on_duplicate=on_duplicate, numbers=NumberReader(region))
    copies = [type(record)(record) if isinstance(record, dict) else record for record in records]
    assert outcome(records, how, chunk) == outcome(copies, how, 1000, fast=False)


def test_plain_flat_records_are_written_at_once_as_they_are():
    records = [
        {"phone": ADA, "Name": 'Ada "the\\first"\n', "plan": "or\u2028é\U0001f600", "other": None},
        {"phone": BOB, "Name": "\x00\t{}%s", "plan": "[]"},
    ]
    chunk = FastLane(options(), ()).write(records)
    assert [json.loads(line) for line in as_lines(chunk.contacts).splitlines()] == [
        {
            "to_phone_number": record["phone"],
            "prompt_variables": {"who": record["Name"], 'quoted "%s"\n': record["plan"]},
        }
        for record in records
    ]
    assert chunk.numbers == [ADA, BOB]


def test_plain_records_in_the_apis_own_shape_are_written_at_once_as_they_are():
    records = [
        own(ADA, {"who": 'Ada "the\\first"\n', "plan": "or\u2028é\U0001f600"}),
        own(BOB, {"other": '}},{"to_phone_number":"'}),
        own("+4915123456789", {}),
    ]
    chunk = FastLane(options(phone_field=None, variables={}), ()).write(records)
    lines = as_lines(chunk.contacts).splitlines()
    assert [json.loads(line) for line in lines] == records
    assert [number_of(line) for line in lines] == chunk.numbers == [ADA, BOB, "+4915123456789"]


good = {"phone": ADA, "Name": "Ada", "plan": "gold"}


@pytest.mark.parametrize(
    "record",
    [
        {**good, "phone": CLEO},
        {**good, "phone": BOB},
        {**good, "phone": "+331"},
        {**good, "phone": f"{ADA}\n{ADA}1"},
        {**good, "phone": 33612345678},
        {**good, "phone": Text(ADA)},
        {**good, "Name": ""},
        {**good, "Name": " "},
        {**good, "Name": "\xa0\u200b"},
        {**good, "Name": '="Ada"'},
        {**good, "Name": None},
        {**good, "Name": 7},
        {**good, "Name": "\ud800"},
        {**good, "Name": 'a "\x7f"'},
        {"phone": ADA, "Name": "Ada"},
        Record(good),
        [],
    ],
)
def test_the_fast_lane_gives_up_on_flat_records_that_are_not_plain(record):
    seen = {"+331"}
    fast_lane = FastLane(options(), (seen, frozenset({CLEO})))
    assert fast_lane.write([{**good, "phone": BOB}]) is not None
    assert fast_lane.write([{**good, "phone": BOB}, record]) is None


@pytest.mark.parametrize(
    "record",
    [
        own(CLEO, {}),
        own(BOB, {}),
        own("+330612345678", {}),
        own(Text(ADA), {}),
        own(None, {}),
        own(ADA, {"who": None}),
        own(ADA, {"who": b"Ada"}),
        own(ADA, {7: "Ada"}),
        own(ADA, {"who": "\ud800"}),
        own(ADA, {"\ud800": "Ada"}),
        own(ADA, Record(who="Ada")),
        own(ADA, "Ada"),
        own(ADA, {}, swapped=True),
        {**own(ADA, {}), "other": "x"},
        {"to_phone_number": ADA},
        {"to_phone_number": ADA, "other": {}},
        Record(own(ADA, {})),
        [],
    ],
)
def test_the_fast_lane_gives_up_on_records_in_the_apis_own_shape_that_are_not_plain(record):
    fast_lane = FastLane(options(phone_field=None, variables={}), (frozenset({CLEO}),))
    assert fast_lane.write([own(BOB, {"who": "Bob"})]) is not None
    assert fast_lane.write([own(BOB, {"who": "Bob"}), record]) is None
    assert fast_lane.write([record, own(BOB, {"who": "Bob"})]) is None


def test_one_record_that_is_not_plain_keeps_few_others_out(monkeypatch):
    read = []
    one_by_one = CallListBuilder._read
    monkeypatch.setattr(CallListBuilder, "_read", lambda *args: read.append(args[1]) or one_by_one(*args))
    records = [{"phone": f"+4917{row:09}", "Name": "x", "plan": "y"} for row in range(4000)]
    records[1234]["plan"] = 7
    builder = CallListBuilder(options())
    assert len(builder.take(iter(records))) == 4000
    assert read == list(range(1000, 1500))
