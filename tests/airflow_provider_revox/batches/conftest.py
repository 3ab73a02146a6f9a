from __future__ import annotations

import pytest

from tests.airflow_provider_revox.batches.tasks import Task


@pytest.fixture
def task(monkeypatch):
    return lambda **identity: Task(monkeypatch, **identity)
