"""A whole Airflow 3 on this machine: api-server, scheduler, dag-processor and triggerer."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psutil

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
FINISHED = frozenset({"success", "failed"})


class LocalAirflow:
    """
    Runs Airflow's processes; a context manager. The database is SQLite, unless ``env`` names another.

    :param home: The folder for configuration, database and logs.
    :param dags: The folder with the DAG files.
    :param port: Where the web server listens; default: a free port.
    :param env: More environment variables, connections for example.
    """

    def __init__(
        self, home: Path, dags: Path, *, port: int | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {**_inherited(), **_settings(home, dags, self.url, self.port), **(env or {})}
        self._api = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def migrate(self) -> None:
        """Make the metadata database."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "migrate.log").open("wb") as log:
            self._airflow(["db", "migrate"], log).wait()

    def start(self, components: Iterable[str] = COMPONENTS) -> None:
        """
        Start processes; see :meth:`wait_until_healthy`.

        :param components: What they run: an Airflow command, and for a second process of it a dot and a name
            of that process, as in ``triggerer.2``.
        """
        for component in components:
            with (self.home / f"{component}.log").open("ab") as log:
                self._processes[component] = self._airflow([component.partition(".")[0]], log)

    def start_ended(self) -> None:
        """Start the processes that have ended by themselves, as a service manager does."""
        self.start([name for name, process in self._processes.items() if process.poll() is not None])

    def wait_until_healthy(self, timeout: float = 400) -> None:
        """Wait until every component reports that it works."""

        def healthy() -> bool:
            for component, process in self._processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{component} ended, see {self.home / component}.log")
            health = self._api.get("/api/v2/monitor/health").json()
            return all(health[name]["status"] == "healthy" for name in health)

        wait_until(healthy, timeout, "Airflow did not become healthy")
        # Without a password: the settings make everybody an admin of this local Airflow.
        token = self._api.get("/auth/token").json()["access_token"]
        self._api.headers["Authorization"] = f"Bearer {token}"

    def kill(self, component: str) -> None:
        """Kill a component and its children at once; :meth:`start` starts it again."""
        process = self._processes.pop(component)
        _signal(process, signal.SIGKILL)
        process.wait()

    def terminate(self, component: str) -> None:
        """Stop a component politely and wait until it has ended; :meth:`start` starts it again."""
        process = self._processes.pop(component)
        process.terminate()
        process.wait(60)

    def send_signal(self, component: str, number: signal.Signals) -> None:
        """Send a signal to a component and to all that it has started."""
        process = psutil.Process(self._processes[component].pid)
        for one in (process, *process.children(recursive=True)):
            one.send_signal(number)

    def stop(self) -> None:
        """Stop all processes."""
        for process in self._processes.values():
            _signal(process, signal.SIGTERM)
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            _signal(process, signal.SIGKILL)
            process.wait()
        self._processes.clear()
        self._api.close()

    def __enter__(self) -> Self:
        self.migrate()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def unpause(self, dag_id: str, timeout: float = 400) -> None:
        """Unpause a DAG as soon as it is known; one with a schedule starts a run."""

        def unpaused() -> bool:
            return self._api.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": False}).is_success

        wait_until(unpaused, timeout, f"Airflow does not know the DAG {dag_id}: {self.import_errors()}")

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> str:
        """Start a run of a DAG, which is unpaused if need be. Returns the run id."""
        self.unpause(dag_id)
        run_id, now = f"manual__{secrets.token_hex(8)}", datetime.now(UTC).isoformat()
        run = {"dag_run_id": run_id, "logical_date": now, "conf": dict(conf or {})}
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

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a run."""
        return str(self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """
        Return the task instances of a run as Airflow's API shows them.

        A task that is not yet known to have left its worker is ``deferring``: Airflow fails it if its trigger
        fires before that, which is soon enough only where time is made to pass.
        """
        answer = self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances", limit=100)
        tasks, left = list(answer["task_instances"]), self._left_their_workers()
        for task in tasks:
            if task["state"] == "deferred" and task["id"] not in left:
                task["state"] = "deferring"
        return tasks

    def xcom(
        self, dag_id: str, run_id: str, task_id: str, key: str = "return_value", map_index: int = -1
    ) -> Any:
        """Return an XCom value."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}"
        return self._get(path, map_index=map_index, deserialize=True)["value"]

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

    def descendants(self) -> list[psutil.Process]:
        """Return every process that Airflow's processes have started."""
        return [
            child
            for process in self._processes.values()
            for child in psutil.Process(process.pid).children(recursive=True)
        ]

    def logs(self) -> str:
        """Return everything the processes and tasks have logged."""
        files = sorted(path for path in self.home.rglob("*.log") if path.is_file())
        return "\n".join(path.read_text(errors="replace") for path in files)

    def _left_their_workers(self) -> set[str]:
        log = (self.home / "scheduler.log").read_text(errors="replace")
        left = set(re.findall(r"TaskInstance Finished: .*ti_id=([^,]+),.* state=deferred,", log))
        # A worker that is killed takes what others have just told the scheduler with it, now and then.
        ended = re.findall(
            r"^(\S+) .*Workload finished .* final_state=deferred .*workload_id=(\S+)", log, re.M
        )
        long_ago = datetime.now(UTC) - timedelta(minutes=1)
        return left | {ti for at, ti in ended if datetime.fromisoformat(at) < long_ago}

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

    def _airflow(self, command: list[str], log: Any) -> subprocess.Popen[bytes]:
        # A process group of its own, so that it can be ended together with its children.
        return subprocess.Popen(
            [sys.executable, "-m", "airflow", *command],
            env=self.env,
            cwd=self.home,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_until(condition: Any, timeout: float, failure: str) -> None:
    """Ask until ``condition()`` holds; a server that is not up yet counts as no."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (httpx.HTTPError, KeyError, ValueError):
            pass
        time.sleep(0.5)
    raise TimeoutError(failure)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def free_port() -> int:
    """Return a port on which nobody listens, and which is given to nobody who connects to others."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _inherited() -> dict[str, str]:
    dropped = ("AIRFLOW", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}


def _settings(home: Path, dags: Path, url: str, port: int) -> dict[str, str]:
    settings = {
        "CORE__DAGS_FOLDER": str(dags),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": url,
        "API__WORKERS": "1",
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
        # A worker that was killed is noticed after seconds instead of minutes.
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    }
    return {"AIRFLOW_HOME": str(home), **{f"AIRFLOW__{name}": value for name, value in settings.items()}}
