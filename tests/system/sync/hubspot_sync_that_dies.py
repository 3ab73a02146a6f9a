"""The example ``hubspot_sync`` with tasks that die when a run asks for it."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.timetables.simple import NullTimetable

EXAMPLE = Path(os.environ["SYNC_EXAMPLE"])

# Airflow finds every DAG that is made while it reads this file, so the example must make one only.
example: dict[str, Any] = {"__name__": "hubspot_sync"}
source = EXAMPLE.read_text().replace("\nhubspot_sync()\n", "\ndag = hubspot_sync()\n")
exec(compile(source, EXAMPLE, "exec"), example)
dag = example["dag"]


def die_once(context: Any, result: Any) -> None:
    """Kill the task's own process when its work is done, and before Airflow knows of it."""
    task_id, run_id = context["ti"].task_id, context["run_id"]
    died = Path(example["FOLDER"]) / f"{run_id} {task_id} died"
    if context["dag_run"].conf.get("dies") == task_id and not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)


dag.timetable = NullTimetable()  # only the runs that the test triggers
for task in dag.tasks:
    task.retry_delay = timedelta(0)
    task._post_execute_hook = die_once
