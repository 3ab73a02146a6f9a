"""
What it costs to bring the results of a large campaign back.

100,000 rows, made by the sandbox a week after the launch, come from a process of their own that has them
ready: in pages, as the contract has them, and all in one answer, as the API of today does. Each way of
getting them runs in a new process, in turn, and is compared with the ``get_rows`` of the official client
that speaks the same. Shown is the least time of several rounds, which other work on the machine disturbs
least, and the most memory.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.lookup import memory
from dev.official_client import RELEASES, ROOT, install
from revox_sandbox.settings import GenerationName

ROUNDS = 3
ROWS = 100_000
PAGE_SIZE = 500
WEEK = 7 * 24 * 3600
MOST_OF_GET_ROWS = 0.25
"""Which part of the time of the official client's ``get_rows`` the operator may take."""
MOST_MEGABYTES = 250 * 1024 * 1024 / 1e6
"""How much memory the operator's process may take at most, Airflow included."""
GET_ROWS, EXPORT, CSV, PARQUET = "get_rows", "export", "calls.csv", "calls.parquet"
WAYS = {
    GET_ROWS: "the official client's `get_rows`",
    CSV: "`CampaignResultsOperator` to CSV",
    PARQUET: "`CampaignResultsOperator` to Parquet",
    EXPORT: "the official client's `export_rows` (other columns)",
}
GENERATIONS: dict[GenerationName, str] = {
    "contract": "pages of 500, `revox` 0.1.1",
    "launch-calls": f"one answer, `revox` {RELEASES['launch-calls']}",
}


def measure() -> str:
    """Return the table."""
    rows = [row for generation in GENERATIONS for row in _rows(generation)]
    return "\n".join([f"| {ROWS:,} rows in | by | time | CPU | memory |", "|---|---|---|---|---|", *rows])


def _rows(generation: GenerationName) -> list[str]:
    figures: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    server = _python("serve", generation)
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        for _ in range(ROUNDS):
            for way in WAYS:
                figures[way].append(_measured(way, generation, port))
    finally:
        server.terminate()
        server.wait()
    seconds = {way: min(round_["wall"] for round_ in rounds) for way, rounds in figures.items()}
    cpu = {way: min(round_["cpu"] for round_ in rounds) for way, rounds in figures.items()}
    peak = {way: max(round_["megabytes"] for round_ in rounds) for way, rounds in figures.items()}
    ratios = {way: seconds[way] / seconds[GET_ROWS] for way in WAYS}
    rows = [
        f"| {GENERATIONS[generation]} | {name} | {seconds[way]:.1f} s (**{ratios[way]:.2f}**) "
        f"| {cpu[way]:.1f} s | {peak[way]:.0f} MB |"
        for way, name in WAYS.items()
    ]
    for way in (CSV, PARQUET):
        measured = "\n".join(rows)
        assert ratios[way] <= MOST_OF_GET_ROWS, f"{way} took too much of the time of get_rows\n{measured}"
        assert peak[way] < MOST_MEGABYTES, f"{way} took too much memory\n{measured}"
    return rows


def _measured(way: str, generation: GenerationName, port: str) -> dict[str, float]:
    process = _python(way, generation, port)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, f"{way} failed"
    figures: dict[str, float] = json.loads(output.splitlines()[-1])
    return figures


def _python(way: str, generation: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
    if way in (GET_ROWS, EXPORT) and generation in RELEASES:
        environment["PYTHONPATH"] = str(install(generation))
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.results", way, generation, *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        env=environment,
    )


def _serve(generation: GenerationName) -> None:
    """Serve one campaign: pages of any size where there are pages, cut from rows that are ready."""
    campaign, rows, export = _campaign(generation)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path.endswith("/export"):
                self._answer([export])
            elif not url.path.endswith("/rows"):
                self._answer([campaign])
            elif generation == "contract":
                page, size = (int(parse_qs(url.query)[name][0]) for name in ("page", "page_size"))
                head = b'{"page":%d,"page_size":%d,"total":%d,"rows":[' % (page, size, ROWS)
                self._answer([head, b",".join(rows[(page - 1) * size : page * size]), b"]}"])
            else:
                self._answer([b'{"rows":[', *_with_commas(rows), b"]}"])

        def _answer(self, parts: list[bytes]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(sum(map(len, parts))))
            self.end_headers()
            for part in parts:
                self.wfile.write(part)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


