"""Single calls over HTTP: they are cancelled, paused, resumed and found."""

from __future__ import annotations

import pytest

from revox_sandbox import Fault, SandboxSettings

NO_FILTER = {
    name: []
    for name in (
        "assignee_ids",
        "assistant_ids",
        "campaign_ids",
        "directions",
        "from_phone_numbers",
        "outcomes",
        "results",
        "statuses",
    )
}
SEARCH = {**NO_FILTER, "page": 1, "page_size": 10}
EVERYTHING = {
    "filters": {"assignee_ids": [], "directions": [], "outcomes": [], "results": [], "statuses": []},
    "rows": {"call_ids": [], "mode": "all_except"},
}
ACTIONS = ["cancel", "pause", "resume"]
later = pytest.mark.parametrize("revox_sandbox_settings", ["drafts", "launch-calls"], indirect=True, ids=str)
drafts = pytest.mark.parametrize("revox_sandbox_settings", ["drafts"], indirect=True, ids=str)
contract = pytest.mark.parametrize("revox_sandbox_settings", ["contract"], indirect=True, ids=str)
launch_calls = pytest.mark.parametrize("revox_sandbox_settings", ["launch-calls"], indirect=True, ids=str)


@pytest.fixture
def revox_sandbox_settings(request):
    return SandboxSettings(generation=request.param, speed=0, call_ends={"human": 1})


@pytest.fixture
def started(http, launch, revox_sandbox):
    """Return a function that starts a campaign and returns the ids of its calls."""

    def start(people=3):
        campaign_id = launch(people, max_concurrent_calls=1)
        if revox_sandbox.settings.generation == "launch-calls":
            order = {"mode": "ai_first", "selection": EVERYTHING}
            http.post(f"/campaigns/{campaign_id}/launch-calls", json=order).raise_for_status()
        rows = http.get(f"/campaigns/{campaign_id}/rows").raise_for_status().json()["rows"]
        return [row["call"]["id"] for row in rows]

    return start


def found(http, **changes):
    answer = http.post("/call/search", json={**SEARCH, **changes}).raise_for_status().json()
    return [call["status"] for call in answer["calls"]]


@later
def test_a_cancelled_call_is_never_made_and_the_answer_is_the_same_again(http, started, revox_sandbox):
    ids = started()
    for _ in range(3):
        assert http.post(f"/call/{ids[1]}/cancel").json() == {"success": True}
    revox_sandbox.advance(10**6)
    assert found(http, sort_direction="asc") == ["completed", "cancelled", "completed"]
    assert set(revox_sandbox.calls_per_person()) == {"+14155550000", "+14155550002"}
    assert http.post(f"/call/{ids[0]}/cancel").json() == {"success": False}


@launch_calls
def test_a_call_that_was_cancelled_before_the_launch_is_skipped(http, launch, revox_sandbox, campaign):
    campaign_id = launch(3)
    rows = http.get(f"/campaigns/{campaign_id}/rows").json()["rows"]
    assert http.post(f"/call/{rows[0]['call']['id']}/cancel").json() == {"success": True}
    stats = campaign(campaign_id)["row_stats"]
    assert (stats["not_launched"], stats["skipped"], stats["total"]) == (2, 1, 3)
    order = {"mode": "ai_first", "selection": EVERYTHING}
    answer = http.post(f"/campaigns/{campaign_id}/launch-calls", json=order).json()
    assert (answer["launched"], answer["skipped"]["cancelled"]) == (2, 1)
    revox_sandbox.advance(10**6)
    assert "+14155550000" not in revox_sandbox.calls_per_person()


@later
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "call_id", ["x", "%2B33612345678", "..%2F..", "%00", "%F0%9F%93%9E", "a" * 5000, "%20"]
)
def test_an_unknown_call_is_not_found_and_not_repeated(http, started, action, call_id):
    started()
    answer = http.post(f"/call/{call_id}/{action}")
    assert answer.status_code == 404
    assert answer.json()["message"] in ("Call not found", "Not Found")
    assert found(http, statuses=["cancelled", "paused"]) == []


@later
def test_the_id_of_a_campaign_or_of_a_row_is_no_call(http, launch):
    campaign_id = launch(1)
    row = http.get(f"/campaigns/{campaign_id}/rows").json()["rows"][0]
    for wrong in (campaign_id, row["id"]):
        assert http.post(f"/call/{wrong}/cancel").json() == {"message": "Call not found"}


