"""200,000 contacts go from S3 through batches to campaigns and results, and a worker is killed meanwhile."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator

import pytest

from dev.airflow_api import wait_until
from dev.cluster.cluster import Cluster
from dev.cluster.services import BUCKET
from revox_sandbox import Sandbox
from tests.cluster.generations import GENERATIONS
from tests.cluster.people import WEEK, check_everybody_was_called_once
from tests.cluster.table import FaultTable
from tests.system.waiting_run import WaitingRun, campaigns

pytestmark = pytest.mark.cluster

PEOPLE, BATCH = 200_000, 10_000
BATCHES = PEOPLE // BATCH


def test_a_large_list_is_called_once_though_a_worker_is_killed(
    cluster: Cluster, open_revox: Callable[[str, str], Sandbox], table: FaultTable
) -> None:
    revoxes = [open_revox(f"large_{generation}", generation) for generation in GENERATIONS]
    s3 = cluster.s3.client()
    lines = (f"{number},{index}\n" for index, number in enumerate(numbers()))
    s3.put_object(Bucket=BUCKET, Key="large/contacts.csv", Body="".join(["phone,crm_id\n", *lines]).encode())
    began = time.monotonic()
    run = WaitingRun(cluster, "large_list", cluster.trigger("large_list", {"batch_size": BATCH}))
    # Some batches are launched, some are being launched, some are not.
    revoxes[0].wait_for(("POST", "/campaigns"), times=3, timeout=400)
    worker = cluster.supervisor.process("worker-1")
    worker.kill()
    cluster.supervisor.wait_for_restart("worker-1", worker.pid, 60)

    names = [f"call_{place}" for place in range(BATCHES)]
    wait_until(lambda: run.all_are(names, "deferred"), 400, f"not every batch is launched: {run.states()}")
    for sandbox in revoxes:
        sandbox.advance(WEEK)
    assert cluster.wait_for_run(run.dag_id, run.run_id, timeout=600) == "success", run.states()
    seconds = time.monotonic() - began

    called = 0
    for place, sandbox in enumerate(revoxes):
        people = [one for index, one in enumerate(numbers()) if index // BATCH % 2 == place]
        called += check_everybody_was_called_once(sandbox, people)
        assert len([one for one in campaigns(sandbox) if one == "batch"]) == 1
    results = [row for place in range(BATCHES) for row in rows(s3, f"large/results/{place}.csv")]
    assert sorted(int(row["crm_id"]) for row in results) == list(range(PEOPLE))
    assert {row["status"] for row in results} == {"completed"}
    table.add(f"SIGKILL to a worker while it launches {BATCHES} batches of {BATCH:,}", called, seconds)


def numbers() -> Iterator[str]:
    return (f"+1415{2_000_000 + index}" for index in range(PEOPLE))


def rows(s3: object, key: str) -> list[dict[str, str]]:
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(body)))
