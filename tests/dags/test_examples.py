"""The example DAGs, as Airflow loads them: each is safe to copy."""

from __future__ import annotations

import csv
import importlib.util
import inspect
import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_revox.sensors.revox import CampaignSensor
from dev.showroom import EXAMPLES, crm_database
from revox_sandbox import SandboxSettings
from tests.dags.examples import NAMES, NEEDS, NOT_HERE

FILES = [EXAMPLES / f"{name}.py" for name in sorted(NAMES - NOT_HERE)]
GO_ON_WITHOUT_SKIPPED_TASKS = {"none_failed", "none_failed_min_one_success", "all_done"}


def load(file: Path) -> Any:
    """Return the one DAG of a file, which has the file's name."""
    spec = importlib.util.spec_from_file_location(f"examples.{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    source = inspect.getsource(module)
    assert f"\n{file.stem}()\n" in source, "Airflow finds a DAG only if the file calls its function"
    return getattr(module, file.stem)()


DAGS = {file.stem: load(file) for file in FILES}
TASKS = {f"{name}-{task.task_id}": task for name, dag in DAGS.items() for task in dag.tasks}


def is_mapped(task: Any) -> bool:
    return hasattr(task, "partial_kwargs")


def operator_class(task: Any) -> type:
    return task.operator_class if is_mapped(task) else type(task)


def speaks_to_revox(task: Any) -> Any:
    """Return whether a task is one of the provider's, makes its batches, or asks Revox through the hook."""
    kind = operator_class(task)
    if any(base.__module__.startswith("airflow_provider_revox.") for base in kind.__mro__):
        return True
    function = getattr(task, "python_callable", None)
    return function is not None and re.search(r"contact_batches\(|RevoxHook\(", inspect.getsource(function))


OF_REVOX = {name: task for name, task in TASKS.items() if speaks_to_revox(task)}
MAPPED = {name: task for name, task in OF_REVOX.items() if is_mapped(task)}
BEHIND_MAPPED = {name: task for name, task in TASKS.items() if any(map(is_mapped, task.upstream_list))}


def test_every_example_is_walked():
    names = {"campaign_per_region", "contacts_stay_in_the_worker", "crm_csv_to_campaign"}
    names |= {"first_wave_then_the_rest", "hubspot_sync", "large_list_in_batches", "opt_outs_in_flight"}
    names |= {"results_to_sql", "scheduled_sql_sync"}
    assert set(DAGS) == (names | set(NEEDS)) - NOT_HERE
    mapped = ["campaign_per_region-call_region", "large_list_in_batches-call_batch"]
    waits = ["campaign_per_region-wait", "large_list_in_batches-wait"]
    assert sorted(MAPPED) == sorted(mapped + waits)
    sums = ["campaign_per_region-sum_up", "large_list_in_batches-sum_up"]
    assert sorted(BEHIND_MAPPED) == sorted(waits + sums)
    assert "large_list_in_batches-batches" in OF_REVOX
    assert "contacts_stay_in_the_worker-call_new_leads" in OF_REVOX
    assert {"opt_outs_in_flight-take_out", "opt_outs_in_flight-campaigns_that_may_call"} < set(OF_REVOX)
    assert "crm_csv_to_campaign-read_leads" not in OF_REVOX
    assert "approve_then_call_in_waves-approve" not in OF_REVOX


@pytest.mark.parametrize("name", DAGS)
def test_a_dag_says_what_it_does(name):
    dag = DAGS[name]
    assert dag.dag_id == name
    assert 20 < len(dag.description) < 100
    assert dag.description != dag.doc_md
    assert "To set up:" in dag.doc_md


@pytest.mark.parametrize("name", OF_REVOX)
def test_a_task_that_speaks_to_revox_is_tried_again_after_a_pause(name):
    assert OF_REVOX[name].retries >= 1
    assert OF_REVOX[name].retry_delay == timedelta(minutes=2)  # not Airflow's own


@pytest.mark.parametrize("name", BEHIND_MAPPED)
def test_a_task_behind_mapped_ones_goes_on_if_one_of_them_is_skipped(name):
    assert BEHIND_MAPPED[name].trigger_rule in GO_ON_WITHOUT_SKIPPED_TASKS


@pytest.mark.parametrize("name", MAPPED)
def test_a_mapped_task_is_known_by_a_name_in_the_ui(name):
    is_wait = operator_class(MAPPED[name]) is CampaignSensor
    shown = "{{ task.campaign_id }}" if is_wait else "{{ task.name }}"
    assert MAPPED[name].map_index_template == shown


def function_of(name: str) -> Any:
    return TASKS[name].python_callable


@pytest.mark.parametrize("name", ["campaign_per_region-sum_up", "large_list_in_batches-sum_up"])
def test_a_count_that_revox_leaves_out_is_not_summed_up(name, caplog):
    with caplog.at_level("INFO", "airflow.task"):
        function_of(name)([{"total": 3, "completed": 1, "failed": 2}, {}])
    assert caplog.messages == ["2 campaigns: 1 of 3 calls completed, 2 failed"]


def test_a_count_that_revox_leaves_out_is_logged_as_unknown(caplog):
    with caplog.at_level("INFO", "airflow.task"):
        function_of("crm_csv_to_campaign-report")({"total": 3})
    assert caplog.messages == ["None of 3 calls completed, None failed"]


def test_a_count_that_revox_leaves_out_is_null_in_the_database(tmp_path, monkeypatch):
    database = crm_database(tmp_path)
    monkeypatch.setenv("AIRFLOW_CONN_CRM_DB", json.dumps({"conn_type": "sqlite", "host": str(database)}))
    function_of("scheduled_sql_sync-write_back")("c1", "2026-01-01", {"total": 3})
    with closing(sqlite3.connect(database)) as crm:
        assert crm.execute("SELECT * FROM call_campaigns").fetchall() == [("c1", "2026-01-01", 3, None, None)]


def names_in_the_ui(dag_id: str, task_id: str) -> set[str]:
    """Return what the UI calls the mapped instances of a task, in the newest run of its DAG."""
    from airflow.models import DagRun, TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        run = session.query(DagRun).filter_by(dag_id=dag_id).order_by(DagRun.id.desc()).first()
        instances = session.query(TaskInstance).filter_by(dag_id=dag_id, run_id=run.run_id, task_id=task_id)
        return {one.rendered_map_index for one in instances if one.map_index >= 0}


class TestARegionWithNobodyToCall:
    @pytest.fixture
    def revox_sandbox_settings(self) -> SandboxSettings:
        return SandboxSettings(speed=1_000_000, generation="launch-calls")

    @pytest.fixture(autouse=True)
    def _quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REVOX_EXAMPLE_POKE_INTERVAL", "0.1")

    @pytest.mark.parametrize(
        ("countries", "called"),
        [({"Kenya", "Tanzania", "Uganda"}, 4), (None, 0)],
        ids=["one region", "every region"],
    )
    def test_is_skipped_and_the_others_are_called_waited_for_and_summed_up(
        self, run_dag, revox_sandbox, tmp_path, countries, called
    ):
        name = "campaign_per_region"
        copy = tmp_path / f"{name}.py"
        copy.write_text(f"{(EXAMPLES / copy.name).read_text()}\ndag = {name}()\n")
        export = EXAMPLES / "data" / "salesforce_contacts.csv"
        with export.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["Mobile"]]
        unwilling = [row["Mobile"] for row in rows if not countries or row["Mailing Country"] in countries]
        revox_sandbox.do_not_contact(*unwilling)
        result = run_dag(copy, name, conf={"export": str(export)})
        assert result.state == "success"
        states = {
            task_id: sorted(state for label, state in result.tasks.items() if label.startswith(f"{task_id}["))
            for task_id in ("call_region", "wait")
        }
        assert states["call_region"] == ["skipped"] * (5 - called) + ["success"] * called
        assert states["wait"] == ["success"] * called
        launched = {result.xcom("call_region", map_index=index) for index in range(5)} - {None}
        assert names_in_the_ui(name, "wait") == launched
        assert result.tasks["sum_up"] == ("success" if called else "skipped")
        assert (f"{called} campaigns: " in result.output) is bool(called)
        assert not set(unwilling) & set(revox_sandbox.calls_per_person())
