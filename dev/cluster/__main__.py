"""``make cluster``: a distributed Airflow with the provider, two sandboxes and the examples."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from dev.cluster.airflow_parts import TRIGGERERS, WORKERS
from dev.cluster.cluster import Cluster
from dev.cluster.packages import install_missing
from dev.cluster.services import BUCKET
from dev.ports import require_free
from dev.showroom import EXAMPLES, example_environment
from revox_sandbox import Sandbox, SandboxSettings
from revox_sandbox.settings import GenerationName

SPEED = 600
"""Seconds of a campaign per real second."""
TENANTS: dict[str, tuple[str, GenerationName]] = {
    "revox_default": ("sandbox-key", "contract"),
    "revox_second": ("second-sandbox-key", "launch-calls"),
}
"""The connections, and the API key and the generation of the Revox behind each."""


def main() -> int:
    """Run until Ctrl-C; return the exit status."""
    parser = argparse.ArgumentParser(prog="make cluster")
    parser.add_argument("--port", type=int, default=8080)
    port = parser.parse_args().port
    require_free(port, make_target="cluster")
    install_missing()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    with ExitStack() as stack:
        # Not below the checkout, which the user postgres may not reach.
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="revox-cluster-")))
        home.chmod(0o755)
        stack.callback(_ignore_signals)
        sandboxes = {name: stack.enter_context(_sandbox(*tenant)) for name, tenant in TENANTS.items()}
        print("Starting the cluster, which takes about a minute ...", flush=True)
        cluster = stack.enter_context(Cluster(home, EXAMPLES, port=port, env=_environment(home, sandboxes)))
        stack.callback(print, "Stopping ...", flush=True)
        print(_where_to_look(cluster, sandboxes), flush=True)
        threading.Event().wait()
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    """End the program through the ``with`` blocks, at whatever it is doing."""
    _ignore_signals()
    sys.exit(0)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _sandbox(api_key: str, generation: GenerationName) -> Sandbox:
    return Sandbox(SandboxSettings(api_key=api_key, generation=generation, speed=SPEED, seed=7))


def _environment(home: Path, sandboxes: dict[str, Sandbox]) -> dict[str, str]:
    connections = {f"AIRFLOW_CONN_{name.upper()}": one.conn_json() for name, one in sandboxes.items()}
    return {
        **example_environment(sandboxes["revox_default"], folder=home),
        **connections,
        "REVOX_EXAMPLE_RESULTS": f"s3://aws_default@{BUCKET}/results",
    }


def _where_to_look(cluster: Cluster, sandboxes: dict[str, Sandbox]) -> str:
    lines = {
        "Airflow": f"{cluster.url}  (no login)",
        "A campaign": f"{cluster.url}/dags/crm_csv_to_campaign  (press Trigger there, and again in the form;",
        "": 'soon its task call_leads is green: its tab "Details" has the button "Open in Revox")',
        **{
            name: f"{one.base_url}  (connection to a sandbox; dials nobody)"
            for name, one in sandboxes.items()
        },
        "S3": f"{cluster.s3.url}  (connection aws_default, bucket {BUCKET})",
        "PostgreSQL": f"127.0.0.1:{cluster.postgres.port}",
        "Redis": cluster.redis.url,
        "Connections": "all in the environment, which the UI does not list",
        "Parts": ", ".join(("api-server", "scheduler", "dag-processor", *TRIGGERERS, *WORKERS)),
        "Folder": f"{cluster.home}  (data and logs of every part; removed at the end)",
    }
    told = (f"{name and name + ':':<15}{text}" for name, text in lines.items())
    return "\n".join(told) + "\nCtrl-C ends all."


if __name__ == "__main__":
    sys.exit(main())
