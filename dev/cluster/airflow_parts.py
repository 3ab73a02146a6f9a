"""Describe the parts of a distributed Airflow: CeleryExecutor, two workers, two triggerers."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from dev.cluster.host import PART
from dev.cluster.part import Part
from dev.local_airflow import inherited, settings
from dev.showroom import ROOT

WORKERS = ("worker-1", "worker-2")
TRIGGERERS = ("triggerer-1", "triggerer-2")
DEFAULT_QUEUE = "default"


def environment(home: Path, dags: Path, port: int, database: str, broker: str) -> dict[str, str]:
    """
    Return the environment variables that all parts of Airflow share.

    :param home: The folder for configuration and logs.
    :param dags: The folder with the DAG files.
    :param port: Where the web server listens.
    :param database: The URL of PostgreSQL.
    :param broker: The URL of Redis.
    """
    options = {
        "CORE__EXECUTOR": "CeleryExecutor",
        "CORE__PARALLELISM": "64",
        "CORE__MAX_ACTIVE_TASKS_PER_DAG": "600",
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "CORE__HOSTNAME_CALLABLE": "dev.cluster.host.part_name",
        "API__SECRET_KEY": secrets.token_hex(32),
        "DATABASE__SQL_ALCHEMY_CONN": database,
        "CELERY__BROKER_URL": broker,
        "CELERY__RESULT_BACKEND": database.replace("postgresql+psycopg2", "db+postgresql+psycopg2"),
        "CELERY__WORKER_CONCURRENCY": "16",
        "CELERY__CELERY_CONFIG_OPTIONS": "dev.cluster.celery_options.OPTIONS",
        "OPERATORS__DEFAULT_QUEUE": DEFAULT_QUEUE,
        # Many tasks start at once on few cores. By default a task fails if the API server needs more than 5
        # seconds for an answer, or Redis more than one. 24 seconds were seen on a busy machine.
        "WORKERS__EXECUTION_API_TIMEOUT": "120",
        "CELERY__OPERATION_TIMEOUT": "20",
        # A part that was killed is noticed after seconds instead of minutes.
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "40",
        "SCHEDULER__TASK_QUEUED_TIMEOUT": "60",
        "SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
        "TRIGGERER__JOB_HEARTBEAT_SEC": "2",
    }
    shared = {
        **inherited(),
        **settings(home, dags, port),
        **{f"AIRFLOW__{name}": value for name, value in options.items()},
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep),
    }
    for name in ("NO_PROXY", "no_proxy"):
        shared[name] = "127.0.0.1,localhost"
    return shared


def migration(home: Path, env: Mapping[str, str]) -> Part:
    """Return the program that makes the metadata database."""
    return _part("migrate", ["db", "migrate"], home, env)


def airflow_parts(home: Path, env: Mapping[str, str]) -> list[Part]:
    """Return all parts of Airflow. Nothing but the web server listens, because all share one log folder."""
    return [
        *(_part(name, [name], home, env) for name in ("api-server", "scheduler", "dag-processor")),
        *(_part(name, ["triggerer", "--skip-serve-logs"], home, env) for name in TRIGGERERS),
        *(_part(name, _worker(name), home, env) for name in WORKERS),
    ]


def _worker(name: str) -> list[str]:
    # A queue of its own, too: a task can ask for this very worker.
    queues = f"{DEFAULT_QUEUE},{name}"
    return ["celery", "worker", "--skip-serve-logs", "--celery-hostname", name, "--queues", queues]


def _part(name: str, command: list[str], home: Path, env: Mapping[str, str]) -> Part:
    # A worker that is asked to end waits for its tasks.
    grace = 5 if name in WORKERS else 20
    return Part(
        name=name,
        command=[sys.executable, "-m", "airflow", *command],
        env={**env, PART: name},
        cwd=home,
        grace=grace,
    )
