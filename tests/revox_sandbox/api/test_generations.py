"""What the generations of the API have in common, and what each refuses."""

from __future__ import annotations

import httpx
import pytest

from revox_sandbox import Fault, SandboxSettings

WINDOW = {"calling_window_start_time": "12am", "calling_window_end_time": "12am", "retry_delay_seconds": 60}
RETRY_CONFIG = {"calling_windows": [WINDOW], "max_retry_attempts": 2}
EVERY_DAY = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
LATER_RETRY_CONFIG = {**RETRY_CONFIG, "allowed_days": EVERY_DAY[:5], "call_twice_in_a_row": False}
LATER = ["drafts", "launch-calls"]


@pytest.fixture
def revox_sandbox_settings(request):
    return SandboxSettings(generation=request.param, speed=0)


def speaks(*generations):
    return pytest.mark.parametrize("revox_sandbox_settings", generations, indirect=True, ids=str)


def selection(*call_ids, mode="all_except", **filters):
    nothing = {"assignee_ids": [], "directions": [], "outcomes": [], "results": [], "statuses": []}
    return {"filters": {**nothing, **filters}, "rows": {"call_ids": call_ids, "mode": mode}}


def launch_calls(http, campaign_id, *call_ids, **filters):
    body = {"mode": "ai_first", "selection": selection(*call_ids, **filters)}
    return http.post(f"/campaigns/{campaign_id}/launch-calls", json=body).raise_for_status().json()


def refusal(answer):
    assert answer.status_code == 400
    return [issue.split(": ")[0] for issue in answer.json()["issues"]]


@pytest.mark.parametrize("field", ["allowed_days", "call_twice_in_a_row"])
@speaks("contract")
def test_the_contract_knows_no_days_and_no_second_attempt_at_once(http, body, field):
    config = {**RETRY_CONFIG, field: EVERY_DAY if field == "allowed_days" else True}
    answer = http.post("/campaigns", json=body(call_retry_config=config))
    assert refusal(answer) == [f"call_retry_config.{field}"]


@pytest.mark.parametrize("field", ["scheduled_at", "launch", "type"])
@speaks("launch-calls")
def test_with_launch_calls_a_create_must_not_speak_of_launching(http, body, field):
    answer = http.post("/campaigns", json=body(**{field: "2999-01-01T00:00:00Z"}))
    assert refusal(answer) == [field]
    assert http.get("/campaigns").json() == {"campaigns": []}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/campaigns/x/pause"),
        ("POST", "/campaigns/x/launch"),
        ("POST", "/campaigns/x/launch-calls"),
        ("GET", "/campaigns/x/statistics"),
        ("GET", "/auth-status"),
        ("GET", "/calls/phone-history"),
    ],
)
@speaks("contract")
def test_the_contract_has_no_later_routes(http, method, path):
    assert http.request(method, path).json() == {"message": "Not Found"}


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "/pause", None),
        ("POST", "/resume", None),
        ("PATCH", "", {"name": "m"}),
        ("GET", "/statistics", None),
        ("GET", "/rows", None),
    ],
)
@speaks(*LATER)
def test_an_unknown_campaign_is_not_found(http, method, path, content):
    answer = http.request(method, f"/campaigns/x{path}", json=content)
    assert (answer.status_code, answer.json()) == (404, {"message": "Campaign not found"})


@speaks(*LATER)
def test_without_the_key_every_request_is_refused(revox_sandbox, anonymous):
    for path in ("/auth-status", "/calls/phone-history", "/campaigns/x/statistics"):
        assert anonymous.get(revox_sandbox.base_url + path).status_code == 401


@speaks("drafts")
def test_with_drafts_a_create_must_say_whether_to_launch(http, launch, body, campaign, revox_sandbox):
    contract = {name: value for name, value in body().items() if name not in ("launch", "type")}
    assert refusal(http.post("/campaigns", json=contract)) == ["launch", "type"]
    assert http.get("/campaigns").json() == {"campaigns": []}
    shown = campaign(launch(call_retry_config={**LATER_RETRY_CONFIG, "allowed_days": EVERY_DAY}))
    assert (shown["status"], shown["type"], shown["row_stats"]["calling"]) == ("running", "regular", 2)
    assert len(revox_sandbox.calls_per_person()) == 2


