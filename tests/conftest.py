"""
Airflow for the tests, where its files are, and which tests run together.

Every process that runs tests has an Airflow home and a database of its own, so that several may run at once.
They are set before Airflow is imported.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# On a busy machine any example may take long.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

MEMORY = Path("/dev/shm")
"""A file system in memory, on Linux. On a disk, Airflow waits at each commit until SQLite has written it."""
NEEDED = 2_000_000_000
"""Bytes: more than all tests write."""

if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDED:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Below the home of the process that started this one, which removes both.
    HOME = Path(os.environ["AIRFLOW_HOME"]) / worker
else:
    HOME = Path(tempfile.mkdtemp(prefix="airflow-revox-tests-"))
    atexit.register(shutil.rmtree, HOME, ignore_errors=True)
(HOME / "dags").mkdir(parents=True)

for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
    del os.environ[name]
os.environ.update(
    AIRFLOW_HOME=str(HOME),
    AIRFLOW__CORE__DAGS_FOLDER=str(HOME / "dags"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__CORE__EXECUTOR="SequentialExecutor",
    AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS="False",
    # SQLite lets one process write at a time, and lets others wait only 5 seconds by default.
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{HOME}/airflow.db?timeout=60",
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(HOME / "logs"),
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
)

pytest_plugins = ["revox_sandbox.pytest_plugin", "tests.airflow_runs", "tests.statsd_server"]

# The environments of the storages and of the cluster can't drive a browser.
collect_ignore = [] if importlib.util.find_spec("playwright") else ["browser"]

LONGEST_FIRST = ("system", "matrix", "airflow")
"""Marks of tests that begin early, so that no process is left with them when the others have finished."""
ONE_AFTER_THE_OTHER = {
    "tests/system/test_tutorial_in_a_whole_airflow.py": "one Airflow that they share",
    "tests/system/test_generations_in_a_whole_airflow.py": "one Airflow that they share",
    "tests/system/test_hubspot_sync_in_a_whole_airflow.py": "one Airflow that they share",
    "tests/system/test_waits_in_a_whole_airflow.py": "one Airflow that they share",
    # A DAG of the examples goes on to look at Revox.
    "tests/system/test_examples_in_a_whole_airflow.py": "one Airflow that they share",
    "tests/system/test_kills_in_a_whole_airflow.py": "an Airflow for each",
    "tests/system/test_a_database_that_is_away.py": "an Airflow for each",
}
"""Files that one process runs in this order, so that at most two whole Airflows run at once."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need Airflow's database, and put the files with the longest tests first."""
    rank: dict[Path, int] = {}
    for item in items:
        if "airflow_db" in getattr(item, "fixturenames", ()):
            item.add_marker("airflow")
        marks = {mark.name for mark in item.iter_markers()}
        ranks = [number for number, name in enumerate(LONGEST_FIRST) if name in marks]
        rank[item.path] = min([rank.get(item.path, len(LONGEST_FIRST)), *ranks])
    order = {Path(file): place for place, file in enumerate(ONE_AFTER_THE_OTHER)}
    items.sort(key=lambda item: (rank[item.path], order.get(item.path.relative_to(item.config.rootpath), 0)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let one process run all tests of a file, because they share fixtures."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return ONE_AFTER_THE_OTHER.get(file, file)

    config.option.loadscopereorder = False  # it would put the files with the most tests first
    return ByFile(config, log)
