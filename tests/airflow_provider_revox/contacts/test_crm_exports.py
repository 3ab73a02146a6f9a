"""From files as real tools write them to call lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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
