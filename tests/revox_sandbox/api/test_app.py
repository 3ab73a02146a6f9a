from __future__ import annotations

import json
import threading

import pytest

from revox_sandbox.play.people import RowState

WINDOW = {
    "calling_window_start_time": "09:00",
    "calling_window_end_time": "6pm",
    "retry_delay_seconds": 60,
}


def retry_config(**changes):
    return {"call_retry_config": {"calling_windows": [WINDOW], "max_retry_attempts": 1, **changes}}


def window(**changes):
    return retry_config(calling_windows=[{**WINDOW, **changes}])


def contact(**changes):
    return {"contacts": [{"to_phone_number": "+14155550100", "prompt_variables": {}, **changes}]}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": None}, "name"),
        ({"assistant_id": ""}, "assistant_id"),
        ({"contacts": {}}, "contacts"),
        ({"contacts": [{"prompt_variables": {}}]}, "contacts[0].to_phone_number"),
        ({"contacts": [{"to_phone_number": "+14155550100"}]}, "contacts[0].prompt_variables"),
        (contact(to_phone_number=14155550100), "contacts[0].to_phone_number"),
        (contact(prompt_variables={"age": 42}), "contacts[0].prompt_variables.age"),
        (contact(prompt_variables={"age": None}), "contacts[0].prompt_variables.age"),
        (contact(prompt_variables=[]), "contacts[0].prompt_variables"),
        (retry_config(max_retry_attempts=0), "call_retry_config.max_retry_attempts"),
        (retry_config(max_retry_attempts=1.5), "call_retry_config.max_retry_attempts"),
        (retry_config(max_retry_attempts=2**53), "call_retry_config.max_retry_attempts"),
        (retry_config(timezone="Mars/Olympus"), "call_retry_config.timezone"),
        ({"call_retry_config": {"calling_windows": []}}, "call_retry_config.max_retry_attempts"),
        ({"call_retry_config": {"max_retry_attempts": 1}}, "call_retry_config.calling_windows"),
        (window(retry_delay_seconds=0), "call_retry_config.calling_windows[0].retry_delay_seconds"),
        (window(retry_delay_seconds=2**53), "call_retry_config.calling_windows[0].retry_delay_seconds"),
        (
            window(calling_window_start_time="24:00"),
            "call_retry_config.calling_windows[0].calling_window_start_time",
        ),
        (
            window(calling_window_end_time="13pm"),
            "call_retry_config.calling_windows[0].calling_window_end_time",
        ),
        ({"from_phone_number": "0612345678"}, "from_phone_number"),
        ({"max_concurrent_calls": 0}, "max_concurrent_calls"),
        ({"scheduled_at": "tomorrow"}, "scheduled_at"),
        ({"scheduled_at": "2026-12-01T09:00:00"}, "scheduled_at"),
        ({"launch": True}, "launch"),
    ],
)
def test_a_campaign_that_the_page_does_not_allow_is_refused(http, body, changes, where):
    answer = http.post("/campaigns", json={**body(), **changes})
    assert answer.status_code == 400
    assert answer.json()["message"] == "The body is not valid"
    assert [issue.split(": ")[0] for issue in answer.json()["issues"]] == [where]
    assert http.get("/campaigns").json() == {"campaigns": []}


@pytest.mark.parametrize("field", ["assistant_id", "contacts", "name"])
def test_required_fields_are_required(http, body, field):
    asked = body()
    del asked[field]
    answer = http.post("/campaigns", json=asked)
    assert (answer.status_code, answer.json()["issues"]) == (400, [f"{field}: Field required"])


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", '{"name": "n"}'.encode("utf-16")])
def test_a_body_that_is_no_json_object_is_refused(http, content):
    answer = http.post("/campaigns", content=content)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_half_a_character_is_refused(http, body):
    content = json.dumps(body(name="half")).replace("half", r"\ud83d")
    assert http.post("/campaigns", content=content).status_code == 400
    assert http.get("/campaigns").json() == {"campaigns": []}


def test_a_body_needs_no_content_type(http, body):
    assert http.post("/campaigns", content=json.dumps(body())).status_code == 200


@pytest.mark.parametrize(
    "variables", [{"secret": ["Ada"]}, {"ada@example.org": 1}], ids=["value", "value that slipped into a key"]
)
def test_a_refusal_does_not_repeat_what_was_sent(http, body, variables):
    answer = http.post("/campaigns", json={**body(), **contact(prompt_variables=variables)})
    assert answer.status_code == 400
    assert "ada" not in answer.text.casefold()


def test_text_that_is_no_number_is_accepted_and_fails(http, launch, campaign, revox_sandbox):
    campaign_id = launch(**contact(to_phone_number="my aunt"))
    revox_sandbox.advance(5)
    assert campaign(campaign_id)["row_stats"]["failed"] == 1
    assert revox_sandbox.calls_per_person() == {}


