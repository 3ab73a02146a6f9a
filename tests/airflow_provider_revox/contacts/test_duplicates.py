"""Which record of a number is called, if several have it."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.phone_numbers.people import People
from tests.airflow_provider_revox.contacts.call_lists import ADA, BOB, build


@pytest.mark.parametrize("on_duplicate", ["first", "last"])
@pytest.mark.parametrize("is_plain", [True, False])
def test_the_people_of_a_list_are_those_of_its_numbers_whatever_way_they_were_read(on_duplicate, is_plain):
    records = [{"phone": number, "who": "x" if is_plain else 7} for number in (BOB, ADA, BOB, "+33", ADA)]
    records += [{"phone": "+447400123456", "who": "y"}]
    _, builder = build(records, on_duplicate=on_duplicate)
    assert builder.people == People.of([ADA, BOB, "+447400123456"])
    _, builder = build(records[:2])
    assert builder.people == People.of([ADA, BOB])


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


def test_one_person_written_in_two_ways_is_called_once_and_suppressed_in_either():
    records = [{"phone": ADA, "who": "Ada"}, {"phone": "+330612345678", "who": "Ada again"}]
    contacts, builder = build(records)
    assert len(contacts) == 1
    assert builder.report.duplicate == 1
    contacts, builder = build(records, suppress=frozenset({ADA}))
    assert len(contacts) == 0
    assert builder.report.suppressed == 2
