"""The pages in a whole Airflow, with campaigns that the sandbox plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_3_PLUS
from playwright.sync_api import FrameLocator, Page, StorageState, expect

from revox_sandbox import Sandbox, SandboxSettings
from tests.browser.answers import Answers
from tests.browser.conftest import Pages, shoot
from tests.browser.scenes import long_campaign, usual_day
from tests.browser.whole_airflow import (
    CONTROLLED,
    EXAMPLE,
    USERS,
    AirflowWithUsers,
)

FRAME = "iframe[title='Revox campaigns']"
HOSTILE = "<img src=x onerror=\"document.title='struck'\"> & Söhne"
LEADS = "New leads from HubSpot"
MINUTE, DAY = 60, 86_400


@dataclass
class House:
    """An Airflow, its Revox, and two runs whose campaigns call people when the sandbox lets time pass."""

    airflow: AirflowWithUsers
    sandbox: Sandbox
    example_run: str
    controlled_run: str
    logins: dict[str, StorageState]

    def campaign_id(self, dag_id: str) -> str:
        run_id, task_id = {
            EXAMPLE: (self.example_run, "call_leads"),
            CONTROLLED: (self.controlled_run, "call"),
        }[dag_id]
        return str(self.airflow.xcom(dag_id, run_id, task_id))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("airflow")
    settings = SandboxSettings(speed=0, seed=7, generation="launch-calls", max_concurrent_calls=4)
    with Sandbox(settings) as sandbox:
        env = {"AIRFLOW_CONN_REVOX_DEFAULT": sandbox.conn_json(), "REVOX_EXAMPLE_POKE_INTERVAL": "5"}
        with AirflowWithUsers(home, env) as airflow:
            airflow.wait_until_healthy()
            runs = (airflow.trigger(EXAMPLE), airflow.trigger(CONTROLLED, {"name": HOSTILE}))
            logins = {user: airflow.login(user) for user in USERS}
            airflow.wait_until_deferred(EXAMPLE, runs[0], "wait")
            airflow.wait_until_deferred(CONTROLLED, runs[1], "call")
            yield House(airflow, sandbox, *runs, logins)


@pytest.fixture
def enter(house: House, pages: Pages) -> Callable[..., Page]:
    """Open a page of Airflow as a user."""

    def enter(path: str, user: str | None = "admin", **options: object) -> Page:
        page = pages.open(login=house.logins[user] if user else None, **options)
        page.goto(house.airflow.url + path)
        return page

    return enter


def framed(page: Page) -> FrameLocator:
    return page.frame_locator(FRAME)


def test_the_connection_form_has_the_fields_and_masks_the_key(enter: Callable[..., Page]) -> None:
    page = enter("/connections")
    page.get_by_role("button", name="Add Connection").click()
    form = page.get_by_role("dialog")
    form.get_by_role("combobox").first.fill("Revox")
    page.get_by_role("option", name="Revox", exact=True).click()
    expect(form.get_by_role("textbox", name="Base URL")).to_have_attribute(
        "placeholder", "https://www.getrevox.com/api"
    )
    expect(form.get_by_label("API key")).to_have_attribute("type", "password")
    proxy = form.locator("[name=element_proxy]")
    if AIRFLOW_V_3_3_PLUS:  # before, Airflow's form hides no field but the password
        expect(proxy).to_have_attribute("type", "password")
    else:
        expect(proxy).to_be_attached()
    for field in ("ca_bundle", "namespace", "allow_http"):
        expect(form.locator(f"[name=element_{field}]")).to_be_attached()
    for field in ("login", "schema"):
        expect(form.locator(f"[name={field}]")).to_have_count(0)
    shoot(page, "airflow-connection-form")


def test_the_menu_leads_to_the_list_of_both_campaigns(enter: Callable[..., Page], house: House) -> None:
    page = enter("/")
    page.get_by_role("button", name="Browse").click()
    page.get_by_role("menuitem", name="Revox campaigns").click()
    rows = framed(page).locator("tbody").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(framed(page).locator(".name").filter(has_text=HOSTILE)).to_have_count(1)
    leads = rows.filter(has_text=LEADS)
    expect(leads.get_by_role("cell").first).to_have_text("Running")
    expect(leads).to_contain_text("Created by try 1")
    shoot(page, "airflow-list")
    leads.get_by_role("link", name="wait", exact=True).click()
    page.wait_for_url(f"**/dags/{EXAMPLE}/runs/{house.example_run}/tasks/wait")


@pytest.mark.parametrize(
    ("dag_id", "task_id"), [(EXAMPLE, "call_leads"), (EXAMPLE, "wait"), (CONTROLLED, "call")]
)
def test_a_task_has_links_to_its_campaign_and_to_revox(
    enter: Callable[..., Page], house: House, dag_id: str, task_id: str
) -> None:
    run = house.example_run if dag_id == EXAMPLE else house.controlled_run
    page = enter(f"/dags/{dag_id}/runs/{run}/tasks/{task_id}/details")
    campaign_id = house.campaign_id(dag_id)
    revox = page.get_by_role("link", name="Open in Revox")
    expect(revox).to_have_attribute("href", f"{house.sandbox.url}/campaigns/{campaign_id}")
    # A click opens the same tab or a new one, as the version of Airflow has it.
    address = page.get_by_role("link", name="Campaign", exact=True).get_attribute("href")
    page.goto(str(httpx.URL(house.airflow.url).join(str(address))))
    expect(page.get_by_role("heading", level=1)).to_contain_text(LEADS if dag_id == EXAMPLE else HOSTILE)


def test_a_campaign_is_paused_resumed_and_cancelled(enter: Callable[..., Page], house: House) -> None:
    campaign_id = house.campaign_id(CONTROLLED)
    page = enter("/plugin/revox-campaigns")
    campaign = framed(page)
    campaign.get_by_role("link", name=HOSTILE).first.click()
    expect(campaign.get_by_role("heading", level=1)).to_contain_text(HOSTILE)
    assert page.title() != "struck"
    steps = (
        ("Pause", "No new call begins until", "Paused"),
        ("Resume", "Revox goes on with its calls", "Running"),
        ("Cancel campaign", "can’t be resumed", "Cancelled"),  # noqa: RUF001
    )
    for button, warning, state in steps:
        campaign.get_by_role("button", name=button).click()
        question = campaign.get_by_role("dialog")
        expect(question).to_contain_text("36 people are left to call.")
        expect(question).to_contain_text(warning)
        shoot(page, f"airflow-{button.split()[0].lower()}")
        question.get_by_role("button", name=button, exact=True).click()
        expect(question).to_be_hidden()
        expect(campaign.locator("#line")).to_contain_text(state)
    expect(campaign.locator("#controls button")).to_have_count(0)
    sent = [(record.method, record.path) for record in house.sandbox.requests()]
    for action in ("pause", "resume", "cancel"):
        assert sum(path.endswith(f"/{action}") and campaign_id in path for _, path in sent) == 1


def test_a_viewer_sees_campaigns_and_may_not_control_them(enter: Callable[..., Page], house: House) -> None:
    campaign_id = house.campaign_id(EXAMPLE)
    page = enter(f"/revox/campaigns/{campaign_id}", user="viewer")
    expect(page.get_by_role("heading", level=1)).to_contain_text(LEADS)
    expect(page.locator("#plot")).not_to_be_empty()
    expect(page.locator("#controls button")).to_have_count(0)
    before = len([record for record in house.sandbox.requests() if record.method == "POST"])
    for action in ("pause", "resume", "cancel"):
        answer = page.request.post(
            f"{house.airflow.url}/revox/api/campaigns/{campaign_id}/{action}",
            data={},
            headers={"X-Revox-Request": "1", "Origin": house.airflow.url, "Sec-Fetch-Site": "same-origin"},
        )
        assert answer.status == httpx.codes.FORBIDDEN
    assert len([record for record in house.sandbox.requests() if record.method == "POST"]) == before


def test_nobody_sees_anything_without_a_login(pages: Pages, house: House) -> None:
    campaign_id = house.campaign_id(EXAMPLE)
    with httpx.Client(base_url=house.airflow.url, trust_env=False) as client:
        for path in ("api/campaigns", f"api/campaigns/{campaign_id}"):
            answer = client.get(f"/revox/{path}")
            assert answer.status_code == httpx.codes.UNAUTHORIZED
            assert LEADS not in answer.text
        for path in ("", f"campaigns/{campaign_id}"):
            assert LEADS not in client.get(f"/revox/{path}").text
        cancel = f"/revox/api/campaigns/{campaign_id}/cancel"
        assert client.post(cancel, json={}).status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
    assert not any(
        record.path.endswith("/cancel") and campaign_id in record.path for record in house.sandbox.requests()
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pictures_of_the_docs_show_a_usual_day(
    enter: Callable[..., Page], answers: Answers, scheme: str
) -> None:
    answers.campaigns, answers.details = usual_day(), long_campaign()
    page = enter("/", scheme=scheme)
    page.route("**/revox/api/**", answers.answer)
    page.get_by_role("button", name="Browse").click()
    page.get_by_role("menuitem", name="Revox campaigns").click()
    expect(framed(page).locator("tbody").get_by_role("row")).to_have_count(4)
    shoot(page, f"docs-list-{scheme}")
    framed(page).get_by_role("link", name="Renewals of November", exact=True).click()
    expect(framed(page).locator("#plot svg")).to_be_visible()
    expect(framed(page).locator("html")).to_have_attribute("data-scheme", scheme)
    shoot(page, f"docs-campaign-{scheme}")


def test_a_campaign_runs_to_its_end_before_the_eyes(enter: Callable[..., Page], house: House) -> None:
    page = enter("/plugin/revox-campaigns")
    campaign = framed(page)
    campaign.get_by_role("link", name=LEADS).first.click()
    done = campaign.locator("#now .big")
    expect(done).to_be_visible()
    for moment in ("first", "second"):
        before = done.inner_text()
        house.sandbox.advance(3 * MINUTE)
        expect(done).not_to_have_text(before, timeout=MINUTE * 1000)
        shoot(page, f"airflow-campaign-{moment}")
    house.sandbox.advance(DAY)
    house.airflow.wait_for_run(EXAMPLE, house.example_run)
    expect(campaign.locator("#line")).to_contain_text("Completed")
    expect(campaign.locator("#plot svg")).to_be_visible()
    expect(campaign.locator("#report li").first).to_contain_text("Received")
    expect(campaign.locator("#controls button")).to_have_count(0)
    shoot(page, "airflow-campaign-completed")
    for width, scheme in ((1280, "dark"), (400, "light"), (400, "dark")):
        other = enter(f"/revox/campaigns/{house.campaign_id(EXAMPLE)}", width=width, scheme=scheme)
        expect(other.locator("#plot svg")).to_be_visible()
        assert other.evaluate("document.documentElement.scrollWidth") <= width
        shoot(other, f"airflow-campaign-{width}-{scheme}")
