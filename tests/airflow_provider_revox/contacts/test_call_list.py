from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.contacts.call_list import CallListBuilder
from airflow_provider_revox.contacts.record import CallListOptions
from airflow_provider_revox.contacts.variables import as_text, variable_map
from airflow_provider_revox.phone_numbers.number_types import Float32
from airflow_provider_revox.phone_numbers.people import People
from airflow_provider_revox.phone_numbers.reader import NumberReader

ADA, BOB = "+33612345678", "+14155550100"


def build(records, **options):
    builder = CallListBuilder(
        CallListOptions(**{"phone_field": "phone", "variables": {"who": "who"}, **options})
    )
    return json.loads(builder.take(records).json), builder


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
        "suppressed_by_reason": {},
    }


@pytest.mark.parametrize("on_duplicate", ["first", "last"])
@pytest.mark.parametrize("is_plain", [True, False])
def test_the_people_of_a_list_are_those_of_its_numbers_whatever_way_they_were_read(on_duplicate, is_plain):
    records = [{"phone": number, "who": "x" if is_plain else 7} for number in (BOB, ADA, BOB, "+33", ADA)]
    records += [{"phone": "+447400123456", "who": "y"}]
    _, builder = build(records, on_duplicate=on_duplicate)
    assert builder.people == People.of([ADA, BOB, "+447400123456"])
    _, builder = build(records[:2])
    assert builder.people == People.of([ADA, BOB])


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


@pytest.mark.parametrize(
    ("record", "own_shape", "where"),
    [
        ({"phone": f"{ADA}\ud800", "who": "x"}, False, "contacts[1].phone"),
        ({"phone": ADA, "who": "cut \ud83d"}, False, "contacts[1].who"),
        ({"phone": "06 12 34 56 78", "who": "cut \ud83d"}, False, "contacts[1].who"),
        ({"to_phone_number": ADA, "prompt_variables": {"a": "\udfff"}}, True, "contacts[1].prompt_variables"),
        ({"to_phone_number": ADA, "prompt_variables": {"\udfff": "a"}}, True, "contacts[1].prompt_variables"),
    ],
)
def test_text_that_utf_8_cant_hold_is_a_rejection_of_its_row(record, own_shape, where):
    options = {"phone_field": None, "variables": {}} if own_shape else {"numbers": NumberReader("FR")}
    good = {"to_phone_number": BOB} if own_shape else {"phone": BOB, "who": "x"}
    contacts, builder = build([good, record], **options)
    assert [contact["to_phone_number"] for contact in contacts] == [BOB]
    assert problems(builder)[0].startswith(f"{where}: ")
    assert builder.report.invalid == 1
    builder.rejections.refuse("skip")


def test_names_that_utf_8_cant_hold_are_refused_or_shown_escaped(tmp_path):
    for options in ({"variables": {"\ud800": "who"}}, {"variable_default": "\ud800"}):
        with pytest.raises(InvalidRequestError, match="half a surrogate pair"):
            build([], **options)
    _, builder = build([{"phone": ADA}, {}], phone_field="\ud800", variables={"who": "\udfff"})
    _, more = build([{"phone": ADA}, {"phone": BOB, "\udfff": "\udfff"}], variables={"who": "\udfff"})
    fields = [rejection.field for rejection in (*builder.rejections, *more.rejections)]
    assert fields == ["\\ud800", "\\ud800", "\\udfff", "\\udfff"]
    for name in ("rejected.csv", "rejected.jsonl"):
        more.rejections.write(str(tmp_path / name))
        assert "\\udfff" in (tmp_path / name).read_text()


def test_many_rejections_are_kept_on_a_disk_and_the_first_ten_shown():
    _, builder = build({"phone": "?", "who": "x"} for _ in range(20_000))
    assert len(list(builder.rejections)) == len(builder.rejections) == 20_000
    assert [rejection.row for rejection in builder.rejections] == list(range(20_000))
    assert builder.rejections._kept._rolled
    with pytest.raises(InvalidRequestError, match=r"contacts\[9\].*\n  and 19,990 more$"):
        builder.rejections.refuse("fail")


def test_a_missing_value_may_have_a_default_and_is_never_the_text_none():
    contacts, _ = build([{"phone": ADA}, {"phone": BOB, "who": None}], variable_default="there")
    assert [contact["prompt_variables"]["who"] for contact in contacts] == ["there", "there"]


@pytest.mark.parametrize(("keep", "who"), [("first", ["Bob", "Ada"]), ("last", ["Bob", "Ada again"])])
def test_of_two_records_with_one_number_the_first_or_the_last_counts(keep, who):
    records = [{"phone": BOB, "who": "Bob"}, {"phone": ADA, "who": "Ada"}, {"phone": ADA, "who": "Ada again"}]
    contacts, builder = build(records, on_duplicate=keep)
    assert [contact["prompt_variables"]["who"] for contact in contacts] == who
    assert builder.report.duplicate == 1
    assert builder.report.received == 3


