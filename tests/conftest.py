"""
Airflow for the tests, and which tests run together.

Every process that runs tests has an Airflow home and a database of its own, so that several may run at once.
They are set before Airflow is imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

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
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(HOME / "logs"),
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
)

pytest_plugins = ["revox_sandbox.pytest_plugin", "tests.airflow_runs"]

LONGEST_FIRST = ("system", "matrix", "airflow")
"""Marks of tests that begin early, so that no process is left with them when the others have finished."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Airflow's database, keep the tests of a file in one process, start with the longest."""
    rank: dict[str, int] = {}
    for item in items:
        if "airflow_db" in getattr(item, "fixturenames", ()):
            item.add_marker("airflow")
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem + "-" + item.path.parent.name))
        marks = {mark.name for mark in item.iter_markers()}
        ranks = [number for number, name in enumerate(LONGEST_FIRST) if name in marks]
        group = _group(item)
        rank[group] = min(rank.get(group, len(LONGEST_FIRST)), *ranks, len(LONGEST_FIRST))
    items.sort(key=lambda item: rank[_group(item)])


def _group(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    assert mark is not None
    return str(mark.args[0])
