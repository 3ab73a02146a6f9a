"""Real events of OpenLineage say what a task has read and written, and what became of its campaign."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import airflow_provider_revox
from airflow_provider_revox.files.lineage import FilesUsed
from airflow_provider_revox.lineage.openlineage import FACET, CampaignRunFacet, operator_lineage
from airflow_provider_revox.lineage.task import Lineage
from airflow_provider_revox.operators.revox import CampaignResultsOperator
from revox_sandbox import Sandbox, SandboxSettings
from tests.campaigns import create_campaign

ADA, BOB, CLEO, DORA = "+33612345678", "+14155550100", "+447400123456", "+493012345678"
DAG = """
    from datetime import datetime, timedelta, timezone

    from airflow.providers.common.compat.sdk import DAG, task

    from airflow_provider_revox.batches import contact_batches
    from airflow_provider_revox.operators.revox import (
        CampaignResultsOperator, CancelCallsOperator, CreateCampaignOperator, LaunchCampaignOperator)
    from airflow_provider_revox.sensors.revox import CampaignSensor

    with DAG("observed", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)):
        lists = dict(phone_field="phone", on_invalid="skip", suppress="file://{folder}/stop.csv")

        @task
        def batches():
            return contact_batches("{folder}/due.csv", to="{folder}/batches", **lists)

        calls = CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="Renewals", contacts="{folder}/due.csv",
            report_path="{folder}/report.csv", wait_for_completion=True, deferrable=True, poll_interval=0.05,
            **lists)
        refused = CreateCampaignOperator(
            task_id="refused", assistant_id="a1", name="Refused", contacts="{folder}/due.csv",
            phone_field="phone", report_path="{folder}/refused.csv")
        sensor = CampaignSensor(
            task_id="sensor", campaign_id=calls.output, poke_interval=0.05, deferrable=True)
        results = CampaignResultsOperator(
            task_id="results", campaign_id=calls.output, path="{folder}/out/calls.csv")
        literal = CreateCampaignOperator(
            task_id="literal", assistant_id="a1", name="Literal", phone_field="phone",
            contacts=[{{"phone": "{literal}", "who": "Zoltan"}}], variable_fields=["who"])
        later = dict(revox_conn_id="revox_later", phone_field="phone")
        opt_outs = CancelCallsOperator(
            task_id="opt_outs", campaign_ids=["{created}"], contacts="{folder}/stop.csv", **later)
        launch = LaunchCampaignOperator(
            task_id="launch", campaign_id="{created}", suppress="{folder}/stop.csv", **later)
        no_opt_outs = CancelCallsOperator(
            task_id="no_opt_outs", campaign_ids=["{created}"], contacts="{folder}/stop.csv",
            phone_field="phone")
        # The first task of all: Airflow collects what a plain task reads in the whole process.
        cut = batches()
        cut >> [opt_outs, no_opt_outs]
        opt_outs >> launch
        cut >> calls >> sensor >> results >> [refused, literal]
    """


@pytest.fixture(scope="module")
def events(airflow_db, tmp_path_factory):
    """What OpenLineage was told of a run: the files' folder, the last event of each task, and every text."""
    folder = tmp_path_factory.mktemp("lineage")
    (folder / "due.csv").write_text(f"phone,who\n{ADA},Ada\n{BOB},Bob\n?,Carl\n{CLEO},Cleo\n")
    (folder / "stop.csv").write_text(f"phone\n{BOB}\n")
    (folder / "dags").mkdir()
    log = folder / "events.jsonl"
    newest = SandboxSettings(generation="launch-calls", speed=0)
    with Sandbox(SandboxSettings(speed=1_000_000)) as sandbox, Sandbox(newest) as later:
        people = [{"to_phone_number": one, "prompt_variables": {}} for one in (ADA, BOB, CLEO)]
        created = create_campaign(later, people, launched=False)
        dag = textwrap.dedent(DAG).format(folder=folder, literal=DORA, created=created)
        (folder / "dags" / "observed.py").write_text(dag)
        env = {
            **os.environ,
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
            "AIRFLOW_CONN_REVOX_DEFAULT": sandbox.conn_json(),
            "AIRFLOW_CONN_REVOX_LATER": later.conn_json(),
            "AIRFLOW__OPENLINEAGE__INCLUDE_FULL_TASK_INFO": "True",
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
                {"type": "file", "log_file_path": str(log), "append": True}
            ),
        }
        # A process of its own: Airflow loads OpenLineage once, as it is set then.
        command = [sys.executable, "-m", "airflow", "dags", "test", "observed", "2026-01-02"]
        run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert log.exists(), run.stdout + run.stderr
    found = [json.loads(line) for line in log.read_text().splitlines()]
    ends = [event for event in found if "." in event["job"]["name"] and event["eventType"] != "START"]
    by_task = {event["job"]["name"].partition(".")[2]: event for event in ends}
    assert len(by_task) == len(ends)
    return folder, by_task, log.read_text() + run.stdout + run.stderr


