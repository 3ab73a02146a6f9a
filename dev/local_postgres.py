"""A PostgreSQL on this machine, of Debian's packages: a database for Airflow that can be taken away."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dev.local_airflow import free_port

USER = "postgres"
"""The user of PostgreSQL, in the database and, if this process is root, on this machine."""


class LocalPostgres:
    """
    Runs PostgreSQL on loopback; a context manager. It begins with an empty database.

    PostgreSQL refuses to run as root. If this process is root, the user ``postgres`` owns and runs it.

    :param home: A folder for the data and the log. It is new or empty. If this process is root, the user
        ``postgres`` must be able to reach it.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self._password = secrets.token_hex(16)
        self.url = f"postgresql+psycopg2://{USER}:{self._password}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """Make the data folder, with an empty database."""
        self.home.mkdir(parents=True, exist_ok=True)
        password = self.home / "password"
        password.touch(mode=0o600)
        password.write_text(self._password)
        if is_root():
            for path in (self.home, password):
                shutil.chown(path, USER, USER)
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run("initdb", f"--username={USER}", f"--pwfile={password}", *options)

    def start(self) -> None:
        """Start PostgreSQL and wait until it answers."""
        # On loopback alone, without a socket in the file system.
        options = f"-F -p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._run("pg_ctl", "start", "--wait", "--timeout=300", f"--options={options}")

    def stop(self) -> None:
        """Stop PostgreSQL, which ends every connection, and wait until it has ended."""
        self._run("pg_ctl", "stop", "--wait", "--timeout=300", "--mode=fast")

    def __enter__(self) -> Self:
        self.create()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if (self.home / "data" / "postmaster.pid").exists():
            self.stop()

    def _run(self, program: str, *arguments: str) -> None:
        programs = postgres_programs()
        if programs is None:
            raise FileNotFoundError("PostgreSQL is not installed. Install Debian's package postgresql.")
        as_user: dict[str, Any] = {"user": USER, "group": USER, "extra_groups": []} if is_root() else {}
        command = [str(programs / program), "-D", str(self.home / "data"), *arguments]
        with (self.home / "postgres.log").open("ab") as log:
            if subprocess.run(command, cwd=self.home, stdout=log, stderr=log, **as_user).returncode:
                raise RuntimeError(f"{program} failed, see {log.name}")


def postgres_programs() -> Path | None:
    """Return the folder of the latest PostgreSQL's programs; ``None``: it is not installed."""
    servers = Path("/usr/lib/postgresql").glob("*/bin/initdb")  # a client alone has no initdb
    return max(
        (server.parent for server in servers), key=lambda programs: float(programs.parent.name), default=None
    )


def is_root() -> bool:
    """Return whether this process is root."""
    return os.geteuid() == 0
