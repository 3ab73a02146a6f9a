from __future__ import annotations

import asyncio

import httpx
import pytest

from revox_sandbox import Fault, SandboxSettings
from revox_sandbox.serve.remote_control import create_control
from revox_sandbox.serve.state import SandboxState
from tests.revox_sandbox.other_sites import HEADERS_OF_OTHERS

RESET = {"kind": "reset", "method": "POST", "when": "after"}
JSON = {"content-type": "application/json"}  # newer versions of FastAPI read no other body


@pytest.fixture
def control(revox_sandbox, certificates):
    url = f"{revox_sandbox.url}/_sandbox"
    with httpx.Client(base_url=url, verify=certificates, trust_env=False) as client:
        yield client


def test_health(control):
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


async def test_other_machines_have_no_control():
    transport = httpx.ASGITransport(
        create_control(SandboxState(SandboxSettings())), client=("192.0.2.1", 4711)
    )
    client = httpx.AsyncClient(transport=transport, base_url="http://sandbox")
    for method, path in [
        ("GET", "/health"),
        ("PUT", "/faults"),
        ("POST", "/reset"),
        ("GET", "/calls-per-person"),
    ]:
        assert (await client.request(method, path)).status_code == 403


@pytest.mark.parametrize("headers", HEADERS_OF_OTHERS, ids=str)
@pytest.mark.parametrize(("method", "path"), [("GET", "/calls-per-person"), ("POST", "/reset")])
def test_a_page_of_another_site_has_no_control(control, launch, http, headers, method, path):
    launch()
    answer = control.request(method, path, headers=headers)
    assert (answer.status_code, "1415" in answer.text) == (403, False)
    assert len(http.get("/campaigns").json()["campaigns"]) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.0.0.9"])
def test_a_page_of_the_sandbox_itself_has_control(control, revox_sandbox, host):
    own = f"{host}:{revox_sandbox.url.rpartition(':')[2]}"
    headers = {"Host": own, "Origin": f"http://{own}", "Sec-Fetch-Site": "same-origin"}
    assert control.get("/health", headers=headers).status_code == 200
    assert control.get("/health", headers={"Host": host}).status_code == 200


def test_a_name_that_the_sandbox_listens_on_is_its_own():
    transport = httpx.ASGITransport(create_control(SandboxState(SandboxSettings(host="sandbox"))))
    with_name = [
        asyncio.run(httpx.AsyncClient(transport=transport, base_url=f"http://{name}").get("/health"))
        for name in ("sandbox:8765", "sandbox.evil.example:8765")
    ]
    assert [answer.status_code for answer in with_name] == [200, 403]
