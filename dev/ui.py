"""``make ui``: a local Airflow with the provider, the sandbox, a CRM, their connections and the examples."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from dev.hubspot import CONTACTS, HubSpot
from dev.local_airflow import LocalAirflow
from dev.ports import require_free
from dev.showroom import CACHE, DAGS, ROOT, example_environment, open_hubspot, open_sandbox
from revox_sandbox import Sandbox

SPEED = 600
"""Seconds of a campaign in one second."""
STARTING = "Starting Airflow, which takes about half a minute ..."


def started(airflow: LocalAirflow, sandbox: Sandbox, hubspot: HubSpot) -> str:
    """Return what is printed when everything runs."""
    return "\n".join(
        [
            f"Airflow:  {airflow.url}  (no login; DAGs tagged 'revox')",
            f"Sandbox:  {sandbox.url}  ({SPEED // 60} minutes of calling per second; dials nobody)",
            f"HubSpot:  {hubspot.url}{CONTACTS}  (a CRM on this machine, with four contacts)",
            f"DAGs:     {DAGS.relative_to(ROOT)}",
            f"Logs:     {airflow.home.relative_to(ROOT)}",
            "Ctrl-C ends all of it.",
        ]
    )


def main() -> None:
    """Run until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make ui")
    parser.add_argument("--port", type=int, default=8080)
    port = parser.parse_args().port
    require_free(port, make_target="ui")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with open_sandbox(speed=SPEED) as sandbox, open_hubspot() as hubspot:
        env = {**example_environment(sandbox), "AIRFLOW_CONN_HUBSPOT": hubspot.conn_json()}
        del env["AIRFLOW_CONN_REVOX_DEFAULT"]  # the UI shows and tests connections of the database only
        airflow = LocalAirflow(CACHE / "ui", DAGS, port=port, env=env)
        print(STARTING, flush=True)
        with airflow:
            airflow.wait_until_healthy()
            # With port 0 the Test button of Airflow 3.3 works.
            airflow.connect("revox_default", "revox", host=sandbox.base_url, password=sandbox.api_key, port=0)
            print(started(airflow, sandbox, hubspot), flush=True)
            stopped.wait()
            print("Stopping ...", flush=True)


if __name__ == "__main__":
    sys.exit(main())
