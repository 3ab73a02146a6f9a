from __future__ import annotations

import re

import pytest

from revox_sandbox import Fault
from revox_sandbox.pages.app import STATIC
from tests.revox_sandbox.other_sites import HEADERS_OF_OTHERS

HOSTILE = "</script><script>alert('x')</script><img src=x onerror=alert(1)>\"'&{{7*7}}"
FOLLOWED_LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
PAGES = ["/", "/campaigns/{id}"]
DATA = ["/pages/campaigns", "/pages/campaigns/{id}", "/pages/static/list.js"]


@pytest.fixture
def get(revox_sandbox, anonymous):
    """Return a function that reads a path of the sandbox, as a browser does."""

    def get(path: str, headers: dict[str, str] | None = None):
        return anonymous.get(f"{revox_sandbox.url}{path}", headers=headers)

    return get


def test_the_list_shows_every_campaign_the_newest_first(get, launch):
    ids = [launch(2, name=name) for name in ("first", "second")]
    answer = get("/pages/campaigns").json()
    assert [(one["id"], one["name"], one["total"]) for one in answer["campaigns"]] == [
        (ids[1], "second", 2),
        (ids[0], "first", 2),
    ]
    assert (answer["page"], answer["pages"], answer["speed"]) == (1, 1, 0)


def test_the_list_has_pages(get, launch):
    ids = [launch(1) for _ in range(21)]
    first, second = get("/pages/campaigns").json(), get("/pages/campaigns?page=2").json()
    assert [one["id"] for one in first["campaigns"] + second["campaigns"]] == ids[::-1]
    assert (len(first["campaigns"]), first["pages"], second["page"]) == (20, 2, 2)
    assert get("/pages/campaigns?page=3").json()["campaigns"] == []


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=1.5", f"page={10**12}"])
def test_a_page_that_makes_no_sense_is_refused(get, launch, query):
    assert get(f"/pages/campaigns?{query}").status_code == 422
    assert get(f"/pages/campaigns/{launch()}?{query}").status_code == 422


def test_the_page_of_a_campaign_follows_it_to_its_end(get, launch, revox_sandbox):
    campaign_id = launch(30, max_concurrent_calls=4)
    before = get(f"/pages/campaigns/{campaign_id}").json()
    assert (before["state"], before["parts"]["calling"], before["parts"]["pending"]) == ("running", 4, 26)
    revox_sandbox.advance(10**6)
    after = get(f"/pages/campaigns/{campaign_id}").json()
    assert after["state"] == "completed"
    assert after["parts"]["completed"] + after["parts"]["failed"] == after["total"] == 30
    assert sum(after["outcomes"].values()) == after["parts"]["completed"]
    assert after["now"] > before["now"]


def test_the_page_of_a_campaign_shows_that_it_is_cancelled(get, launch, http):
    campaign_id = launch(3, max_concurrent_calls=1)
    http.post(f"/campaigns/{campaign_id}/cancel")
    view = get(f"/pages/campaigns/{campaign_id}").json()
    assert (view["state"], view["parts"]["cancelled"], view["parts"]["calling"]) == ("cancelled", 2, 1)


def test_people_are_shown_page_by_page_and_by_state(get, launch):
    campaign_id = launch(30, max_concurrent_calls=3)
    second = get(f"/pages/campaigns/{campaign_id}?page=2").json()
    assert ([row["index"] for row in second["rows"]], second["pages"]) == ([25, 26, 27, 28, 29], 2)
    calling = get(f"/pages/campaigns/{campaign_id}?part=calling").json()
    assert [(row["index"], row["part"]) for row in calling["rows"]] == [(n, "calling") for n in range(3)]
    assert get(f"/pages/campaigns/{campaign_id}?part=failed").json()["rows"] == []
    assert get(f"/pages/campaigns/{campaign_id}?part=nonsense").status_code == 422


def test_no_number_and_no_variable_can_be_read_on_a_page(get, launch):
    campaign_id = launch(3)
    answer = get(f"/pages/campaigns/{campaign_id}")
    assert [row["number"] for row in answer.json()["rows"]] == [f"+14•••••••0{n}" for n in range(3)]
    assert "Person" not in answer.text
    assert "4155550" not in answer.text


