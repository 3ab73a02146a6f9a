"""SIGKILL to a task, to the process that supervises it, and to its worker."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from dev.cluster.cluster import Cluster
from revox_sandbox import Fault, Sandbox
from tests.cluster.doors import Doors
from tests.cluster.struck import VICTIMS, Struck
from tests.cluster.table import FaultTable

pytestmark = pytest.mark.cluster


def test_whatever_is_killed_everybody_is_called_once(
    cluster: Cluster,
    open_revox: Callable[[str, str], Sandbox],
    open_doors: Callable[[str, str], Doors],
    table: FaultTable,
) -> None:
    hangs = Fault(kind="hang")
    struck = Struck(cluster, "killed", open_revox, dict.fromkeys(VICTIMS, hangs), open_doors)

    def kill_worker() -> None:
        worker = cluster.supervisor.process("worker-2")
        worker.kill()
        cluster.supervisor.wait_for_restart("worker-2", worker.pid, 60)

    struck.strike(signal.SIGKILL, kill_worker)
    struck.wait_for_the_end(table, "SIGKILL")
