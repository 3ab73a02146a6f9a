"""What Revox is asked, and what the page shows while Revox is slow or away."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.plugin import connection as connections
from airflow_provider_revox.plugin import live as live_views
from airflow_provider_revox.plugin.connection import AT_ONCE, Connection
from airflow_provider_revox.plugin.live import LiveView
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign

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


def test_a_connection_that_does_not_exist_is_a_problem_and_no_error(login, rows):
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_1", revox_conn_id="gone")})
    shown = login("ann").get(f"{LIST}/cmp_1").json()
    assert "'gone'" in shown["problem"]


async def test_retry_after_is_obeyed(revox_sandbox):
    revox_sandbox.faults.add(
        Fault(kind="status", status=429, retry_after=120, method="GET", path=ONE, times=None)
    )
    connection = Connection("revox_default")
    with pytest.raises(RevoxError):
        await connection.send(endpoints.get_campaign("cmp_1"))
    assert connection.is_held()
    assert connection.held_seconds() > 100


async def test_failures_lengthen_the_pause_up_to_a_limit(revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", times=None))
    connection = Connection("revox_default")
    pauses = []
    for _ in range(8):
        with pytest.raises(RevoxError):
            await connection.send(endpoints.get_campaign("cmp_1"))
        pauses.append(round(connection.held_seconds(), -1))
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300]
    assert "since" in connection.problem


async def test_a_good_answer_ends_the_outage(revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, 1)
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", times=1))
    connection = Connection("revox_default")
    with pytest.raises(RevoxError):
        await connection.send(endpoints.get_campaign(campaign_id))
    await connection.send(endpoints.get_campaign(campaign_id))
    assert (connection.problem, connection.is_held()) == (None, False)


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


async def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(live_views, "MOST_KNOWN", 3)
    live = LiveView()
    for index in range(10):
        live.keep("revox_default", Campaign(id=f"cmp_{index}", status="running"))
    known = [index for index in range(10) if live.seen("revox_default", f"cmp_{index}")]
    assert known == [7, 8, 9]
