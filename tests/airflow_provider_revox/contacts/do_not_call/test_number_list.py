from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.do_not_call.number_list import listed_numbers
from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.contacts.prepare import PreparedContacts
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.phone_numbers.number_types import Float32
from airflow_provider_revox.phone_numbers.reader import NumberReader

FRENCH = NumberReader("FR")


def test_numbers_are_read_as_those_of_the_contacts_are():
    entries = ["06 12 34 56 78", "+330698765432", {"number": "0612345679"}, {"tel": "0612345670", "x": 1}]
    assert listed_numbers(entries, FRENCH, "tel") == {
        "+33612345678",
        "+33698765432",
        "+33612345679",
        "+33612345670",
    }


def test_the_region_of_a_record_counts_as_it_does_for_contacts():
    entries = [{"tel": "0475123456", "country": "BE"}, {"tel": "+33612345678", "country": ""}, "+33698765432"]
    found = listed_numbers(entries, FRENCH, "tel", "country")
    assert found == {"+32475123456", "+33612345678", "+33698765432"}


@pytest.mark.parametrize("region", [None, "", " ", float("nan"), "\u200b"])
@pytest.mark.parametrize("number", ["0612345678", "612345678", 612345678, 33612345678, 612345678.0])
def test_an_entry_without_region_and_country_code_is_refused_where_contacts_have_regions(number, region):
    for entry in (number, {"tel": number}, {"tel": number, "country": region}):
        with pytest.raises(
            InvalidRequestError, match=r"suppress\[0\]: (has no country code|can be read as more)"
        ):
            listed_numbers([entry], FRENCH, "tel", "country")
        if isinstance(number, str):
            assert listed_numbers([number], FRENCH, "tel") == {"+33612345678"}


@pytest.mark.parametrize(
    "entry",
    [
        "4915123456789",
        4915123456789,
        "030 123456 / 234567",
        "030 19951-842174",
        "030 123456 (2)",
        Float32(33612345678),
        "33612345678",
    ],
)
def test_an_entry_that_may_be_somebody_else_is_refused_and_suppresses_nobody(entry):
    with pytest.raises(InvalidRequestError, match=r"suppress\[0\]: "):
        listed_numbers([entry], NumberReader("DE"), None)


def test_an_entry_is_read_in_spite_of_format_characters_and_the_prefix_of_a_lead_export():
    entries = ["\u061cp:+33612345678\ufe0f", "p:06 98 76 54 32"]
    assert listed_numbers(entries, FRENCH, None) == {"+33612345678", "+33698765432"}


def test_every_entry_that_can_not_be_read_is_named_by_its_row():
    entries = ["?", "+33612345678", {"a": 1, "b": 2}]
    with pytest.raises(InvalidRequestError) as caught:
        listed_numbers(entries, FRENCH, "tel")
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["suppress[0]", "suppress[2]"]


@pytest.mark.parametrize("content", ["+33612345678\n+33698765432\n", "06 12 34 56 78\n", '"+33612345678"\n'])
def test_a_file_without_a_header_is_refused_for_its_first_number_would_be_lost(file, content):
    with pytest.raises(InvalidRequestError, match="header: is a number") as caught:
        list(ContactSource(file(content, "dnc.txt"), rendered=True).records("suppress"))
    assert "612345678" not in str(caught.value).replace(" ", "")


@pytest.mark.parametrize(
    "name",
    ["0612345678", "+33 6 12 34 56 78", "tel:0612345678", "p:+33612345678", 612345678, "6.1E+8", "06-12-34"],
)
def test_an_entry_whose_only_field_has_a_number_for_a_name_is_refused(file, name):
    """csv.DictReader makes names of the first line of a list that has no header."""
    entries = [[{name: "0612345679"}, {name: "0612345670"}]]
    if isinstance(name, str):
        path = file(json.dumps({name: "0612345679"}), "dnc.jsonl")
        entries.append(ContactSource(path, rendered=True).records("suppress"))
    for suppress in entries:
        with pytest.raises(
            InvalidRequestError, match=r"suppress\[0\]: .* is a number, not a header"
        ) as caught:
            listed_numbers(suppress, FRENCH, "tel")
        assert "612345" not in str(caught.value)


@pytest.mark.parametrize("name", ["number", "phone 2", 0, "0", ""])
def test_an_entry_has_its_number_in_its_only_field_whatever_the_name(name):
    assert listed_numbers([{name: "0612345679"}], FRENCH, "tel") == {"+33612345679"}
    assert listed_numbers([{"0612345678": "0612345679"}], FRENCH, "0612345678") == {"+33612345679"}


@pytest.mark.parametrize("name", ["dnc.jsonl", "dnc.jsonl.gz", "dnc.csv"])
def test_an_empty_file_is_refused_for_it_may_have_been_longer(file, name):
    options = ContactOptions(phone_field="tel", suppress=file("", name))
    with pytest.raises(InvalidRequestError, match=r"dnc.*: is (empty|damaged)"):
        PreparedContacts(ContactSource([], rendered=True), options)
    PreparedContacts(ContactSource(file("", "due.jsonl"), rendered=True), ContactOptions()).read()


@pytest.mark.parametrize(
    ("field", "twin"), [("my phone", "my\xa0phone"), ("t\u00e9l", "te\u0301l"), ("my phone", "my  phone")]
)
def test_an_entry_that_has_its_number_twice_in_fields_that_look_alike_is_refused(field, twin):
    entry = {field: "0612345678", twin: "0612345679"}
    for suppress in ([entry], ContactSource(json.dumps([entry]), rendered=True).records()):
        with pytest.raises(
            InvalidRequestError, match=r"suppress\[0\]: has several fields with the name of phone"
        ):
            listed_numbers(suppress, FRENCH, field)
