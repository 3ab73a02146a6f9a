"""Every example, and every kind of file on S3, on the page's generation and on today's."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow.parquet
import pytest

from dev.airflow_api import wait_until
from dev.cluster.cluster import Cluster
from dev.cluster.services import BUCKET
from dev.ports import free_port
from dev.showroom import EXAMPLES as EXAMPLES_FOLDER
from revox_sandbox import Sandbox, SandboxSettings
from tests.airflow_provider_revox.launch.world import show_generation
from tests.cluster.generations import GENERATIONS
from tests.cluster.people import WEEK, check_everybody_was_called_once
from tests.cluster.table import FaultTable
from tests.system.waiting_run import cancel_requests

pytestmark = pytest.mark.cluster

EXAMPLES = (
    "crm_csv_to_campaign",
    "scheduled_sql_sync",
    "results_to_sql",
    "contacts_stay_in_the_worker",
    "campaign_per_region",
    "large_list_in_batches",
)
"""
All that run on both generations by themselves. One of them starts ``after_the_calls``. ``tests/system`` runs
the others.
"""
EXAMPLE_DATA = EXAMPLES_FOLDER / "data"
WORDS = {"contract": "the page's generation", "today": "today's generation"}
FOLDER = f"s3://aws_default@{BUCKET}/examples"
PEOPLE = [f"+1415555{number:04}" for number in range(50)]
SUPPRESSED = PEOPLE[::10]


@pytest.fixture(scope="module")
def open_default(cluster: Cluster) -> Iterator[Callable[[str], Sandbox]]:
    """Return a function that opens the Revox of the examples' connection, one generation after the other."""
    port = free_port()
    opened: list[Sandbox] = []

    def open_one(generation: str) -> Sandbox:
        for sandbox in opened:
            sandbox.stop()
        settings = SandboxSettings(generation=GENERATIONS[generation], port=port, speed=0)
        opened.append(Sandbox(settings).start())
        if len(opened) == 1:
            cluster.connect("revox_default", "revox", host=opened[0].base_url, password=opened[0].api_key)
        show_generation(opened[-1])
        return opened[-1]

    yield open_one
    for sandbox in opened:
        sandbox.stop()


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_example_runs_to_its_end(
    cluster: Cluster, open_default: Callable[[str], Sandbox], table: FaultTable, generation: str
) -> None:
    sandbox = open_default(generation)
    s3 = cluster.s3.client()
    s3.upload_file(str(EXAMPLE_DATA / "salesforce_contacts.csv"), BUCKET, "examples/export.csv")
    on_s3 = {"export": f"{FOLDER}/export.csv", "folder": f"{FOLDER}/batches/{generation}"}
    cluster.unpause("after_the_calls")
    watched = set(cluster.run_ids("after_the_calls"))
    began = time.monotonic()
    # Its schedule starts the first run as soon as it is unpaused.
    is_paused = not cluster.run_ids("scheduled_sql_sync")
    runs = {
        dag_id: cluster.scheduled_run(dag_id)
        if dag_id == "scheduled_sql_sync" and is_paused
        else cluster.trigger(dag_id, on_s3 if dag_id == "large_list_in_batches" else None)
        for dag_id in EXAMPLES
    }
    for dag_id, run_id in runs.items():
        wait_until(lambda d=dag_id, r=run_id: all_wait(cluster, d, r), 200, f"{dag_id} does not wait")
    # All are launched: from now on only the watcher asks for the list of campaigns.
    lists = sum((request.method, request.path) == ("GET", "/campaigns") for request in sandbox.requests())
    sandbox.wait_for(("GET", "/campaigns"), times=lists + 1, stage="answered", timeout=60)
    sandbox.advance(WEEK)
    for dag_id, run_id in runs.items():
        assert cluster.wait_for_run(dag_id, run_id, timeout=200) == "success", dag_id
    wait_until(lambda: set(cluster.run_ids("after_the_calls")) - watched, 60, "the watcher saw nothing")
    (run_id,) = set(cluster.run_ids("after_the_calls")) - watched
    assert cluster.wait_for_run("after_the_calls", run_id) == "success"
    launched = cluster.xcom("crm_csv_to_campaign", runs["crm_csv_to_campaign"], "call_leads")
    assert cluster.xcom("after_the_calls", run_id, "report") == [launched]
    seconds = time.monotonic() - began

    totals = [
        stats["total"] for dag_id, run_id in runs.items() for stats in row_stats(cluster, dag_id, run_id)
    ]
    called = sandbox.calls_per_person()
    # Some people are in several examples. No campaign calls anybody again, and there is no campaign besides.
    assert sum(called.values()) == sum(totals) > len(runs)
    assert sandbox.calls_after_an_answer() == {}
    assert cancel_requests(sandbox) == []
    stored = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert any(key.startswith(f"examples/batches/{generation}/revox-") for key in stored)
    # The example deletes its results when they are loaded.
    assert [key for key in stored if key.startswith("results/")] == []
    table.add(f"None: all examples at once, {WORDS[generation]}", len(called), seconds)


