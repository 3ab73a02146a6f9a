"""``make demo``: the example DAG in a real Airflow, against the sandbox, watched until its end."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.waiting.verdict import row_stats_in_words
from dev.airflow_api import FINISHED
from dev.local_airflow import LocalAirflow
from dev.showroom import CACHE, EXAMPLES, example_environment, open_sandbox
from revox_sandbox import Sandbox

DAG_ID = "crm_csv_to_campaign"
CREATE, WAIT = "call_leads", "wait"


def main() -> int:
    """Run the demo; return the exit status."""
    console = Console()
    home = CACHE / "demo"
    shutil.rmtree(home, ignore_errors=True)
    with open_sandbox(speed=600) as sandbox:
        console.print(f"Sandbox: {sandbox.url} (10 minutes of calling per second; dials nobody)")
        with LocalAirflow(home, EXAMPLES, env=example_environment(sandbox)) as airflow:
            with console.status("Starting Airflow: api-server, scheduler, dag-processor, triggerer ..."):
                airflow.wait_until_healthy()
            console.print(f"Airflow: {airflow.url}")
            run_id = airflow.trigger(DAG_ID)
            console.print(f"DAG run: {DAG_ID} {run_id}")
            config = ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)
            with RevoxClient(config) as client:
                watch(console, airflow, client, run_id)
            return report(console, airflow, sandbox, run_id)


def watch(console: Console, airflow: LocalAirflow, client: RevoxClient, run_id: str) -> None:
    """Show tasks and campaign until the run has ended."""
    with Live(console=console, refresh_per_second=4) as live:
        while True:
            state = airflow.run_state(DAG_ID, run_id)
            live.update(Group(task_table(airflow, run_id), campaign_table(client)))
            if state in FINISHED:
                return
            time.sleep(1)


def task_table(airflow: LocalAirflow, run_id: str) -> Table:
    """Show the state of each task."""
    table = Table("task", "operator", "state", title="Airflow", title_justify="left")
    for task in airflow.task_instances(DAG_ID, run_id):
        table.add_row(task["task_id"], task["operator_name"], task["state"] or "waiting for its turn")
    return table


def campaign_table(client: RevoxClient) -> Table:
    """Show how far the campaign is."""
    table = Table("campaign", "status", "", "contacts", title="Revox (sandbox)", title_justify="left")
    try:
        campaigns = client.list_campaigns()
    except RevoxError as error:
        campaigns = []
        table.add_row(str(error), "", "", "")
    for campaign in campaigns:
        stats = campaign.row_stats.to_dict() if campaign.row_stats else {}
        done = stats.get("completed", 0) + stats.get("failed", 0)
        bar = ProgressBar(total=stats.get("total") or 1, completed=done, width=30)
        table.add_row(Text(campaign.name or ""), campaign.status, bar, row_stats_in_words(stats))
    return table


def report(console: Console, airflow: LocalAirflow, sandbox: Sandbox, run_id: str) -> int:
    """Show what came of it."""
    state = airflow.run_state(DAG_ID, run_id)
    if state != "success":
        console.print(f"[red]The run ended as {state}. Logs: {airflow.home}")
        return 1
    stats: dict[str, Any] = airflow.xcom(DAG_ID, run_id, WAIT)
    calls = sandbox.calls_per_person()
    table = Table("result", "", title="What the DAG knows at the end", title_justify="left")
    table.add_row("campaign (XCom of the operator)", airflow.xcom(DAG_ID, run_id, CREATE))
    for name in ("total", "completed", "failed"):
        table.add_row(f"{name} (XCom of the sensor)", f"{stats[name]:,}")
    table.add_row("people called", f"{len(calls):,}")
    table.add_row("people called by more than one campaign", f"{sum(n > 1 for n in calls.values()):,}")
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
