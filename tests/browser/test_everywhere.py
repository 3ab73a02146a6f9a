"""What holds for both pages: colours, keyboard, widths, the frame of Airflow, words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.answers import HOST, ROOT, Answers, campaign, details
from tests.browser.conftest import Pages, shoot

PATHS = {"list": "", "campaign": "campaigns/c-1"}
STATES = ("running", "paused", "completed", "cancelled", "draft", "unknown")
CONTRAST = (Path(__file__).parent / "contrast.js").read_text()


def open_page(pages: Pages, answers: Answers, name: str, **options: Any) -> Page:
    page = pages.open(**options)
    answers.serve(page)
    page.goto(ROOT + PATHS[name])
    expect(page.locator("main h1")).not_to_be_empty()
    expect(page.locator("table" if name == "list" else "#plot svg").first).to_be_visible()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("name", PATHS)
def test_it_fits_and_is_readable(pages: Pages, answers: Answers, name: str, width: int, scheme: str) -> None:
    answers.campaigns = [campaign(campaign_id=f"c-{state}", state=state) for state in STATES]
    page = open_page(pages, answers, name, width=width, scheme=scheme)
    shoot(page, f"{name}-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    heights = [box["height"] for badge in page.locator(".badge").all() if (box := badge.bounding_box())]
    assert max(heights) < 30  # no word of a state is broken
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == scheme


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_question_is_readable(pages: Pages, answers: Answers, scheme: str) -> None:
    page = open_page(pages, answers, "campaign", width=400, scheme=scheme)
    page.get_by_role("button", name="Cancel campaign").click()
    shoot(page, f"question-400-{scheme}")
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_the_users_choice_in_airflow_comes_before_the_systems(
    pages: Pages, answers: Answers, chosen: str
) -> None:
    page = pages.open(scheme="light" if chosen == "dark" else "dark")
    page.add_init_script(f"localStorage.setItem('theme', '{chosen}')")
    answers.serve(page)
    page.goto(ROOT)
    expect(page.locator("html")).to_have_attribute("data-scheme", chosen)


def test_a_change_of_the_colours_is_followed(pages: Pages, answers: Answers) -> None:
    page = pages.open(scheme="dark")
    answers.serve(page)
    page.goto(f"{HOST}/base/plugin/revox-campaigns")
    framed = page.frame_locator("iframe").locator("html")
    expect(framed).to_have_attribute("data-scheme", "light")
    page.evaluate("document.documentElement.className = 'dark'")
    expect(framed).to_have_attribute("data-scheme", "dark")
    alone = open_page(pages, answers, "list")
    alone.emulate_media(color_scheme="dark")
    expect(alone.locator("html")).to_have_attribute("data-scheme", "dark")


def test_links_leave_the_frame_of_airflow(pages: Pages, answers: Answers) -> None:
    page = pages.open()
    answers.serve(page)
    around = f"{HOST}/base/plugin/revox-campaigns"
    page.goto(around)
    frame = page.frame_locator("iframe")
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="in Revox").click()
    assert opened.value.url == f"{HOST}/the-revox"
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Renewals of November", exact=True).click(modifiers=["Control"])
    assert opened.value.url == f"{ROOT}campaigns/c-1"
    frame.get_by_role("link", name="Renewals of November", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Renewals of November")
    assert page.url == around
    frame.get_by_role("link", name="wait [3]").click()
    page.wait_for_url(f"{HOST}/base/dags/renewals/runs/manual__1/tasks/call")


@pytest.mark.parametrize("name", PATHS)
def test_everything_is_reached_by_keyboard_and_seen(pages: Pages, answers: Answers, name: str) -> None:
    page = open_page(pages, answers, name)
    reachable = page.evaluate(
        "[...document.querySelectorAll('a[href], button, select, input, summary, [tabindex=\"0\"]')]"
        ".filter((one) => one.checkVisibility() && !one.disabled).length"
    )
    seen: list[str] = []
    for _ in range(reachable):
        page.keyboard.press("Tab")
        outline, text = page.evaluate(
            "[getComputedStyle(document.activeElement).outlineStyle, document.activeElement.outerHTML]"
        )
        assert outline != "none", text
        seen.append(text)
    assert reachable > 8
    assert len(set(seen)) >= reachable - 1  # the links to the run are the same in both tasks
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement === document.body || !document.hasFocus()")


def test_the_question_keeps_the_keyboard(pages: Pages, answers: Answers) -> None:
    page = open_page(pages, answers, "campaign")
    page.get_by_role("button", name="Pause").press("Enter")
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )


@pytest.mark.parametrize(
    ("module", "call", "result"),
    [
        ("words", "ago('2026-01-01T10:00:00Z', '2026-01-01T10:00:59Z')", "just now"),
        ("words", "ago('2026-01-01T10:00:00Z', '2026-01-01T10:01:59Z')", "1 minute ago"),
        ("words", "ago('2026-01-01T10:00:00Z', '2026-01-01T12:59:00Z')", "2 hours ago"),
        ("words", "ago('2026-01-01T10:00:00Z', '2026-01-02T10:00:00Z')", "yesterday"),
        ("words", "ago('2026-01-01T10:00:00Z', '2026-03-02T10:00:00Z')", "60 days ago"),
        ("words", "ago('2026-01-01T10:05:00Z', '2026-01-01T10:00:00Z')", "in 5 minutes"),
        ("words", "duration('2026-01-01T10:00:00Z', '2026-01-01T10:00:00Z')", "0 s"),
        ("words", "duration('2026-01-01T10:00:00Z', '2026-01-01T10:00:59Z')", "59 s"),
        ("words", "duration('2026-01-01T10:00:00Z', '2026-01-01T11:05:30Z')", "1 h 5 min"),
        ("words", "duration('2026-01-01T10:00:00Z', '2026-01-03T10:00:01Z')", "2 d 1 s"),
        ("words", "duration('2026-01-01T10:00:05Z', '2026-01-01T10:00:00Z')", "0 s"),
        ("words", "percent(0, 0)", "0%"),
        ("words", "percent(1, 10000)", "<1%"),
        ("words", "percent(9999, 10000)", ">99%"),
        ("words", "percent(10000, 10000)", "100%"),
        ("words", "people(1)", "1 person"),
        ("words", "people(12345)", "12,345 people"),
        ("plot", "roundTicks(0)", [0]),
        ("plot", "roundTicks(1)", [0, 1]),
        ("plot", "roundTicks(3)", [0, 1, 2, 3]),
        ("plot", "roundTicks(100)", [0, 50, 100]),
        ("plot", "roundTicks(101)", [0, 50, 100]),
        ("plot", "roundTicks(10000)", [0, 5000, 10000]),
        ("plot", "thinned([1, 2, 3], 3)", [1, 2, 3]),
        ("plot", "thinned([1, 2, 3, 4, 5], 3)", [1, 3, 5]),
        ("windows", "daysInWords(null)", "every day"),
        ("windows", "daysInWords(['Sunday'])", "Sunday"),
        ("windows", "daysInWords(['friday', 'monday'])", "Monday, Friday"),
        ("windows", "daysInWords(['saturday', 'friday', 'thursday'])", "Thursday to Saturday"),
        ("windows", "parts({start: '22:00', end: '06:00'})", [[1320, 1440], [0, 360]]),
        ("windows", "parts({start: '22:00', end: '00:00'})", [[1320, 1440]]),
        ("windows", "parts({start: '00:00', end: '24:00'})", [[0, 1440]]),
    ],
)
def test_numbers_and_moments_are_told_in_words(wordy: Page, module: str, call: str, result: object) -> None:
    path = f"{ROOT}static/{module}.js"
    assert wordy.evaluate(f"import('{path}').then((module) => module.{call})") == result


@pytest.fixture(scope="module")
def wordy(browser: Any) -> Any:
    page = browser.new_page()
    Answers().serve(page)
    page.goto(ROOT)
    yield page
    page.close()


def test_the_zone_that_the_user_chose_in_airflow_counts(pages: Pages, answers: Answers) -> None:
    page = pages.open()
    page.add_init_script("localStorage.setItem('timezone', JSON.stringify('Asia/Tokyo'))")
    answers.serve(page)
    page.goto(ROOT)
    expect(page.get_by_text("26 Nov 2026, 19:00:00 GMT+9")).to_be_visible()


def test_a_large_campaign_is_drawn_at_400_pixels(pages: Pages, answers: Answers) -> None:
    counts = {"total": 1_000_000, "completed": 999_997, "failed": 1, "calling": 1, "retry": 1}
    answers.details = details(counts=counts, people_left=2)
    page = open_page(pages, answers, "campaign", width=400)
    expect(page.locator("#now")).to_contain_text("999,998 of 1,000,000 done, >99%")
    assert all(part.bounding_box()["width"] >= 2 for part in page.locator("#now .part").all())  # type: ignore[index]
