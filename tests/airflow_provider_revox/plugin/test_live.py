"""What Revox is asked, and what the page shows while Revox is slow or away."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.control import CONTROLS
from airflow_provider_revox.plugin import connection as connections
from airflow_provider_revox.plugin import live as live_views
from airflow_provider_revox.plugin.connection import AT_ONCE, Connection
from airflow_provider_revox.plugin.live import LiveView
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import ask, create_campaign

LIST = "/revox/api/campaigns"
ONE = "/campaigns/{id}"
GET_ONE = ("GET", ONE)
WEEK = 7 * 24 * 3600


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0, generation="launch-calls")


@pytest.fixture
def campaign_ids(revox_sandbox, rows):
    campaign_ids = [create_campaign(revox_sandbox, 2) for _ in range(6)]
    for campaign_id in campaign_ids:
        rows.add_task("renewals", xcoms={"campaign": rows.record(campaign_id)})
    return campaign_ids


def polls(sandbox):
    paths = [one.path for one in sandbox.requests() if one.method == "GET"]
    return Counter(path.rpartition("/")[2] for path in paths if path.count("/") == 2)


@pytest.fixture
def hanging(revox_sandbox, monkeypatch):
    """A Revox that holds each request until the sandbox stops."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 3600.0)
    revox_sandbox.faults.add(Fault(kind="hang", method="GET", times=None))


def test_twenty_viewers_cost_one_request_for_each_campaign_that_is_shown(login, campaign_ids, revox_sandbox):
    client = login("ann")
    with ThreadPoolExecutor(20) as viewers:
        answers = list(viewers.map(lambda _: client.get(f"{LIST}?page_size=4"), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    shown = [one["campaign_id"] for one in answers[0].json()["campaigns"]]
    revox_sandbox.wait_for(GET_ONE, times=4, stage="answered")
    assert polls(revox_sandbox) == Counter(shown)


def test_the_next_list_shows_what_was_asked_in_the_background(login, campaign_ids, revox_sandbox):
    client = login("ann")
    first = client.get(LIST).json()
    assert {(one["state"], one["seen_by"]) for one in first["campaigns"]} <= {
        ("unknown", None),
        ("running", "revox"),
    }
    revox_sandbox.wait_for(GET_ONE, times=6, stage="answered")
    client.get(f"{LIST}/{campaign_ids[0]}")  # the loop has read the answers by then
    second = client.get(LIST).json()
    assert Counter((one["state"], one["seen_by"]) for one in second["campaigns"])["running", "revox"] >= 1
    assert max(polls(revox_sandbox).values()) == 1


def test_a_revox_that_hangs_delays_neither_the_list_nor_airflow(login, campaign_ids, hanging, revox_sandbox):
    client = login("ann")
    first = client.get(LIST)
    revox_sandbox.wait_for(GET_ONE, times=AT_ONCE)
    # The sandbox holds the requests, and both pages answer.
    second, health = client.get(LIST), client.get("/api/v2/monitor/health")
    assert [one.outcome for one in revox_sandbox.requests() if one.method == "GET"] == ["hang"] * AT_ONCE
    assert [first.status_code, second.status_code, health.status_code] == [200, 200, 200]
    assert [one["problem"] for one in second.json()["campaigns"]] == [None] * 6


def test_the_page_of_a_campaign_answers_while_revox_hangs(login, campaign_ids, hanging, revox_sandbox):
    answer = login("ann").get(f"{LIST}/{campaign_ids[0]}")
    assert {one.outcome for one in revox_sandbox.requests() if one.method == "GET"} == {"hang"}
    assert (answer.json()["state"], answer.json()["problem"]) == ("unknown", None)


def test_what_a_task_saw_last_is_shown_while_revox_is_away(login, rows, revox_sandbox):
    point = {"at": "2026-11-26T11:00:00Z", "state": "running", "counts": {"total": 9, "completed": 4}}
    xcoms = {"campaign": rows.record("cmp_1"), "progress": [{**point, "at": "2026-11-26T10:59:00Z"}, point]}
    rows.add_task("renewals", xcoms=xcoms)
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", times=None))
    client = login("ann")
    shown = client.get(f"{LIST}/cmp_1").json()
    assert (shown["state"], shown["counts"], shown["seen_by"]) == ("running", point["counts"], "task")
    assert shown["seen_at"] == point["at"]
    assert shown["people_left"] == 5
    assert "503" in shown["problem"]
    assert "since" in shown["problem"]
    assert len(shown["progress"]) == 2


def test_an_outage_is_remembered_and_not_asked_into(login, campaign_ids, revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", times=None))
    client = login("ann")
    for campaign_id in campaign_ids:
        assert client.get(f"{LIST}/{campaign_id}").json()["problem"]
        client.get(LIST)
    assert len([one for one in revox_sandbox.requests() if one.method == "GET"]) <= 2  # with the statistics


def test_a_campaign_that_has_ended_is_not_asked_for_again(login, campaign_ids, revox_sandbox, monkeypatch):
    monkeypatch.setattr(live_views, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(live_views, "FRESH_STATISTICS_SECONDS", 0.0)
    campaign_id = campaign_ids[0]
    revox_sandbox.advance(WEEK)
    client = login("ann")
    for _ in range(3):
        assert client.get(f"{LIST}/{campaign_id}").json()["state"] == "completed"
    assert polls(revox_sandbox)[campaign_id] == 1


def test_a_campaign_that_a_task_saw_end_is_not_asked_for(login, rows, revox_sandbox):
    point = {"at": "2026-11-26T11:00:00Z", "state": "completed", "counts": {"total": 1, "completed": 1}}
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_1"), "progress": [point]})
    client = login("ann")
    assert client.get(LIST).json()["campaigns"][0]["state"] == "completed"
    client.get(f"{LIST}/cmp_1")
    assert polls(revox_sandbox) == {}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "status": 401}, "refuses the API key of the connection 'revox_default' (401)"),
        ({"kind": "status", "status": 404}, "does not know this campaign (404)"),
        ({"kind": "status", "status": 403}, "(403)"),
        ({"kind": "reset"}, "can't be reached since"),
        ({"kind": "broken_json"}, "no good answer since"),
    ],
)
def test_a_problem_is_one_plain_sentence(login, campaign_ids, revox_sandbox, fault, words):
    revox_sandbox.faults.add(Fault(method="GET", path=ONE, times=None, **fault))
    shown = login("ann").get(f"{LIST}/{campaign_ids[0]}").json()
    assert words in shown["problem"]
    assert "\n" not in shown["problem"]
    assert revox_sandbox.api_key not in shown["problem"]


