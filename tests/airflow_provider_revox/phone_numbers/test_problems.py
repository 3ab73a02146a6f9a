"""The page about numbers says what the reader does, and names every reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from airflow_provider_revox.contacts import call_list, record
from airflow_provider_revox.contacts.report import DUPLICATE_NUMBER
from airflow_provider_revox.phone_numbers.problems import REASONS, NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

PAGE = (Path(__file__).parents[3] / "docs" / "numbers.md").read_text()
# A row of a table: the code spans in its first cell, its second cell (a region or "any"), its third cell.
EXAMPLES = [
    (text, None if region == "any" else region, found)
    for texts, region, found in re.findall(r"^\| (.*`.*) \| ([A-Z]{2}|any) \| (.*) \|$", PAGE, re.MULTILINE)
    for text in re.findall(r"`([^`]+)`", texts)
]


def outcome(text: str, region: str | None) -> str:
    try:
        return NumberReader(region).read(text)
    except NumberError as error:
        return error.reason


@pytest.mark.parametrize(("text", "region", "found"), EXAMPLES)
def test_each_example_of_the_page_comes_out_as_it_says(text, region, found):
    expected = found.strip("`") if found.startswith("`+33612345678") else "ambiguous"
    assert outcome(text, region) == expected


def test_the_page_has_examples_of_both_kinds():
    assert len(EXAMPLES) >= 15


def test_the_page_names_every_reason():
    sources = "".join(Path(module.__file__).read_text() for module in (record, call_list))
    of_records = re.findall(r'RejectedError\([^,]+, "(\w+)"', sources)
    assert len(of_records) >= 8
    tables = PAGE[PAGE.index("## Reasons") :]
    documented = {
        word
        for cell in re.findall(r"^\| (`.*?) \|", tables, re.MULTILINE)
        for word in re.findall(r"`(\w+)`", cell)
    }
    assert documented == {*REASONS, *of_records, DUPLICATE_NUMBER}