@drafts
def test_a_draft_has_no_calls_until_it_is_launched(http, launch):
    launched = launch(1)
    call_id = http.get(f"/campaigns/{launched}/rows").json()["rows"][0]["call"]["id"]
    launch(2, launch=False)
    assert http.post("/call/search", json=SEARCH).json()["total_count"] == 1
    assert http.post(f"/call/{call_id}/pause").json() == {"success": True}


@later
def test_the_calls_of_a_deleted_campaign_are_gone(http, launch):
    campaign_id = launch(1)
    call_id = http.get(f"/campaigns/{campaign_id}/rows").json()["rows"][0]["call"]["id"]
    http.delete(f"/campaigns/{campaign_id}").raise_for_status()
    assert http.post(f"/call/{call_id}/cancel").status_code == 404
    assert http.post("/call/search", json=SEARCH).json() == {"calls": [], "total_count": 0}


@later
def test_a_cancel_whose_answer_is_lost_has_cancelled(http, started, revox_sandbox):
    ids = started()
    revox_sandbox.faults.add(Fault(path="/call/{id}/cancel", when="after", kind="status", status=502))
    assert http.post(f"/call/{ids[2]}/cancel").status_code == 502
    assert found(http, statuses=["cancelled"]) == ["cancelled"]


@later
def test_a_campaign_goes_on_after_its_call_is_paused_and_the_call_after_it_is_resumed(
    http, started, revox_sandbox
):
    ids = started()
    assert http.post(f"/call/{ids[1]}/pause").json() == {"success": True}
    revox_sandbox.advance(10**6)
    assert found(http, sort_direction="asc") == ["completed", "paused", "completed"]
    assert http.post(f"/call/{ids[1]}/resume").json() == {"success": True}
    revox_sandbox.advance(10**6)
    assert found(http) == ["completed"] * 3


@later
@pytest.mark.parametrize("missing", sorted(SEARCH))
def test_a_search_without_a_field_is_refused(http, missing):
    content = {name: value for name, value in SEARCH.items() if name != missing}
    answer = http.post("/call/search", json=content)
    assert (answer.status_code, answer.json()["issues"]) == (400, [f"{missing}: Field required"])


@later
@pytest.mark.parametrize(
    "change",
    [
        {"statuses": ["Completed"]},
        {"outcomes": ["happy"]},
        {"results": ["robot"]},
        {"directions": ["sideways"]},
        {"page": 0},
        {"page": True},
        {"page_size": 0},
        {"page_size": 1001},
        {"sort_by": "phone"},
        {"sort_direction": "up"},
        {"campaign_ids": "x"},
        {"created_after": "2026-01-01"},
    ],
    ids=str,
)
def test_a_search_with_a_wrong_field_is_refused(http, change):
    answer = http.post("/call/search", json={**SEARCH, **change})
    assert answer.status_code == 400
    assert answer.json()["issues"][0].startswith(next(iter(change)))


@pytest.mark.parametrize(
    ("revox_sandbox_settings", "change", "status"),
    [
        ("drafts", {"outcomes": ["do_not_contact"]}, 200),
        ("launch-calls", {"outcomes": ["do_not_contact"]}, 400),
        ("drafts", {"statuses": ["not_launched"]}, 400),
        ("launch-calls", {"statuses": ["not_launched"]}, 200),
    ],
    indirect=["revox_sandbox_settings"],
)
def test_each_generation_has_words_of_its_own(http, change, status):
    assert http.post("/call/search", json={**SEARCH, **change}).status_code == status


@later
def test_pages_add_up_to_all_calls(http, started):
    ids = started(7)
    pages = [
        http.post("/call/search", json={**SEARCH, "page": page, "page_size": 3}).json()
        for page in range(1, 5)
    ]
    assert [page["total_count"] for page in pages] == [7] * 4
    assert sorted(call["id"] for page in pages for call in page["calls"]) == sorted(ids)


@contract
@pytest.mark.parametrize("path", [*(f"/call/x/{action}" for action in ACTIONS), "/call/search"])
def test_the_contract_has_no_routes_of_calls(http, path):
    answer = http.post(path, json=SEARCH)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
