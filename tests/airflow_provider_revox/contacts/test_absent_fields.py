"""A field that no record has is a wrong name, or a wrong list."""

from __future__ import annotations

import json
import unicodedata

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.contacts.prepare import PreparedContacts
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.metrics import Metrics

ADA, BOB = "+33612345678", "+14155550100"
RECORDS = [{"phone": ADA, "first_name": "Ada", "country": "FR"}, {"phone": BOB, "first_name": "Bob"}]


def prepare(records, **options):
    prepared = PreparedContacts(ContactSource(records, rendered=True), ContactOptions(**options))
    prepared.read()
    return prepared


def problem_of(records, **options):
    prepared = prepare(records, **options)
    assert prepared.are_refused
    with pytest.raises(InvalidRequestError) as caught:
        prepared.account(lambda **_: None, Log(), Metrics())
    (problem,) = caught.value.problems
    return problem


class Log:
    def info(self, *_):
        pass


def as_file(tmp_path, records, kind):
    path = tmp_path / f"due.{kind}"
    if kind == "csv":
        names = list(dict.fromkeys(name for record in records for name in record))
        lines = [names, *[[str(record.get(name, "")) for name in names] for record in records]]
        path.write_text("".join(",".join(line) + "\n" for line in lines))
    else:
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


@pytest.mark.parametrize("on_invalid", ["fail", "skip"])
@pytest.mark.parametrize("kind", ["list", "csv", "jsonl"])
@pytest.mark.parametrize(
    ("options", "absent"),
    [
        ({"phone_field": "Phone"}, "field Phone"),
        ({"phone_field": "phone", "variable_fields": ["name"]}, "field name"),
        ({"phone_field": "phone", "variable_fields": ["name"], "variable_default": "x"}, "field name"),
        ({"phone_field": "phone", "variable_fields": {"who": "name", "x": "name"}}, "field name"),
        ({"phone_field": "phone", "region_field": "Country"}, "field Country"),
        ({"phone_field": "phone", "region_field": "Country", "default_region": "FR"}, "field Country"),
        ({"phone_field": "tel", "variable_fields": ["first_name", "plan"]}, "fields tel, plan"),
        ({"phone_field": "phone ", "default_region": "FR"}, "field phone "),
    ],
)
def test_it_is_one_error_that_names_the_fields_there_are(tmp_path, kind, on_invalid, options, absent):
    records = RECORDS if kind == "list" else as_file(tmp_path, RECORDS, kind)
    assert problem_of(records, on_invalid=on_invalid, **options) == (
        f"contacts: no record has the {absent}; they have: phone, first_name, country"
    )


@pytest.mark.parametrize("on_invalid", ["fail", "skip"])
def test_flat_records_without_a_phone_field_are_told_what_to_set(on_invalid):
    assert problem_of(RECORDS, on_invalid=on_invalid) == (
        "contacts: no record has the field to_phone_number; they have: phone, first_name, country. "
        "For flat records set phone_field"
    )


@pytest.mark.parametrize("place", [0, 499, 500, 1999])
def test_a_field_that_one_record_has_is_no_such_error(place):
    records = [{"phone": f"+336{index:08}"} for index in range(2000)]
    records[place]["plan"] = "gold"
    prepared = prepare(records, phone_field="phone", variable_fields=["plan"], variable_default="x")
    assert not prepared.are_refused
    assert prepared.builder.report.to_call == 2000


@pytest.mark.parametrize("records", [[], [()], ["x", None, 7]])
def test_without_records_no_field_is_missing(records):
    assert not prepare(records, phone_field="phone").builder.absent_fields


def test_names_that_may_be_data_are_not_shown():
    record = {ADA: "Ada", "06 12 34 56 78": 1, "ada@x.example": 1, "a\nb": 1, "x" * 99: 1, 7: 1, "plan 2": 1}
    assert problem_of([record], phone_field="phone") == (
        "contacts: no record has the field phone; they have: names that look like data, which are not shown. "
        "One is a number, not a header; add a first line with the names of the columns"
    )
    assert problem_of([{"ada@x.example": 1}], phone_field="phone").endswith("data, which are not shown")
    many = {f"field_{index}": index for index in range(200)}
    assert problem_of([many], phone_field="phone").endswith("field_28, field_29, …")
    assert problem_of([{}], phone_field="phone").endswith("they have: no field")
    assert problem_of([{"\ud800": 1}], phone_field="\udfff").endswith("the field \\udfff; they have: \\ud800")


