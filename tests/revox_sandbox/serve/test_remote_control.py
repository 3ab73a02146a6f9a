from __future__ import annotations

import pytest

from revox_sandbox import Fault

RESET = {"kind": "reset", "method": "POST", "when": "after"}
JSON = {"content-type": "application/json"}  # newer versions of FastAPI read no other body


def test_a_sandbox_that_runs_says_that_it_is_ok(control):
    assert control.get("/health").json() == {"status": "ok"}


def test_faults_are_added_replaced_and_cleared(control, revox_sandbox):
    assert [fault["kind"] for fault in control.post("/faults", json=[RESET]).json()["faults"]] == ["reset"]
    assert revox_sandbox.faults.waiting == [Fault(**RESET)]
    control.post("/faults", json=[{"kind": "hang"}])
    assert [fault["kind"] for fault in control.get("/faults").json()["faults"]] == ["reset", "hang"]
    assert len(control.put("/faults", json=[{"kind": "close"}]).json()["faults"]) == 1
    assert control.delete("/faults").json() == {"fired": 0, "faults": []}


def test_faults_from_outside_strike(control, http):
    control.post("/faults", json=[{"kind": "status", "status": 503}])
    assert http.get("/campaigns").status_code == 503
    assert control.get("/faults").json() == {"fired": 1, "faults": []}


def test_a_fault_that_makes_no_sense_is_refused_and_changes_nothing(control):
    control.post("/faults", json=[RESET])
    assert control.put("/faults", json=[{"kind": "explode"}]).status_code == 422
    assert len(control.get("/faults").json()["faults"]) == 1


def test_requests_are_shown(control, launch):
    launch()
    assert control.get("/requests").json() == {
        "requests": [{"method": "POST", "path": "/campaigns", "outcome": 200}]
    }


def test_assistants_are_defined(control, http):
    defined = {"id": "mine", "prompt": "About {{plan}}"}
    assert control.post("/assistants", json=[defined]).json() == {"status": "ok"}
    shown = http.get("/assistants/mine").json()
    assert (shown["prompt"], shown["first_sentence"]) == ("About {{plan}}", "Hello, do you have a minute?")


@pytest.mark.parametrize(
    "defined", [{"id": ""}, {"prompt": "x"}, {"id": "a", "voice": "x"}, {"id": 1}], ids=str
)
def test_an_assistant_that_makes_no_sense_is_refused_and_changes_nothing(control, http, defined):
    before = http.get("/assistants").json()
    assert control.post("/assistants", json=[{"id": "good"}, defined]).status_code == 422
    assert http.get("/assistants").json() == before


def test_calls_per_person_are_shown(control, launch):
    launch()
    launch(1)
    assert control.get("/calls-per-person").json() == {"+14155550000": 2, "+14155550001": 1}


def test_time_can_be_skipped(control, launch, campaign):
    campaign_id = launch()
    assert control.post("/advance", json={"seconds": 10**6}).status_code == 200
    assert campaign(campaign_id)["status"] == "completed"


@pytest.mark.parametrize("content", ['{"seconds": -1}', '{"seconds": Infinity}', "{}", '{"hours": 1}'])
def test_time_does_not_go_backwards(control, content):
    assert control.post("/advance", content=content, headers=JSON).status_code == 422


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "1e999"])
@pytest.mark.parametrize(
    ("path", "content", "wrong"),
    [
        ("/advance", '{"seconds": %s}', ["body", "seconds"]),
        ("/advance", "[%s]", ["body"]),
        ("/advance", '{"seconds": 1, "hours": %s}', ["body", "hours"]),
        ("/faults", '[{"endpoint": %s}]', ["body", 0]),
        ("/do-not-contact", '{"phone_numbers": [%s]}', ["body", "phone_numbers", 0]),
    ],
)
def test_a_number_that_json_does_not_have_is_refused_with_its_place(control, path, content, wrong, number):
    answer = control.post(path, content=content % number, headers=JSON)
    assert answer.status_code == 422
    assert wrong in [problem["loc"][: len(wrong)] for problem in answer.json()["detail"]]


def test_a_reset_forgets_everything(control, launch, http):
    launch()
    control.post("/faults", json=[RESET])
    control.post("/reset")
    assert control.get("/requests").json() == {"requests": []}
    assert control.get("/calls-per-person").json() == {}
    assert control.get("/faults").json() == {"fired": 0, "faults": []}
    assert http.get("/campaigns").json() == {"campaigns": []}
