from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.contacts.call_list import CallListBuilder
from airflow_provider_revox.contacts.record import CallListOptions
from airflow_provider_revox.phone_numbers.reader import NumberReader
from tests.airflow_provider_revox.contacts.call_lists import ADA, BOB, build


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


def test_suppressed_numbers_are_not_called_even_if_their_record_is_incomplete():
    contacts, builder = build([{"phone": ADA}, {"phone": BOB, "who": "Bob"}], suppress=frozenset({ADA}))
    assert [contact["to_phone_number"] for contact in contacts] == [BOB]
    assert builder.report.suppressed == 1
    assert builder.report.invalid == 0


def test_contacts_reports_and_rejections_show_nothing_personal():
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
