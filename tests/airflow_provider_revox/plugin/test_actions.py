from __future__ import annotations

import json

import pytest
from airflow.models.log import Log
from airflow.utils.session import create_session
from sqlalchemy import delete, select

from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import ask, create_campaign

LIST = "/revox/api/campaigns"
SAFE = {"X-Revox-Request": "1"}


@pytest.fixture
def generation():
    return "launch-calls"


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(speed=0, generation=generation)


@pytest.fixture
def campaign_id(revox_sandbox, rows):
    with create_session(scoped=False) as session:
        session.execute(delete(Log))
    campaign_id = create_campaign(revox_sandbox, 60, max_concurrent_calls=2)
    rows.add_task("renewals", "call", run_id="r", xcoms={"campaign": rows.record(campaign_id)})
    return campaign_id


def act(client, campaign_id, verb, **headers):
    return client.post(f"{LIST}/{campaign_id}/{verb}", headers={**SAFE, **headers}, json={})


def audit_log():
    query = select(Log.event, Log.dag_id, Log.run_id, Log.task_id, Log.map_index, Log.owner, Log.extra)
    with create_session(scoped=False) as session:
        return [tuple(row) for row in session.execute(query.where(Log.event.like("revox%")))]


def posts(sandbox):
    paths = [one.path for one in sandbox.requests() if one.method == "POST"]
    return [path.rpartition("/")[2] for path in paths if not path.endswith(("/campaigns", "launch-calls"))]


def test_a_campaign_is_paused_resumed_and_cancelled(login, campaign_id, revox_sandbox):
    client = login("ben")
    states = []
    for verb in ("pause", "resume", "cancel"):
        answer = act(client, campaign_id, verb)
        assert answer.status_code == 200, answer.text
        states.append((answer.json()["state"], answer.json()["actions"]))
    assert states == [
        ("paused", ["resume", "cancel"]),
        ("running", ["pause", "cancel"]),
        ("cancelled", []),
    ]
    assert posts(revox_sandbox) == ["pause", "resume", "cancel"]
    assert ask(revox_sandbox, "GET", f"/campaigns/{campaign_id}")["campaign"]["is_cancelled"] is True


def test_the_audit_log_says_who_did_what(login, campaign_id):
    act(login("ben"), campaign_id, "cancel")
    ((*what, extra),) = audit_log()
    assert what == ["revox_cancel_campaign", "renewals", "r", "call", -1, "ben"]
    assert json.loads(extra) == {"campaign_id": campaign_id, "outcome": "cancelled"}


def test_a_campaign_that_has_ended_is_left_alone(login, campaign_id, revox_sandbox):
    ask(revox_sandbox, "POST", f"/campaigns/{campaign_id}/cancel")
    client = login("ben")
    assert act(client, campaign_id, "cancel").json()["state"] == "cancelled"
    answer = act(client, campaign_id, "pause")
    assert answer.status_code == 409
    assert "ended" in answer.json()["detail"]
    assert posts(revox_sandbox) == ["cancel"]
    assert [json.loads(row[-1])["outcome"] for row in audit_log()] == [
        "already_cancelled",
        "already_finished",
    ]


@pytest.mark.parametrize("kind", ["status", "reset", "lose"])
def test_a_lost_answer_is_looked_up_and_not_sent_again(login, campaign_id, revox_sandbox, kind):
    faults = {
        "status": {"kind": "status", "status": 500, "when": "after"},
        "reset": {"kind": "reset", "when": "after"},
        "lose": {"kind": "status", "status": 503, "when": "before"},
    }
    revox_sandbox.faults.add(Fault(method="POST", path="/campaigns/{id}/cancel", times=1, **faults[kind]))
    answer = act(login("ben"), campaign_id, "cancel")
    assert posts(revox_sandbox) == ["cancel"]
    if kind == "lose":
        assert answer.status_code == 502
        assert json.loads(audit_log()[0][-1])["outcome"].startswith("failed: ")
    else:
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


def test_nothing_is_sent_while_the_campaign_is_not_seen(login, campaign_id, revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", path="/campaigns/{id}"))
    answer = act(login("ben"), campaign_id, "cancel")
    assert answer.status_code == 502
    assert "503" in answer.json()["detail"]
    assert posts(revox_sandbox) == []
    assert len(audit_log()) == 1


@pytest.mark.parametrize("generation", ["contract"])
def test_a_revox_that_cannot_pause_says_so(login, campaign_id):
    answer = act(login("ben"), campaign_id, "pause")
    assert answer.status_code == 409
    assert "can't pause" in answer.json()["detail"]


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_only_a_post_changes_a_campaign(login, campaign_id, revox_sandbox, method, verb):
    answer = login("ben").request(method, f"{LIST}/{campaign_id}/{verb}", headers=SAFE)
    assert answer.status_code in (404, 405)
    assert posts(revox_sandbox) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Revox-Request": ""},
        {"X-Revox-Request": "0"},
        {**SAFE, "Sec-Fetch-Site": "cross-site"},
        {**SAFE, "Sec-Fetch-Site": "same-site"},
        {**SAFE, "Sec-Fetch-Site": "none"},
        {**SAFE, "Origin": "https://evil.example"},
        {**SAFE, "Origin": "null"},
        {**SAFE, "Origin": "http://testserver.evil.example"},
        {**SAFE, "Origin": "http://testserver:8080"},
        {**SAFE, "Origin": "http://[broken", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_forged_request_does_nothing(login, campaign_id, revox_sandbox, headers):
    answer = login("dora").post(f"{LIST}/{campaign_id}/cancel", headers=headers, json={})
    assert answer.status_code == 403
    assert posts(revox_sandbox) == []
    assert audit_log() == []


@pytest.mark.parametrize("headers", [{"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_request_of_the_page_itself_is_carried_out(login, campaign_id, headers):
    assert act(login("ben"), campaign_id, "cancel", **headers).status_code == 200
