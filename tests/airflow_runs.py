"""Runs a DAG in a real Airflow, in this process, and tells what came of it."""

from __future__ import annotations

import fcntl
import importlib.util
import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_numbers = itertools.count(1)


@dataclass
class DagResult:
    """What a DAG run left behind."""

    state: str
    tasks: dict[str, str]
    tries: dict[str, int]
    xcoms: dict[tuple[str, int, str], Any]
    rendered: dict[str, dict[str, Any]]
    output: str

    def xcom(self, task_id: str, key: str = "return_value", map_index: int = -1) -> Any:
        return self.xcoms.get((task_id, map_index, key))


@pytest.fixture(scope="session")
def airflow_db() -> None:
    """An empty metadata database; the first process that needs one makes it, and the others copy it."""
    home = Path(os.environ["AIRFLOW_HOME"])
    made = (home.parent if "PYTEST_XDIST_WORKER" in os.environ else home) / "empty.db"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
            subprocess.run(migrate, check=True, capture_output=True)
            # A part of it may still be in a file beside it.
            with closing(sqlite3.connect(home / "airflow.db")) as own, closing(sqlite3.connect(made)) as copy:
                own.backup(copy)
            return
    shutil.copy(made, home / "airflow.db")


@pytest.fixture
def dags_folder(airflow_db: None) -> Iterator[Path]:
    """The folder Airflow reads, emptied after the test: Airflow parses all of it for every run."""
    folder = Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    yield folder
    for file in folder.glob("*.py"):
        file.unlink()


@pytest.fixture
def run_dag(
    dags_folder: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., DagResult]:
    """
    Return a function that runs a DAG to its end.

    It takes the body of a DAG as text (between ``with DAG(...):`` and its end), or the path of a DAG file and
    the name of the DAG in it.
    """
    # No scheduler here can mistake a trigger that fires soon.
    monkeypatch.setattr("airflow_provider_revox.triggers.revox.FIRST_PAUSE", 0.0)
    monkeypatch.setattr("airflow_provider_revox.client.retry.FIRST_BACKOFF", 0.001)
    monkeypatch.setattr("airflow_provider_revox.launch.look_until.FIRST_LOOK_AFTER", 0.05)

    def run(body: str | Path, dag_id: str | None = None, *, conf: dict[str, Any] | None = None) -> DagResult:
        if isinstance(body, Path):
            file = dags_folder / body.name
            file.write_text(body.read_text())
        else:
            dag_id = dag_id or f"dag_{next(_numbers)}"
            file = dags_folder / f"{dag_id}.py"
            file.write_text(_module(dag_id, body))
        dag = _load(file, dag_id)
        capfd.readouterr()
        caplog.clear()
        dag_run = dag.test(run_conf=conf)
        captured = capfd.readouterr()
        return _result(dag_run, captured.out + captured.err + caplog.text)

    return run


def _module(dag_id: str, body: str) -> str:
    head = f"""
        from datetime import datetime, timedelta, timezone

        from airflow.providers.common.compat.sdk import DAG, task

        from airflow_provider_revox.operators.revox import CreateCampaignOperator
        from airflow_provider_revox.sensors.revox import CampaignSensor

        with DAG("{dag_id}", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)) as dag:
        """
    return textwrap.dedent(head) + textwrap.indent(textwrap.dedent(body), "    ") + "\n"


def _load(file: Path, dag_id: str | None) -> Any:
    spec = importlib.util.spec_from_file_location(f"test_dags.{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return next(
        value
        for value in vars(module).values()
        if hasattr(value, "dag_id") and hasattr(value, "test") and dag_id in (None, value.dag_id)
    )


def _result(dag_run: Any, output: str) -> DagResult:
    from airflow.models import TaskInstance
    from airflow.models import xcom as xcom_models
    from airflow.models.renderedtifields import RenderedTaskInstanceFields
    from airflow.utils.session import create_session

    model = getattr(xcom_models, "XComModel", None) or xcom_models.XCom
    run_filter = {"dag_id": dag_run.dag_id, "run_id": dag_run.run_id}
    with create_session() as session:
        instances = session.query(TaskInstance).filter_by(**run_filter).all()
        rows = session.query(model).filter_by(**run_filter).all()
        return DagResult(
            state=str(dag_run.state),
            tasks={_label(ti): str(ti.state) for ti in instances},
            tries={_label(ti): ti.try_number for ti in instances},
            xcoms={(row.task_id, row.map_index, row.key): _value(model, row) for row in rows},
            rendered={
                _label(ti): RenderedTaskInstanceFields.get_templated_fields(ti, session=session) or {}
                for ti in instances
            },
            output=output,
        )


def _label(ti: Any) -> str:
    return ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"


def _value(model: Any, row: Any) -> Any:
    # Airflow 2 has read the value by the time it hands out the row.
    return model.deserialize_value(row) if model.__name__ == "XComModel" else row.value
