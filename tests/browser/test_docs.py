"""The documentation in a browser: no table is wider than its page, and the search works without a network."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import DOCS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright")
pytest.importorskip("sphinx")

TOO_WIDE = """() => [
  ...(document.documentElement.scrollWidth > innerWidth ? ["the page"] : []),
  ...[...document.querySelectorAll("article table")]
    .filter(table => table.scrollWidth > table.parentElement.clientWidth + 1)
    .map(table => table.innerText.slice(0, 40)),
]"""


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the documentation, built."""
    folder = tmp_path_factory.mktemp("html")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", str(DOCS), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("page", [1280, 400], indirect=True)
def test_no_table_is_wider_than_its_page(page: Page, html: Path) -> None:
    files = sorted(html.rglob("*.html"))
    assert len(files) > 40
    wide = {}
    for file in files:
        page.goto(file.as_uri())
        wide[file.name] = page.evaluate(TOO_WIDE)
    assert {name: what for name, what in wide.items() if what} == {}


@pytest.mark.parametrize("page", [1280], indirect=True)
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("not_called_within", "Leave people out"),
        ("No campaign is confirmed", "Errors"),
        ("adopt", "Glossary"),
    ],
)
def test_the_search_finds_an_argument_a_message_and_a_word(
    page: Page, html: Path, words: str, found: str
) -> None:
    page.goto(f"{(html / 'search.html').as_uri()}?q={words.replace(' ', '+')}")
    page.locator("#search-results li a", has_text=found).first.wait_for()
