"""The page of the columns says what the files have, and names every field of every release of the client."""

from __future__ import annotations

import re

import pytest

from airflow_provider_revox.results.columns import ATTEMPTS, CALLS, SCHEMA_VERSION, TRANSCRIPTS
from tests.docs.pages import DOCS
from tests.official_types import GENERATIONS, types_of

PAGE = (DOCS / "reference/results-columns.md").read_text()
SOURCES = {"row": "A row", "call": "A call", "attempt": "An attempt"}
COLUMNS = {**ATTEMPTS, **TRANSCRIPTS}


def section(title):
    found = re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    rows = re.findall(r"^\| (`.*) \|$", found[1], re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows]


def fields(source):
    """Return the fields of the table of a source: in which releases they are, and what becomes of them."""
    return {name.strip("`"): (marks, fate) for name, *marks, fate in section(SOURCES[source])}


def test_the_columns_are_those_of_the_files_in_their_order():
    listed = [(name.strip("`"), kind, source) for name, kind, source, _ in section("The columns")]
    assert listed == [(name, column.kind, column.source) for name, column in COLUMNS.items()]
    assert f"This is version {SCHEMA_VERSION} of the columns" in PAGE


def test_what_is_not_in_every_file_says_so():
    for name, _, _, says in section("The columns"):
        in_every_file = name.strip("`") in CALLS
        in_attempts_only = name.strip("`") in ATTEMPTS.keys() - CALLS.keys()
        assert ('Only with `rows="attempts"`' in says) is in_attempts_only, name
        assert ("Only with `transcripts=True`" in says) is not (in_every_file or in_attempts_only), name


@pytest.mark.parametrize("source", SOURCES)
def test_what_becomes_of_a_field_is_what_the_columns_say(source):
    kept = {column.field: name for name, column in COLUMNS.items() if column.source == source}
    told = {}
    for name, (_, fate) in fields(source).items():
        if found := re.fullmatch(r"(on request: )?`(\w+)`", fate):
            told[name] = found[2]
            assert bool(found[1]) is (found[2] in TRANSCRIPTS), name
        else:
            assert re.match(r"left out: \w|(its|their) fields: see below", fate), name
    assert told == kept


@pytest.mark.once
@pytest.mark.parametrize("source", SOURCES)
def test_every_field_of_every_release_is_there_and_no_other(source):
    releases = list(GENERATIONS)
    named = {
        name: [mark == "yes" for mark in marks]
        for name, (marks, _) in fields(source).items()
        if set(marks) <= {"yes", "no"}
    }
    known = {release: types_of(release)["fields"][source] for release in releases}
    everything = {name for fields_of_release in known.values() for name in fields_of_release}
    assert named == {name: [name in known[release] for release in releases] for name in everything}


@pytest.mark.once
def test_what_is_around_the_rows_is_named():
    assert {release: set(types_of(release)["fields"]["answer"]) for release in GENERATIONS} == {
        "0.1.1": {"rows", "page", "page_size", "total"},
        "0.3.0": {"rows"},
        "0.5.0": {"rows"},
    }
