"""
A real ``airflow triggerer`` with many deferred tasks.

The tasks are put into its metadata database as the scheduler would leave them, deferred and each with its
trigger; only the triggerer runs, so that nothing else computes while something is measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg2

from benchmarks.triggers import ProbeTrigger
from dev.airflow_api import wait_until
from dev.local_airflow import LocalAirflow
from dev.local_postgres import LocalPostgres

DAG_ID, TASK_ID, RUN_ID = "benchmark", "wait", "run"


class Triggerer:
    """
    Airflow's triggerer and its database, a PostgreSQL; a context manager.

    :param home: A folder for it. The user ``postgres`` must be able to reach it.
    :param env: Environment variables, connections for example.
    """

    def __init__(self, home: Path, env: dict[str, str]) -> None:
        self._postgres = LocalPostgres(home / "postgres")
        root = Path(__file__).resolve().parent.parent
        settings = {
            "AIRFLOW__TRIGGERER__CAPACITY": "10000",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self._postgres.url,
            "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]),
        }
        self._airflow = LocalAirflow(home, home / "dags", env={**settings, **env})
        self._probe = home / "probe.jsonl"
        self._deferred = 0

    def defer(self, triggers: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Defer tasks, each with a trigger as it is serialized."""
        added = {"first": self._deferred, "triggers": triggers}
        subprocess.run(
            [sys.executable, "-m", "benchmarks.triggerer"],
            env=self._airflow.env,
            cwd=Path(__file__).resolve().parent.parent,
            input=json.dumps(added),
            stdout=subprocess.DEVNULL,
            text=True,
            check=True,
        )
        self._deferred += len(triggers)

    def notes(self, since: float = 0) -> list[dict[str, float]]:
        """Return what the probe has noted."""
        if not self._probe.exists():
            return []
        lines = self._probe.read_text().splitlines()
        return [note for note in map(json.loads, lines) if note["at"] >= since]

    def commits(self) -> int:
        """Return how many transactions the database has committed, those of this method included."""
        (commits,) = self._query("select xact_commit from pg_stat_database where datname = 'postgres'")[0]
        return int(commits)

    def not_deferred(self) -> int:
        """Return how many tasks are no longer deferred: the triggerer has handed them to the scheduler."""
        (tasks,) = self._query("select count(*) from task_instance where state <> 'deferred'")[0]
        return int(tasks)

    def _query(self, query: str) -> list[tuple[Any, ...]]:
        with self._database.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def wait_until_running(self) -> None:
        """Wait until every trigger runs."""
        wait_until(
            lambda: self.notes()[-1]["tasks"] > self._deferred if self.notes() else False,
            300,
            f"the triggerer did not start every trigger: {self._airflow.logs()[-5000:]}",
        )

    def __enter__(self) -> Self:
        self._postgres.__enter__()
        self._database = psycopg2.connect(self._postgres.url.replace("+psycopg2", ""))
        self._database.autocommit = True
        self._airflow.migrate()
        self.defer([ProbeTrigger(path=str(self._probe)).serialize()])
        self._airflow.start(["triggerer"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._airflow.stop()
        self._database.close()
        self._postgres.__exit__(kind, error, trace)


def _defer(first: int, triggers: Sequence[tuple[str, dict[str, Any]]]) -> None:
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.models.dag_version import DagVersion
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import Trigger
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState

    with create_session() as session:
        DagBundlesManager().sync_bundles_to_db(session=session)
        session.commit()
        task = _scheduled_dag(session).get_task(TASK_ID)
        version = DagVersion.get_latest_version(DAG_ID, session=session)
        rows = [Trigger(classpath, arguments) for classpath, arguments in triggers]
        session.add_all(rows)
        session.flush()
        for number, row in enumerate(rows, first):
            instance = TaskInstance(
                task, version.id, RUN_ID, state=TaskInstanceState.DEFERRED, map_index=number
            )
            instance.trigger_id, instance.try_number = row.id, 1
            session.add(instance)


def _scheduled_dag(session: Any) -> Any:
    from airflow.models.dag import DagModel
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.sdk import DAG, BaseOperator
    from airflow.serialization.definitions.dag import SerializedDAG
    from airflow.serialization.serialized_objects import DagSerialization, LazyDeserializedDAG
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    with DAG(DAG_ID, schedule=None) as dag:
        BaseOperator(task_id=TASK_ID)
    scheduled = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    if session.get(DagModel, DAG_ID) is None:
        stored = LazyDeserializedDAG.from_dag(dag)
        SerializedDAG.bulk_write_to_db("dags-folder", None, [stored], session=session)
        SerializedDagModel.write_dag(stored, bundle_name="dags-folder", session=session)
        session.flush()
        scheduled.create_dagrun(
            run_id=RUN_ID,
            run_after=datetime.now(UTC),
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.TEST,
            state="running",
            session=session,
        )
    return scheduled


if __name__ == "__main__":
    _defer(**json.load(sys.stdin))
