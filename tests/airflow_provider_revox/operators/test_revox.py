from __future__ import annotations

import subprocess
import sys

NEEDED_BY_RUNNING_TASKS = ("client.endpoints", "client.models", "client.requests", "client.sync_client")
"""What only a running task needs. To import it takes longer than all the rest."""


def test_a_dag_file_imports_nothing_that_only_a_running_task_needs():
    code = (
        "import sys; from airflow_provider_revox.operators import revox; "
        "from airflow_provider_revox.sensors.revox import CampaignSensor; "
        "from airflow_provider_revox.hooks.revox import RevoxHook; "
        "print(revox.LaunchCampaignOperator.__name__, *sys.modules)"
    )
    process = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    name, *imported = process.stdout.splitlines()[-1].split()
    assert name == "LaunchCampaignOperator"
    forbidden = {f"airflow_provider_revox.{one}" for one in NEEDED_BY_RUNNING_TASKS}
    assert forbidden.isdisjoint(imported)