def _with_commas(rows: list[bytes]) -> Iterator[bytes]:
    for start in range(0, ROWS, 1000):
        yield (b"," if start else b"") + b",".join(rows[start : start + 1000])


def _campaign(generation: GenerationName) -> tuple[bytes, list[bytes], bytes]:
    """Return the answers that show the campaign, each row, and the export."""
    from pydantic_core import to_json

    from revox_sandbox import SandboxSettings
    from revox_sandbox.api.bodies import Contact
    from revox_sandbox.api.export import export
    from revox_sandbox.api.generations import GENERATIONS
    from revox_sandbox.play.campaign import Campaign, CampaignRequest
    from revox_sandbox.play.store import Store

    answers = GENERATIONS[generation].answers
    contacts = [
        Contact(
            to_phone_number=f"+336{index:08}",
            prompt_variables={
                "customer_id": f"C{index:08}",
                "first_name": f"Ada {index}",
                "plan": "gold",
                "city": "Besançon",
            },
        )
        for index in range(ROWS)
    ]
    request = CampaignRequest(assistant_id="a", name="Renewals", contacts=contacts, max_concurrent_calls=5000)

    def show(campaign: Campaign) -> tuple[bytes, list[bytes], bytes]:
        common = answers.common_call_fields(campaign)
        rows = [to_json(answers.row(campaign, row, common)) for row in campaign.simulation.rows]
        return answers.one_campaign(campaign), rows, export(campaign)

    store = Store(SandboxSettings(speed=0, generation=generation))
    store.create(request, lambda _: None)
    store.jump(WEEK)
    (shown,) = store.read_all(show)
    return shown


def _get(way: str, generation: str, port: str) -> dict[str, float]:
    """Get the results; return what that cost, imports left out, and the most memory the process had."""
    get = _way(way, generation, f"http://127.0.0.1:{port}/api")
    cpu, wall = time.process_time(), time.perf_counter()
    rows = get()
    figures = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    assert rows == ROWS, f"{way} got {rows} rows"
    return {"megabytes": memory("VmHWM"), **figures}


def _way(way: str, generation: str, base_url: str) -> Callable[[], int]:
    if way not in (GET_ROWS, EXPORT):
        return _operator(way, base_url)
    import httpx
    import revox

    assert revox.__version__ == RELEASES.get(generation, revox.__version__)
    official: Any = revox.Revox(api_key="key", base_url=base_url, http_client=httpx.Client(trust_env=False))
    if way == EXPORT:
        return lambda: _export(official)
    if generation == "contract":
        return lambda: _pages(official)
    return lambda: len(official.campaigns.get_rows("c").rows)


def _pages(official: Any) -> int:
    count = 0
    while True:
        page = official.campaigns.get_rows("c", page=count // PAGE_SIZE + 1, page_size=PAGE_SIZE)
        count += len(page.rows)
        if count >= page.total:
            return count


def _export(official: Any) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(official.campaigns.export_rows("c").csv))) - 1


def _operator(way: str, base_url: str) -> Callable[[], int]:
    os.environ["AIRFLOW_CONN_REVOX_DEFAULT"] = json.dumps(
        {"conn_type": "revox", "password": "key", "host": base_url}
    )
    from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector

    from airflow_provider_revox.operators.results import CampaignResultsOperator
    from airflow_provider_revox.results import write as writing  # noqa: F401

    if way == PARQUET:
        import pyarrow.compute
        import pyarrow.parquet  # noqa: F401
    get_hook_lineage_collector()  # type: ignore[no-untyped-call]  # Airflow loads its plugins before a task begins

    folder = tempfile.TemporaryDirectory()
    operator = CampaignResultsOperator(
        task_id="results",
        campaign_id="c",
        path=f"{folder.name}/{way}",
        variable_columns=["customer_id"],
    )
    operator.hook.get_conn()

    def get() -> int:
        rows: int = operator.execute({})["rows"]  # type: ignore[typeddict-item]
        folder.cleanup()
        return rows

    return get


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(sys.argv[2])  # type: ignore[arg-type]
    else:
        print(json.dumps(_get(*sys.argv[1:])))
