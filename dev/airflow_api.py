"""Ask an Airflow 3 through its REST API, as its UI does."""

from __future__ import annotations

import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil

FINISHED = frozenset({"success", "failed"})
WITHOUT_WORKER = ("deferred", "awaiting_input")
"""States of a task that waits and has left its worker."""


class AirflowApi(ABC):
    """
    An Airflow that runs on this machine.

    :param home: The folder with its logs.
    :param port: Where its web server listens.
    """

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._api = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def connect(self, conn_id: str, conn_type: str, **fields: str | int) -> None:
        """
        Make a connection, or change the one that is there, as a user does in the UI.

        :param conn_id: Its id.
        :param conn_type: Its type.
        :param fields: Its other fields, such as ``host`` and ``password``.
        """
        connection = {"connection_id": conn_id, "conn_type": conn_type, **fields}
        answer = self._ask("POST", "/api/v2/connections", json=connection)
        if answer.status_code == httpx.codes.CONFLICT:
            answer = self._ask("PATCH", f"/api/v2/connections/{conn_id}", json=connection)
        answer.raise_for_status()

    @abstractmethod
    def descendants(self) -> list[psutil.Process]:
        """Return every process that Airflow's processes have started."""

    def close(self) -> None:
        """Close the connections to the web server."""
        self._api.close()

    def is_healthy(self) -> bool:
        """Return whether every component reports that it works."""
        health = self._api.get("/api/v2/monitor/health").json()
        return all(health[name]["status"] == "healthy" for name in health)

    def log_in(self) -> None:
        """Become the admin, as whom everybody is let in without a password."""
        token = self._api.get("/auth/token").json()["access_token"]
        self._api.headers["Authorization"] = f"Bearer {token}"

    def unpause(self, dag_id: str, timeout: float = 400) -> None:
        """Unpause a DAG as soon as it is known; one with a schedule starts a run."""

        def unpaused() -> bool:
            return self._api.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": False}).is_success

        wait_until(unpaused, timeout, f"Airflow does not know the DAG {dag_id}: {self.import_errors()}")

    def pause(self, dag_id: str) -> None:
        """Pause a DAG: its schedule starts no more runs."""
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": True}).raise_for_status()

    def trigger(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        interval: tuple[datetime, datetime] | None = None,
    ) -> str:
        """
        Start a run of a DAG, which is unpaused if need be. Returns the run id.

        :param interval: The start and the end of its data interval. Default: the DAG's timetable decides.
        """
        self.unpause(dag_id)
        run_id, now = f"manual__{secrets.token_hex(8)}", datetime.now(UTC).isoformat()
        run = {"dag_run_id": run_id, "logical_date": now, "conf": dict(conf or {})}
        if interval:
            start, end = (moment.isoformat() for moment in interval)
            run |= {"data_interval_start": start, "data_interval_end": end}
        answer = self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=run)
        if answer.status_code != httpx.codes.CONFLICT:  # it is there since an answer that was an error
            answer.raise_for_status()
        return run_id

    def scheduled_run(self, dag_id: str, timeout: float = 400) -> str:
        """Unpause a DAG and wait for the run its schedule starts. Returns the run id."""
        self.unpause(dag_id)
        wait_until(lambda: self.run_ids(dag_id), timeout, f"{dag_id} was not scheduled")
        return self.run_ids(dag_id)[0]

    def run_ids(self, dag_id: str) -> list[str]:
        """Return the ids of all runs of a DAG."""
        return [str(run["dag_run_id"]) for run in self._get(f"/api/v2/dags/{dag_id}/dagRuns")["dag_runs"]]

    def import_errors(self) -> list[str]:
        """Return what kept DAG files from loading."""
        errors = self._get("/api/v2/importErrors")["import_errors"]
        return [error["stack_trace"] for error in errors]

    def source(self, dag_id: str) -> str:
        """Return the text of a DAG's file, as Airflow has read it last."""
        return str(self._get(f"/api/v2/dagSources/{dag_id}")["content"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a run."""
        return str(self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """
        Return the task instances of a run as Airflow's API shows them.

        A task that is not yet known to have left its worker is ``deferring``: Airflow fails it if its trigger
        fires before that, or a person answers its question. That is soon enough only where time is made to
        pass, and where a program answers.
        """
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        tasks: list[dict[str, Any]] = []
        shown: dict[str, Any] = {"total_entries": 1}
        while len(tasks) < shown["total_entries"]:
            shown = self._get(path, limit=100, offset=len(tasks))
            tasks += shown["task_instances"]
        left = self._left_their_workers()
        for task in tasks:
            if (
                task["state"] in WITHOUT_WORKER
                and task["id"] not in left
                and not _was_deferred_long_ago(task)
            ):
                task["state"] = "deferring"
        return tasks

    def xcom(
        self, dag_id: str, run_id: str, task_id: str, key: str = "return_value", map_index: int = -1
    ) -> Any:
        """Return an XCom value."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}"
        return self._get(path, map_index=map_index, deserialize=True)["value"]

    def tries(self, dag_id: str, run_id: str, task_id: str) -> list[str]:
        """Return the state of each try of a task that is not mapped, the first try first."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/tries"
        shown = self._get(path)["task_instances"]
        return [str(one["state"]) for one in sorted(shown, key=lambda one: int(one["try_number"]))]

    def shown_log(self, dag_id: str, run_id: str, task_id: str, try_number: int) -> str:
        """Return what the UI shows as the log of one try of a task that is not mapped."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{try_number}"
        return "\n".join(line["event"] for line in self._get(path, full_content=True)["content"])

    def wait_for_run(self, dag_id: str, run_id: str, timeout: float = 900) -> str:
        """Wait until a run has ended; return its state."""
        wait_until(
            lambda: self.run_state(dag_id, run_id) in FINISHED, timeout, f"{dag_id} {run_id} did not end"
        )
        return self.run_state(dag_id, run_id)

    def states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """Return the state of each task of a run that has no mapped tasks."""
        return {task["task_id"]: task["state"] for task in self.task_instances(dag_id, run_id)}

    def set_state(self, dag_id: str, run_id: str, task_id: str, state: str, map_index: int = -1) -> None:
        """Mark a task instance, as a user does in the UI."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        path += f"/{map_index}" if map_index >= 0 else ""
        self._ask("PATCH", path, json={"new_state": state}).raise_for_status()

    def clear(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> None:
        """Clear a task instance, as a user does in the UI."""
        task = [task_id, map_index] if map_index >= 0 else task_id
        body = {"dry_run": False, "dag_run_id": run_id, "task_ids": [task], "only_failed": False}
        self._ask("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", json=body).raise_for_status()

    def question(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """Return what a task asks a person, and the answer if there is one."""
        return self._get(_question_path(dag_id, run_id, task_id))

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str) -> None:
        """Answer what a task asks a person, as a user does in the UI."""
        answer = {"chosen_options": [option], "params_input": {}}
        self._ask("PATCH", _question_path(dag_id, run_id, task_id), json=answer).raise_for_status()

    def logs(self) -> str:
        """Return everything the processes and tasks have logged."""
        files = sorted(path for path in self.home.rglob("*.log") if path.is_file())
        return "\n".join(path.read_text(errors="replace") for path in files)

    def _left_their_workers(self) -> set[str]:
        log = (self.home / "scheduler.log").read_text(errors="replace")
        return set(
            re.findall(
                rf"TaskInstance Finished: .*ti_id=([^,]+),.* state=(?:{'|'.join(WITHOUT_WORKER)}),", log
            )
        )

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = self._ask("GET", path, params=params)
        answer.raise_for_status()
        return dict(answer.json())

    def _ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Ask again after an error of the server: on SQLite a busy database is one."""
        end = time.monotonic() + 60
        while (answer := self._api.request(method, path, **content)).is_server_error:
            if time.monotonic() > end:
                break
            time.sleep(0.5)
        return answer


def _question_path(dag_id: str, run_id: str, task_id: str) -> str:
    return f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"


def _was_deferred_long_ago(task: Mapping[str, Any]) -> bool:
    """Return whether the scheduler will not hear any more that a deferred task has left its worker."""
    # A worker that is killed takes what it has not told yet with it, and so does a scheduler.
    trigger = task["trigger"]
    if not trigger:
        return False
    created = datetime.fromisoformat(trigger["created_date"])
    return created < datetime.now(UTC) - timedelta(minutes=1)


def wait_until(condition: Any, timeout: float, failure: str, *, pause: float = 1.0) -> None:
    """
    Ask until ``condition()`` holds; a server that is not up yet counts as no.

    :param timeout: How many seconds to ask.
    :param failure: What the error says if it never holds.
    :param pause: The seconds between two questions.
    :raises TimeoutError: It did not hold in time.
    """
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (httpx.HTTPError, KeyError, ValueError):
            pass
        time.sleep(pause)
    raise TimeoutError(failure)
