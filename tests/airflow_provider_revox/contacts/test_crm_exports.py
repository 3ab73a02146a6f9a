"""From files as real tools write them to call lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.contacts.prepare import PreparedContacts
from airflow_provider_revox.contacts.source import ContactSource

DATA = Path(__file__).parents[1] / "files" / "data"


@pytest.mark.parametrize(
    ("name", "options", "to_call", "rejected"),
    [
        (
            "hubspot.csv",
            {"phone_field": "Phone Number", "variable_fields": {"company": "Company name"}},
            {"+551123456789": "Serra Calçados", "+3532212345": 'Burren "Best" Software, Ltd.'},
            [],
        ),
        (
            "salesforce.csv",
            {"phone_field": "Mobile", "variable_fields": {"street": "Mailing Street"}},
            {"+522001234567": "Calle Luna 5\nInterior 2", "+43664123456": "Hauptplatz 1"},
            [],
        ),
        (
            "pipedrive.csv",
            {"phone_field": "Person - Phone", "variable_fields": {"who": "Person - Name"}},
            {"+34612345678": "Núria Vidal"},
            [(0, "Person - Phone", "not_a_number")],  # two numbers in one cell
        ),
        (
            "excel_semicolons.csv",
            {"phone_field": "Téléphone", "variable_fields": ["Échéance"], "default_region": "FR"},
            {"+33612345678": "30/11/2026"},
            [],  # a row of nothing is no record; the two before have one number
        ),
        (
            "excel_sep.csv",
            {"phone_field": "Phone, mobile", "variable_fields": ["City, country"], "default_region": "DE"},
            {"+4915123456789": "Berlin, Deutschland"},
            [],
        ),
        (
            "excel_latin1.csv",
            {
                "phone_field": "Téléphone",
                "variable_fields": ["Prénom"],
                "default_region": "FR",
                "encoding": "cp1252",
                "delimiter": ";",
            },
            {"+33612345678": "Zoé", "+33123456789": "Loïc"},
            [],
        ),
        (
            "excel_unicode_text.txt",
            {"phone_field": "Phone", "variable_fields": ["Note"]},
            {"+48512345678": 'says "hello", twice'},
            [(1, "Note", "no_value")],
        ),
        (
            "events.jsonl",
            {"phone_field": "phone", "variable_fields": ["name"], "default_region": "FR"},
            {"+34612345678": "Núria", "+33612345678": "Zoé"},
            [],
        ),
    ],
)
def test_an_export_becomes_a_call_list(name, options, to_call, rejected):
    prepared = PreparedContacts(ContactSource(str(DATA / name)), ContactOptions(**options))
    prepared.read()
    contacts = json.loads(prepared.call_list().json)
    assert {
        contact["to_phone_number"]: next(iter(contact["prompt_variables"].values())) for contact in contacts
    } == to_call
    assert [(each.row, each.field, each.reason) for each in prepared.builder.rejections] == rejected


def _report(contacts, **options):
    prepared = PreparedContacts(
        ContactSource(str(contacts), rendered=True), ContactOptions(phone_field="phone", **options)
    )
    prepared.read()
    return prepared


def test_a_parquet_column_of_32_bits_tells_amounts_and_no_phone_numbers(pa, tmp_path):
    import pyarrow.parquet as pq

    for kind in (pa.float32(), pa.float64()):
        table = pa.table(
            {
                "phone": pa.array([33612345678.0, 33612345679.0], kind),
                "amount": pa.array([19.99, 1_234_567.5], pa.float32()),
            }
        )
        pq.write_table(table, tmp_path / f"{kind}.parquet")
    options = {"variable_fields": ["amount"], "default_region": "FR"}
    refused = _report(tmp_path / "float.parquet", **options)
    assert refused.builder.report.invalid_by_reason == {"scientific": 2}
    called = json.loads(_report(tmp_path / "double.parquet", **options).call_list().json)
    assert [list(one["prompt_variables"].values()) for one in called] == [["19.99"], ["1234567.5"]]
    assert [one["to_phone_number"] for one in called] == ["+33612345678", "+33612345679"]


@pytest.mark.parametrize("people", [2, 1])
def test_a_parquet_file_whose_first_person_became_its_header_is_refused(pa, tmp_path, file, people):
    import pyarrow.parquet as pq

    path = tmp_path / "dnc.parquet"
    pq.write_table(pa.table({"0612345678": pa.array(["0612345679"][: people - 1], pa.string())}), path)
    problem = "dnc.parquet: header: is a number, not a header"
    with pytest.raises(InvalidRequestError, match=problem):
        _report(file("phone\n+33612345678\n"), suppress=str(path))
    with pytest.raises(InvalidRequestError, match=problem):
        _report(path)


@pytest.mark.parametrize("name", ["due.jsonl", "due.csv"])
def test_a_number_that_has_lost_digits_to_an_exponent_is_refused_in_every_file(file, name):
    lines = ["phone"] if name.endswith("csv") else []
    numbers = ["3.36123E+10", "3.36123e10", "336123E5"]
    lines += numbers if name.endswith("csv") else [f'{{"phone": {number}}}' for number in numbers]
    report = _report(file("\n".join(lines), name), default_region="FR").builder.report
    assert report.invalid_by_reason == {"scientific": 3}


@pytest.mark.parametrize("entry", ["3.36123E+10", "33612300000.5", "4915123456789"])
def test_an_entry_of_a_do_not_call_file_that_is_no_certain_number_stops_the_launch(file, entry):
    suppress = file(f'{{"phone": {entry}}}\n', "dnc.jsonl")
    with pytest.raises(InvalidRequestError, match=r"suppress\[0\]: "):
        _report(file("phone\n+33612345678\n"), suppress=suppress, default_region="DE")


def test_a_do_not_call_list_without_regions_is_refused_where_the_contacts_have_regions(file):
    contacts = file("phone,country\n0612345678,FR\n")
    options = {"region_field": "country", "default_region": "IT"}
    with pytest.raises(InvalidRequestError, match=r"suppress\[0\]: has no country code"):
        _report(contacts, suppress=["0612345678"], **options)
    for entry in ("+33612345678", {"phone": "06 12 34 56 78", "country": "fr"}):
        assert _report(contacts, suppress=[entry], **options).builder.report.suppressed == 1


def test_an_amount_of_json_lines_is_told_with_all_its_digits(file):
    amounts = ["90071992547409931.0", "1234567890123456.78", "19.99", "1.10", "100.0"]
    lines = [f'{{"phone": "+3361234567{n}", "amount": {amount}}}' for n, amount in enumerate(amounts)]
    prepared = _report(file("\n".join(lines), "due.jsonl"), variable_fields=["amount"])
    told = [one["prompt_variables"]["amount"] for one in json.loads(prepared.call_list().json)]
    assert told == ["90071992547409931", "1234567890123456.78", "19.99", "1.1", "100"]
