"""Who sees and does what: through HTTP, with users of different rights."""

from __future__ import annotations

import pytest

from airflow_provider_revox.plugin.access import deciding_dag_ids
from airflow_provider_revox.plugin.campaigns import Task
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
    login, rights, campaign_id, granted, may
):
    rights.update(granted)
    client = login("dora")
    assert bool(client.get(f"{LIST}/{campaign_id}").json()["actions"]) is may
    answer = client.post(f"{LIST}/{campaign_id}/cancel", headers=SAFE, json={})
    assert answer.status_code == (200 if may else 403)


def test_without_a_launch_any_dag_that_waits_decides():
    def task(dag_id, role):
        return Task(dag_id, "r", "t", -1, role, "success")

    assert deciding_dag_ids([task("b", "wait"), task("a", "wait")]) == ["a", "b"]
    assert deciding_dag_ids([task("b", "wait"), task("a", "launch")]) == ["a"]
