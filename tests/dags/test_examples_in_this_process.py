"""The example DAGs on the Airflow that is installed: all load, and five run to the end."""

from __future__ import annotations

import csv
import math
import shutil
import sqlite3
from datetime import UTC, datetime
from functools import partialmethod
from pathlib import Path

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS, AIRFLOW_V_3_1_PLUS

from dev.showroom import EXAMPLES, example_environment, open_hubspot
from revox_sandbox import SandboxSettings
from tests.campaigns import ask, create_campaign, number
from tests.dags.examples import NAMES, NOT_HERE

try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:  # before Airflow 3.2
    from airflow.models.dagbag import DagBag

DAY = 24 * 3600


@pytest.fixture
def revox_sandbox_settings(request) -> SandboxSettings:
    return SandboxSettings(**{"speed": 1_000_000, **getattr(request, "param", {})})


@pytest.fixture
def run_example(dags_folder, run_dag, revox_sandbox, tmp_path, monkeypatch):
    """Return a function that runs an example to its end, on the sandbox."""
    for name, value in example_environment(revox_sandbox, poke_interval=0.1, folder=tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REVOX_EXAMPLE_RESULTS", str(tmp_path))
    data = dags_folder / "data"
    shutil.copytree(EXAMPLES / data.name, data)

    def run(name, ends="success"):
        copy = tmp_path / f"{name}.py"
        # `run_dag` needs the DAG in a variable.
        copy.write_text(f"{(EXAMPLES / copy.name).read_text()}\ndag = {name}()\n")
        result = run_dag(copy, name)
        assert result.state == ends, result.tasks
        return result

    yield run
    shutil.rmtree(data)


def people(export: str) -> list[dict[str, str]]:
    with (EXAMPLES / "data" / export).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.airflow
def test_every_example_loads(airflow_db):
    bag = DagBag(str(EXAMPLES))
    not_loaded = {Path(file).stem for file in bag.import_errors}
    assert not_loaded == NOT_HERE, bag.import_errors
    assert set(bag.dags) == NAMES - not_loaded


def test_a_csv_export_becomes_a_campaign(run_example, revox_sandbox):
    result = run_example("crm_csv_to_campaign")
    statuses = {"New", "Attempted to contact"}
    leads = {row["Phone Number"] for row in people("hubspot_contacts.csv") if row["Lead Status"] in statuses}
    assert set(revox_sandbox.calls_per_person()) == leads - {""}
    assert result.xcom("wait")["total"] == len(leads - {""})


def test_every_region_gets_a_campaign_of_its_own(run_example, revox_sandbox):
    result = run_example("campaign_per_region")
    campaigns = [result.xcom("call_region", map_index=index) for index in range(5)]
    assert len(set(campaigns) - {None}) == 5
    totals = [result.xcom("wait", map_index=index)["total"] for index in range(5)]
    assert sum(totals) == len(revox_sandbox.calls_per_person()) > 5


def test_the_contacts_of_a_decorated_function_are_called(run_example, revox_sandbox):
    result = run_example("contacts_stay_in_the_worker")
    report = result.xcom("call_new_leads", "contact_report")
    total = result.xcom("wait")["total"]
    assert total == report["to_call"] == len(revox_sandbox.calls_per_person()) > 0


def test_the_results_of_a_campaign_are_loaded_into_a_database(run_example, revox_sandbox, tmp_path):
    result = run_example("results_to_sql")
    with sqlite3.connect(tmp_path / "crm.sqlite") as database:
        outcomes = database.execute("SELECT campaign_id FROM call_outcomes").fetchall()
    assert outcomes == [(result.xcom("call_customers"),)] * len(revox_sandbox.calls_per_person()) != []
    assert result.xcom("load") == {"loaded": len(outcomes), "not_called": 0}
    assert not list(tmp_path.glob("outcomes_*"))


def opt_out(folder: Path, *phones: str) -> None:
    with sqlite3.connect(folder / "crm.sqlite") as database:
        database.executemany("INSERT INTO opt_outs VALUES (?, datetime('now'))", [(one,) for one in phones])


@pytest.mark.parametrize(
    "revox_sandbox_settings", [{"generation": "launch-calls", "speed": 0}], indirect=True
)
def test_people_who_opt_out_are_taken_out_of_every_campaign_that_runs(run_example, revox_sandbox, tmp_path):
    ended, cancelled = create_campaign(revox_sandbox, 10), create_campaign(revox_sandbox, 10)
    revox_sandbox.advance(7 * DAY)
    ask(revox_sandbox, "POST", f"/campaigns/{cancelled}/cancel")
    live = [create_campaign(revox_sandbox, 10, max_concurrent_calls=2) for _ in range(2)]
    called = set(revox_sandbox.calls_per_person())
    opt_out(tmp_path, number(8), number(9), "+33612345678")
    result = run_example("opt_outs_in_flight")
    assert sorted(result.xcom("campaigns_that_may_call")) == sorted(live)
    assert ended not in result.xcom("campaigns_that_may_call")
    counts = result.xcom("take_out")
    assert (counts["campaigns"], counts["found"], counts["cancelled"], counts["not_found"]) == (2, 2, 2, 1)
    if AIRFLOW_V_3_1_PLUS or not AIRFLOW_V_3_0_PLUS:
        # The dag.test of 3.0 logs each XCom, also that of the example's own task.
        assert number(8) not in result.output
    assert number(8) not in str(result.rendered)
    again = run_example("opt_outs_in_flight")
    assert again.xcom("take_out")["already_cancelled"] == 2
    revox_sandbox.advance(7 * DAY)
    times = revox_sandbox.calls_per_person()
    assert called == set(times)
    assert {times[number(8)], times[number(9)]} == {2}  # in the campaigns before
    assert times[number(7)] == 4


@pytest.mark.parametrize("revox_sandbox_settings", [{"speed": 0}], indirect=True)
def test_where_calls_can_not_be_cancelled_the_example_says_so_and_changes_nothing(
    run_example, revox_sandbox, tmp_path
):
    create_campaign(revox_sandbox, 10, max_concurrent_calls=2)
    opt_out(tmp_path, number(9))
    result = run_example("opt_outs_in_flight", ends="failed")
    assert "can't cancel single calls" in result.output
    assert result.tries["take_out"] == 1
    assert [one.path for one in revox_sandbox.requests() if one.method == "POST"] == ["/campaigns"]


def test_the_contacts_of_hubspot_are_called_and_told(run_example, revox_sandbox, monkeypatch):
    with open_hubspot() as hubspot:
        monkeypatch.setenv("AIRFLOW_CONN_HUBSPOT", hubspot.conn_json())
        result = run_example("hubspot_sync")
        assert set(revox_sandbox.calls_per_person()) == {"+14155550100", "+14155550101"}
        told = [len(contact.history_of("revox_outcome")) for contact in hubspot.contacts.values()]
        assert told == [1, 1, 0, 0]
    assert result.xcom("write_back") == {"written": 2, "deleted_or_called_again": 0}


class TestAFirstWave:
    @pytest.fixture
    def revox_sandbox_settings(self, request) -> SandboxSettings:
        return SandboxSettings(speed=1_000_000, generation="launch-calls", call_ends={request.param: 1})

    @pytest.mark.parametrize("revox_sandbox_settings", ["human"], indirect=True)
    def test_is_followed_by_the_rest_if_it_went_well(self, run_example, revox_sandbox):
        result = run_example("first_wave_then_the_rest")
        first, rest = (result.xcom(task, "launch") for task in ("first_wave", "rest"))
        people = result.xcom("create", "contact_report")["to_call"]
        assert (first["launched"], first["not_launched"]) == (math.ceil(0.05 * people), rest["launched"])
        assert len(revox_sandbox.calls_per_person()) == people > 20
        assert set(revox_sandbox.calls_per_person().values()) == {1}
        assert result.xcom("cancel")["outcome"] == "already_finished"

    @pytest.mark.parametrize("revox_sandbox_settings", ["no_answer"], indirect=True)
    def test_stays_alone_if_too_many_of_its_calls_failed(self, run_example, revox_sandbox):
        result = run_example("first_wave_then_the_rest", ends="failed")
        assert result.tasks == {
            "create": "success",
            "first_wave": "failed",
            "rest": "upstream_failed",
            "cancel": "success",
        }
        assert "100.0% of the contacts failed, more than max_failed_ratio=0.2 allows" in result.output
        people = result.xcom("create", "contact_report")["to_call"]
        assert len(revox_sandbox.calls_per_person()) == math.ceil(0.05 * people)
        assert result.xcom("cancel")["outcome"] == "cancelled"


@pytest.mark.skipif(not AIRFLOW_V_3_1_PLUS, reason="Airflow 3.1 and later ask a person")
class TestAnApproval:
    DAG_ID = "approve_then_call_in_waves"
    BEHIND_THE_QUESTION = (
        "before_first_wave.select_opt_outs",
        "before_first_wave.take_out",
        "first_wave",
        "before_rest.select_opt_outs",
        "before_rest.take_out",
        "rest",
        "results",
    )

    @pytest.fixture
    def revox_sandbox_settings(self, request) -> SandboxSettings:
        ends = getattr(request, "param", "human")
        return SandboxSettings(speed=1_000_000, generation="launch-calls", call_ends={ends: 1})

    @pytest.fixture
    def answer(self, revox_sandbox, monkeypatch):
        """Return a function that says what a person answers: no UI is here in which somebody could."""
        from airflow.providers.standard.operators.hitl import ApprovalOperator

        asked = []

        def decide(operator, context, *, event, before):
            assert revox_sandbox.calls_per_person() == {}
            assert (operator.retries, operator.response_timeout.days) == (0, 1)
            asked.append(f"{operator.subject}\n{operator.body}")
            before()
            return operator.execute_complete(context, event)

        def answer(*chosen, before=lambda: None):
            event = {"chosen_options": list(chosen), "params_input": {}, "responded_at": datetime.now(UTC)}
            event["responded_by_user"] = {"id": "1", "name": "Ada"}
            if not chosen:
                event = {"error": "The timeout has passed.", "error_type": "timeout"}
            monkeypatch.setattr(
                ApprovalOperator, "execute", partialmethod(decide, event=event, before=before)
            )
            return asked

        return answer

    def test_is_followed_by_the_calls_of_everybody_but_those_who_opted_out(
        self, run_example, revox_sandbox, tmp_path, answer
    ):
        listed, later = sorted({row["Phone Number"] for row in people("hubspot_contacts.csv")} - {""})[:2]
        opt_out(tmp_path, listed)
        question = answer("Approve", before=lambda: opt_out(tmp_path, later))
        result = run_example(self.DAG_ID)
        report = result.xcom("create", "contact_report")
        called = revox_sandbox.calls_per_person()
        assert set(called.values()) == {1}
        assert len(called) == report["to_call"] - 1
        assert not {listed, later} & set(called)
        assert result.xcom("before_first_wave.take_out")["cancelled"] == 1
        assert result.xcom("results")["by_status"] == {"completed": len(called), "cancelled": 1}
        assert result.xcom("cancel")["outcome"] == "already_finished"
        (page,) = question
        assert f"Call {report['to_call']} people?" in page
        assert f"| {report['to_call']} of {report['received']} |" in page
        assert f"| {report['invalid']}, {report['duplicate']}, 1 |" in page
        assert f"[Open in Revox]({result.xcom('create', 'campaign_url')})" in page
        assert "| 09:00 to 18:00, Europe/Berlin |" in page
        seen = result.output + str(result.rendered) + page
        assert [number for number in (listed, later) if number in seen] == []

    @pytest.mark.parametrize(
        ("chosen", "run", "asked", "behind"),
        [(["Reject"], "success", "success", "skipped"), ([], "failed", "failed", "upstream_failed")],
        ids=["rejected", "not answered"],
    )
    def test_that_is_not_given_cancels_the_campaign_and_calls_nobody(
        self, run_example, revox_sandbox, answer, chosen, run, asked, behind
    ):
        question = answer(*chosen)
        result = run_example(self.DAG_ID, ends=run)
        assert len(question) == 1
        assert ("HITLTimeoutError" in result.output) is (not chosen)
        assert result.tasks == {
            **dict.fromkeys(("select_opt_outs", "create", "cancel"), "success"),
            "approve": asked,
            **dict.fromkeys(self.BEHIND_THE_QUESTION, behind),
        }
        assert result.xcom("cancel")["outcome"] == "cancelled"
        assert revox_sandbox.calls_per_person() == {}

    @pytest.mark.parametrize("revox_sandbox_settings", ["no_answer"], indirect=True)
    def test_is_not_enough_if_too_many_of_the_first_calls_fail(self, run_example, revox_sandbox, answer):
        answer("Approve")
        result = run_example(self.DAG_ID, ends="failed")
        assert (result.tasks["first_wave"], result.tasks["rest"]) == ("failed", "upstream_failed")
        assert result.xcom("cancel")["outcome"] == "cancelled"
        to_call = result.xcom("create", "contact_report")["to_call"]
        assert len(revox_sandbox.calls_per_person()) == math.ceil(0.05 * to_call)
