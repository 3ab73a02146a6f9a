"""The list of campaigns, in a browser, without an Airflow."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.answers import HOST, ROOT, Answers, campaign
from tests.browser.conftest import Pages, shoot

TEN_SECONDS = 10_000
HOSTILE = [
    "<img src=x onerror=\"document.title='struck'\">",
    "\"><script>document.title='struck'</script>",
    "${document.title='struck'} {{7*7}} &lt;b&gt;",
    "x" * 300,
    "\u202etxet eht snrut\u202c 🙂 \u200b",
]


def open_list(pages: Pages, answers: Answers, query: str = "", **options: object) -> Page:
    page = pages.open(**options)
    answers.serve(page)
    page.goto(ROOT + query)
    expect(page.locator("#campaigns")).to_have_attribute("aria-busy", "false")
    return page


def hide(page: Page, state: str) -> None:
    """Let the page believe that its tab is hidden or visible."""
    page.evaluate(
        "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange')); }",
        state,
    )


def test_a_row_says_everything_about_a_campaign(pages: Pages, answers: Answers) -> None:
    page = open_list(pages, answers)
    row = page.get_by_role("row").nth(1)
    expect(row.get_by_role("cell").nth(0)).to_have_text("Running")
    link = row.get_by_role("link", name="Renewals of November", exact=True)
    expect(link).to_have_attribute("href", f"{ROOT}campaigns/c-1")
    for words in ("42 of 100 done, 42%", "40 completed", "2 failed", "3 calling", "5 retry", "50 pending"):
        expect(row.get_by_role("cell").nth(2)).to_contain_text(words)
    bar = "40 completed, 2 failed, 3 calling, 5 retry, 50 pending of 100 people"
    expect(row.get_by_role("img", name=bar, exact=True)).to_be_visible()
    for words in ("7", "3 invalid", "2 duplicate", "2 suppressed", "3 not valid, 2 do not contact"):
        expect(row.get_by_role("cell").nth(3)).to_contain_text(words)
    expect(row.get_by_role("cell").nth(4)).to_contain_text("2 hours ago")
    expect(row.get_by_role("cell").nth(4)).to_contain_text("26 Nov 2026, 10:00:00 UTC")
    expect(row.get_by_role("cell").nth(5)).to_have_text("Adopted by try 1")


def test_a_row_links_to_the_pages_of_airflow_and_to_revox(pages: Pages, answers: Answers) -> None:
    page = open_list(pages, answers)
    run = f"{HOST}/base/dags/renewals/runs/manual__1"
    for name, address in (
        ("renewals", f"{HOST}/base/dags/renewals"),
        ("manual__1", run),
        ("call", f"{run}/tasks/call"),
        ("wait [3]", f"{run}/tasks/call"),
        ("Open Renewals of November in Revox, in a new tab", f"{HOST}/the-revox"),
    ):
        expect(page.get_by_role("link", name=name, exact=True).first).to_have_attribute("href", address)


def test_what_is_not_known_is_not_made_up(pages: Pages, answers: Answers) -> None:
    nothing = dict.fromkeys(("name", "counts", "left_out", "launch", "since", "revox_url", "seen_at"))
    answers.campaigns = [campaign(state="unknown", tasks=[], actions=[], **nothing)]
    page = open_list(pages, answers)
    cells = ["Unknown", "Campaign without a name", "Nothing seen yet", "-", "-", "-"]
    expect(page.get_by_role("row").nth(1).get_by_role("cell")).to_have_text(cells)


@pytest.mark.parametrize("width", [1280, 400])
def test_a_hostile_name_is_only_text(pages: Pages, answers: Answers, width: int) -> None:
    answers.campaigns = []
    for name in HOSTILE:
        hostile = campaign(name=name, state=name, problem=name, left_out={"total": 1, "reasons": {name: 1}})
        hostile["tasks"] = [{**task, "dag_id": name, "run_id": name} for task in hostile["tasks"]]
        answers.campaigns.append(hostile)
    page = open_list(pages, answers, width=width)
    expect(page.locator(".name")).to_have_text(HOSTILE)
    assert page.title() == "Revox campaigns"
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_address_of_another_kind_is_no_link(pages: Pages, answers: Answers) -> None:
    addresses = ["javascript:document.title='struck'", "data:text/html,x", "vbscript:x", "http://[", ""]
    answers.campaigns = [campaign(revox_url=address) for address in addresses]
    for one, address in zip(answers.campaigns, addresses, strict=True):
        one["tasks"] = [{**task, "urls": {"dag": address, "task": address}} for task in one["tasks"]]
    page = open_list(pages, answers)
    expect(page.get_by_text("manual__1")).to_have_count(10)
    assert page.locator("table a").count() == 5  # the campaigns' own pages


def test_filters_are_asked_for_and_kept_in_the_address(pages: Pages, answers: Answers) -> None:
    page = open_list(pages, answers)
    page.get_by_label("DAG").select_option("win_back")
    page.get_by_label("State").select_option("completed")
    with page.expect_response(lambda answer: "text=" in answer.url):
        page.get_by_label("Text").fill("a & b")
    assert page.url == f"{ROOT}?dag_id=win_back&state=completed&text=a+%26+b"
    wanted = {"dag_id": "win_back", "state": "completed", "text": "a & b", "page": "1", "page_size": "25"}
    assert answers.asked[-1] == wanted
    with page.expect_response(lambda answer: "text=" in answer.url):
        page.reload()
    expect(page.get_by_label("Text")).to_have_value("a & b")
    expect(page.get_by_label("DAG")).to_have_value("win_back")
    assert answers.asked[-1] == wanted
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_label("DAG")).to_have_value("")
    assert page.url == ROOT


def test_a_filter_begins_at_the_first_page(pages: Pages, answers: Answers) -> None:
    answers.total = 60
    page = open_list(pages, answers)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()
    assert page.url == f"{ROOT}?page=2"
    page.get_by_label("State").select_option("running")
    expect(page.get_by_text("Page 1 of 3")).to_be_visible()
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()


def test_it_looks_again_while_it_is_visible_and_keeps_the_focus(pages: Pages, answers: Answers) -> None:
    page = pages.open()
    page.clock.install()
    answers.serve(page)
    page.goto(ROOT)
    name = page.get_by_role("link", name="Renewals of November", exact=True)
    name.focus()
    answers.campaigns = [campaign(state="completed", counts={"total": 100, "completed": 100})]
    page.clock.run_for(TEN_SECONDS)
    expect(page.get_by_role("cell", name="Completed", exact=True)).to_be_visible()
    expect(name).to_be_focused()


def test_the_focus_stays_with_its_row_and_task_when_two_rows_show_one_id(
    pages: Pages, answers: Answers
) -> None:
    """Two connections may have a campaign with the same id, and a task may join while somebody looks."""

    def of_run(run_id: str, *task_ids: str) -> dict[str, Any]:
        tasks = [{**campaign()["tasks"][0], "run_id": run_id, "task_id": task_id} for task_id in task_ids]
        return campaign(tasks=tasks)

    page = pages.open()
    page.clock.install()
    answers.serve(page)
    answers.campaigns = [of_run("first", "call"), of_run("second", "call", "wait")]
    page.goto(ROOT)
    row = page.get_by_role("row").filter(has_text="second")
    for name, others in (
        ("Renewals of November", ["wait"]),
        ("Open Renewals of November in Revox, in a new tab", ["report", "wait"]),
        ("wait", ["wait"]),
        ("wait", ["report", "wait"]),
    ):
        link = row.get_by_role("link", name=name, exact=True)
        link.focus()
        new = {**of_run("third", "call"), "name": f"Seen before {name} of {others}"}
        answers.campaigns = [new, of_run("first", "call"), of_run("second", "call", *others)]
        page.clock.run_for(TEN_SECONDS)
        expect(page.locator(".name").first).to_have_text(new["name"])
        expect(link).to_be_focused()


def test_a_hidden_tab_does_not_ask(pages: Pages, answers: Answers) -> None:
    page = pages.open()
    page.clock.install()
    answers.serve(page)
    page.goto(ROOT)
    expect(page.get_by_role("table")).to_be_visible()
    hide(page, "hidden")
    page.clock.run_for(10 * TEN_SECONDS)
    assert len(answers.asked) == 1
    answers.campaigns = [campaign(state="paused")]
    hide(page, "visible")
    expect(page.get_by_role("cell", name="Paused")).to_be_visible()
    assert len(answers.asked) == 2


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ((0, ""), "Airflow can't be reached."),
        ((503, "The database is busy."), "The database is busy."),
        ((500, None), "Airflow answered with 500."),
    ],
)
def test_an_outage_is_said_and_what_was_known_stays(
    pages: Pages, answers: Answers, failure: tuple[int, str | None], sentence: str
) -> None:
    pages.expected.append("Failed to load resource")
    page = open_list(pages, answers)
    answers.failure = failure
    hide(page, "visible")
    expect(page.locator("#problem")).to_contain_text(sentence)
    expect(page.locator("#problem")).to_contain_text("You see what was known on 26 Nov 2026, 12:00:00 UTC.")
    expect(page.get_by_role("link", name="Renewals of November", exact=True)).to_be_visible()
    answers.failure = None
    hide(page, "visible")
    expect(page.locator("#problem")).to_be_hidden()


def test_an_outage_of_revox_is_said_once_and_marked_at_each_campaign(pages: Pages, answers: Answers) -> None:
    problem = "Revox can't be reached since 11:58 UTC: it does not answer."
    answers.campaigns = [campaign(campaign_id=f"c-{n}", problem=problem, seen_by="task") for n in range(3)]
    page = open_list(pages, answers)
    expect(page.locator("#problem")).to_have_text(problem)
    expect(page.get_by_text("Last known just now")).to_have_count(3)
    shoot(page, "list-outage")


def test_an_ended_login_leads_to_the_login_and_back(pages: Pages, answers: Answers) -> None:
    pages.expected.append("Failed to load resource")
    answers.failure = (401, "Not authenticated")
    page = pages.open()
    answers.serve(page)
    page.goto(ROOT)
    login = page.get_by_role("link", name="Log in again")
    back = f"{HOST}/base/api/v2/auth/login?next=http%3A%2F%2F127.0.0.1%2Fbase%2Frevox%2F"
    expect(login).to_have_attribute("href", back)
    expect(page.locator("#problem")).to_contain_text("Your login has ended.")


def test_an_empty_list_says_what_to_do(pages: Pages, answers: Answers) -> None:
    answers.campaigns = []
    page = open_list(pages, answers)
    expect(page.get_by_role("heading", name="No campaigns yet")).to_be_visible()
    expect(page.get_by_text("CreateCampaignOperator")).to_be_visible()
    shoot(page, "list-empty")
    page.get_by_label("State").select_option("running")
    expect(page.get_by_role("heading", name="No campaign matches")).to_be_visible()