@pytest.mark.parametrize("header", [None, "Bearer wrong", "sandbox-key", "Basic sandbox-key", "Bearer é"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/campaigns"),
        ("GET", "/campaigns"),
        ("GET", "/campaigns/x"),
        ("DELETE", "/campaigns/x"),
        ("POST", "/campaigns/x/cancel"),
        ("GET", "/campaigns/x/rows"),
        ("GET", "/campaigns/x/export"),
    ],
)
def test_without_the_key_every_request_is_refused(revox_sandbox, anonymous, method, path, header):
    headers = {} if header is None else {"Authorization": header.encode()}
    answer = anonymous.request(method, revox_sandbox.base_url + path, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/campaigns/x"),
        ("DELETE", "/campaigns/x"),
        ("POST", "/campaigns/x/cancel"),
        ("GET", "/campaigns/x/rows?page=1&page_size=1"),
        ("GET", "/campaigns/x/export"),
    ],
)
def test_an_unknown_campaign_is_not_found(http, method, path):
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()) == (404, {"message": "Campaign not found"})


def test_an_unknown_route_is_not_found(http):
    answer = http.get("/voices")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_a_deleted_campaign_is_gone_but_its_calls_were_made(http, launch, revox_sandbox):
    campaign_id = launch(2, max_concurrent_calls=1)
    assert http.delete(f"/campaigns/{campaign_id}").json() == {"success": True}
    assert http.get(f"/campaigns/{campaign_id}").status_code == 404
    revox_sandbox.advance(10**6)
    assert revox_sandbox.calls_per_person() == {"+14155550000": 1}


def test_a_scheduled_campaign_waits(http, launch, campaign, revox_sandbox):
    campaign_id = launch(2, scheduled_at="2999-01-01T00:00:00Z")
    revox_sandbox.advance(3600)
    shown = campaign(campaign_id)
    assert (shown["status"], shown["row_stats"]["pending"]) == ("running", 2)
    assert shown["scheduled_at"] == "2999-01-01T00:00:00.000Z"
    assert http.post(f"/campaigns/{campaign_id}/cancel").json() == {"success": True}
    assert campaign(campaign_id)["status"] == "completed"
    assert revox_sandbox.calls_per_person() == {}


def test_a_completed_campaign_cannot_be_cancelled(http, launch, campaign, revox_sandbox):
    campaign_id = launch()
    revox_sandbox.advance(10**6)
    assert http.post(f"/campaigns/{campaign_id}/cancel").json() == {"success": False}
    assert campaign(campaign_id)["is_cancelled"] is False


def test_cancelling_again_succeeds(http, launch):
    campaign_id = launch()
    assert [http.post(f"/campaigns/{campaign_id}/cancel").json()["success"] for _ in range(2)] == [True, True]


def test_the_same_seed_plays_the_same_after_a_reset(http, launch, revox_sandbox):
    def play():
        campaign_id = launch(30)
        revox_sandbox.advance(10**6)
        query = {"page": 1, "page_size": 30}
        shown = http.get(f"/campaigns/{campaign_id}/rows", params=query).json()["rows"]
        return [(row["call"]["status"], row["call"]["calls_count"]) for row in shown]

    first, second = play(), play()
    revox_sandbox.reset()
    assert http.get("/campaigns").json() == {"campaigns": []}
    assert play() == first != second


def test_time_that_was_skipped_before_a_campaign_is_not_skipped_in_it(launch, campaign, revox_sandbox):
    revox_sandbox.advance(10**6)
    assert campaign(launch())["row_stats"]["calling"] == 2


def test_campaigns_may_be_launched_from_many_threads(http, body, revox_sandbox):
    threads = [
        threading.Thread(target=lambda: http.post("/campaigns", json=body()).raise_for_status())
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(http.get("/campaigns").json()["campaigns"]) == 20
    assert revox_sandbox.calls_per_person() == {"+14155550000": 20, "+14155550001": 20}


@pytest.mark.matrix
def test_a_hundred_thousand_people_fit_into_a_campaign(http, body):
    content = json.dumps(body(100_000))
    answer = http.post("/campaigns", content=content).raise_for_status().json()["campaign"]
    assert answer["row_stats"] == {
        "total": 100_000,
        "pending": 99_950,
        "calling": 50,
        "retry": 0,
        "completed": 0,
        "failed": 0,
    }


def test_row_states_are_all_counted_or_cancelled(launch, campaign):
    assert set(campaign(launch())["row_stats"]) == {"total"} | {
        state.name.lower() for state in RowState if state is not RowState.CANCELLED
    }
