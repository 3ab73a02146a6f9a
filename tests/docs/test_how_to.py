"""Every DAG of the how-to guides works when it is copied."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_1_PLUS

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from airflow_provider_revox.operators.revox import LaunchCampaignOperator
from airflow_provider_revox.sensors.revox import CampaignSensor
from dev.local_airflow import inherited
from revox_sandbox import Sandbox, SandboxSettings
from tests.airflow_runs import DagResult
from tests.campaigns import create_campaign, number
from tests.docs.pages import DOCS, blocks, lines_that_do_not_come
from tests.docs.salesforce import SalesforceStandIn

pytestmark = pytest.mark.skipif(not AIRFLOW_V_3_1_PLUS, reason="the pages show Airflow 3")

GUIDES = {page.stem: page for page in (DOCS / "how-to").glob("*.md")}
DAGS = {name: text for name in GUIDES for text in blocks(f"how-to/{name}.md", "python") if "@dag(" in text}
ADA, GRACE, EMMY, EDITH = "+14155550100", "+14155550101", "+33612345678", "+4915123456789"


@pytest.fixture
def revox_sandbox_settings(request: pytest.FixtureRequest) -> SandboxSettings:
    return SandboxSettings(**{"speed": 1_000_000, **getattr(request, "param", {})})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return the folder that stands for ``/data`` on the pages."""
    for name in ("crm", "results"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def copy(
    data: Path, run_dag: Callable[..., DagResult], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., DagResult]:
    """Return a function that copies the DAG of a page, and runs it."""
    for waiting in (CampaignSensor, LaunchCampaignOperator):
        monkeypatch.setattr(waiting, "seconds_between_polls", lambda _: 0.1)

    def run(guide: str, **options: Any) -> DagResult:
        dag_id = DAGS[guide].splitlines()[-1].removesuffix("()")
        file = data / f"{dag_id}.py"
        text = DAGS[guide].replace('"/data/', f'"{data}/').replace(f"\n{dag_id}()", f"\ndag = {dag_id}()")
        file.write_text(text)
        return run_dag(file, dag_id, **options)

    return run


def write(file: Path, *rows: str) -> None:
    file.write_text("\n".join(rows) + "\n")


def test_every_guide_with_a_dag_is_run():
    assert set(DAGS) == {name.removeprefix("test_").partition("__")[0].replace("_", "-") for name in TESTS}


def test_from_a_crm_file__calls_each_person_and_accounts_for_each_row(copy, data, revox_sandbox):
    header = "Phone Number,First Name,Company name"
    rows = ("06 12 34 56 78,Emmy,", f"{EMMY},Emmy,Rings", "06 12,Ada,", f"{ADA},Ada,Engines")
    write(data / "crm/leads.csv", header, *rows)
    result = copy("from-a-crm-file")
    assert result.state == "success"
    assert set(revox_sandbox.calls_per_person()) == {EMMY, ADA}
    assert lines_that_do_not_come("how-to/from-a-crm-file.md", result.output) == []
    (_header, rejected) = (data / "crm/rejected.csv").read_text().splitlines()
    assert rejected.startswith("2,Phone Number,not_possible,")


def test_from_sql__calls_who_is_due_once_a_day(copy, data, revox_sandbox, monkeypatch):
    due = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    with sqlite3.connect(data / "crm.db") as database:
        database.execute("CREATE TABLE customers (id, phone, first_name, plan, renews_on, call_consent)")
        rows = [
            (1, ADA, "Ada", "Pro", due, 1),
            (2, GRACE, "Grace", "Pro", due, 0),
            (3, EMMY, "Emmy", "Pro", "x", 1),
        ]
        database.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection = {"conn_type": "sqlite", "host": str(data / "crm.db")}
    monkeypatch.setenv("AIRFLOW_CONN_CRM_DB", json.dumps(connection))
    assert copy("from-sql").state == "success"
    assert copy("from-sql").state == "success"
    assert revox_sandbox.calls_per_person() == {ADA: 1}


def test_one_campaign_per_region__makes_a_campaign_for_each(copy, revox_sandbox):
    result = copy("one-campaign-per-region")
    assert result.state == "success"
    assert len({result.xcom("call", map_index=index) for index in (0, 1)}) == 2
    assert set(revox_sandbox.calls_per_person().values()) == {1}
    assert len(revox_sandbox.calls_per_person()) == 2


def test_large_lists__calls_everybody_once(copy, data, revox_sandbox):
    write(data / "crm/everybody.csv", "phone,first_name", f"{ADA},Ada", f"{GRACE},Grace", f"{ADA},Ada")
    assert copy("large-lists").state == "success"
    assert revox_sandbox.calls_per_person() == {ADA: 1, GRACE: 1}


@pytest.mark.parametrize("revox_sandbox_settings", [{"generation": "launch-calls"}], indirect=True)
def test_do_not_contact__calls_who_is_on_none_of_the_three_lists(copy, data, revox_sandbox):
    launch_by_hand(revox_sandbox, EMMY)
    revox_sandbox.do_not_contact(GRACE)
    write(data / "crm/due.csv", "phone", ADA, GRACE, EMMY, EDITH)
    write(data / "crm/do-not-call.csv", "phone", EDITH)
    result = copy("do-not-contact")
    assert result.state == "success"
    assert set(revox_sandbox.calls_per_person()) == {EMMY, ADA}
    assert revox_sandbox.calls_per_person()[EMMY] == 1
    assert lines_that_do_not_come("how-to/do-not-contact.md", result.output) == []


def test_results_to_a_warehouse__loads_each_call_once(copy, data, revox_sandbox, monkeypatch):
    with sqlite3.connect(data / "warehouse.db") as database:
        database.execute(
            "CREATE TABLE calls (customer_id, campaign_id, status, result, answered_at, duration_seconds)"
        )
    connection = {"conn_type": "sqlite", "host": str(data / "warehouse.db")}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps(connection))
    write(data / "crm/due.csv", "phone,customer_id,first_name", f"{ADA},7,Ada", f"{GRACE},8,Grace")
    result = copy("results-to-a-warehouse")
    assert result.state == "success"
    with sqlite3.connect(data / "warehouse.db") as database:
        rows = database.execute("SELECT customer_id, campaign_id FROM calls ORDER BY customer_id").fetchall()
    assert rows == [("7", result.xcom("call")), ("8", result.xcom("call"))]


