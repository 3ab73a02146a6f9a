from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.calls import campaign_create
from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.call_list import CallListBuilder, CallListOptions, refuse
from airflow_provider_revox.contacts.numbers import NumberReader
from airflow_provider_revox.contacts.variables import as_text, variable_map

ADA, BOB = "+33612345678", "+14155550100"


def build(records, **options):
    builder = CallListBuilder(
        CallListOptions(**{"phone_field": "phone", "variables": {"who": "who"}, **options})
    )
    return builder.take(records), builder


def problems(builder):
    return [str(rejection) for rejection in builder.rejections]


def test_flat_records_become_contacts_in_their_order():
    contacts, builder = build([{"phone": BOB, "who": "Bob", "other": object()}, {"phone": ADA, "who": 7}])
    assert contacts == [
        {"to_phone_number": BOB, "prompt_variables": {"who": "Bob"}},
        {"to_phone_number": ADA, "prompt_variables": {"who": "7"}},
    ]
    assert builder.report.to_dict() == {
        "received": 2,
        "to_call": 2,
        "invalid": 0,
        "invalid_by_reason": {},
        "duplicate": 0,
        "suppressed": 0,
    }


def test_a_variable_may_have_another_name_than_its_field():
    contacts, _ = build([{"phone": ADA, "First Name": "Ada"}], variables=variable_map({"who": "First Name"}))
    assert contacts[0]["prompt_variables"] == {"who": "Ada"}
    assert variable_map(["a", "b"]) == {"a": "a", "b": "b"}
    assert variable_map(None) == {}


def test_numbers_are_read_in_the_region_of_the_list_or_of_their_row():
    records = [
        {"phone": "06 12 34 56 78", "who": "Ada", "country": ""},
        {"phone": "(415) 555-2671", "who": "Bob", "country": "us"},
    ]
    contacts, builder = build(records, numbers=NumberReader("FR"), region_field="country")
    assert [contact["to_phone_number"] for contact in contacts] == [ADA, "+14155552671"], problems(builder)


def test_the_apis_own_shape_passes_and_may_leave_out_its_variables():
    contact = {"to_phone_number": ADA, "prompt_variables": {"who": "Ada"}}
    contacts, _ = build([contact, {"to_phone_number": BOB}], phone_field=None, variables={})
    assert contacts == [contact, {"to_phone_number": BOB, "prompt_variables": {}}]


@pytest.mark.parametrize(
    ("record", "where", "reason"),
    [
        ({"to_phone_number": ADA, "variables": {}}, "contacts[0]", "unknown_field"),
        ({"to_phone_number": ADA, "prompt_variables": None}, "contacts[0].prompt_variables", "no_variables"),
        ({"to_phone_number": ADA, "prompt_variables": {"a": 1}}, "contacts[0].prompt_variables", "no_text"),
        ({"to_phone_number": ADA, "prompt_variables": {1: "a"}}, "contacts[0].prompt_variables", "no_text"),
        ({"phone": ADA}, "contacts[0].to_phone_number", "no_number_field"),
    ],
)
def test_the_apis_own_shape_is_taken_strictly(record, where, reason):
    _, builder = build([record], phone_field=None, variables={})
    (rejection,) = builder.rejections
    assert str(rejection).startswith(f"{where}: ")
    assert rejection.reason == reason


@pytest.mark.parametrize(
    ("record", "where", "reason"),
    [
        ({"who": "x"}, "contacts[1].phone", "no_number_field"),
        ({"phone": None, "who": "x"}, "contacts[1].phone", "missing"),
        ({"phone": "06 12", "who": "x"}, "contacts[1].phone", "no_region"),
        ({"phone": ADA}, "contacts[1].who", "no_value"),
        ({"phone": ADA, "who": None}, "contacts[1].who", "no_value"),
        ({"phone": ADA, "who": float("nan")}, "contacts[1].who", "no_value"),
        ({"phone": ADA, "who": b"x"}, "contacts[1].who", "no_text"),
        ((ADA, "x"), "contacts[1]", "no_record"),
    ],
)
def test_a_bad_record_is_named_by_row_and_field_and_counted_by_reason(record, where, reason):
    contacts, builder = build([{"phone": BOB, "who": "x"}, record])
    assert len(contacts) == 1
    assert problems(builder)[0].startswith(f"{where}: ")
    assert builder.report.to_dict()["invalid_by_reason"] == {reason: 1}


