"""Two tasks write the same batches to S3 at once, and one is killed in the middle."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable

import pytest

from dev.airflow_api import wait_until
from dev.cluster.cluster import Cluster
from dev.cluster.services import BUCKET
from revox_sandbox import Sandbox
from tests.cluster.gate import Gate
from tests.cluster.people import WEEK, check_everybody_was_called_once
from tests.cluster.table import FaultTable
from tests.system.waiting_run import WaitingRun

pytestmark = pytest.mark.cluster

PEOPLE, BATCHES = 40_000, 8
CONN_ID = "writers"


def test_one_list_of_batches_stands_though_one_of_two_writers_is_killed(
    cluster: Cluster, open_revox: Callable[[str, str], Sandbox], table: FaultTable
) -> None:
    sandbox = open_revox(CONN_ID, "today")
    with Gate() as gate:
        conf = {"gate": gate.port, "conn_id": CONN_ID}
        runs = [
            WaitingRun(cluster, "batch_writers", cluster.trigger("batch_writers", conf)) for _ in range(2)
        ]
        gate.wait_for(2, timeout=200)
        writer = runs[0].processes_of("batches")[-1]
    wait_until(lambda: len(files_of_tries(cluster)) == 2, 60, "not both write", pause=0.02)
    writer.kill()
    began = time.monotonic()
    for run in runs:
        assert cluster.wait_for_run(run.dag_id, run.run_id, timeout=300) == "success", run.states()
    seconds = time.monotonic() - began

    sandbox.advance(WEEK)
    people = [f"+1415{2_000_000 + number}" for number in range(PEOPLE)]
    called = check_everybody_was_called_once(sandbox, people)
    assert [tries_of(cluster, run)["batches"] for run in runs] == [2, 1]
    # What the killed writer left behind holds people's data, and is removed.
    (manifest,) = [key for key in keys(cluster) if key.endswith("/manifest.json")]
    stands = json.loads(cluster.s3.client().get_object(Bucket=BUCKET, Key=manifest)["Body"].read())
    assert files_of_tries(cluster) == {stands["written_by"]: BATCHES}
    table.add("SIGKILL to one of two tasks that write the same batches at once", called, seconds)


def tries_of(cluster: Cluster, run: WaitingRun) -> dict[str, int]:
    """Return the number of tries of each task."""
    return {one["task_id"]: one["try_number"] for one in cluster.task_instances(run.dag_id, run.run_id)}


def keys(cluster: Cluster) -> list[str]:
    listed = cluster.s3.client().list_objects_v2(Bucket=BUCKET, Prefix="writers/")
    return [one["Key"] for one in listed.get("Contents", [])]


def files_of_tries(cluster: Cluster) -> Counter[str]:
    """Return how many files each try has written."""
    return Counter(key.split("/")[-2] for key in keys(cluster) if key.endswith(".jsonl.gz"))
