"""The tutorial, as a reader does it: each line of output that it shows really comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.airflow_api import wait_until
from dev.local_airflow import LocalAirflow
from dev.showroom import open_sandbox
from dev.ui import SPEED
from revox_sandbox import Sandbox
from tests.docs.pages import blocks, is_shown

pytestmark = pytest.mark.system

PAGE = "tutorial/first-campaign.md"
(DAG,) = blocks(PAGE, "python")
(STATS,) = map(json.loads, blocks(PAGE, "json"))
_, LAUNCHED, COMPLETED, REFUSED, ADOPTED = (block.splitlines() for block in blocks(PAGE, "text"))
RIGHT, WRONG = '"06 12 34 56 79"', '"06 12"'


@pytest.fixture(scope="module")
def sandbox(port: int) -> Iterator[Sandbox]:
    with open_sandbox(SPEED, port) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def file(dags: Path) -> Path:
    """Return the DAG's file, written as the page says."""
    file = dags / "renewals.py"
    file.write_text(DAG)
    return file


@pytest.fixture(scope="module")
def first_run(airflow: LocalAirflow, sandbox: Sandbox, file: Path) -> str:
    """Return the id of the first run, when it has ended."""
    run_id = airflow.trigger("renewals")
    assert airflow.wait_for_run("renewals", run_id) == "success"
    return run_id


def lines_of_the_provider(airflow: LocalAirflow, run_id: str, task_id: str, try_number: int = 1) -> list[str]:
    """Return what the provider has logged in a try of a task, in the triggerer, too."""
    folder = airflow.home / f"logs/dag_id=renewals/run_id={run_id}/task_id={task_id}"
    files = sorted(folder.glob(f"attempt={try_number}.log*"))
    entries = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    entries.sort(key=lambda entry: entry["timestamp"])
    return [entry["event"] for entry in entries if "airflow_provider_revox" in entry.get("logger", "")]


def test_the_campaign_is_launched_and_waited_for(
    first_run: str, airflow: LocalAirflow, sandbox: Sandbox
) -> None:
    assert is_shown(lines_of_the_provider(airflow, first_run, "call"), LAUNCHED)
    assert is_shown(lines_of_the_provider(airflow, first_run, "wait")[-1:], COMPLETED)
    assert airflow.xcom("renewals", first_run, "wait") == STATS
    assert len(sandbox.calls_per_person()) == 3


def test_a_task_that_is_cleared_adopts_its_campaign(
    first_run: str, airflow: LocalAirflow, sandbox: Sandbox
) -> None:
    before = sandbox.calls_per_person()
    airflow.clear("renewals", first_run, "call")
    wait_until(lambda: lines_of_the_provider(airflow, first_run, "call", 2)[1:], 400, "no second try")
    assert airflow.wait_for_run("renewals", first_run) == "success"
    assert is_shown(lines_of_the_provider(airflow, first_run, "call", 2), ADOPTED)
    assert sandbox.calls_per_person() == before


def test_a_wrong_number_is_an_error_before_anybody_is_called(
    first_run: str, airflow: LocalAirflow, file: Path, sandbox: Sandbox
) -> None:
    before = sandbox.calls_per_person()
    assert RIGHT in DAG
    file.write_text(DAG.replace(RIGHT, WRONG))
    wait_until(lambda: WRONG in airflow.source("renewals"), 400, "Airflow did not read the file again")
    run_id = airflow.trigger("renewals")
    assert airflow.wait_for_run("renewals", run_id) == "failed"
    logs = airflow.logs()
    assert [line for line in REFUSED if line not in logs] == []
    assert sandbox.calls_per_person() == before
