from __future__ import annotations

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from dev.hubspot import HubSpot
from revox_sandbox import Sandbox, SandboxSettings
from tests.dags.sync_world import SyncWorld


@pytest.fixture
def generation(request):
    """Return the generation of Revox; a test may be parametrized with others."""
    return getattr(request, "param", "contract")


@pytest.fixture
def crm(monkeypatch):
    """A HubSpot in which one search has 500 results at most; Airflow's connection leads to it."""
    with HubSpot(searches_per_second=1000, most_results=500) as hubspot:
        monkeypatch.setenv("AIRFLOW_CONN_HUBSPOT", hubspot.conn_json())
        yield hubspot


@pytest.fixture
def world(crm, generation, tmp_path, monkeypatch):
    """The tasks of ``hubspot_sync`` between that HubSpot and a Revox in which time stands still."""
    if not AIRFLOW_V_3_0_PLUS:
        pytest.skip("Airflow 2 renders XComs only in a run; test_examples_in_this_process.py has one")
    settings = SandboxSettings(speed=0, call_ends={"human": 1}, generation=generation)
    with Sandbox(settings) as sandbox:
        monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", sandbox.conn_json())
        yield SyncWorld(crm, sandbox, tmp_path, monkeypatch)
