"""A whole Airflow 3 on this machine: api-server, scheduler, dag-processor and triggerer."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from dev.airflow_api import AirflowApi, wait_until
from dev.ports import free_port

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")


class LocalAirflow(AirflowApi):
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
        super().__init__(home, port or free_port())
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {**inherited(), **settings(home, dags, self.port), **(env or {})}

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
            return self.is_healthy()

        wait_until(healthy, timeout, "Airflow did not become healthy")
        self.log_in()

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
        self.close()

    def __enter__(self) -> Self:
        self.migrate()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def descendants(self) -> list[psutil.Process]:
        """Return every process that Airflow's processes have started."""
        return [
            child
            for process in self._processes.values()
            for child in psutil.Process(process.pid).children(recursive=True)
        ]

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


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def inherited() -> dict[str, str]:
    """Return the environment variables of this process that configure no Airflow."""
    dropped = ("AIRFLOW", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}


def settings(home: Path, dags: Path, port: int) -> dict[str, str]:
    """
    Return the environment variables that configure an Airflow.

    :param home: The folder for configuration, database and logs.
    :param dags: The folder with the DAG files.
    :param port: Where the web server listens.
    """
    url = f"http://127.0.0.1:{port}"
    options = {
        "CORE__DAGS_FOLDER": str(dags),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__TEST_CONNECTION": "Enabled",
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
    return {"AIRFLOW_HOME": str(home), **{f"AIRFLOW__{name}": value for name, value in options.items()}}
