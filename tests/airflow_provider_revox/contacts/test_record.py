"""Whether a record is a contact, and what is wrong with it if not."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.record import CallListOptions
from airflow_provider_revox.phone_numbers.reader import NumberReader
from tests.airflow_provider_revox.contacts.call_lists import ADA, BOB, build, problems


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


def test_options_that_need_a_phone_field_say_so():
    with pytest.raises(InvalidRequestError, match="need phone_field"):
        CallListOptions(variables={"who": "who"})


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
