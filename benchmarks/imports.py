"""
What importing the provider costs where DAG files are parsed.

CPU seconds beyond ``import airflow.sdk``, against importing the HTTP provider's operator and sensor, each in
a process of its own, in turn; the least of several rounds, since other work can only add to it.
"""

from __future__ import annotations

import resource
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
    codes = {"base": BASE, **WAYS}
    least = {name: _cpu_seconds(code) for name, code in codes.items()}  # also warms the file cache
    for _ in range(ROUNDS):
        for name, code in codes.items():
            least[name] = min(least[name], _cpu_seconds(code))
    extra = {name: least[name] - least["base"] for name in WAYS}
    http, revox = extra.values()
    ratio = revox / http
    rows = [f"| {name} | {seconds * 1000:.0f} ms |" for name, seconds in extra.items()]
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