def test_sync_with_salesforce__calls_each_contact_once_and_tells_each_outcome_once(
    copy, revox_sandbox, monkeypatch
):
    asked, long_ago = {"Call_Requested__c": True}, datetime.now(UTC) - timedelta(hours=47.9)
    salesforce = SalesforceStandIn(
        [
            # She asked in an interval that had no run.
            {"Id": "003A", "MobilePhone": "(415) 555-0100", "SystemModstamp": long_ago, **asked},
            {"Id": "003B", "MobilePhone": GRACE, **asked},
            {"Id": "003C", "MobilePhone": EMMY, "DoNotCall": True, **asked},
            {"Id": "003D", "MobilePhone": EDITH},
            {"Id": "003E", "MobilePhone": "415-555-0101", **asked},  # Grace once more
        ]
    )
    salesforce.install(monkeypatch)
    result = copy("sync-with-salesforce")
    assert result.state == "success", result.output
    assert result.xcom("write_back") == 3
    assert copy("sync-with-salesforce").state == "success"
    assert revox_sandbox.calls_per_person() == {ADA: 1, GRACE: 1}
    for contact in salesforce.contacts:
        told = [name for changed, name in salesforce.changes if changed == contact["Id"]]
        fields = ["Revox_Ended_At__c", "Revox_Outcome__c", "Revox_Run__c"]
        assert sorted(told) == (fields if contact["Id"] in ("003A", "003B", "003E") else [])
    assert not re.findall("415.{0,3}555", str(result.xcoms))


@pytest.mark.parametrize("revox_sandbox_settings", [{"call_ends": {"no_answer": 1}}], indirect=True)
def test_cancel_and_relaunch__calls_who_was_not_reached_in_a_new_campaign(copy, revox_sandbox):
    first = launch_by_hand(revox_sandbox, ADA, GRACE)
    result = copy("cancel-and-relaunch", conf={"campaign_id": first})
    assert result.state == "success"
    assert result.xcom("call_the_rest") not in (None, first)
    assert revox_sandbox.calls_per_person() == {ADA: 2, GRACE: 2}


@pytest.mark.parametrize(
    "revox_sandbox_settings", [{"generation": "launch-calls", "speed": 0}], indirect=True
)
def test_opt_outs_in_flight__takes_people_out_of_what_runs(copy, data, revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, 5, max_concurrent_calls=1)
    write(data / "crm/do-not-call.csv", "phone", number(3), number(4), EDITH)
    result = copy("opt-outs-in-flight")
    assert result.state == "success"
    assert result.xcom("campaigns_that_may_call") == [campaign_id]
    assert lines_that_do_not_come("how-to/opt-outs-in-flight.md", result.output) == []
    revox_sandbox.advance(7 * 24 * 3600)
    assert set(revox_sandbox.calls_per_person()) == {number(0), number(1), number(2)}