def test_a_missing_value_may_have_a_default_and_is_never_the_text_none():
    contacts, _ = build([{"phone": ADA}, {"phone": BOB, "who": None}], variable_default="there")
    assert [contact["prompt_variables"]["who"] for contact in contacts] == ["there", "there"]


@pytest.mark.parametrize(("keep", "who"), [("first", ["Ada", "Bob"]), ("last", ["Bob", "Ada again"])])
def test_of_two_records_with_one_number_the_first_or_the_last_counts(keep, who):
    records = [{"phone": ADA, "who": "Ada"}, {"phone": BOB, "who": "Bob"}, {"phone": ADA, "who": "Ada again"}]
    contacts, builder = build(records, on_duplicate=keep)
    assert [contact["prompt_variables"]["who"] for contact in contacts] == who
    assert builder.report.duplicate == 1
    assert builder.report.received == 3


def test_a_duplicate_that_is_an_error_fails_even_where_invalid_records_are_skipped():
    _, builder = build([{"phone": ADA, "who": "a"}] * 2, on_duplicate="error")
    with pytest.raises(InvalidRequestError, match=r"contacts\[1\].phone: is a number that came before"):
        refuse(builder.rejections, "skip")


def test_invalid_records_fail_the_list_or_are_skipped():
    _, builder = build([{"phone": "?", "who": "x"}] * 25)
    with pytest.raises(InvalidRequestError, match="and 15 more") as caught:
        refuse(builder.rejections, "fail")
    assert len(caught.value.problems) == 25
    refuse(builder.rejections, "skip")


def test_suppressed_numbers_are_not_called_even_if_their_record_is_incomplete():
    contacts, builder = build([{"phone": ADA}, {"phone": BOB, "who": "Bob"}], suppress=frozenset({ADA}))
    assert [contact["to_phone_number"] for contact in contacts] == [BOB]
    assert builder.report.suppressed == 1
    assert builder.report.invalid == 0


def test_options_that_need_a_phone_field_say_so():
    with pytest.raises(InvalidRequestError, match="need phone_field"):
        CallListOptions(variables={"who": "who"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  Ada ", "  Ada "),
        (True, "true"),
        (7, "7"),
        (3.0, "3"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (Decimal("12.50"), "12.5"),
        (Decimal("1E+2"), "100"),
        (date(2026, 12, 1), "2026-12-01"),
        (datetime(2026, 12, 1, 9, 30, tzinfo=UTC), "2026-12-01T09:30:00+00:00"),
        (float("inf"), None),
        (Decimal("NaN"), None),
        ([1], None),
        (object(), None),
    ],
)
def test_values_are_written_predictably(value, text):
    assert as_text(value) == text


def test_nothing_personal_shows():
    contacts, builder = build([{"phone": ADA, "who": "Ada"}, {"phone": "06 12 34", "who": "Zoe"}])
    for shown in (repr(contacts), str(contacts), str(builder.report), *map(repr, builder.rejections)):
        assert ADA not in shown
        assert "Ada" not in shown
        assert "06 12" not in shown
    assert str(builder.report) == "2 received: 1 to call, 1 invalid (1 no_region)"


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)
phones = st.sampled_from([ADA, BOB, "06 12 34 56 78", "0033612345678"]) | values


@given(
    st.lists(st.fixed_dictionaries({}, optional={"phone": phones, "who": values}) | values),
    st.sampled_from(["first", "last", "error"]),
    st.sampled_from([None, "FR"]),
)
def test_whatever_comes_in_is_counted_once_and_what_goes_out_is_right(records, on_duplicate, region):
    contacts, builder = build(
        records, on_duplicate=on_duplicate, numbers=NumberReader(region), suppress=frozenset({BOB})
    )
    report = builder.report
    assert report.received == len(records)
    assert report.to_call == len(contacts)
    assert report.invalid == len(builder.rejections)
    assert BOB not in {contact["to_phone_number"] for contact in contacts}
    assert len({contact["to_phone_number"] for contact in contacts}) == len(contacts)
    if not any("\ud800" <= c <= "\udfff" for c in str(contacts[:])):
        trusted = campaign_create(assistant_id="a", name="x", checked_contacts=contacts)
        assert trusted.body == campaign_create(assistant_id="a", name="x", contacts=list(contacts)).body