@pytest.mark.parametrize("asked", ["NFC", "NFD"])
@pytest.mark.parametrize("there", ["NFC", "NFD"])
@pytest.mark.parametrize("kind", ["list", "csv", "jsonl"])
def test_a_name_is_found_whether_its_accents_are_composed_or_not(tmp_path, kind, asked, there):
    def name(form, text):
        return unicodedata.normalize(form, text)

    region, phone, plan = "région", "téléphone", "prénom"
    records = [{name(there, phone): "06 12 34 56 78", name(there, plan): "Zoé", name(there, region): "FR"}]
    records = records if kind == "list" else as_file(tmp_path, records, kind)
    prepared = prepare(
        records,
        phone_field=name(asked, phone),
        variable_fields=[name(asked, plan)],
        region_field=name(asked, region),
    )
    # The variable has the name that the author of the DAG has given it.
    assert json.loads(prepared.call_list().json) == [
        {"to_phone_number": ADA, "prompt_variables": {name(asked, plan): "Zoé"}}
    ]


SPACES = [" ", "\xa0", "\u202f", "\u2003", "\u3000", "\t", "  ", " \xa0", "\n", "\r\n"]


@pytest.mark.parametrize("asked", [" ", "\xa0", "  "])
@pytest.mark.parametrize("there", SPACES)
def test_a_name_is_found_whatever_white_space_it_has(tmp_path, asked, there):
    record = {f"my{there}phone": "06 12 34 56 78", f"first{there}name": "Zoé", f"my{there}region": "FR"}
    sources = [[record], as_file(tmp_path, [record], "jsonl")]
    if there.isprintable() or there == "\xa0":
        sources.append(as_file(tmp_path, [record], "csv"))
    for source in sources:
        options = {"phone_field": f"my{asked}phone", "region_field": f"my{asked}region"}
        prepared = prepare(source, variable_fields=[f"first{asked}name"], **options)
        assert json.loads(prepared.call_list().json) == [
            {"to_phone_number": ADA, "prompt_variables": {f"first{asked}name": "Zoé"}}
        ]
        assert prepare(source, suppress=source, **options).builder.report.suppressed == 1


def test_white_space_in_quotes_of_a_header_is_a_space(tmp_path):
    path = tmp_path / "due.csv"
    path.write_bytes(f'"my\r\nphone","first\tname"\r\n{ADA},Zoé\r\n'.encode())
    prepared = prepare(str(path), phone_field="my phone", variable_fields=["first name"])
    assert prepared.builder.report.to_call == 1


@pytest.mark.parametrize("kind", ["csv", "jsonl", "list"])
def test_a_name_that_two_fields_have_but_for_white_space_is_not_guessed(tmp_path, kind):
    record = {"my\xa0phone": ADA, "my\u2003phone": BOB}
    source = [record] if kind == "list" else as_file(tmp_path, [record], kind)
    if kind == "list":
        prepared = prepare([*source, {"my phone": ADA}], phone_field="my phone")
        assert prepared.builder.report.invalid_by_reason == {"no_number_field": 1}
    with pytest.raises(InvalidRequestError, match=r"my phone|several fields"):
        prepare([], phone_field="my phone", suppress=source)


@pytest.mark.parametrize("name", ["0612345678", "tel:+33 6 12 34 56 78", 612345678, 612345678.0])
@pytest.mark.parametrize("others", [{}, {"Zoe": "Ada"}])
@pytest.mark.parametrize("options", [{"phone_field": "phone"}, {}])
def test_records_of_a_list_without_a_header_are_refused_as_such(name, others, options):
    for on_invalid in ("fail", "skip"):
        problem = problem_of([{name: "0612345679", **others}], on_invalid=on_invalid, **options)
        assert "One is a number, not a header" in problem
        assert "612" not in problem


def test_a_name_with_other_white_space_is_shown():
    problem = problem_of([{"last\xa0name": "Ada"}], phone_field="phone")
    assert problem.endswith("no record has the field phone; they have: last name")


@pytest.mark.parametrize("asked", ["NFC", "NFD"])
@pytest.mark.parametrize("there", ["NFC", "NFD"])
def test_a_name_in_a_do_not_call_list_is_found_too(tmp_path, asked, there):
    record = {unicodedata.normalize(there, "téléphone"): ADA, "x": 1}
    for suppress in ([record], as_file(tmp_path, [record], "csv")):
        prepared = prepare([record], phone_field=unicodedata.normalize(asked, "téléphone"), suppress=suppress)
        assert prepared.builder.report.suppressed == 1