@pytest.mark.parametrize("revox_sandbox_settings", [{"generation": "launch-calls"}], indirect=True)
@pytest.mark.parametrize(
    ("answer", "run", "launch", "cancel"),
    [
        ("Approve", "success", "success", "already_finished"),
        ("Reject", "success", "skipped", "cancelled"),
        (None, "failed", "upstream_failed", "cancelled"),
    ],
)
def test_approve_before_calling__calls_only_after_a_yes(
    copy, data, revox_sandbox, monkeypatch, answer, run, launch, cancel
):
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    asked: list[str] = []

    def decide(operator: ApprovalOperator, context: Any) -> Any:
        assert revox_sandbox.calls_per_person() == {}
        asked.append(operator.body)
        event = {"chosen_options": [answer], "params_input": {}, "responded_at": datetime.now(UTC)}
        event["responded_by_user"] = {"id": "1", "name": "Ada"}
        if answer is None:
            event = {"error": "The timeout has passed.", "error_type": "timeout"}
        return operator.execute_complete(context, event)

    # No UI is here in which somebody could answer.
    monkeypatch.setattr(ApprovalOperator, "execute", decide)
    write(data / "crm/due.csv", "phone", ADA, GRACE)
    result = copy("approve-before-calling")
    assert result.state == run
    assert result.tasks["launch"] == launch
    assert result.xcom("cancel")["outcome"] == cancel
    (page,) = asked
    link = f"[Open the campaign]({result.xcom('create', 'campaign_url')})"
    assert page.split("\n\n") == [
        str(result.xcom("create", "contact_report")),
        "09:00 to 18:00, Europe/Paris",
        link,
    ]
    assert revox_sandbox.calls_per_person() == ({ADA: 1, GRACE: 1} if answer == "Approve" else {})


@pytest.mark.parametrize("revox_sandbox_settings", [{"generation": "launch-calls"}], indirect=True)
def test_create_now_launch_later__calls_after_the_second_look(copy, data, revox_sandbox):
    write(data / "crm/due.csv", "phone", ADA, GRACE, EDITH)
    write(data / "crm/do-not-call.csv", "phone", EDITH)
    result = copy("create-now-launch-later")
    assert result.state == "success", result.output
    assert revox_sandbox.calls_per_person() == {ADA: 1, GRACE: 1}
    assert lines_that_do_not_come("how-to/create-now-launch-later.md", result.output) == []


@pytest.mark.parametrize(
    "revox_sandbox_settings", [{"generation": "launch-calls", "call_ends": {"human": 1}}], indirect=True
)
def test_waves__launches_more_and_more_of_the_people(copy, data, revox_sandbox):
    write(data / "crm/everybody.csv", "phone", *(f"+141555501{index:02}" for index in range(40)))
    result = copy("waves")
    assert result.state == "success", result.output
    launched = [
        result.xcom(task_id, "launch")["launched"] for task_id in ("first_wave", "second_wave", "rest")
    ]
    assert launched == [2, 8, 30]
    assert list(revox_sandbox.calls_per_person().values()) == [1] * 40


def test_contacts_stay_in_the_worker__and_are_called(copy, revox_sandbox):
    result = copy("contacts-stay-in-the-worker")
    assert result.state == "success"
    assert revox_sandbox.calls_per_person() == {ADA: 1, GRACE: 1}
    assert ADA not in str(result.xcoms)


def test_start_a_dag_when_a_campaign_completes__watches_for_the_name(data):
    namespace: dict[str, Any] = {"__name__": "guide"}
    exec(DAGS["start-a-dag-when-a-campaign-completes"], namespace)
    (watcher,) = namespace["RENEWALS_CALLED"].watchers
    assert watcher.trigger.name_prefix == "Renewals"
    assert namespace["after_the_renewals"]().task_ids == ["report"]


@pytest.mark.airflow
def test_the_tests_that_the_guide_shows_pass(tmp_path):
    plugins, tests = blocks("how-to/test-your-dag.md", "python")
    (dag,) = blocks("tutorial/first-campaign.md", "python")
    files = {"tests/conftest.py": plugins, "tests/test_renewals.py": tests, "dags/renewals.py": dag}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    _, commands = blocks("how-to/test-your-dag.md", "bash")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", commands],
        cwd=tmp_path,
        env={**inherited(), "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def launch_by_hand(sandbox: Sandbox, *numbers: str) -> str:
    """Launch a campaign that is no task's, and wait until its calls have ended."""
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        contacts = [{"to_phone_number": number, "prompt_variables": {}} for number in numbers]
        order = CampaignCreate.build(assistant_id="a", name="By hand", contacts=contacts)
        campaign = client.create_campaign(order)
        if sandbox.settings.generation == "launch-calls":
            client.launch_calls(campaign.id, LaunchCalls())
        sandbox.advance(24 * 3600)
    return campaign.id


TESTS = [name for name in globals() if name.startswith("test_") and "__" in name]
