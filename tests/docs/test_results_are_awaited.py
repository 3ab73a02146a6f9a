"""Every snippet and example that writes results waits for the campaign before."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import PAGES, ROOT, blocks

WRITES = re.compile(r"(\w+) = CampaignResultsOperator\(")
WAITS = re.compile(
    r"""(\w+)\ =\ (?:CampaignSensor\(
    |(?:Create|Launch|Relaunch)CampaignOperator\((?:(?!\w+Operator\()[^#])*?(?:wait_for_completion=True|\*\*waits))""",
    re.VERBOSE,
)
SNIPPETS = {
    **{f"{page.stem}-{place}": text for page in PAGES for place, text in enumerate(blocks(page, "python"))},
    **{file.stem: file.read_text() for file in (ROOT / "dags").rglob("*.py")},
}
WITH_RESULTS = {
    name: text
    for name, text in SNIPPETS.items()
    if re.search(r"^[^#\n]*CampaignResultsOperator\(", text, re.MULTILINE)
}


def test_there_are_such_snippets_on_both_kinds_of_pages():
    assert {name.partition("-")[0] for name in WITH_RESULTS} >= {"results", "results_to_sql"}


@pytest.mark.parametrize("name", WITH_RESULTS)
def test_results_are_behind_a_wait(name):
    text = WITH_RESULTS[name]
    (results,) = WRITES.findall(text)
    waits = re.findall(WAITS, text)
    assert waits
    assert re.search(rf"\b(?:{'|'.join(waits)}) >> {results}\b", text)
