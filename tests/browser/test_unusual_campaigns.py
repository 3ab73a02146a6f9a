"""The page of a campaign whose answers are unusual, or change while somebody reads."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.answers import ROOT, Answers, before, campaign, details
from tests.browser.conftest import Pages, open_campaign


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "every day"),
        ([], "on no day"),
        (["saturday", "monday"], "Monday, Saturday"),
    ],
)
def test_without_a_zone_the_calling_hours_are_those_of_each_person(
    pages: Pages, answers: Answers, days: list[str] | None, words: str
) -> None:
    windows = {**details()["calling_windows"], "timezone": None, "now": None, "is_open": None, "days": days}
    answers.details = details(calling_windows=windows)
    page = open_campaign(pages, answers)
    assert page.locator("#windows p").all_inner_texts() == [
        f"Calling hours are 09:00 to 12:00, {words}.",
        "The hours are in each person’s own time zone.",  # noqa: RUF001
    ]
    expect(page.locator(".day .open")).to_have_count(1)
    expect(page.locator(".day .now")).to_have_count(0)
    expect(page.locator("#tasks .tries li")).to_have_count(2)  # what comes behind is drawn, too


def test_what_could_not_be_drawn_is_drawn_at_the_next_look(pages: Pages, answers: Answers) -> None:
    page = pages.open()
    answers.serve(page)
    page.add_init_script("""
        const all = Element.prototype.replaceChildren;
        let broken = true;
        Element.prototype.replaceChildren = function (...children) {
          if (broken && this.closest("#windows")) {
            broken = false;
            throw new Error("once");
          }
          return all.apply(this, children);
        };
    """)
    page.clock.install()
    page.goto(f"{ROOT}campaigns/c-1")
    expect(page.locator("#problem")).to_have_text("once")
    page.clock.fast_forward(60_000)
    expect(page.locator("#tasks .tries li")).to_have_count(2)
    expect(page.locator("#problem")).to_be_hidden()


@pytest.mark.parametrize("word", ["constructor", "toString", "__proto__", "a_new_state"])
def test_words_that_the_page_does_not_know_are_shown_as_they_are(
    pages: Pages, answers: Answers, word: str
) -> None:
    task = {**campaign()["tasks"][0], "role": word, "state": word}
    answers.details = details(state=word, tasks=[task])
    page = open_campaign(pages, answers)
    expect(page.locator("#line .badge")).to_be_visible()
    expect(page.locator("#line")).to_contain_text(word.replace("_", " ").strip()[1:])
    expect(page.locator("#tasks .role")).to_have_text(word)


def test_a_table_that_is_read_stays_where_it_is(pages: Pages, answers: Answers) -> None:
    seen = {"state": "running", "counts": {"total": 9, "completed": 9}}
    answers.details = details(progress=[{**seen, "at": before(minutes=n)} for n in range(49, -1, -1)])
    page = pages.open()
    answers.serve(page)
    page.clock.install()
    page.goto(f"{ROOT}campaigns/c-1")
    page.get_by_text("Progress as a table").click()
    table = page.get_by_role("region", name="Progress as a table")
    table.focus()
    table.evaluate("table => table.scrollTo(0, 200)")
    answers.details = {**answers.details, "name": "Renamed"}
    page.clock.fast_forward(60_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Renamed")
    expect(table).to_be_focused()
    assert table.evaluate("table => table.scrollTop") == 200