async def test_few_requests_are_under_way_at_once(revox_sandbox, monkeypatch):
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)
    revox_sandbox.faults.add(Fault(kind="hang", method="GET", times=None))
    live = LiveView()
    asking = [live.refresh("revox_default", f"cmp_{index}") for index in range(50)]
    await asyncio.to_thread(revox_sandbox.wait_for, GET_ONE, times=AT_ONCE)
    await asyncio.wait([task for task in asking if task])
    # The first have failed, so the others were never sent.
    assert len(revox_sandbox.requests()) == AT_ONCE
    assert live.refresh("revox_default", "cmp_0") is None


async def test_what_is_kept_is_bounded(revox_sandbox, monkeypatch):
    monkeypatch.setattr(live_views, "MOST_KNOWN", 3)
    live = LiveView()
    campaign_ids = [create_campaign(revox_sandbox, 1) for _ in range(6)]
    for campaign_id in campaign_ids:
        await live.look("revox_default", campaign_id)
    assert [one for one in campaign_ids if live.seen("revox_default", one)] == campaign_ids[3:]


async def test_the_connections_that_are_kept_are_bounded(monkeypatch):
    made, gate = [], asyncio.Event()
    monkeypatch.setattr(live_views, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(live_views, "Connection", lambda conn_id: made.append(conn_id) or Connection(conn_id))
    monkeypatch.setattr(Connection, "_send", lambda *_: gate.wait())
    live = LiveView()
    asking = asyncio.create_task(live.send("busy", endpoints.get_campaign("cmp_1")))
    await asyncio.sleep(0)
    for index in range(10):
        live._connection(f"idle_{index}")
    made.clear()
    for conn_id in ("busy", "idle_9", "idle_0"):
        live._connection(conn_id)
    assert len(live._connections) == 3
    assert live._connections["busy"].waiting == 1
    gate.set()
    await asking


async def test_an_answer_to_an_older_request_replaces_no_newer_one(revox_sandbox, monkeypatch):
    campaign_id, release = create_campaign(revox_sandbox, 1), asyncio.Event()
    send = Connection.send

    async def slow_in_the_background(self, endpoint, *, unless_held=False):
        answer = await send(self, endpoint, unless_held=unless_held)
        if unless_held:
            await release.wait()
        return answer

    monkeypatch.setattr(Connection, "send", slow_in_the_background)
    live = LiveView()
    asking = live.refresh("revox_default", campaign_id)
    await asyncio.to_thread(revox_sandbox.wait_for, GET_ONE, stage="answered")
    ask(revox_sandbox, "POST", f"/campaigns/{campaign_id}/cancel")
    await live.look("revox_default", campaign_id)
    seen = live.seen("revox_default", campaign_id)
    release.set()
    await asking
    assert live.seen("revox_default", campaign_id) is seen
    assert seen.state == "cancelled"


async def test_an_action_waits_for_no_look(revox_sandbox, hanging):
    campaign_id = create_campaign(revox_sandbox, 1)
    live = LiveView()
    asking = [live.refresh("revox_default", f"cmp_{index}") for index in range(50)]
    await asyncio.to_thread(revox_sandbox.wait_for, GET_ONE, times=AT_ONCE)
    # If it waited for the others, it would wait as long as the sandbox runs.
    await asyncio.wait_for(live.send("revox_default", CONTROLS["cancel"].endpoint(campaign_id)), 30)
    assert ("POST", f"/campaigns/{campaign_id}/cancel", 200) in revox_sandbox.requests()
    assert not any(task.done() for task in asking)
    for task in asking:
        task.cancel()
    await asyncio.wait(asking)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 422])
async def test_a_refusal_of_one_campaign_stops_no_other(revox_sandbox, status):
    refused, other = create_campaign(revox_sandbox, 1), create_campaign(revox_sandbox, 1)
    path = f"/campaigns/{refused}"
    revox_sandbox.faults.add(Fault(kind="status", status=status, method="GET", path=path, times=None))
    live = LiveView()
    await live.refresh("revox_default", refused)
    assert f"({status})" in live.problem("revox_default", refused)
    await live.refresh("revox_default", other)
    assert live.seen("revox_default", other).state == "running"
    assert live.problem("revox_default", other) is None
    assert live.refresh("revox_default", refused) is None  # not asked again at once
