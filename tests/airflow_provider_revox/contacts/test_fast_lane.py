from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_revox.contacts import call_list
from airflow_provider_revox.contacts.call_list import CallListBuilder
from airflow_provider_revox.contacts.fast_lane import CleanChunks
from airflow_provider_revox.contacts.record import CallListOptions
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


def outcome(records, options, chunk, monkeypatch=None, *, clean=True):
    """Everything that comes of records, with chunks of a size, or record by record."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(call_list, "CHUNK", chunk)
        if not clean:
            patch.setattr(CleanChunks, "read", lambda *_: None)
        builder = CallListBuilder(options)
        contacts = builder.take(iter(records))
    return contacts.json, contacts.numbers, builder.report.to_dict(), list(builder.rejections)


numbers = st.sampled_from([ADA, BOB, CLEO, "06 12 34 56 78", f"{ADA}\n{BOB}", f"{ADA}\n", "", Text(ADA)])
fresh = st.integers(10**9, 10**10).map("+49{}".format)
texts = st.text() | st.sampled_from(
    ['"', "\\", "\n", "\x7f", "\x00", "\ud800", "\u2028", "é", Text("x"), "%s"]
)
clean_records = st.builds(dict, phone=fresh, Name=st.text(min_size=1), plan=st.text(min_size=1))
records = st.fixed_dictionaries(
    {}, optional={"phone": numbers | fresh, "Name": texts | st.none() | st.integers(), "plan": texts}
)
odd = records.map(Record) | records.map(Dialling) | st.none()


@given(
    st.lists(clean_records | records | odd, max_size=12),
    st.sampled_from(["first", "last", "error"]),
    st.sampled_from([None, "there"]),
    st.sampled_from([None, "FR"]),
    st.sampled_from([{}, VARIABLES]),
    st.integers(1, 5),
)
@example([{"phone": ADA, "Name": "a", "plan": "b"}] * 2, "last", None, None, VARIABLES, 1)
@example([{"phone": ADA, "Name": "\x7f", "plan": '"'}], "first", None, None, VARIABLES, 1)
@settings(max_examples=300)
def test_the_fast_way_and_the_one_record_by_record_come_to_the_same(
    records, on_duplicate, default, region, variables, chunk
):
    how = options(
        on_duplicate=on_duplicate,
        variable_default=default,
        variables=variables,
        numbers=NumberReader(region),
    )
    copies = [type(record)(record) if isinstance(record, dict) else record for record in records]
    assert outcome(records, how, chunk) == outcome(copies, how, 1000, clean=False)


def test_clean_records_are_written_at_once_and_what_they_hold_comes_through():
    records = [
        {"phone": ADA, "Name": 'Ada "the\\first"\n', "plan": "or\u2028é\U0001f600", "other": None},
        {"phone": BOB, "Name": "\x00\t{}%s", "plan": "[]"},
    ]
    chunk = CleanChunks(options(), ()).read(records)
    assert [json.loads(line) for line in chunk.lines.splitlines()] == [
        {
            "to_phone_number": record["phone"],
            "prompt_variables": {"who": record["Name"], 'quoted "%s"\n': record["plan"]},
        }
        for record in records
    ]
    assert chunk.numbers == [ADA, BOB]


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
        {**good, "Name": None},
        {**good, "Name": 7},
        {**good, "Name": "\ud800"},
        {**good, "Name": 'a "\x7f"'},
        {"phone": ADA, "Name": "Ada"},
        Record(good),
        [],
    ],
)
def test_whatever_needs_a_second_look_is_not_clean(record):
    seen = {"+331"}
    clean = CleanChunks(options(), (seen, frozenset({CLEO})))
    assert clean.read([{**good, "phone": BOB}]) is not None
    assert clean.read([{**good, "phone": BOB}, record]) is None
