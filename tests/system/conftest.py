"""
What the tests in whole Airflows share.

One Airflow runs the DAGs of all tests that break nothing but the triggerer, because its start takes as long
as a test. The tests that break other parts start one of their own. Its database is PostgreSQL: SQLite is
locked now and then, and fails a task.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.hubspot import HubSpot
from dev.local_airflow import LocalAirflow
from dev.local_postgres import LocalPostgres, postgres_programs
from dev.ports import free_port
from dev.showroom import EXAMPLES, example_environment
from revox_sandbox import Sandbox, SandboxSettings
from tests.statsd_server import StatsdServer

HERE = Path(__file__).parent
IGNORED = "examples/hubspot_sync.py"
"""Its place is taken by the same DAG with tasks that die."""

READS_FILES_WHEN_THEY_CHANGE = {"AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600"}
"""To read each file every ten seconds took a third of the processor time of such a test."""

PUSHES_OFTEN = """
from airflow_provider_revox.waiting import progress

progress.SECONDS_BETWEEN_PUSHES = 5.0
"""
"""A plugin of Airflow, because nothing else is read by the triggerer: no test waits for a minute."""


@pytest.fixture(scope="session")
def port() -> int:
    """Where the sandbox of each test is, so that the Airflow that they share needs one connection."""
    return free_port()


@pytest.fixture(scope="session")
def hubspot() -> Iterator[HubSpot]:
    with HubSpot() as hubspot:
        yield hubspot


@pytest.fixture(scope="session")
def statsd_server() -> Iterator[StatsdServer]:
    with StatsdServer() as server:
        yield server


@pytest.fixture(scope="session")
def results_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the examples put files."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="session")
def dags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the DAG files of all tests that share an Airflow."""
    folder = tmp_path_factory.mktemp("dags")
    shutil.copytree(EXAMPLES, folder / EXAMPLES.name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("dags/waiting.py", "sync/hubspot_sync_that_dies.py"):
        shutil.copy(HERE / file, folder)
    (folder / ".airflowignore").write_text(IGNORED)
    return folder


@pytest.fixture(scope="session")
def airflow(
    port: int,
    hubspot: HubSpot,
    statsd_server: StatsdServer,
    results_folder: Path,
    dags: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LocalAirflow]:
    """An Airflow that all tests share that break no other part of it than the triggerer."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "plugins").mkdir()
    (home / "plugins" / "pushes_often.py").write_text(PUSHES_OFTEN)
    sandbox = Sandbox(SandboxSettings(port=port))  # one that is not started
    env = {
        **statsd_server.env,
        **example_environment(sandbox, poke_interval=2, folder=home),
        "REVOX_EXAMPLE_RESULTS": str(results_folder),
        "AIRFLOW_CONN_REVOX_WITHOUT_RETRIES": json.dumps(
            {**json.loads(sandbox.conn_json()), "extra": {"retries": 0}}
        ),
        "AIRFLOW_CONN_HUBSPOT": hubspot.conn_json(),
        "SYNC_EXAMPLE": str(EXAMPLES / "hubspot_sync.py"),
        "AIRFLOW__CORE__PARALLELISM": "8",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        **READS_FILES_WHEN_THEY_CHANGE,
        # A worker's end is noticed after a second instead of five.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        # How soon another triggerer takes over what a dead one left.
        "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
        "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "5",
    }
    with LocalAirflow(home, dags, env=env) as airflow:
        airflow.wait_until_healthy()
        yield airflow


@pytest.fixture(scope="module")
def postgres() -> Iterator[LocalPostgres]:
    if postgres_programs() is None:
        reason = "PostgreSQL is not installed. Install Debian's package postgresql."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Not in a folder of pytest's, which the user postgres can't reach.
    with tempfile.TemporaryDirectory(prefix="postgres-") as home, LocalPostgres(Path(home)) as postgres:
        yield postgres