def test_a_duplicate_that_is_an_error_fails_even_where_invalid_records_are_skipped():
    _, builder = build([{"phone": ADA, "who": "a"}] * 2, on_duplicate="error")
    with pytest.raises(InvalidRequestError, match=r"contacts\[1\].phone: is a number that came before"):
        builder.rejections.refuse("skip")


def test_invalid_records_fail_the_list_or_are_skipped():
    _, builder = build([{"phone": "?", "who": "x"}] * 25)
    with pytest.raises(InvalidRequestError, match="and 15 more") as caught:
        builder.rejections.refuse("fail")
    assert len(caught.value.problems) == 10
    builder.rejections.refuse("skip")


def test_suppressed_numbers_are_not_called_even_if_their_record_is_incomplete():
    contacts, builder = build([{"phone": ADA}, {"phone": BOB, "who": "Bob"}], suppress=frozenset({ADA}))
    assert [contact["to_phone_number"] for contact in contacts] == [BOB]
    assert builder.report.suppressed == 1
    assert builder.report.invalid == 0


def test_options_that_need_a_phone_field_say_so():
    with pytest.raises(InvalidRequestError, match="need phone_field"):
        CallListOptions(variables={"who": "who"})


class NumpyFloat(float):
    """As numpy 2 has them."""

    def __repr__(self):
        return f"np.float64({float(self)})"


@pytest.mark.parametrize("fields", [[1], "first_name", {"who": 1}, [""], 7])
def test_variable_fields_that_are_none_are_an_error_that_says_what_they_must_be(fields):
    with pytest.raises(InvalidRequestError, match="must be a list of names of fields, or a mapping"):
        variable_map(fields)


def test_a_signaling_nan_is_missing():
    _, builder = build([{"phone": ADA, "who": Decimal("sNaN")}])
    assert builder.report.invalid_by_reason == {"no_value": 1}


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
        (Decimal("1.2345678901234567890123456789012345"), "1.2345678901234567890123456789012345"),
        pytest.param(10**5000, None, id="too long"),
        (Decimal("1E+99999"), None),
        (NumpyFloat(0.5), "0.5"),
        (Float32(19.989999771118164), "19.99"),
        (Float32(3), "3"),
        (Float32(33612345344), "33612345000"),
        (Float32("inf"), None),
        (Decimal("1E+2"), "100"),
        (Decimal("3.36123E+10"), "33612300000"),
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


class Unsaid:
    """Says of no question whether it is so, as pandas' NA and arrays do."""

    def __init__(self, error):
        self._error = error

    def __eq__(self, other):
        return self

    __ne__ = __eq__
    __hash__ = None

    def __bool__(self):
        raise self._error

    def __str__(self):
        raise self._error


def test_values_that_are_neither_equal_nor_different_are_missing_or_no_text():
    records = [
        {"phone": ADA, "who": Unsaid(TypeError("NA")), "country": "FR"},
        {"phone": "06 12 34 56 79", "who": Unsaid(ValueError("array")), "country": "FR"},
        {"phone": "06 12 34 56 79", "who": "Ada", "country": Unsaid(TypeError("NA"))},
        {"phone": "06 12 34 56 79", "who": "Ada", "country": Unsaid(ValueError("array"))},
    ]
    contacts, builder = build(records, region_field="country")
    assert contacts == []
    reasons = [(rejection.row, rejection.reason) for rejection in builder.rejections]
    assert reasons == [(0, "no_value"), (1, "no_text"), (2, "no_region"), (3, "unknown_region")]


def test_nothing_personal_shows():
    builder = CallListBuilder(CallListOptions(phone_field="phone", variables={"who": "who"}))
    contacts = builder.take([{"phone": ADA, "who": "Ada"}, {"phone": "06 12 34", "who": "Zoe"}])
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
    options = CallListOptions(
        phone_field="phone",
        variables={"who": "who"},
        on_duplicate=on_duplicate,
        numbers=NumberReader(region),
        suppress=frozenset({BOB}),
    )
    builder = CallListBuilder(options)
    call_list = builder.take(records)
    contacts, report = json.loads(call_list.json), builder.report
    assert report.received == len(records)
    assert report.to_call == len(call_list) == len(contacts)
    assert report.invalid == len(builder.rejections) == len(list(builder.rejections))
    assert BOB not in {contact["to_phone_number"] for contact in contacts}
    assert {contact["to_phone_number"] for contact in contacts} == call_list.numbers
    assert len(call_list.numbers) == len(contacts)
    trusted = CampaignCreate.build(assistant_id="a", name="x", checked_contacts=call_list)
    assert trusted.body == CampaignCreate.build(assistant_id="a", name="x", contacts=contacts).body


def test_one_person_written_in_two_ways_is_called_once_and_suppressed_in_either():
    records = [{"phone": ADA, "who": "Ada"}, {"phone": "+330612345678", "who": "Ada again"}]
    contacts, builder = build(records)
    assert len(contacts) == 1
    assert builder.report.duplicate == 1
    contacts, builder = build(records, suppress=frozenset({ADA}))
    assert len(contacts) == 0
    assert builder.report.suppressed == 2
