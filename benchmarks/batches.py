"""
A CSV file with 1,000,000 rows into batches: how much memory the whole process takes, Airflow included.

Each way runs in a process of its own: a clean file, the same where the last of two records with one number
counts, and a file with one record that can be called. All its other records go to a report.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.lookup import memory

ROWS = 1_000_000
BATCH_SIZE = 10_000
MOST_MEBIBYTES = 300.0
"""How much memory the process may take."""
GOOD, LAST, BAD = "good", "last", "bad"
WAYS = {
    GOOD: "every row to call",
    LAST: 'the same, with `on_duplicate="last"`',
    BAD: "one row to call, all others to a report",
}


def measure() -> str:
    """Return the table."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="revox-bench-") as folder:
        for way, name in WAYS.items():
            figures = _measured(way, folder)
            assert figures["peak"] < MOST_MEBIBYTES, f"{name}: {figures['peak']:.0f} MiB"
            rows.append(
                f"| {name} | {figures['before']:.0f} MiB | **{figures['peak']:.0f} MiB** "
                f"| {figures['wall']:.1f} s |"
            )
    head = "| 1,000,000 rows of CSV | process before | its peak | time |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def _measured(way: str, folder: str) -> dict[str, float]:
    source = Path(folder, f"{way}.csv")
    with source.open("w", encoding="utf-8") as file:
        file.write("phone,first_name,plan,city,renews_on\n")
        for row in range(ROWS):
            number = f"+336{row:08}" if way != BAD or row == 0 else "not given"
            file.write(f"{number},Ada {row},gold,Besançon,2026-12-01\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW__")}
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.batches", way, str(source), f"{folder}/{way}"],
        cwd=Path(__file__).resolve().parent.parent,
        env={**environment, "AIRFLOW_HOME": folder},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(process.stdout.splitlines()[-1])
    return figures


def _make(way: str, source: str, to: str) -> dict[str, float]:
    import airflow.sdk  # noqa: F401  # as in every task

    from airflow_provider_revox.batches import contact_batches
    from airflow_provider_revox.operators.revox import CreateCampaignOperator  # noqa: F401

    before, started = memory("VmRSS"), time.perf_counter()
    urls = contact_batches(
        source,
        to=to,
        batch_size=BATCH_SIZE,
        key="benchmark",
        phone_field="phone",
        variable_fields=["first_name", "plan", "city", "renews_on"],
        default_region="FR",
        on_duplicate="last" if way == LAST else "first",
        on_invalid="skip",
        report_path=f"{to}/rejected.csv",
    )
    assert len(urls) == (1 if way == BAD else ROWS // BATCH_SIZE)
    mebi = 1e6 / 2**20
    return {
        "before": before * mebi,
        "peak": memory("VmHWM") * mebi,
        "wall": time.perf_counter() - started,
    }


if __name__ == "__main__":
    print(json.dumps(_make(*sys.argv[1:])))
