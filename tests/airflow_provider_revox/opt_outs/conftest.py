from __future__ import annotations

import pytest

from airflow_provider_revox.opt_outs import take_out
from revox_sandbox import SandboxSettings
from tests.airflow_provider_revox.opt_outs.campaigns import LATER, MINUTE


@pytest.fixture(params=LATER)
def generation(request):
    return request.param


@pytest.fixture
def call_ends():
    return {"no_answer": 1}


@pytest.fixture
def revox_sandbox_settings(generation, call_ends):
    return SandboxSettings(speed=0, generation=generation, call_ends=call_ends)


@pytest.fixture
def pauses(revox_sandbox, monkeypatch):
    """Pauses take no time, and a minute of the campaigns passes in each. Return how long they were."""
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        revox_sandbox.advance(MINUTE)

    monkeypatch.setattr(take_out.time, "sleep", sleep)
    monkeypatch.setattr("airflow_provider_revox.client.retry.FIRST_BACKOFF", 0.001)
    return slept
