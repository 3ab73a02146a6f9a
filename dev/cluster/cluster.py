"""Bring the parts up in order, and stop them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from dev.airflow_api import AirflowApi, wait_until
from dev.cluster.airflow_parts import airflow_parts, environment, migration
from dev.cluster.part import Part
from dev.cluster.services import S3, Redis, postgres_part
from dev.cluster.supervisor import Supervisor
from dev.local_postgres import LocalPostgres
from dev.ports import free_port, is_taken


class Cluster(AirflowApi):
    """
    Runs a distributed Airflow; a context manager. It begins with an empty database.

    :param home: A folder for everything. It is new or empty. If this process is root, the user ``postgres``
        must be able to reach it.
    :param dags: The folder with the DAG files.
    :param port: Where the web server listens; default: a free port.
    :param env: More environment variables of Airflow, connections for example.
    """

    def __init__(
        self, home: Path, dags: Path, *, port: int | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(home, port or free_port())
        self.postgres = LocalPostgres(home / "postgres")
        self.redis = Redis(home)
        self.s3 = S3(home)
        self.supervisor = Supervisor(home)
        self.env = {
            **environment(home, dags, self.port, self.postgres.url, self.redis.url),
            "AIRFLOW_CONN_AWS_DEFAULT": self.s3.conn_json(),
            **(env or {}),
        }
        self._services = [postgres_part(self.postgres), self.redis.part, self.s3.part]
        self._airflow = airflow_parts(home, self.env)

    def start(self) -> None:
        """Start everything and wait until it works."""
        self.postgres.create()
        self.supervisor.start(self._services)
        wait_until(self.postgres.answers, 60, f"PostgreSQL did not start, see {self.home}")
        for service in (self.redis, self.s3):
            wait_until(
                lambda port=service.port: is_taken(port),
                60,
                f"{service.part.name} did not start, see {self.home}",
            )
        self.s3.make_bucket()
        self._run(migration(self.home, self.env))
        self.supervisor.start(self._airflow)
        wait_until(self.is_healthy, 400, f"Airflow did not become healthy, see {self.home}")
        self.log_in()

    def take_away(self, name: str) -> None:
        """End a part at once, and do not start it again until :meth:`bring_back`."""
        self.supervisor.take_away(name)

    def restart(self, name: str) -> None:
        """Stop a part as a deployment does, which kills it after a while, and start it again."""
        self.supervisor.stop([name])
        self.bring_back(name)

    def bring_back(self, name: str) -> None:
        """Start a part again that was taken away."""
        self.supervisor.start(part for part in (*self._services, *self._airflow) if part.name == name)

    def descendants(self) -> list[psutil.Process]:
        """Return every process that the parts have started."""
        return self.supervisor.descendants()

    def stop(self) -> None:
        """Stop everything."""
        # Airflow first: it needs the services to end well.
        for parts in (self._airflow, self._services):
            self.supervisor.stop(part.name for part in parts)
        self.close()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, part: Part) -> None:
        log = self.home / f"{part.name}.log"
        with log.open("wb") as file:
            ended = subprocess.run(part.command, env=part.env, cwd=part.cwd, stdout=file, stderr=file)
        if ended.returncode:
            raise RuntimeError(f"{part.name} failed, see {log}")
