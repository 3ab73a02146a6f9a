"""An example DAG, unchanged, in one whole Airflow, against one generation of the API after the other."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from typing import get_args

import pytest

from dev.airflow_api import wait_until
from dev.local_airflow import LocalAirflow
from dev.ports import free_port
from dev.showroom import EXAMPLES, example_environment
from revox_sandbox import Sandbox, SandboxSettings
from revox_sandbox.settings import GenerationName
from tests.campaigns import create_campaign, number

pytestmark = pytest.mark.system

DAG_ID = "crm_csv_to_campaign"
DAY = 24 * 3600


@pytest.fixture(scope="module")
def port() -> int:
    """Where all of them are, so that Airflow has one connection."""
    return free_port()


@pytest.fixture(scope="module")
def airflow(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    home = tmp_path_factory.mktemp("airflow")
    with Sandbox(SandboxSettings(port=port)) as sandbox:
        environment = example_environment(sandbox, poke_interval=3, folder=home)
    with LocalAirflow(home, EXAMPLES, env=environment) as airflow:
        airflow.wait_until_healthy()
        yield airflow


@pytest.mark.parametrize("generation", get_args(GenerationName))
def test_the_example_runs_to_its_end_and_calls_everybody_once(
    airflow: LocalAirflow, port: int, generation: GenerationName
) -> None:
    with Sandbox(SandboxSettings(generation=generation, port=port, speed=0)) as sandbox:
        run_id = airflow.trigger(DAG_ID)
        wait_until(
            lambda: airflow.states(DAG_ID, run_id).get("wait") == "deferred", 120, "the sensor did not defer"
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
        with sqlite3.connect(airflow.home / "crm.sqlite") as database:
            rows = [(number(8),), (number(9),), ("+33612345678",)]
            database.executemany("INSERT INTO opt_outs VALUES (?, datetime('now'))", rows)
        run_id = airflow.scheduled_run("opt_outs_in_flight")
        assert airflow.wait_for_run("opt_outs_in_flight", run_id) == "success"
        assert airflow.xcom("opt_outs_in_flight", run_id, "live_campaigns") == [campaign_id]
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
