"""What demo and UI share: the sandbox, and the environment in which the examples run."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from dev.hubspot import HubSpot
from revox_sandbox import Sandbox, SandboxSettings

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
DAGS = ROOT / "dags"
EXAMPLES = DAGS / "examples"


def open_sandbox(speed: float, port: int = 0) -> Sandbox:
    """
    Return a sandbox to start.

    :param speed: Seconds of a campaign per real second.
    :param port: Where it serves. 0: any free port.
    """
    return Sandbox(SandboxSettings(speed=speed, seed=7, port=port))


def open_hubspot() -> HubSpot:
    """Return a HubSpot to start: of its contacts, two want a call, one opted out, and one did not ask."""
    hubspot = HubSpot()
    asked = {"revox_call_requested": "true"}
    hubspot.add(firstname="Ada", phone="(415) 555-0100", **asked)
    hubspot.add(firstname="Grace", phone="+1 415 555 0101", **asked)
    hubspot.add(firstname="Emmy", phone="+14155550102", revox_do_not_call="true", **asked)
    hubspot.add(firstname="Edith", phone="+14155550103")
    return hubspot


def example_environment(
    sandbox: Sandbox, *, poke_interval: float = 8, folder: Path = CACHE
) -> dict[str, str]:
    """
    Return the connections and settings the examples need.

    :param folder: Where the example's CRM database is made anew.
    """
    return {
        "AIRFLOW_CONN_REVOX_DEFAULT": sandbox.conn_json(),
        "AIRFLOW_CONN_CRM_DB": json.dumps({"conn_type": "sqlite", "host": str(crm_database(folder))}),
        "REVOX_EXAMPLE_POKE_INTERVAL": str(poke_interval),
    }


def crm_database(folder: Path) -> Path:
    """Make the example's CRM database anew; return its file."""
    folder.mkdir(exist_ok=True)
    file = folder / "crm.sqlite"
    file.unlink(missing_ok=True)
    with sqlite3.connect(file) as database:
        database.executescript((EXAMPLES / "data" / "crm.sql").read_text())
    return file
