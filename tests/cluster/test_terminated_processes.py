"""SIGTERM to a task, to the process that supervises it, and to its worker, as a deployment sends it."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from dev.cluster import Cluster
from revox_sandbox import Fault, Sandbox
from tests.cluster.struck import Struck
from tests.cluster.table import FaultTable

pytestmark = pytest.mark.cluster


def test_whatever_is_asked_to_end_everybody_is_called_once(
    cluster: Cluster, open_revox: Callable[[str, str], Sandbox], table: FaultTable
) -> None:
    # A task that is asked to end waits for the answer to its create, to know whether it has a campaign.
    late = Fault(kind="delay", seconds=20)
    late_or_never = {"task": late, "pool_child": late, "worker": Fault(kind="hang")}
    struck = Struck(cluster, open_revox, "terminated_", late_or_never)
    # Celery waits for its tasks. A deployment waits some seconds, and kills the worker.
    struck.strike(signal.SIGTERM, lambda: cluster.restart("worker-2"))
    struck.wait_for_the_end(table, "SIGTERM")
