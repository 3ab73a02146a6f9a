"""Kills of tasks that Airflow 2 runs, each in processes of its own: what becomes of their campaigns."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from typing import Any

import psutil
import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.waiting.progress import PROGRESS_KEY
from revox_sandbox import SandboxSettings

pytestmark = pytest.mark.skipif(AIRFLOW_V_3_0_PLUS, reason="Airflow 3 runs its tasks in another way")

DAG_ID, RUN_ID = "killed_on_airflow_2", "run"
DAG_FILE = """
    from datetime import datetime, timedelta, timezone

    from airflow import DAG

    from airflow_provider_revox.operators.revox import CreateCampaignOperator

    def contacts(number):
        return [{"to_phone_number": f"+1415555{number:04}", "prompt_variables": {}}]

    options = {"assistant_id": "a1", "wait_for_completion": True, "deferrable": False, "poll_interval": 60,
               "retries": 2, "retry_delay": timedelta(hours=1)}

    with DAG("killed_on_airflow_2", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)):
        names = ["failed", "success", "clear", "term_task", "term_runner", "term_both"]
        for number, name in enumerate(names):
            CreateCampaignOperator(task_id=name, name=name, contacts=contacts(number), **options)
        CreateCampaignOperator.partial(
            task_id="mapped", name="mapped_{{ ti.map_index }}", **options
        ).expand(contacts=[contacts(11), contacts(12), contacts(13)])
"""
PLACES = {
    **{name: (name, -1) for name in ("failed", "success", "clear", "term_task", "term_runner", "term_both")},
    **{f"mapped_{index}": ("mapped", index) for index in range(3)},
}
"""The first instance of the mapped task is marked failed, the second gets a SIGTERM, the third is left."""
BY_A_PERSON = {"failed", "success", "clear", "mapped_0"}
SECONDS = 120


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


def wait_until(condition: Any, failure: str) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, failure
        time.sleep(0.5)


def test_on_airflow_2_too_only_what_a_person_does_cancels_the_campaign(revox_sandbox, dags_folder):
    from airflow.jobs.job import Job
    from airflow.models import DagBag, TaskInstance, XCom
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.models.taskinstance import clear_task_instances
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunType

    file = dags_folder / f"{DAG_ID}.py"
    file.write_text(textwrap.dedent(DAG_FILE))
    dag = DagBag(file, include_examples=False).get_dag(DAG_ID)
    dag.sync_to_db()
    SerializedDagModel.write_dag(dag)
    now = datetime.now(UTC)
    dag.create_dagrun(
        run_type=DagRunType.MANUAL,
        state=DagRunState.RUNNING,
        run_id=RUN_ID,
        execution_date=now,
        data_interval=(now, now),
    )

    def instance(session: Any, name: str) -> Any:
        task_id, map_index = PLACES[name]
        return (
            session.query(TaskInstance)
            .filter_by(dag_id=DAG_ID, run_id=RUN_ID, task_id=task_id, map_index=map_index)
            .one()
        )

    def states() -> dict[str, Any]:
        with create_session() as session:
            return {name: instance(session, name).state for name in PLACES}

    def campaigns() -> dict[str, Any]:
        config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
        with RevoxClient(config) as client:
            return {campaign.name.partition(" ")[0]: campaign for campaign in client.list_campaigns()}

    def waiting() -> set[str]:
        """Return the tasks that have looked at their campaign and pushed what they saw."""
        pushed = XCom.task_id, XCom.map_index
        with create_session() as session:
            places = set(session.query(*pushed).filter_by(dag_id=DAG_ID, run_id=RUN_ID, key=PROGRESS_KEY))
        return {name for name, place in PLACES.items() if place in places}

    runners = {}
    try:
        for name, (task_id, map_index) in PLACES.items():
            command = [
                "tasks",
                "run",
                "--local",
                "--force",
                "--ignore-all-dependencies",
                DAG_ID,
                task_id,
                RUN_ID,
            ]
            command += ["--subdir", str(file), "--map-index", str(map_index)]
            runners[name] = subprocess.Popen([sys.executable, "-m", "airflow", *command])
        # A SIGTERM in the middle of a write can keep Airflow from noting the end of the task.
        wait_until(lambda: waiting() == set(PLACES), f"not every task waits: {states()}")

        with create_session() as session:
            instance(session, "failed").set_state("failed", session)
            instance(session, "mapped_0").set_state("failed", session)
            instance(session, "success").set_state("success", session)
            clear_task_instances([instance(session, "clear")], session, dag=dag)
        for name, runner in runners.items():
            if name.startswith("term") or name == "mapped_1":
                tasks = psutil.Process(runner.pid).children()
                assert tasks
                if name in ("term_runner", "term_both"):
                    os.kill(runner.pid, signal.SIGTERM)
                if name in ("term_task", "term_both", "mapped_1"):
                    os.kill(tasks[0].pid, signal.SIGTERM)
        ended = [runner for name, runner in runners.items() if name != "mapped_2"]
        wait_until(lambda: all(runner.poll() is not None for runner in ended), f"still running: {states()}")
        assert {name for name, campaign in campaigns().items() if campaign.is_cancelled} == BY_A_PERSON
        after = states()
        assert after.pop("mapped_2") == "running"
        stopped = set(after) - BY_A_PERSON
        for name in ("term_runner", "term_both"):
            if after[name] == "running":
                # The runner ended the task before it could note its end. The scheduler fails a
                # running task whose job has ended, and retries it.
                with create_session() as session:
                    job = session.get(Job, instance(session, name).job_id)
                    assert job.job_type == "LocalTaskJob"
                    assert job.state not in (None, "running")
                stopped.remove(name)
        assert {name: after[name] for name in stopped} == dict.fromkeys(stopped, "up_for_retry")
        assert (after["failed"], after["success"], after["mapped_0"]) == ("failed", "success", "failed")
    finally:
        for runner in runners.values():
            if runner.poll() is None:
                for process in [*psutil.Process(runner.pid).children(recursive=True), runner]:
                    process.kill()
            runner.wait()
