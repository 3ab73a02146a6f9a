"""
How often people are called when the answer to a launch is lost.

The same campaign is launched in three ways by a real Airflow against the sandbox, which launches it and then
loses the answer. Every figure has a sandbox of its own, in this process; the tasks run in others.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from revox_sandbox import Fault, Sandbox

OURS = "create_campaign_operator"
WAYS = {
    "official_client": "official client",
    "http_operator": "`HttpOperator`",
    OURS: "`CreateCampaignOperator`",
}
STATUSES = (500, 502, 503, 504, 408, 409)
FAULTS: dict[str, dict[str, Any]] = {
    "no answer": {"kind": "hang"},
    "connection reset": {"kind": "reset"},
    "connection closed": {"kind": "close"},
    "half an answer": {"kind": "truncate"},
    "broken JSON": {"kind": "broken_json"},
    **{f"answer {status}": {"kind": "status", "status": status} for status in STATUSES},
    "answer 429, though launched": {"kind": "status", "status": 429},
}
KILLED = "worker killed"
HOW_OFTEN = {"once": 1, "always": None}
TIMEOUT_SECONDS = 2.0
LOST_TASKS = 3
"""What the process of a DAG run returns when tasks failed for good."""
DAG_FILE = Path(__file__).resolve().parent / "dags" / "lost_answers.py"


@dataclass(frozen=True)
class _Cell:
    """One campaign to launch, in a sandbox of its own."""

    way: str
    row: str
    often: str
    sandbox: Sandbox = field(default_factory=Sandbox)

    @property
    def task_id(self) -> str:
        return re.sub(r"\W+", "_", f"{self.row}_{self.often}".lower())

    def plan(self) -> None:
        options = FAULTS.get(self.row, {"kind": "hang"})
        fault = Fault(method="POST", path="/campaigns", when="after", times=HOW_OFTEN[self.often], **options)
        self.sandbox.faults.add(fault)

    def calls(self) -> int:
        """Return the most calls that one person got."""
        self.sandbox.advance(24 * 3600)
        return max(self.sandbox.calls_per_person().values(), default=0)


def measure() -> str:
    """Return the table."""
    lost = [_Cell(way, row, often) for row in FAULTS for way in WAYS for often in HOW_OFTEN]
    killed = [_Cell(way, KILLED, "once") for way in WAYS]
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="airflow-revox-bench-")))
        for cell in (*lost, *killed):
            stack.enter_context(cell.sandbox)
            cell.plan()
        airflow = _Airflow(home)
        workers = stack.enter_context(ThreadPoolExecutor(len(WAYS)))
        runs = [workers.submit(airflow.run, [cell for cell in lost if cell.way == way]) for way in WAYS]
        runs += [workers.submit(airflow.run_after_kill, cell) for cell in killed]
        for run in runs:
            run.result()
        calls = {(cell.way, cell.row, cell.often): cell.calls() for cell in (*lost, *killed)}
    _check(calls)
    lines = [_row(row, calls) for row in (*FAULTS, KILLED)]
    head = " | ".join(f"{name}, {often}" for name in WAYS.values() for often in HOW_OFTEN)
    return "\n".join([f"| lost answer | {head} |", "|---" * (1 + len(WAYS) * len(HOW_OFTEN)) + "|", *lines])


def _row(row: str, calls: dict[tuple[str, str, str], int]) -> str:
    cells = []
    for way in WAYS:
        for often in HOW_OFTEN:
            number = str(calls.get((way, row, often), ""))
            cells.append(f"**{number}**" if number and way == OURS else number)
    return f"| {row} | {' | '.join(cells)} |"


def _check(calls: dict[tuple[str, str, str], int]) -> None:
    wrong = {
        (row, often): number for (way, row, often), number in calls.items() if way == OURS and number != 1
    }
    assert not wrong, f"the operator did not call everybody exactly once: {wrong}"
    assert all(calls.values()), "somewhere nobody was called, so nothing was measured"


class _Airflow:
    """Carries out DAG runs, each in a process and with a database of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._migrated = home / "migrated.db"
        migration = self._start(["-m", "airflow", "db", "migrate"], self._migrated, {})
        self._end(migration, allowed=[0])

    def run(self, cells: Sequence[_Cell]) -> None:
        """Launch every cell's campaign, each by a task of one DAG run. Ours must all end well."""
        process = self._launch(cells, self._database(cells[0].way))
        self._end(process, allowed=[0] if cells[0].way == OURS else [0, LOST_TASKS])

    def run_after_kill(self, cell: _Cell) -> None:
        """Kill the process as soon as the campaign is launched, and carry the run out again."""
        database = self._database(f"{cell.way}_killed")
        process = self._launch([cell], database)
        try:
            cell.sandbox.wait_for(("POST", "/campaigns"), stage="committed", timeout=120)
        finally:
            process.kill()
            process.communicate()
        self._end(self._launch([cell], database), allowed=[0])

    def _database(self, name: str) -> Path:
        return Path(shutil.copy(self._migrated, self._home / f"{name}.db"))

    def _launch(self, cells: Sequence[_Cell], database: Path) -> subprocess.Popen[str]:
        env = {
            "BENCHMARK_URLS": json.dumps({cell.task_id: cell.sandbox.base_url for cell in cells}),
            "BENCHMARK_KEY": cells[0].sandbox.api_key,
            "BENCHMARK_TIMEOUT": str(TIMEOUT_SECONDS),
        }
        for cell in cells:
            revox = {**json.loads(cell.sandbox.conn_json()), "extra": {"read_timeout": TIMEOUT_SECONDS}}
            http = {"conn_type": "http", "host": cell.sandbox.base_url}
            env[f"AIRFLOW_CONN_REVOX_{cell.task_id.upper()}"] = json.dumps(revox)
            env[f"AIRFLOW_CONN_HTTP_{cell.task_id.upper()}"] = json.dumps(http)
        return self._start([str(DAG_FILE), cells[0].way], database, env)

    def _start(self, command: list[str], database: Path, env: dict[str, str]) -> subprocess.Popen[str]:
        settings = {
            "AIRFLOW_HOME": str(self._home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAG_FILE.parent),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{database}",
            "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self._home / "logs"),
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "NO_PROXY": "127.0.0.1",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        return subprocess.Popen(
            [sys.executable, *command],
            env={**inherited, **settings, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @staticmethod
    def _end(process: subprocess.Popen[str], allowed: Sequence[int]) -> None:
        output, _ = process.communicate()
        if process.returncode not in allowed:
            raise RuntimeError(f"{process.args} returned {process.returncode}:\n{output[-5000:]}")
