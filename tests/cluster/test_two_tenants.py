"""Two organizations with the same lists in one DAG: each key reaches its own Revox, and only that."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dev.airflow_api import wait_until
from dev.cluster.cluster import Cluster
from revox_sandbox import Fault, Sandbox
from tests.cluster.generations import GENERATIONS
from tests.cluster.people import DAY, check_everybody_was_called_once
from tests.cluster.table import FaultTable
from tests.system.waiting_run import WaitingRun

pytestmark = pytest.mark.cluster

LISTS = 5
PEOPLE = [f"+1415555000{number}" for number in range(LISTS)]


def test_an_outage_of_one_tenant_is_not_the_others_and_no_key_goes_astray(
    cluster: Cluster, open_revox: Callable[[str, str], Sandbox], table: FaultTable
) -> None:
    away, other = (open_revox(f"tenant_{generation}", generation) for generation in GENERATIONS)
    run = WaitingRun(cluster, "two_tenants", cluster.trigger("two_tenants"))
    of_away, of_other = ([f"call_{2 * number + place}" for number in range(LISTS)] for place in (0, 1))
    wait_until(lambda: run.all_are_in_triggerers([*of_away, *of_other]), 300, "not every task waits")

    began = time.monotonic()
    away.faults.add(Fault(kind="status", status=503, method="GET", times=None))
    for sandbox in (away, other):
        sandbox.advance(DAY)
    wait_until(lambda: run.all_are(of_other, "success"), 200, "one tenant waits for the other")
    assert run.all_are(of_away, "deferred")
    away.faults.clear()
    assert cluster.wait_for_run(run.dag_id, run.run_id, timeout=200) == "success"
    seconds = time.monotonic() - began

    called = sum(check_everybody_was_called_once(sandbox, PEOPLE) for sandbox in (away, other))
    for sandbox in (away, other):
        assert {401, 403}.isdisjoint({request.outcome for request in sandbox.requests()})
    table.add("Two tenants with the same lists; the Revox of one answers 503 for a while", called, seconds)
