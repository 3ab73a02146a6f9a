"""One distributed Airflow for all tests of this folder, and the table of what they saw."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dev.cluster.cluster import Cluster
from dev.cluster.packages import missing_packages
from dev.cluster.services import BUCKET
from dev.ports import free_port
from dev.showroom import EXAMPLES, crm_database
from revox_sandbox import Sandbox, SandboxSettings
from tests.airflow_provider_revox.launch.world import show_generation
from tests.cluster.doors import Doors
from tests.cluster.generations import GENERATIONS
from tests.cluster.table import FaultTable

RESULTS = f"s3://aws_default@{BUCKET}/results"
HERE = Path(__file__).parent
TABLE = pytest.StashKey[FaultTable]()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if missing := missing_packages():
        reason = f"Debian's packages are missing: {' '.join(missing)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Not in a folder of pytest's, which the user postgres can't reach.
    with tempfile.TemporaryDirectory(prefix="revox-cluster-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        dags = home / "dags"
        shutil.copytree(EXAMPLES, dags / "examples")
        shutil.copytree(HERE / "dags", dags / "cluster")
        env = {
            "AIRFLOW_CONN_CRM_DB": f'{{"conn_type": "sqlite", "host": "{crm_database(home)}"}}',
            "REVOX_EXAMPLE_POKE_INTERVAL": "5",
            "REVOX_EXAMPLE_RESULTS": RESULTS,
        }
        with Cluster(home, dags, env=env) as cluster:
            yield cluster


@pytest.fixture(scope="session")
def open_revox(cluster: Cluster) -> Iterator[Callable[[str, str], Sandbox]]:
    """Return a function that opens a Revox of a generation, with a connection in Airflow's database."""
    with ExitStack() as stack:

        def open_one(conn_id: str, generation: str) -> Sandbox:
            sandbox = stack.enter_context(_sandbox(conn_id, generation))
            show_generation(sandbox)
            _connect(cluster, conn_id, sandbox.base_url, sandbox)
            return sandbox

        yield open_one


@pytest.fixture(scope="session")
def open_doors(cluster: Cluster) -> Iterator[Callable[[str, str], Doors]]:
    """Return a function that opens a Revox of a generation behind doors, with a connection to the doors."""
    with ExitStack() as stack:

        def open_one(conn_id: str, generation: str) -> Doors:
            sandbox = stack.enter_context(_sandbox(conn_id, generation))
            show_generation(sandbox)
            doors = stack.enter_context(Doors(sandbox))
            _connect(cluster, conn_id, doors.base_url, sandbox)
            return doors

        yield open_one


def _sandbox(conn_id: str, generation: str) -> Sandbox:
    """Return a Revox with an API key of its own. Time stands still in it: the test ends each wait."""
    settings = SandboxSettings(
        api_key=f"key-of-{conn_id}",
        call_ends={"human": 1},
        generation=GENERATIONS[generation],
        port=free_port(),
        speed=0,
    )
    return Sandbox(settings)


def _connect(cluster: Cluster, conn_id: str, base_url: str, sandbox: Sandbox) -> None:
    # A request that hangs outlives everything that the test does meanwhile.
    extra = '{"read_timeout": 600}'
    cluster.connect(conn_id, "revox", host=base_url, password=sandbox.api_key, extra=extra)


@pytest.fixture(scope="session")
def table(pytestconfig: pytest.Config) -> FaultTable:
    return pytestconfig.stash.setdefault(TABLE, FaultTable())


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the table of faults if all tests of this folder ran and passed."""
    ran = {item.path for item in session.items}
    table = session.config.stash.get(TABLE, None)
    if table and exitstatus == pytest.ExitCode.OK and ran == set(HERE.glob("test_*.py")):
        table.write()