def test_contacts_suppress_list_report_and_results_are_on_s3(
    cluster: Cluster, open_revox: Callable[[str, str], Sandbox], table: FaultTable
) -> None:
    s3 = cluster.s3.client()
    lines = [f"{number},C{index}" for index, number in enumerate([*PEOPLE, "not a number"])]
    put(s3, "contacts.csv", ["phone,crm_id", *lines])
    put(s3, "suppress.csv", ["phone", *SUPPRESSED])
    revoxes = {generation: open_revox(f"on_s3_{generation}", generation) for generation in GENERATIONS}
    began = time.monotonic()
    runs = {
        generation: cluster.trigger("on_s3", {"conn_id": f"on_s3_{generation}"}) for generation in GENERATIONS
    }
    for generation, run_id in runs.items():
        wait_until(
            lambda run_id=run_id: cluster.states("on_s3", run_id)["call"] == "deferred", 200, "does not wait"
        )
        revoxes[generation].advance(WEEK)
    for run_id in runs.values():
        assert cluster.wait_for_run("on_s3", run_id, timeout=200) == "success", cluster.states(
            "on_s3", run_id
        )
    seconds = time.monotonic() - began

    due = {number: f"C{index}" for index, number in enumerate(PEOPLE) if number not in SUPPRESSED}
    for generation, run_id in runs.items():
        called = check_everybody_was_called_once(revoxes[generation], due)
        counts = cluster.xcom("on_s3", run_id, "call", "contact_report")
        assert (counts["suppressed"], counts["to_call"]) == (len(SUPPRESSED), len(due))
        (refused,) = read_csv(get(s3, f"report_{run_id}.csv"))
        assert (refused["row"], refused["field"]) == (str(len(PEOPLE)), "phone")
        for rows in (
            read_csv(get(s3, f"results_{run_id}.csv")),
            [json.loads(row) for row in gzip.decompress(get(s3, f"results_{run_id}.jsonl.gz")).splitlines()],
            pyarrow.parquet.read_table(io.BytesIO(get(s3, f"results_{run_id}.parquet"))).to_pylist(),
        ):
            assert {row["phone_number"]: row["crm_id"] for row in rows} == due
        fault = f"None: contacts, suppress list, report and results on S3, {WORDS[generation]}"
        table.add(fault, called, seconds)


def all_wait(cluster: Cluster, dag_id: str, run_id: str) -> bool:
    # A mapped task has an instance without a place until its places are known.
    tasks = [one for one in cluster.task_instances(dag_id, run_id) if one["task_id"] == "wait"]
    return bool(tasks) and {one["state"] for one in tasks} == {"deferred"}


def row_stats(cluster: Cluster, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    places = [one["map_index"] for one in cluster.task_instances(dag_id, run_id) if one["task_id"] == "wait"]
    return [cluster.xcom(dag_id, run_id, "wait", map_index=place) for place in places]


def put(s3: Any, name: str, lines: list[str]) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"on_s3/{name}", Body="\n".join([*lines, ""]).encode())


def get(s3: Any, name: str) -> bytes:
    return bytes(s3.get_object(Bucket=BUCKET, Key=f"on_s3/{name}")["Body"].read())


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))
