"""No answer of the plugin has a phone number, a name, a prompt variable, a text of a row or a key."""

from __future__ import annotations

import re

import pytest

from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign, number

LIST = "/revox/api/campaigns"
SAFE = {"X-Revox-Request": "1"}
VARIABLES = {
    "first_name": "Adalovelia", "last_name": "Byronette", "email": "adalovelia@example.org",
    "debt": "EUR 4711.15", "note": "Prefers mornings",
}  # fmt: skip
HOUR = 3600
LONG_NUMBER = re.compile(r"\+?\d{7,}")


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0, generation="launch-calls", api_key="key-that-nobody-sees")


@pytest.fixture
def campaign_id(revox_sandbox, rows):
    people = [{"to_phone_number": number(index), "prompt_variables": VARIABLES} for index in range(30)]
    campaign_id = create_campaign(revox_sandbox, people, name=f"Call {number(3)} of ada@example.org")
    revox_sandbox.advance(HOUR)
    xcoms = {
        # A task of anybody may push XComs with these keys, and with whatever in them.
        "campaign": rows.record(campaign_id, name=f"Call {number(3)} of ada@example.org", people=VARIABLES),
        "contact_report": {
            "received": 31, "to_call": 30, "invalid": 1, "invalid_by_reason": {number(1): 1, "not_valid": 1},
            "duplicate": number(2), "suppressed": 4155550001000, "suppressed_by_reason": [number(4)],
        },
        "launch": {"outcome": "created", "launched_by_try": 1, "reason": f"for {VARIABLES['first_name']}"},
        "progress": [
            {"at": "2026-11-26T11:00:00Z", "state": f"called {number(5)}", "counts": {"total": 14155550006}},
            {"at": number(7), "state": "running", "counts": {}},
        ],
    }  # fmt: skip
    rows.add_task("renewals", "call", run_id="r", xcoms=xcoms)
    rows.add_task("other", "push", run_id="r", xcoms={"campaign": [number(8)]})
    rows.add_task("another", "push", run_id="r", xcoms={"campaign": {"campaign_id": number(9)}})
    return campaign_id


def check(answer, sandbox):
    text = answer.text
    secrets = [*VARIABLES.values(), *(number(index)[-7:] for index in range(30)), sandbox.api_key]
    assert [secret for secret in [*secrets, "ada@example.org"] if secret in text] == []
    without_ids = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)
    assert LONG_NUMBER.findall(without_ids) == []


@pytest.mark.parametrize(
    "fault",
    [
        None,
        {"kind": "status", "status": 401, "body": {"error": f"no key key-that-nobody-sees for {number(3)}"}},
        {"kind": "status", "status": 404, "body": {"error": f"Adalovelia {number(3)}"}},
        {"kind": "status", "status": 422, "body": f"Adalovelia Byronette {number(3)}"},
        {"kind": "status", "status": 500, "body": f"Adalovelia Byronette {number(3)}"},
        {"kind": "broken_json", "body": f'{{"campaign": "{number(3)} Adalovelia'},
        {"kind": "reset"},
        {"kind": "truncate"},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('status', '')}" if fault else "none",
)
def test_no_answer_has_personal_data(login, campaign_id, revox_sandbox, fault):
    if fault:
        revox_sandbox.faults.add(Fault(times=None, **fault))
    client = login("ben")
    paths = [LIST, f"{LIST}/{campaign_id}", LIST, f"{LIST}?text=Call", f"{LIST}/cmp_none", f"{LIST}?page=x"]
    paths += ["/revox/", f"/revox/campaigns/{campaign_id}", "/revox/static/list.js", "/revox/nothing"]
    for path in paths:
        check(client.get(path), revox_sandbox)
    for verb in ("pause", "resume", "cancel", "delete"):
        check(client.post(f"{LIST}/{campaign_id}/{verb}", headers=SAFE, json={}), revox_sandbox)


def test_what_is_no_record_of_ours_is_no_campaign(login, campaign_id):
    shown = login("ben").get(LIST).json()
    assert [one["campaign_id"] for one in shown["campaigns"]] == [campaign_id]
    assert shown["campaigns"][0]["name"] == "Call \u2026 of \u2026"
    assert shown["campaigns"][0]["left_out"]["reasons"] == {"not_valid": 1}


def test_the_statistics_are_counts(login, campaign_id):
    statistics = login("ben").get(f"{LIST}/{campaign_id}").json()["statistics"]
    assert {one["step"] for one in statistics["funnel"]} == {
        "called",
        "reached",
        "real_exchanges",
        "hot_leads",
    }
    assert statistics["outcomes"]
    assert all(set(one) == {"outcome", "count"} for one in statistics["outcomes"])
