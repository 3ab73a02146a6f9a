"""
What importing the provider costs where DAG files are parsed.

CPU seconds beyond ``import airflow.sdk``, against importing the HTTP provider's operator and sensor, each in
a process of its own, in turn, the median of several rounds.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

ROUNDS = 9
BASE = "import airflow.sdk"
HTTP = (
    "from airflow.providers.http.operators.http import HttpOperator; "
    "from airflow.providers.http.sensors.http import HttpSensor"
)
REVOX = (
    "from airflow_provider_revox.operators.revox import CreateCampaignOperator; "
    "from airflow_provider_revox.sensors.revox import CampaignSensor; "
    "from airflow_provider_revox.hooks.revox import RevoxHook"
)
WAYS = {
    "`HttpOperator`, `HttpSensor`": f"{BASE}; {HTTP}",
    "`CreateCampaignOperator`, `CampaignSensor`, `RevoxHook`": f"{BASE}; {REVOX}",
}


def measure() -> str:
    """Return the table."""
    extra: dict[str, list[float]] = {name: [] for name in WAYS}
    for code in (BASE, *WAYS.values()):
        _cpu_seconds(code)  # warms the file cache and the bytecode
    for _ in range(ROUNDS):
        base = _cpu_seconds(BASE)
        for name, code in WAYS.items():
            extra[name].append(_cpu_seconds(code) - base)
    http, revox = extra.values()
    ratio = statistics.median(revox) / statistics.median(http)
    rows = [f"| {name} | {statistics.median(values) * 1000:.0f} ms |" for name, values in extra.items()]
    return "\n".join(
        [
            "| import | CPU beyond `import airflow.sdk` |",
            "|---|---|",
            *rows,
            f"| ratio | **{ratio:.2f}** |",
        ]
    )


def _cpu_seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
