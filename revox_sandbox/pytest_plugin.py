"""
Pytest fixtures to test your own DAGs.

.. code-block:: python

    pytest_plugins = ["revox_sandbox.pytest_plugin"]


    def test_my_dag(revox_sandbox): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from revox_sandbox import Sandbox, SandboxSettings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    """Return the settings of :func:`revox_sandbox`. Write a fixture with this name to change them."""
    return SandboxSettings()


@pytest.fixture
def revox_sandbox(
    revox_sandbox_settings: SandboxSettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """Run a sandbox for one test. Airflow's connection ``revox_default`` leads to it."""
    with Sandbox(revox_sandbox_settings) as sandbox:
        monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", sandbox.conn_json())
        yield sandbox
