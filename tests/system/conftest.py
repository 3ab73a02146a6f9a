"""The database of the tests that kill parts of Airflow: SQLite is locked now and then, and fails a task."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.local_postgres import LocalPostgres, postgres_programs


@pytest.fixture(scope="module")
def postgres() -> Iterator[LocalPostgres]:
    if postgres_programs() is None:
        reason = "PostgreSQL is not installed. Install Debian's package postgresql."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Not in a folder of pytest's, which the user postgres can't reach.
    with tempfile.TemporaryDirectory(prefix="postgres-") as home, LocalPostgres(Path(home)) as postgres:
        yield postgres
