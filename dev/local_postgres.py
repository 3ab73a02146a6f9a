"""A PostgreSQL on this machine, of Debian's packages: a database for Airflow that can be taken away."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dev.ports import free_port

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
        options = " ".join(self._options)
        self._run("pg_ctl", "start", "--wait", "--timeout=300", f"--options={options}")

    @property
    def server(self) -> list[str]:
        """The command that runs PostgreSQL until it is stopped, for the user :attr:`user`."""
        return [str(_programs() / "postgres"), "-D", str(self.home / "data"), *self._options]

    @property
    def user(self) -> str | None:
        """The user on this machine who runs PostgreSQL; ``None``: the user of this process."""
        return USER if is_root() else None

    @property
    def _options(self) -> list[str]:
        # On loopback alone, without a socket in the file system.
        addresses = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        return ["-F", "-p", str(self.port), *addresses]

    def answers(self) -> bool:
        """Return whether PostgreSQL accepts connections."""
        command = [str(_programs() / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={self.port}"]
        return not subprocess.run(command).returncode

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
        as_user: dict[str, Any] = {}
        if self.user:
            as_user = {"user": self.user, "group": self.user, "extra_groups": []}
        command = [str(_programs() / program), "-D", str(self.home / "data"), *arguments]
        with (self.home / "postgres.log").open("ab") as log:
            if subprocess.run(command, cwd=self.home, stdout=log, stderr=log, **as_user).returncode:
                raise RuntimeError(f"{program} failed, see {log.name}")


def _programs() -> Path:
    programs = postgres_programs()
    if programs is None:
        raise FileNotFoundError("PostgreSQL is not installed. Install Debian's package postgresql.")
    return programs


def postgres_programs() -> Path | None:
    """Return the folder of the latest PostgreSQL's programs; ``None``: it is not installed."""
    servers = Path("/usr/lib/postgresql").glob("*/bin/initdb")  # a client alone has no initdb
    return max(
        (server.parent for server in servers), key=lambda programs: float(programs.parent.name), default=None
    )


def is_root() -> bool:
    """Return whether this process is root."""
    return os.geteuid() == 0