@pytest.mark.parametrize("name", [HOSTILE, "\u202egnp.exe", "x" * 5000, "línea\nnueva\x00", "\u2028"])
def test_a_name_comes_to_the_page_as_text_and_nothing_else(get, launch, name):
    campaign_id = launch(name=name)
    for path in ("/pages/campaigns", f"/pages/campaigns/{campaign_id}"):
        answer = get(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        view = answer.json()
        assert (view["campaigns"][0] if "campaigns" in view else view)["name"] == name
    # The pages are files: nothing of a campaign is ever in them.
    assert get(f"/campaigns/{campaign_id}").content == (STATIC / "campaign.html").read_bytes()
    assert get("/").content == (STATIC / "list.html").read_bytes()


def test_no_script_makes_html_of_text():
    scripts = "".join(path.read_text() for path in STATIC.glob("*.js"))
    assert "textContent" in scripts
    for sink in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "srcdoc",
    ):
        assert sink not in scripts


def test_the_pages_need_nothing_from_elsewhere(get):
    for path in STATIC.iterdir():
        assert not re.search(
            r"https?:|//[a-z]|@import|url\(", re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.M)
        )
    for page in ("list.html", "campaign.html"):
        html = (STATIC / page).read_text()
        assert not re.search(r"<style|\son\w+=|style=|<script(?![^>]*\ssrc=)", html)
        for used in re.findall(r'(?:src|href)="(/pages/[^"]+)"', html):
            assert get(used).status_code == 200


def test_the_policy_lets_nothing_else_run_and_no_frame_show_the_pages(get, launch):
    for path in ("/", f"/campaigns/{launch()}", "/pages/campaigns", "/pages/static/list.js"):
        headers = get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
        assert (policy["frame-ancestors"], headers["x-frame-options"]) == ("'none'", "DENY")


def test_no_page_is_served_to_another_site_or_under_another_name(get, launch):
    paths = [path.format(id=launch(name="Renewals")) for path in (*PAGES, *DATA)]
    for headers in HEADERS_OF_OTHERS:
        for path in paths:
            answer = get(path, headers)
            assert (answer.status_code, "Renewals" in answer.text) == (403, False), (path, headers)


@pytest.mark.parametrize("site", ["same-site", "cross-site", "none", "same-origin"])
def test_a_link_of_another_site_leads_to_a_page_and_to_no_data(get, launch, site):
    campaign_id = launch()
    headers = {**FOLLOWED_LINK, "Sec-Fetch-Site": site}
    is_own = site in ("none", "same-origin")
    for path in PAGES:
        assert get(path.format(id=campaign_id), headers).status_code == 200
    for path in DATA:
        assert get(path.format(id=campaign_id), headers).status_code == (200 if is_own else 403)


@pytest.mark.parametrize(
    "changes",
    [
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Dest": "embed"},
        {"Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Origin": "http://evil.example"},
        {"Host": "evil.example"},
    ],
    ids=str,
)
def test_a_frame_or_a_script_of_another_site_is_no_visit(get, changes):
    assert get("/", {**FOLLOWED_LINK, "Sec-Fetch-Site": "cross-site", **changes}).status_code == 403


def test_there_is_no_page_without_a_campaign(get):
    for path in ("/campaigns/nobody", "/pages/campaigns/nobody", "/pages/static/app.py", "/nowhere"):
        assert get(path).status_code == 404
    assert get("/pages/static/..%2fapp.py").status_code == 404


def test_looking_at_the_pages_changes_nothing_that_a_test_can_see(get, launch, revox_sandbox):
    campaign_id = launch()
    before = revox_sandbox.requests()
    revox_sandbox.faults.add(Fault(kind="reset", times=None))
    for path in ("/", f"/campaigns/{campaign_id}", "/pages/campaigns", f"/pages/campaigns/{campaign_id}"):
        assert get(path).status_code == 200
    assert (revox_sandbox.requests(), revox_sandbox.faults.fired) == (before, 0)


def test_the_url_of_a_connection_leads_to_the_page(get, launch, revox_sandbox):
    from airflow_provider_revox.client import ClientConfig

    campaign_id = launch()
    url = ClientConfig(api_key="k", base_url=revox_sandbox.base_url).campaign_url(campaign_id)
    assert get(url.removeprefix(revox_sandbox.url)).status_code == 200
