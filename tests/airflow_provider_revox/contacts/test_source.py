from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.source import ContactSource

ADA, BOB = "+33612345678", "+14155550100"


def test_contacts_show_a_count_and_nothing_else():
    rows = [{"phone": ADA}] * 1204
    for shown in (repr(ContactSource(rows)), str(ContactSource(rows)), f"{ContactSource(rows)}"):
        assert shown == "1,204 contacts"
    assert repr(ContactSource([rows[0]])) == "1 contact"
    assert repr(ContactSource(f"[{{'phone': '{ADA}'}}]", rendered=True)) == "1 contact"
    assert repr(ContactSource(f"[{{'phone': '{ADA}'}}]")) == "contacts (a template)"
    assert repr(ContactSource(f"{ADA} and {BOB}", rendered=True)) == "contacts (not a list)"
    assert repr(ContactSource({"phone": ADA})) == "contacts (not a list)"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "is None; give an empty list if there is nobody"),
        ({"phone": ADA}, "must be a list of records, not dict"),
        (7, "must be a list of records, not int"),
        (f"see {ADA}", "is text that is neither JSON nor a Python literal"),
    ],
)
def test_what_is_no_list_of_records_is_refused_without_showing_it(value, problem):
    with pytest.raises(InvalidRequestError, match=problem) as caught:
        ContactSource(value).records()
    assert ADA not in str(caught.value)


def test_any_iterable_is_a_list_of_records():
    once = ContactSource(row for row in ({"a": 1}, {"a": 2}))
    assert repr(once) == "contacts"  # to count them would use them up
    assert list(once.records()) == [{"a": 1}, {"a": 2}]


def test_a_file_is_read_record_by_record(tmp_path):
    file = tmp_path / "due.csv"
    file.write_text(f"phone,who\n{ADA},Ada\n")
    contacts = ContactSource(str(file), rendered=True)
    assert repr(contacts) == "contacts (a file)"
    assert list(contacts.records()) == [{"phone": ADA, "who": "Ada"}]


@pytest.mark.parametrize(
    "text",
    ['[{"phone": 3.36123E+10}]', '[{"phone": 3.36123e10, "a": 1.5}]', "[{'phone': 3.36123E+10, 'x': None}]"],
)
def test_a_number_of_json_with_an_exponent_shows_that_digits_are_lost(text):
    (record,) = ContactSource(text, rendered=True).records()
    assert record["phone"] == Decimal("3.36123E+10")
    assert record["phone"].as_tuple().exponent == 5
