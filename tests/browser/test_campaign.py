"""The page of a campaign, in a browser, without an Airflow."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.answers import HOST, ROOT, Answers, before, campaign, details
from tests.browser.conftest import Pages, open_campaign

LEFT = {
    "pause": "55 people are left to call. No new call begins until somebody resumes the campaign. "
    "Calls in progress go on.",
    "resume": "55 people are left to call. Revox goes on with its calls, in the calling hours.",
    "cancel": "55 people are left to call. The campaign will not call them. Calls in progress go on. "
    "A cancelled campaign can’t be resumed.",  # noqa: RUF001
}
BUTTONS = {"pause": "Pause", "resume": "Resume", "cancel": "Cancel campaign"}


def test_the_head_says_what_the_campaign_is(pages: Pages, answers: Answers) -> None:
    page = open_campaign(pages, answers)
    expect(page.get_by_role("heading", level=1)).to_have_text("Renewals of November")
    expect(page).to_have_title("Renewals of November - Revox campaign")
    for words in ("Running", "Since 2 hours ago", "Adopted by try 1: try 1 launched it"):
        expect(page.locator("#line")).to_contain_text(words)
    expect(page.locator("#now")).to_contain_text("42 of 100 done, 42%")


def test_the_plot_has_axes_a_legend_and_a_table(pages: Pages, answers: Answers) -> None:
    page = open_campaign(pages, answers)
    plot = page.get_by_role("img", name="People by state from 26 Nov, 11:00 to 26 Nov, 11:59 UTC.")
    expect(plot).to_be_visible()
    texts = plot.locator("text").all_text_contents()
    assert texts[:3] == ["0", "50", "100"]
    assert (texts[3], texts[-1]) == ("11:00", "11:59")
    assert page.locator("#plot .legend li").all_text_contents() == [
        *("Completed", "Failed", "Calling", "Retry", "Pending"),
        "Times in UTC",
    ]
    page.get_by_text("Progress as a table").click()
    rows = page.get_by_role("region", name="Progress as a table").get_by_role("row")
    expect(rows).to_have_count(8)
    expect(rows.nth(6)).to_have_text("26 Nov 2026, 11:50:00 UTCrunning4000060")
    expect(rows.last).to_have_text("26 Nov 2026, 11:59:50 UTCrunning4023550")


def test_a_plot_needs_two_moments(pages: Pages, answers: Answers) -> None:
    answers.details = details(progress=details()["progress"][:1], seen_at=None)
    page = open_campaign(pages, answers)
    expect(page.locator("#plot")).to_have_text("The plot begins with the second look at the campaign.")


def test_a_long_progress_becomes_a_short_table(pages: Pages, answers: Answers) -> None:
    seen = {"state": "running", "counts": {"total": 9, "completed": 9}}
    answers.details = details(progress=[{**seen, "at": before(minutes=n)} for n in range(499, -1, -1)])
    page = open_campaign(pages, answers)
    page.get_by_text("Progress as a table").click()
    rows = page.get_by_role("region", name="Progress as a table").get_by_role("row")
    expect(rows).to_have_count(51)
    expect(rows.nth(1)).to_contain_text("03:41:00")
    expect(rows.last).to_contain_text("12:00:00")


def test_the_report_accounts_for_every_record(pages: Pages, answers: Answers) -> None:
    page = open_campaign(pages, answers)
    assert page.locator("#report li").all_inner_texts() == [
        "Received\n107",
        "Invalid\n−3\n3 not valid",  # noqa: RUF001
        "Duplicate\n−2",  # noqa: RUF001
        "Suppressed\n−2\n2 do not contact",  # noqa: RUF001
        "To call\n100",
    ]


def test_counts_that_a_report_lacks_are_zero(pages: Pages, answers: Answers) -> None:
    answers.details = details(report=dict.fromkeys(("received", "to_call", "invalid", "invalid_by_reason")))
    page = open_campaign(pages, answers)
    zeros = ["Received\n0", "Invalid\n0", "Duplicate\n0", "Suppressed\n0", "To call\n0"]
    assert page.locator("#report li").all_inner_texts() == zeros


def test_outcomes_and_funnel_show_shares(pages: Pages, answers: Answers) -> None:
    page = open_campaign(pages, answers)
    assert page.locator("#outcomes li").all_inner_texts() == [
        "Not interested\n30\n71%",
        "Interested\n12\n29%",
    ]
    assert page.locator("#funnel li").all_inner_texts() == ["Called\n45\n100%", "Answered\n42\n93%"]


def test_the_calling_hours_are_those_of_the_campaigns_zone(pages: Pages, answers: Answers) -> None:
    page = open_campaign(pages, answers)
    hours = page.locator("#windows")
    expect(hours).to_contain_text(
        "No calls are made now. Calling hours are 09:00 to 12:00, Monday to Wednesday."
    )
    expect(hours).to_contain_text("It is 13:00 in Europe/Paris.")
    day = page.locator(".day").bounding_box()
    now = page.locator(".now").bounding_box()
    assert day is not None
    assert now is not None
    assert (now["x"] - day["x"]) / day["width"] == pytest.approx(13 / 24, abs=0.01)


def test_the_tries_are_told_with_their_logs(pages: Pages, answers: Answers) -> None:
    page = open_campaign(pages, answers)
    tries = page.locator("#tasks .tries li")
    expect(tries).to_have_count(2)
    expect(tries.nth(0)).to_contain_text("Try 1Failed26 Nov 2026, 10:51:00 UTCtook 30 s")
    log = page.get_by_role("link", name="Log of try 2")
    expect(log).to_have_attribute("href", f"{HOST}/base/dags/renewals/runs/manual__1/tasks/call?try_number=2")


def test_what_there_is_not_has_no_place(pages: Pages, answers: Answers) -> None:
    nothing = dict.fromkeys(
        (
            "name",
            "counts",
            "left_out",
            "launch",
            "since",
            "report",
            "statistics",
            "calling_windows",
            "people_left",
        )
    )
    answers.details = details(state="unknown", tasks=[], tries=[], progress=[], actions=[], **nothing)
    page = open_campaign(pages, answers)
    expect(page.get_by_text("No task has seen the counts yet.")).to_be_visible()
    for part in ("#report", "#windows", "#outcomes", "#funnel", "#progress-table"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator("#controls button")).to_have_count(0)


@pytest.mark.parametrize("actions", [["resume", "cancel"], ["explode", "constructor"]])
def test_only_what_the_user_may_do_has_a_button(pages: Pages, answers: Answers, actions: list[str]) -> None:
    answers.details = details(actions=actions)
    page = open_campaign(pages, answers)
    expect(page.locator("#controls button")).to_have_text(
        [BUTTONS[name] for name in actions if name in BUTTONS]
    )


@pytest.mark.parametrize("action", ["pause", "resume", "cancel"])
def test_a_control_asks_first_and_says_who_is_left(pages: Pages, answers: Answers, action: str) -> None:
    answers.details = details(actions=[action])
    page = open_campaign(pages, answers)
    button = page.locator("#controls button")
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("“Renewals of November”?")
    expect(dialog.locator("#ask-text")).to_have_text(LEFT[action])
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    page.keyboard.press("Enter")  # the button that changes nothing has the focus
    expect(dialog).to_be_hidden()
    assert answers.posted == []


@pytest.mark.parametrize(
    ("action", "state", "told"),
    [
        ("pause", "paused", "The campaign is paused."),
        ("resume", "running", "The campaign goes on."),
        ("cancel", "cancelled", "The campaign is cancelled."),
    ],
)
def test_a_control_is_sent_once_and_the_answer_is_shown(
    pages: Pages, answers: Answers, action: str, state: str, told: str
) -> None:
    answers.details = details(actions=[action])
    page = open_campaign(pages, answers)
    page.locator("#controls button").click()
    answers.campaigns = [campaign(state=state, actions=[])]
    answers.details = details(state=state, actions=[])
    page.locator("#ask-yes").click()
    expect(page.locator("#told")).to_have_text(told)
    expect(page.locator("#line")).to_contain_text(state.capitalize())
    expect(page.locator("#controls button")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    [(path, headers)] = answers.posted
    assert path == f"campaigns/c-1/{action}"
    assert headers["x-revox-request"] == "1"


@pytest.mark.parametrize(
    "refusal",
    [
        (403, "You may not edit the runs of the DAG renewals."),
        (409, "The campaign has ended already."),
        (502, "Revox does not answer. Nothing is known. Look again."),
    ],
)
def test_a_refusal_is_shown_as_it_is(pages: Pages, answers: Answers, refusal: tuple[int, str]) -> None:
    pages.expected.append("Failed to load resource")
    answers.refusal = refusal
    page = open_campaign(pages, answers)
    page.get_by_role("button", name="Cancel campaign").click()
    page.locator("#ask-yes").click()
    expect(page.get_by_role("alert")).to_have_text(refusal[1])
    expect(page.locator("#ask-yes")).to_be_enabled()
    expect(page.locator("#told")).to_be_hidden()


def test_a_campaign_that_is_not_there_is_said(pages: Pages, answers: Answers) -> None:
    pages.expected.append("Failed to load resource")
    answers.failure = (404, "There is no such campaign, or you may not see it.")
    page = pages.open()
    answers.serve(page)
    page.goto(f"{ROOT}campaigns/c-1")
    expect(page.locator("#problem")).to_have_text("There is no such campaign, or you may not see it.")
    expect(page.locator("#campaign")).to_be_hidden()


def test_the_way_back_leads_to_the_filtered_list(pages: Pages, answers: Answers) -> None:
    page = pages.open()
    answers.serve(page)
    page.goto(f"{ROOT}?text=nov")
    page.get_by_role("link", name="Renewals of November", exact=True).click()
    # Before its script runs, the link leads to all campaigns.
    expect(page.locator("#campaign")).to_be_visible()
    page.get_by_role("link", name="All campaigns").click()
    expect(page.get_by_label("Text")).to_have_value("nov")
    assert page.url == f"{ROOT}?text=nov"