@speaks(*LATER)
def test_later_generations_need_more_than_a_retry_config_of_the_contract(http, body):
    answer = http.post("/campaigns", json=body(call_retry_config=RETRY_CONFIG))
    assert refusal(answer) == ["call_retry_config.allowed_days", "call_retry_config.call_twice_in_a_row"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"allowed_days": []}, "call_retry_config.allowed_days"),
        ({"allowed_days": ["Monday"]}, "call_retry_config.allowed_days[0]"),
        ({"call_twice_in_a_row": "yes"}, "call_retry_config.call_twice_in_a_row"),
        ({"unknown": 1}, "call_retry_config.unknown"),
    ],
)
@speaks(*LATER)
def test_a_wrong_retry_config_is_refused(http, body, change, where):
    answer = http.post("/campaigns", json=body(call_retry_config={**LATER_RETRY_CONFIG, **change}))
    assert refusal(answer) == [where]


@pytest.mark.parametrize(("seconds", "accepted"), [(0, True), (-1, False)])
@speaks("launch-calls")
def test_a_retry_may_follow_at_once(http, body, seconds, accepted):
    config = {**LATER_RETRY_CONFIG, "calling_windows": [{**WINDOW, "retry_delay_seconds": seconds}]}
    assert http.post("/campaigns", json=body(call_retry_config=config)).is_success is accepted


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"mode": "shouting"}, ["mode"]),
        ({"selection": {}}, ["selection.filters", "selection.rows"]),
        ({"selection": selection(statuses=["done"])}, ["selection.filters.statuses[0]"]),
        ({"selection": selection(mode="some")}, ["selection.rows.mode"]),
        ({"scheduled_at": "tomorrow"}, ["scheduled_at"]),
        ({"unknown": 1}, ["unknown"]),
        ({"mode": "speed_dial", "scheduled_at": "2999-01-01T00:00:00Z"}, ["body"]),
    ],
)
@speaks("launch-calls")
def test_a_wrong_launch_is_refused_and_dials_nobody(http, launch, revox_sandbox, change, where):
    body = {"mode": "ai_first", "selection": selection(), **change}
    answer = http.post(f"/campaigns/{launch()}/launch-calls", json=body)
    assert refusal(answer) == where
    revox_sandbox.advance(10**6)
    assert revox_sandbox.calls_per_person() == {}


@speaks("drafts")
def test_a_draft_that_is_scheduled_starts_at_its_time(http, launch, campaign, revox_sandbox):
    campaign_id = launch(launch=False, scheduled_at="2999-01-01T00:00:00Z")
    http.post(f"/campaigns/{campaign_id}/launch").raise_for_status()
    revox_sandbox.advance(10**6)
    assert (campaign(campaign_id)["status"], revox_sandbox.calls_per_person()) == ("running", {})


@speaks(*LATER)
def test_a_lost_create_leaves_a_campaign_that_dials_nobody(http, body, revox_sandbox):
    revox_sandbox.faults.add(Fault(method="POST", path="/campaigns", when="after", kind="close"))
    options = {"launch": False} if revox_sandbox.settings.generation == "drafts" else {}
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/campaigns", json=body(**options))
    revox_sandbox.advance(10**6)
    assert len(http.get("/campaigns").json()["campaigns"]) == 1
    assert revox_sandbox.calls_per_person() == {}


@pytest.mark.parametrize(("when", "people"), [("before", 0), ("after", 2)])
@speaks("launch-calls")
def test_faults_strike_the_later_routes_and_the_journal_shows_them(http, launch, revox_sandbox, when, people):
    campaign_id = launch()
    path = "/campaigns/{id}/launch-calls"
    revox_sandbox.faults.add(Fault(method="POST", path=path, when=when, kind="reset"))
    with pytest.raises(httpx.ReadError):
        launch_calls(http, campaign_id)
    assert len(revox_sandbox.calls_per_person()) == people
    assert revox_sandbox.requests()[-1] == ("POST", f"/campaigns/{campaign_id}/launch-calls", "reset")
    revox_sandbox.wait_for(("POST", path), stage="committed" if people else "answered", timeout=0)
    launch_calls(http, campaign_id)
    assert set(revox_sandbox.calls_per_person().values()) == {1}


