from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.calls import campaign_create
from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.call_list import call_list

ADA, BOB = "+33612345678", "+14155550100"
FLAT = {"phone_field": "phone", "variable_fields": ["who"]}


def problems_of(records, **how):
    with pytest.raises(InvalidRequestError) as caught:
        call_list(records, **how)
    return caught.value.problems


def test_flat_records_become_contacts_in_their_order():
    records = [{"phone": BOB, "who": "Bob", "other": object()}, {"phone": ADA, "who": 7}]
    assert call_list(records, **FLAT) == [
        {"to_phone_number": BOB, "prompt_variables": {"who": "Bob"}},
        {"to_phone_number": ADA, "prompt_variables": {"who": "7"}},
    ]


def test_without_variable_fields_the_assistant_is_told_nothing():
    assert call_list([{"phone": ADA, "who": "Ada"}], phone_field="phone") == [
        {"to_phone_number": ADA, "prompt_variables": {}}
    ]


def test_the_apis_own_shape_passes_and_may_leave_out_its_variables():
    contact = {"to_phone_number": ADA, "prompt_variables": {"who": "Ada"}}
    assert call_list([contact, {"to_phone_number": BOB}]) == [
        contact,
        {"to_phone_number": BOB, "prompt_variables": {}},
    ]


@pytest.mark.parametrize(
    "number",
    [
        "06 12 34 56 78",
        "0033612345678",
        "+0612345678",
        "+336 12 34 56 78",
        "+1",
        "+1234567890123456",
        "+٣٣٦١٢٣٤٥٦٧٨",
        "+33612345678\n",
        33612345678,
        33612345678.0,
        True,
        [ADA],
    ],
)
def test_what_is_not_e164_is_refused_and_never_guessed(number):
    (problem,) = problems_of([{"phone": number, "who": "x"}], **FLAT)
    assert problem == "contacts[0].phone: must be a phone number in E.164 format, such as +14155550100"


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"who": "x"}, "contacts[1].phone: is missing"),
        ({"phone": None, "who": "x"}, "contacts[1].phone: is empty"),
        ({"phone": "", "who": "x"}, "contacts[1].phone: is empty"),
        ({"phone": ADA}, "contacts[1].who: is missing"),
        ({"phone": ADA, "who": None}, "contacts[1].who: is empty"),
        ({"phone": ADA, "who": True}, "contacts[1].who: must be text, not bool; convert it upstream"),
        ({"phone": ADA, "who": b"x"}, "contacts[1].who: must be text, not bytes; convert it upstream"),
        ((ADA, "x"), "contacts[1]: must be a record with named fields, not tuple"),
        (
            {"phone": BOB, "who": "x"},
            "contacts[1].phone: is the number of row 0 again; it would be called twice",
        ),
    ],
)
def test_a_bad_record_is_named_by_row_and_field(record, problem):
    assert problems_of([{"phone": BOB, "who": "x"}, record], **FLAT) == [problem]


def test_every_bad_record_is_reported_and_the_text_stays_short():
    with pytest.raises(InvalidRequestError) as caught:
        call_list([{"phone": "?", "who": "x"}] * 25, **FLAT)
    assert len(caught.value.problems) == 25
    assert str(caught.value).count("\n") == 11
    assert "and 15 more" in str(caught.value)


def test_a_record_of_another_shape_is_told_what_to_set():
    assert problems_of([{"phone": ADA}]) == [
        "contacts[0]: has no field to_phone_number; for records of another shape set phone_field"
    ]
    assert problems_of([{"phone": ADA}], variable_fields=["who"]) == [
        "variable_fields: needs phone_field, which says where the number is"
    ]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)


@given(st.lists(st.fixed_dictionaries({}, optional={"phone": st.just(ADA) | values, "who": values}) | values))
def test_any_input_gives_one_contact_per_record_or_the_documented_error_without_a_value(records):
    try:
        contacts = call_list(records, **FLAT)
    except InvalidRequestError as error:
        assert ADA not in str(error)  # noqa: PT017
    else:
        assert len(contacts) == len(records)
        campaign_create(assistant_id="a", name="x", contacts=contacts)
