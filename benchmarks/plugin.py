"""
How long the list of the campaigns page takes with 1,000 campaigns in Airflow's database.

It is compared with Airflow's own list of 1,000 task instances, in the same process and on the same database.
Each campaign has 200 points of progress, and nobody answers for Revox.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CAMPAIGNS = 1_000
POINTS = 200
ROUNDS = 5
MOST_OF_AIRFLOWS_LIST = 2.0
"""How many times as long as Airflow's list the campaigns page may take."""
USER = "bench"


def measure() -> str:
    """Return the table."""
    with tempfile.TemporaryDirectory(prefix="airflow-revox-bench-") as folder:
        result = subprocess.run(
            [sys.executable, "-m", "benchmarks.plugin"],
            env={**os.environ, **_settings(Path(folder))},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return result.stdout[result.stdout.index("| list") :].strip()


def _settings(folder: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64,
        "AIRFLOW__API__MAXIMUM_PAGE_LIMIT": str(CAMPAIGNS),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "AIRFLOW_CONN_REVOX_DEFAULT": '{"conn_type": "revox", "host": "http://127.0.0.1:9", "password": "x"}',
    }


def _main() -> None:
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, stdout=sys.stderr)
    from airflow.api_fastapi.app import create_app, get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from fastapi.testclient import TestClient
    from starlette.routing import Mount

    from airflow_provider_revox.plugin.airflow_plugin import LazyApp

    _fill()
    app = create_app("core")
    app.router.routes.insert(0, Mount("/revox", LazyApp()))
    with TestClient(app) as client:
        user = SimpleAuthManagerUser(username=USER, role="admin")
        client.headers["Authorization"] = f"Bearer {get_auth_manager().generate_jwt(user)}"
        assert client.get("/revox/api/campaigns").json()["total"] == CAMPAIGNS
        seconds = {
            "Airflow's 1,000 task instances": _best(
                client, f"/api/v2/dags/~/dagRuns/~/taskInstances?limit={CAMPAIGNS}"
            ),
            "campaigns, first page": _best(client, "/revox/api/campaigns"),
            "campaigns, by state": _best(client, "/revox/api/campaigns?state=completed"),
            "campaigns, by text": _best(client, "/revox/api/campaigns?text=renewals+999"),
        }
    first = next(iter(seconds.values()))
    rows = [f"| {name} | {took * 1e3:.0f} ms | {took / first:.2g} |" for name, took in seconds.items()]
    table = "\n".join(["| list | time | of Airflow's list |", "|---|---|---|", *rows])
    print(table)
    assert max(seconds.values()) < MOST_OF_AIRFLOWS_LIST * first, table


def _best(client: Any, path: str) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(path).raise_for_status()
        times.append(time.perf_counter() - start)
    return min(times)


def _fill() -> None:
    from tests.airflow_provider_revox.plugin.rows import add_task, record

    counts = {"total": 100, "completed": 40, "failed": 2, "calling": 3, "retry": 5, "pending": 50}
    points = [
        {"at": f"2026-11-26T{index // 60:02}:{index % 60:02}:00Z", "state": "running", "counts": counts}
        for index in range(POINTS)
    ]
    ended = [*points[:-1], {**points[-1], "state": "completed"}]
    for index in range(CAMPAIGNS):
        xcoms = {
            "campaign": record(f"cmp_{index}", name=f"Renewals {index}"),
            "progress": ended if index % 2 else points,
            "contact_report": {"received": 107, "to_call": 100, "invalid": 7},
        }
        add_task(f"dag_{index % 20}", xcoms=xcoms)


if __name__ == "__main__":
    _main()