def files(event, direction):
    return [(one["namespace"], one["name"]) for one in event[direction]]


def test_the_event_of_a_deferred_task_has_its_files_and_its_campaign(events):
    folder, by_task, _ = events
    event = by_task["calls"]
    assert event["eventType"] == "COMPLETE"
    assert sorted(files(event, "inputs")) == [("file", f"{folder}/due.csv"), ("file", f"{folder}/stop.csv")]
    assert files(event, "outputs") == [("file", f"{folder}/report.csv")]
    facet = event["run"]["facets"][FACET]
    assert facet["name"] == "Renewals"
    assert (facet["outcome"], facet["wait"]) == ("created", "succeeded")
    assert facet["row_stats"]["total"] == 2
    assert facet["contacts"] == {
        "received": 4,
        "to_call": 2,
        "invalid": 1,
        "invalid_by_reason": {"not_a_number": 1},
        "duplicate": 0,
        "suppressed": 1,
        "suppressed_by_reason": {"listed": 1},
    }


def test_the_event_of_results_has_their_file_and_their_campaign(events):
    folder, by_task, _ = events
    event = by_task["results"]
    assert files(event, "inputs") == []
    assert files(event, "outputs") == [("file", f"{folder}/out/calls.csv")]
    facet = event["run"]["facets"][FACET]
    assert facet["campaign_id"] == by_task["calls"]["run"]["facets"][FACET]["campaign_id"]
    assert facet["results"]["rows"] == 2
    assert (facet["status"], facet["is_cancelled"]) == ("completed", False)


def test_the_event_of_a_sensor_has_the_end_of_its_wait(events):
    _, by_task, _ = events
    facet = by_task["sensor"]["run"]["facets"][FACET]
    assert facet["wait"] == "succeeded"
    assert facet["row_stats"]["total"] == 2


def test_the_event_of_a_refused_list_has_its_report_and_no_campaign(events):
    folder, by_task, _ = events
    event = by_task["refused"]
    assert event["eventType"] == "FAIL"
    assert files(event, "inputs") == [("file", f"{folder}/due.csv")]
    assert files(event, "outputs") == [("file", f"{folder}/refused.csv")]
    facet = event["run"]["facets"][FACET]
    assert facet["contacts"]["invalid_by_reason"] == {"not_a_number": 1}
    assert "campaign_id" not in facet


def test_the_event_of_an_opt_out_has_its_list_and_how_many_were_taken_out(events):
    folder, by_task, _ = events
    event = by_task["opt_outs"]
    assert event["eventType"] == "COMPLETE"
    assert files(event, "inputs") == [("file", f"{folder}/stop.csv")]
    assert files(event, "outputs") == []
    facet = event["run"]["facets"][FACET]
    assert facet["outcome"] == "calls_cancelled"
    assert facet["campaign_id"] == by_task["launch"]["run"]["facets"][FACET]["campaign_id"]
    counts = {name: facet["contacts"][name] for name in ("given", "found", "cancelled", "not_found")}
    assert counts == {"given": 1, "found": 1, "cancelled": 1, "not_found": 0}


