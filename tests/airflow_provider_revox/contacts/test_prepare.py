from __future__ import annotations

import csv
import json
import logging
from itertools import product
from pathlib import Path

import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.contacts.prepare import PreparedContacts
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.metrics import Metrics

ADA, BOB = "+33612345678", "+14155550100"
LOG = logging.getLogger(__name__)


def prepare(records, **options):
    options = {"phone_field": "phone", **options}
    prepared = PreparedContacts(ContactSource(records, rendered=True), ContactOptions(**options))
    prepared.read()
    return prepared


def account(prepared):
    pushed = {}
    try:
        prepared.account(lambda key, value: pushed.update({key: value}), LOG, Metrics())
    finally:
        assert pushed["contact_report"]["received"] == prepared.builder.report.received
    return prepared.call_list()


# ---- Nothing is left

BAD = {"phone": "?"}


@pytest.mark.parametrize(
    "records", [[BAD], [BAD] * 25, [{"phone": None}, {"phone": "06 12"}], [BAD, "x", None]]
)
def test_a_list_of_which_every_record_is_invalid_is_an_error(tmp_path, records):
    prepared = prepare(records, on_invalid="skip", report_path=str(tmp_path / "rejected.csv"))
    assert prepared.are_refused
    with pytest.raises(InvalidRequestError) as caught:
        account(prepared)
    first, *others = caught.value.problems
    assert first == "contacts: every record is invalid, so nobody is left to call"
    assert others[0].startswith("contacts[0].phone: ")
    assert len(others) == min(len(records), 9)
    assert len((tmp_path / "rejected.csv").read_text().splitlines()) == len(records) + 1


@pytest.mark.parametrize(
    "records",
    [[], [{"phone": ADA}], [{"phone": ADA}] * 3, [{"phone": ADA}, BAD]],
    ids=["empty", "suppressed", "suppressed thrice", "suppressed and invalid"],
)
def test_a_list_of_which_nothing_is_left_because_of_do_not_call_is_no_error(records):
    prepared = prepare(records, on_invalid="skip", suppress=[ADA])
    assert not prepared.are_refused
    assert len(account(prepared)) == 0


def test_a_list_of_which_the_phone_history_leaves_nobody_is_no_error():
    prepared = prepare([{"phone": ADA}, BAD], on_invalid="skip")
    prepared.builder.leave_out({ADA: "do_not_contact"})
    assert not prepared.are_refused
    assert len(account(prepared)) == 0


# ---- A blank value is missing

BLANKS = [
    " ",
    "\t\n",
    "\xa0",
    "\u2003",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u2060 \xad",
    "\u3164",
    "\u2800",
    "\0\x01",
    "\x9f",
    "\ufff9",
]


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("others", [0, 3])
def test_a_blank_value_is_missing(blank, others):
    records = [{"phone": f"+3361234560{index}", "who": "Zoé"} for index in range(others)]
    records.append({"phone": ADA, "who": blank})
    prepared = prepare(records, variable_fields=["who"])
    assert prepared.builder.report.invalid_by_reason == {"no_value": 1}
    prepared = prepare(records, variable_fields=["who"], variable_default="there")
    assert prepared.call_list().json.endswith(b'{"who":"there"}}]')


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_region_is_none_and_a_blank_number_is_no_number(blank):
    prepared = prepare(
        [{"phone": "06 12 34 56 78", "region": blank}], region_field="region", default_region="FR"
    )
    assert prepared.numbers_to_call == {ADA}
    prepared = prepare([{"phone": blank}, {"phone": ADA}], on_invalid="skip", default_region="FR")
    assert prepared.builder.report.invalid == 1


@pytest.mark.parametrize("text", [" Ada ", "\u200bAda", "A\xa0", "."])
def test_a_value_that_shows_something_stays_as_it_is(text):
    prepared = prepare([{"phone": ADA, "who": text}], variable_fields=["who"])
    assert f'"who":"{text}"'.encode() in prepared.call_list().json


# ---- Formulas, from whatever source


def test_a_formula_that_wraps_text_is_that_text_in_a_list_too(tmp_path):
    records = [
        {"phone": '="+33612345678"', "who": '="Zoe ""Z"", Dr"'},
        {"phone": '="06 12 34 56 79"', "who": '=""'},
        {"phone": "+33612345670", "who": '="Bob"', "region": '="FR"'},
        {"phone": '="+33612345671"', "who": "x"},
    ]
    path = tmp_path / "due.csv"
    with path.open("w") as file:
        writer = csv.DictWriter(file, ["phone", "who", "region"])
        writer.writeheader()
        writer.writerows(records)
    options = {
        "variable_fields": ["who"],
        "variable_default": "there",
        "default_region": "FR",
        "region_field": "region",
    }
    for suppress in (['="+33612345671"'], [{"phone": '="+33612345671"', "x": 1}], [{"x": '="+33612345671"'}]):
        for source in (records, str(path)):
            contacts = json.loads(prepare(source, suppress=suppress, **options).call_list().json)
            assert [(one["to_phone_number"], one["prompt_variables"]["who"]) for one in contacts] == [
                (ADA, 'Zoe "Z", Dr'),
                ("+33612345679", "there"),
                ("+33612345670", "Bob"),
            ]


