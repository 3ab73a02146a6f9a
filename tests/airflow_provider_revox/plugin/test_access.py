"""Who sees and does what: through HTTP, with users of different rights."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from airflow_provider_revox.plugin import access, view
from revox_sandbox import SandboxSettings
from tests.airflow_provider_revox.plugin.conftest import USERS
from tests.campaigns import create_campaign

LIST = "/revox/api/campaigns"
SAFE = {"X-Revox-Request": "1"}


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0, generation="launch-calls")


@pytest.fixture
def rights(airflow_app, monkeypatch):
    """Rights by DAG, as the auth managers of production have them: {DAG: "read" or "edit"}."""
    granted: dict[str, str] = {}

    def is_authorized_dag(self, *, method, user, access_entity=None, details=None):
        right = granted.get(details.id) if details else None
        return right == "edit" or (right == "read" and method == "GET")

    from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

    monkeypatch.setattr(SimpleAuthManager, "is_authorized_dag", is_authorized_dag)
    return granted


@pytest.fixture
def campaign_id(revox_sandbox, rows):
    """A campaign that one DAG has launched, and for which a task of another waits."""
    campaign_id = create_campaign(revox_sandbox, 5)
    rows.add_task("launching", "call", xcoms={"campaign": rows.record(campaign_id)})
    rows.add_task("waiting", "wait", xcoms={"campaign": rows.record(campaign_id, role="wait")})
    return campaign_id


@pytest.mark.parametrize(
    "path", ["/revox/", "/revox/campaigns/cmp_1", "/revox/static/list.js", "/revox/static/none.js"]
)
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nonsense"}, {"Cookie": "_token=nonsense"}])
def test_a_page_without_a_login_leads_to_the_login(anybody, path, header):
    answer = anybody.get(path, headers=header)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/api/v2/auth/login?next=%2Frevox%2F")
    assert answer.content == b""


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/cmp_1"), *[("POST", f"/cmp_1/{verb}") for verb in ("pause", "resume", "cancel")]],
)
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nonsense"}])
def test_data_without_a_login_is_refused(anybody, method, path, header):
    answer = anybody.request(method, f"{LIST}{path}", headers={**SAFE, **header}, json={})
    assert answer.status_code == 401
    assert set(answer.json()) == {"detail"}


@pytest.mark.parametrize(("name", "may"), [("ann", False), ("ben", True), ("cleo", True), ("dora", True)])
def test_a_role_that_may_not_edit_runs_sees_campaigns_and_changes_none(
    login, campaign_id, revox_sandbox, name, may
):
    client = login(name)
    shown = client.get(f"{LIST}/{campaign_id}").json()
    assert shown["actions"] == (["pause", "cancel"] if may else []), USERS[name]
    answer = client.post(f"{LIST}/{campaign_id}/pause", headers=SAFE, json={})
    assert answer.status_code == (200 if may else 403)
    sent = [one.path for one in revox_sandbox.requests() if one.path.endswith("/pause")]
    assert len(sent) == may


def test_only_campaigns_and_tasks_of_readable_dags_are_shown(login, rights, campaign_id, rows):
    rows.add_task("secret", xcoms={"campaign": rows.record("cmp_secret", name="Hidden")})
    rights["waiting"] = "read"
    client = login("ann")
    shown = client.get(LIST).json()
    assert [one["campaign_id"] for one in shown["campaigns"]] == [campaign_id]
    assert (shown["total"], shown["dag_ids"]) == (1, ["waiting"])
    assert [task["dag_id"] for task in shown["campaigns"][0]["tasks"]] == ["waiting"]
    detail = client.get(f"{LIST}/{campaign_id}")
    assert {one["dag_id"] for one in detail.json()["tries"]} == {"waiting"}
    assert "launching" not in detail.text
    missing, hidden = client.get(f"{LIST}/cmp_none"), client.get(f"{LIST}/cmp_secret")
    assert (missing.status_code, hidden.status_code) == (404, 404)
    assert missing.json() == hidden.json()
    assert client.post(f"{LIST}/cmp_secret/cancel", headers=SAFE, json={}).status_code == 404


def test_what_a_task_of_a_hidden_dag_has_recorded_is_not_shown(login, rights, revox_sandbox, rows):
    campaign_id = create_campaign(revox_sandbox, 5)
    report = {"received": 9, "to_call": 5, "invalid": 4, "invalid_by_reason": {"not_valid": 4}}
    xcoms = {"campaign": rows.record(campaign_id), "contact_report": report}
    rows.add_task("launching", "call", xcoms=xcoms)
    rows.add_task("waiting", "wait", xcoms={"campaign": rows.record(campaign_id, role="wait")})
    rights.update(waiting="read")
    assert login("ann").get(f"{LIST}/{campaign_id}").json()["report"] is None
    rights.update(launching="read")
    assert login("ann").get(f"{LIST}/{campaign_id}").json()["report"]["invalid"] == 4


@pytest.mark.parametrize(
    ("granted", "may"),
    [
        ({"launching": "read", "waiting": "read"}, False),
        ({"launching": "edit"}, True),
        ({"launching": "read", "waiting": "edit"}, False),
        ({"waiting": "edit"}, False),
        ({"launching": "edit", "waiting": "read"}, True),
    ],
)
def test_the_dag_that_has_launched_a_campaign_decides_who_may_change_it(
    login, rights, campaign_id, revox_sandbox, granted, may
):
    rights.update(granted)
    check_rights(login("dora"), campaign_id, revox_sandbox, may)


def check_rights(client, campaign_id, sandbox, may):
    assert bool(client.get(f"{LIST}/{campaign_id}").json()["actions"]) is may
    assert bool(client.get(LIST).json()["campaigns"][0]["actions"]) is may
    answer = client.post(f"{LIST}/{campaign_id}/cancel", headers=SAFE, json={})
    assert answer.status_code == (200 if may else 403)
    assert len([one for one in sandbox.requests() if one.path.endswith("/cancel")]) == may


@pytest.mark.parametrize(
    ("granted", "may"),
    [
        ({"posing": "edit"}, False),
        ({"posing": "edit", "launching": "read"}, False),
        ({"posing": "read", "launching": "edit"}, False),
        ({"launching": "edit"}, False),
        ({"posing": "edit", "launching": "edit"}, True),
    ],
)
@pytest.mark.parametrize("conn_id", ["revox_default", "another"])
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_a_dag_that_says_it_launched_the_campaign_of_another_dag_gives_no_right(
    login, rights, campaign_id, revox_sandbox, rows, monkeypatch, granted, may, conn_id, case
):
    monkeypatch.setenv("AIRFLOW_CONN_ANOTHER", revox_sandbox.conn_json())
    rows.add_task(
        "posing",
        xcoms={"campaign": rows.record(case(campaign_id), revox_conn_id=conn_id, since="2000-01-01")},
    )
    rights.update(granted)
    client = login("dora")
    for path in (campaign_id, case(campaign_id)):
        shown = client.get(f"{LIST}/{path}")
        if not may:
            assert shown.json().get("actions", []) == []
            assert client.post(f"{LIST}/{path}/cancel", headers=SAFE, json={}).status_code in (403, 404, 409)
    is_same = conn_id == "revox_default" and case(campaign_id) == campaign_id
    if may and is_same:
        assert client.post(f"{LIST}/{campaign_id}/cancel", headers=SAFE, json={}).status_code == 200
    else:
        assert [one for one in revox_sandbox.requests() if one.path.endswith("/cancel")] == []


@pytest.mark.parametrize("dag_ids", [["waiting"], ["waiting", "other"]])
def test_a_campaign_that_no_task_launched_can_only_be_looked_at(login, revox_sandbox, rows, dag_ids):
    campaign_id = create_campaign(revox_sandbox, 5)
    for dag_id in dag_ids:
        rows.add_task(dag_id, xcoms={"campaign": rows.record(campaign_id, role="wait")})
    check_rights(login("dora"), campaign_id, revox_sandbox, may=False)


def test_a_hidden_dag_changes_nothing_of_what_is_shown(login, rights, campaign_id, rows):
    rights.update(launching="read")
    before = login("ann").get(f"{LIST}/{campaign_id}").json()
    lie = {"name": "Lie", "url": "https://evil.example/", "since": "2000-01-01T00:00:00Z"}
    for conn_id in ("revox_default", "another"):
        record = rows.record(campaign_id, **lie, revox_conn_id=conn_id)
        point = {"at": "2030-01-01T00:00:00Z", "state": "lied", "counts": {}}
        rows.add_task("hidden", xcoms={"campaign": record, "progress": [point]})
    after = login("ann").get(f"{LIST}/{campaign_id}").json()
    for name in ("name", "revox_url", "since", "tasks", "state", "progress"):
        assert after[name] == before[name]
    assert login("ann").get(LIST).json()["total"] == 1


def test_a_campaign_of_two_connections_is_listed_twice_and_not_changed(
    login, campaign_id, revox_sandbox, rows, monkeypatch
):
    monkeypatch.setenv("AIRFLOW_CONN_ANOTHER", revox_sandbox.conn_json())
    rows.add_task("other", xcoms={"campaign": rows.record(campaign_id, revox_conn_id="another", name="B")})
    client = login("dora")
    shown = client.get(LIST).json()["campaigns"]
    assert sorted((one["name"], len(one["tasks"])) for one in shown) == [("B", 1), ("Renewals 2026-11-24", 2)]
    answers = [client.get(f"{LIST}/{campaign_id}")]
    answers += [client.post(f"{LIST}/{campaign_id}/cancel", headers=SAFE, json={})]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("different connections" in answer.json()["detail"] for answer in answers)
    assert [one for one in revox_sandbox.requests() if one.path.endswith("/cancel")] == []


def test_the_auth_manager_is_asked_while_no_session_is_held(login, campaign_id, monkeypatch):
    held, asked = [], []

    @contextmanager
    def create_session(**kwargs):
        with real(**kwargs) as session:
            held.append(session)
            yield session
        held.remove(session)

    real = view.create_session
    monkeypatch.setattr(view, "create_session", create_session)
    for name in ("readable_dag_ids", "may_edit_runs"):
        ask = getattr(access, name)
        monkeypatch.setattr(access, name, lambda *args, ask=ask: (asked.append(len(held)), ask(*args))[1])
    client = login("dora")
    client.get(LIST)
    client.get(f"{LIST}/{campaign_id}")
    client.post(f"{LIST}/{campaign_id}/pause", headers=SAFE, json={})
    assert len(asked) >= 6
    assert set(asked) == {0}