@speaks("launch-calls")
def test_calls_by_two_campaigns_and_repeated_calls_by_one_are_counted_apart(
    http, anonymous, launch, revox_sandbox
):
    first, second = launch(2), launch(1)
    for campaign_id in (first, first, second):
        launch_calls(http, campaign_id)
    assert revox_sandbox.calls_per_person() == {"+14155550000": 2, "+14155550001": 1}
    revox_sandbox.advance(10**6)
    assert revox_sandbox.calls_after_an_answer() == {}
    again = launch_calls(http, first, statuses=["completed"])["launched"]
    assert again
    assert revox_sandbox.calls_per_person() == {"+14155550000": 2, "+14155550001": 1}
    http.delete(f"/campaigns/{first}")
    assert sum(revox_sandbox.calls_after_an_answer().values()) == again
    control = anonymous.get(f"{revox_sandbox.url}/_sandbox/calls-after-an-answer")
    assert control.json() == revox_sandbox.calls_after_an_answer()


@speaks(*LATER)
def test_people_who_want_no_calls_are_known_until_the_reset(http, anonymous, revox_sandbox):
    def history():
        return http.get("/calls/phone-history").json()["phone_history"]

    assert history() == {}
    revox_sandbox.do_not_contact("+14155550000")
    control = f"{revox_sandbox.url}/_sandbox/do-not-contact"
    anonymous.post(control, json={"phone_numbers": ["+14155550001"]})
    assert {number: one["do_not_contact"] for number, one in history().items()} == {
        "+14155550000": True,
        "+14155550001": True,
    }
    revox_sandbox.reset()
    assert history() == {}


@speaks("launch-calls")
def test_the_page_counts_calls_that_are_not_launched(revox_sandbox, anonymous, launch):
    page = anonymous.get(f"{revox_sandbox.url}/pages/campaigns/{launch(3)}").json()
    assert page["parts"]["not_launched"] == 3


@speaks("drafts")
def test_the_page_shows_a_draft(revox_sandbox, anonymous, launch):
    page = anonymous.get(f"{revox_sandbox.url}/pages/campaigns/{launch(3, launch=False)}").json()
    assert page["state"] == "draft"


@speaks(*LATER)
def test_later_generations_show_all_rows_whatever_page_is_asked_for(http, launch):
    answer = http.get(f"/campaigns/{launch(5)}/rows?page=2&page_size=2").json()
    assert set(answer) == {"rows"}
    assert [row["row_index"] for row in answer["rows"]] == [0, 1, 2, 3, 4]


@pytest.mark.once
@speaks("launch-calls")
def test_twenty_thousand_rows_come_at_once(http, launch):
    rows = http.get(f"/campaigns/{launch(20_000)}/rows").json()["rows"]
    assert [row["row_index"] for row in rows] == list(range(20_000))


@speaks("contract", *LATER)
def test_calls_have_recordings_and_findings(http, launch, revox_sandbox):
    campaign_id = launch(20)
    if revox_sandbox.settings.generation == "launch-calls":
        launch_calls(http, campaign_id)
    revox_sandbox.advance(10**6)
    rows = http.get(f"/campaigns/{campaign_id}/rows?page=1&page_size=100").json()["rows"]
    talks = [row["call"]["last_call_attempt"] for row in rows if row["call"]["is_completed"]]
    assert talks
    assert len({attempt["recording_url"] for attempt in talks}) == len(talks)
    assert {frozenset(attempt["structured_output"]) for attempt in talks} == {
        frozenset({"interested", "satisfaction"})
    }
    silent = [row["call"]["last_call_attempt"] for row in rows if not row["call"]["is_completed"]]
    assert {attempt["structured_output"] for attempt in silent} <= {None}