# ---- A name twice

TWICE = [
    ('{"phone": "+33612345678", "phone": "+33612345679"}', {}),
    ('{"number": "+33612345678", "number": "+33612345679"}', {}),
    ('{"to_phone_number": "+33612345678", "to_phone_number": "+33612345679"}', {"phone_field": None}),
]


@pytest.mark.parametrize(("text", "options"), TWICE)
def test_a_name_twice_loses_nobody_on_a_do_not_call_list(tmp_path, text, options):
    path = tmp_path / "stop.jsonl"
    path.write_text(text)
    for suppress in (str(path), f"[{text}]", f"[{text}]".replace('"', "'")):
        with pytest.raises(InvalidRequestError, match="twice"):
            prepare([], suppress=suppress, **options)


@pytest.mark.parametrize(
    "text",
    [
        *[text for text, options in TWICE if "number" not in text or options],
        '{"to_phone_number": "+33612345678", "prompt_variables": {"a": "x"}, "prompt_variables": {}}',
        '{"to_phone_number": "+33612345678", "prompt_variables": {"a": "x", "a": "y"}}',
    ],
)
@pytest.mark.parametrize("on_invalid", ["fail", "skip"])
def test_a_name_twice_in_a_contact_is_an_error(tmp_path, text, on_invalid):
    path = tmp_path / "due.jsonl"
    path.write_text(text)
    options = {"phone_field": "phone" if '"phone"' in text else None, "on_invalid": on_invalid}
    for contacts in (str(path), f"[{text}]", f"[{text}]".replace('"', "'")):
        with pytest.raises(InvalidRequestError, match="twice"):
            prepare(contacts, **options)


# ---- Path objects


@pytest.mark.parametrize(
    "kind", [str, Path, ObjectStoragePath, lambda path: ObjectStoragePath(f"file://{path}")]
)
def test_every_option_takes_a_path_as_an_object(tmp_path, kind):
    (tmp_path / "due.csv").write_text(f"phone\n{ADA}\n{BOB}\n?\n")
    (tmp_path / "stop.csv").write_text(f"phone\n{ADA}\n")
    prepared = prepare(
        kind(f"{tmp_path}/due.csv"),
        suppress=kind(f"{tmp_path}/stop.csv"),
        report_path=kind(f"{tmp_path}/rejected.csv"),
        on_invalid="skip",
    )
    assert b"".join([account(prepared).json]).count(b"to_phone_number") == 1
    assert prepared.numbers_to_call == {BOB}
    assert (tmp_path / "rejected.csv").read_text().startswith('"row"')


def test_an_object_of_a_storage_keeps_its_connection(memory):
    memory.pipe("/bucket/due.csv", f"phone\n{ADA}\n".encode())
    for path in ("s3://crm@bucket/due.csv", "memory://bucket/due.csv"):
        source = ContactSource(ObjectStoragePath(path), rendered=True)
        assert repr(source) == "contacts (a file)"
        memory.pipe(ObjectStoragePath(path).path, f"phone\n{ADA}\n".encode())
        assert list(source.records()) == [{"phone": ADA}]


# ---- A path that is read is never written

LOCAL = [
    "due.csv", "./due.csv", "../{name}/due.csv", "{folder}/due.csv", "{folder}//due.csv",
    "{folder}/x/../due.csv", "file://{folder}/due.csv", "FILE://{folder}/due.csv",
    "file://{folder}/./due.csv", "local://{folder}/due.csv", "{folder}/link.csv", "{folder}/linked/due.csv",
]  # fmt: skip


# Airflow 2 makes no object of the others, or that of another file.
OBJECTS = [path for path in LOCAL if path.startswith(("{folder}", "file:"))]


@pytest.mark.parametrize(("kind", "paths"), [(str, LOCAL), (ObjectStoragePath, OBJECTS)])
@pytest.mark.parametrize("option", ["contacts", "suppress"])
def test_a_report_never_replaces_a_file_that_is_read(tmp_path, monkeypatch, option, kind, paths):
    monkeypatch.chdir(tmp_path)
    content = f"phone\n{ADA}\n"
    (tmp_path / "due.csv").write_text(content)
    (tmp_path / "link.csv").symlink_to(tmp_path / "due.csv")
    (tmp_path / "linked").symlink_to(tmp_path)
    spelt = [kind(path.format(folder=tmp_path, name=tmp_path.name)) for path in paths]
    for read, written in product(spelt, repeat=2):
        lists = {"contacts": [{"phone": BOB}], "suppress": [], option: read}
        with pytest.raises(InvalidRequestError, match="report_path: is a file that this task reads"):
            prepare(lists["contacts"], suppress=lists["suppress"], report_path=written, on_invalid="skip")
        assert (tmp_path / "due.csv").read_text() == content


def test_a_report_beside_the_files_that_are_read_is_written(tmp_path):
    (tmp_path / "due.csv").write_text(f"phone\n{ADA}\n")
    for written in (f"{tmp_path}/due2.csv", f"file://{tmp_path}/sub/due.csv", f"{tmp_path}/due.csv.gz"):
        account(prepare(f"{tmp_path}/due.csv", report_path=written))
        assert Path(written.removeprefix("file://")).exists()
