"""An example DAG, unchanged, in one whole Airflow, against one generation of the API after the other."""

from __future__ import annotations

import math
import sqlite3
from typing import get_args

import pytest

from dev.airflow_api import wait_until
from dev.local_airflow import LocalAirflow
from revox_sandbox import Sandbox, SandboxSettings
from revox_sandbox.settings import GenerationName
from tests.campaigns import ask, create_campaign, number

pytestmark = pytest.mark.system

DAG_ID = "crm_csv_to_campaign"
DAY = 24 * 3600


@pytest.mark.parametrize("generation", get_args(GenerationName))
def test_the_example_runs_to_its_end_and_calls_everybody_once(
    airflow: LocalAirflow, port: int, generation: GenerationName
) -> None:
    with Sandbox(SandboxSettings(generation=generation, port=port, speed=0)) as sandbox:
        run_id = airflow.trigger(DAG_ID)
        wait_until(
            lambda: airflow.states(DAG_ID, run_id).get("wait") == "deferred", 240, "the sensor did not defer"
        )
        sandbox.advance(7 * DAY)
        assert airflow.wait_for_run(DAG_ID, run_id) == "success", airflow.states(DAG_ID, run_id)
        row_stats = airflow.xcom(DAG_ID, run_id, "wait")
        assert row_stats["completed"] + row_stats["failed"] == row_stats["total"] > 0
        assert row_stats.get("not_launched", 0) == 0
        assert ("not_launched" in row_stats) is (generation == "launch-calls")
        calls = sandbox.calls_per_person()
        assert len(calls) == row_stats["total"]
        assert set(calls.values()) == {1}
        assert sandbox.calls_after_an_answer() == {}


def test_the_opt_outs_of_a_crm_are_taken_out_of_a_campaign_that_runs(
    airflow: LocalAirflow, port: int
) -> None:
    with Sandbox(SandboxSettings(generation="launch-calls", port=port, speed=0)) as sandbox:
        campaign_id = create_campaign(sandbox, 10, max_concurrent_calls=2)
        opt_out(airflow, number(8), number(9), "+33612345678")
        run_id = airflow.scheduled_run("opt_outs_in_flight")
        assert airflow.wait_for_run("opt_outs_in_flight", run_id) == "success"
        # At the next quarter of an hour it would take these people out of the campaigns of other tests.
        airflow.pause("opt_outs_in_flight")
        assert airflow.xcom("opt_outs_in_flight", run_id, "campaigns_that_may_call") == [campaign_id]
        counts = airflow.xcom("opt_outs_in_flight", run_id, "take_out")
        assert (counts["found"], counts["cancelled"], counts["not_found"]) == (2, 2, 1)
        sandbox.advance(7 * DAY)
        assert set(sandbox.calls_per_person()) == {number(index) for index in range(8)}


def test_a_first_wave_is_called_alone_and_the_rest_after_it(airflow: LocalAirflow, port: int) -> None:
    dag_id = "first_wave_then_the_rest"
    settings = SandboxSettings(generation="launch-calls", port=port, speed=0, call_ends={"human": 1})
    with Sandbox(settings) as sandbox:
        run_id = airflow.trigger(dag_id)
        called = []
        for task_id in ("first_wave", "rest"):
            wait_until(
                lambda task_id=task_id: airflow.states(dag_id, run_id).get(task_id) == "deferred",
                240,
                f"{task_id} did not defer",
            )
            sandbox.advance(7 * DAY)
            called.append(len(sandbox.calls_per_person()))
        assert airflow.wait_for_run(dag_id, run_id) == "success", airflow.states(dag_id, run_id)
        total = airflow.xcom(dag_id, run_id, "rest", "row_stats")["total"]
        assert called == [math.ceil(0.05 * total), total]
        assert set(sandbox.calls_per_person().values()) == {1}
        assert sandbox.calls_after_an_answer() == {}


