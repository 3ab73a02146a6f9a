"""
What importing the provider costs where DAG files are parsed.

CPU seconds after ``import airflow.sdk``, against importing the HTTP provider's operator and sensor, each in
a process of its own, in turn; the least of several rounds, since other work can only add to it.
"""

from __future__ import annotations

import subprocess
import sys

ROUNDS = 9
# The process takes the time itself: to start and to import Airflow takes it twenty times as long.
MEASURED = """
import time
import airflow.sdk
before = time.process_time()
{imports}
print(time.process_time() - before)
"""
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
    "`HttpOperator`, `HttpSensor`": HTTP,
    "`CreateCampaignOperator`, `CampaignSensor`, `RevoxHook`": REVOX,
}


def measure() -> str:
    """Return the table."""
    least = {name: _cpu_seconds(imports) for name, imports in WAYS.items()}  # also warms the file cache
    for _ in range(ROUNDS):
        for name, imports in WAYS.items():
            least[name] = min(least[name], _cpu_seconds(imports))
    http, revox = least.values()
    ratio = revox / http
    rows = [f"| {name} | {seconds * 1000:.0f} ms |" for name, seconds in least.items()]
    return "\n".join(
        [
            "| import | CPU after `import airflow.sdk` |",
            "|---|---|",
            *rows,
            f"| ratio | **{ratio:.2f}** |",
        ]
    )


def _cpu_seconds(imports: str) -> float:
    code = MEASURED.format(imports=imports)
    process = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(process.stdout.splitlines()[-1])
