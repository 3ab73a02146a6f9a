from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from revox_sandbox import SandboxSettings


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(api_key="my-key")


def test_the_settings_can_be_replaced(revox_sandbox):
    assert revox_sandbox.api_key == "my-key"


def test_airflows_connection_leads_to_the_sandbox(revox_sandbox):
    connection = json.loads(os.environ["AIRFLOW_CONN_REVOX_DEFAULT"])
    assert (connection["host"], connection["password"]) == (revox_sandbox.base_url, "my-key")


def test_loading_the_plugin_loads_no_server_and_no_airflow():
    code = (
        "import sys, revox_sandbox.pytest_plugin;"
        "sys.exit(bool({'fastapi', 'uvicorn', 'airflow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