def test_the_event_of_a_failed_opt_out_has_its_list_and_no_counts(events):
    folder, by_task, _ = events
    event = by_task["no_opt_outs"]
    assert event["eventType"] == "FAIL"
    assert files(event, "inputs") == [("file", f"{folder}/stop.csv")]
    assert "contacts" not in event["run"]["facets"][FACET]


def test_the_event_of_a_later_launch_has_its_campaign(events):
    folder, by_task, _ = events
    event = by_task["launch"]
    assert event["eventType"] == "COMPLETE"
    assert files(event, "inputs") == [("file", f"{folder}/stop.csv")]
    facet = event["run"]["facets"][FACET]
    assert (facet["name"], facet["outcome"]) == ("Renewals", "launched")


def test_the_event_of_a_plain_task_has_the_batches_that_it_has_cut(events):
    folder, by_task, _ = events
    event = by_task["batches"]
    assert sorted(files(event, "inputs")) == [("file", f"{folder}/due.csv"), ("file", f"{folder}/stop.csv")]
    ((namespace, name),) = files(event, "outputs")
    assert namespace == "file"
    assert re.fullmatch(rf"{re.escape(str(folder))}/batches/revox-\w+/\w+/00001\.jsonl\.gz", name)


def test_nobody_shows_in_any_event_or_log(events):
    _, by_task, everything = events
    assert by_task["literal"]["eventType"] == "COMPLETE"
    for personal in (ADA, BOB, CLEO, DORA, ADA[1:], DORA[1:], "Zoltan"):
        assert personal not in everything


@pytest.mark.parametrize(
    ("uri", "namespace", "name"),
    [
        ("file:///data/due.csv", "file", "/data/due.csv"),
        ("s3://bucket/a/due.csv", "s3://bucket", "a/due.csv"),
        ("gs://bucket/due.csv", "gs://bucket", "due.csv"),
        ("abfs://container/a b/due.csv", "abfs://container", "a b/due.csv"),
        ("sftp://host:22/due.csv", "sftp://host:22", "due.csv"),
    ],
)
def test_a_file_is_named_as_openlineage_names_it(uri, namespace, name):
    lineage = operator_lineage(FilesUsed([uri], [uri]), {})
    assert [(one.namespace, one.name) for one in lineage.inputs] == [(namespace, name)]
    assert [(one.namespace, one.name) for one in lineage.outputs] == [(namespace, name)]
    assert lineage.run_facets == {}


def test_what_a_trigger_carries_comes_back_whole():
    lineage = Lineage(FilesUsed(["file:///a.csv"], []), {"campaign_id": "c1", "contacts": {"to_call": 2}})
    assert Lineage.from_dict(json.loads(json.dumps(lineage.to_dict()))) == lineage
    assert Lineage.from_dict(None) == Lineage()


def test_every_field_of_the_facet_is_described_on_the_page():
    page = (
        Path(airflow_provider_revox.__file__).parents[1] / "docs" / "reference/observability.md"
    ).read_text()
    described = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))
    own = {name for name in CampaignRunFacet.__annotations__ if not name.startswith("_")}
    assert described == own


def test_only_one_module_needs_openlineage_and_only_the_openlineage_provider_loads_it():
    package = Path(airflow_provider_revox.__file__).parent
    needing = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "openlineage" in ast.unparse(node)
    }
    assert needing == {"lineage/openlineage.py"}


def test_a_task_runs_where_openlineage_is_not_installed(revox_sandbox, tmp_path, monkeypatch):
    for name in ("openlineage.client", "airflow.providers.openlineage.extractors"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "airflow_provider_revox.lineage.openlineage")
    campaign_id = create_campaign(revox_sandbox, 2)
    operator = CampaignResultsOperator(task_id="t", campaign_id=campaign_id, path=f"{tmp_path}/calls.csv")
    assert operator.execute({})["rows"] == 2
    assert operator.lineage.files.outputs == [f"file://{tmp_path}/calls.csv"]
    with pytest.raises(ImportError):
        operator.get_openlineage_facets_on_complete(None)
