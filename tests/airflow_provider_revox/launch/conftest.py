from __future__ import annotations

import pytest

from airflow_provider_revox.client import RevoxClient
from tests.airflow_provider_revox.launch.workers import Workers
from tests.airflow_provider_revox.launch.world import hurry, show_generation


@pytest.fixture
def sandbox(revox_sandbox, monkeypatch):
    """Return a sandbox that shows what it speaks, for launches with short pauses."""
    hurry(monkeypatch)
    show_generation(revox_sandbox)
    return revox_sandbox


@pytest.fixture
def client(world):
    """Return a client of the sandbox of a test's world."""
    with RevoxClient(world.config) as client:
        yield client


@pytest.fixture(scope="module")
def workers():
    program = Workers()
    yield program
    program.close()