def test_a_person_decides_whether_anybody_is_called_and_who_opts_out_later_is_not(
    airflow: LocalAirflow, port: int
) -> None:
    dag_id = "approve_then_call_in_waves"
    settings = SandboxSettings(generation="launch-calls", port=port, speed=0, call_ends={"human": 1})
    with Sandbox(settings) as sandbox:
        approved, rejected, unanswered = runs = [airflow.trigger(dag_id) for _ in range(3)]
        for run_id in runs:
            wait_for_state(airflow, dag_id, run_id, "approve", "awaiting_input")
        campaign_id = airflow.xcom(dag_id, approved, "create")
        report = airflow.xcom(dag_id, approved, "create", "contact_report")
        page = airflow.question(dag_id, approved, "approve")["body"]
        assert f"| {report['to_call']} of {report['received']} |" in page
        assert f"[Open in Revox]({airflow.xcom(dag_id, approved, 'create', 'campaign_url')})" in page
        assert "| 09:00 to 18:00, Europe/Berlin |" in page

        before = not_launched(sandbox, campaign_id)[0]
        opt_out(airflow, before)
        airflow.answer(dag_id, approved, "approve", "Approve")
        airflow.answer(dag_id, rejected, "approve", "Reject")
        let_a_day_pass(airflow, dag_id, unanswered)
        assert airflow.wait_for_run(dag_id, rejected) == "success", airflow.states(dag_id, rejected)
        assert airflow.wait_for_run(dag_id, unanswered) == "failed"
        asked = [airflow.states(dag_id, run_id)["approve"] for run_id in (rejected, unanswered)]
        assert asked == ["success", "failed"]
        for run_id in (rejected, unanswered):
            cancelled = airflow.xcom(dag_id, run_id, "cancel")
            assert (cancelled["outcome"], cancelled["is_cancelled"]) == ("cancelled", True)

        wait_for_state(airflow, dag_id, approved, "first_wave", "deferred")
        between = not_launched(sandbox, campaign_id)[0]
        opt_out(airflow, between)
        sandbox.advance(7 * DAY)
        # Nobody takes the place of a person who opted out before.
        first = {
            len(sandbox.calls_per_person()),
            airflow.xcom(dag_id, approved, "first_wave", "launch")["launched"],
        }
        part = math.ceil(0.05 * report["to_call"])
        assert first in ({part}, {part - 1})
        wait_for_state(airflow, dag_id, approved, "rest", "deferred")
        sandbox.advance(7 * DAY)
        assert airflow.wait_for_run(dag_id, approved) == "success", airflow.states(dag_id, approved)
        called = sandbox.calls_per_person()
        assert set(called.values()) == {1}
        assert len(called) == report["to_call"] - 2
        assert not {before, between} & set(called)
        assert airflow.xcom(dag_id, approved, "cancel")["outcome"] == "already_finished"
        assert airflow.xcom(dag_id, approved, "results")["by_status"]["completed"] == len(called)
        assert sandbox.calls_after_an_answer() == {}


def opt_out(airflow: LocalAirflow, *phones: str) -> None:
    with sqlite3.connect(airflow.home / "crm.sqlite") as database:
        database.executemany("INSERT INTO opt_outs VALUES (?, datetime('now'))", [(one,) for one in phones])


def not_launched(sandbox: Sandbox, campaign_id: str) -> list[str]:
    """Return the numbers of the people whose calls are not launched."""
    rows = ask(sandbox, "GET", f"/campaigns/{campaign_id}/rows")["rows"]
    calls = [row["call"] for row in rows]
    return [call["to_phone_number"] for call in calls if call["status"] == "not_launched"]


def wait_for_state(airflow: LocalAirflow, dag_id: str, run_id: str, task_id: str, state: str) -> None:
    wait_until(lambda: airflow.states(dag_id, run_id).get(task_id) == state, 240, f"{task_id} is not {state}")


def let_a_day_pass(airflow: LocalAirflow, dag_id: str, run_id: str) -> None:
    """Move the end of the time for an answer into the past."""
    with sqlite3.connect(airflow.home / "airflow.db", timeout=60) as database:
        moved = database.execute(
            "UPDATE task_instance SET trigger_timeout = datetime(trigger_timeout, '-1 day', '-1 minute')"
            " WHERE dag_id = ? AND run_id = ? AND state = 'awaiting_input'",
            (dag_id, run_id),
        )
    assert moved.rowcount == 1
