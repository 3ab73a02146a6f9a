"""What tasks record of their campaign, in a real Airflow."""

from __future__ import annotations

import threading

import airflow
import pytest

from revox_sandbox import SandboxSettings
from tests.campaigns import create_campaign

REMEMBERS = tuple(map(int, airflow.__version__.split(".")[:2])) >= (3, 3)
"""Before Airflow 3.3 nothing survives from one poke of a rescheduled sensor to the next."""
MODES = {
    "poke": "poke_interval=1",
    "reschedule": 'poke_interval=1, mode="reschedule"',
    "deferred": "poke_interval=1, deferrable=True",
}


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0, generation="launch-calls")


@pytest.fixture
def calls_go_on(revox_sandbox):
    """The campaign begins to call after the second poll, and ends after the fourth."""

    def play():
        for polls, seconds in ((2, 60), (4, 7 * 24 * 3600)):
            revox_sandbox.wait_for(("GET", "/campaigns/{id}"), times=polls, stage="answered", timeout=300)
            revox_sandbox.advance(seconds)

    thread = threading.Thread(target=play, daemon=True)
    thread.start()
    yield
    thread.join(10)


@pytest.fixture
def pushes(monkeypatch):
    """Every change is pushed."""
    monkeypatch.setattr("airflow_provider_revox.waiting.progress.SECONDS_BETWEEN_PUSHES", 0.0)


@pytest.mark.parametrize("mode", MODES)
def test_a_sensor_records_its_campaign_and_the_progress(run_dag, revox_sandbox, calls_go_on, pushes, mode):
    campaign_id = create_campaign(revox_sandbox, 40, max_concurrent_calls=2)
    result = run_dag(f'CampaignSensor(task_id="wait", campaign_id="{campaign_id}", {MODES[mode]})')
    assert result.state == "success", result.output
    record = result.xcom("wait", "campaign")
    assert record.pop("since").endswith("Z")
    assert record == {
        "campaign_id": campaign_id,
        "name": "Renewals",
        "revox_conn_id": "revox_default",
        "url": f"{revox_sandbox.url}/campaigns/{campaign_id}",
        "role": "wait",
    }
    points = result.xcom("wait", "progress")
    assert points[-1]["state"] == "completed"
    assert points[-1]["counts"]["total"] == 40
    assert [one["at"] for one in points] == sorted({one["at"] for one in points})
    assert "did not take the progress" not in result.output
    if mode != "reschedule" or REMEMBERS:
        assert points[0]["state"] == "running"
        assert len(points) >= 2


@pytest.mark.parametrize("deferrable", [False, True])
def test_a_launch_that_waits_records_both(run_dag, revox_sandbox, calls_go_on, pushes, deferrable):
    contacts = [{"phone": f"+1415555{index:04}"} for index in range(20)]
    result = run_dag(
        f'CreateCampaignOperator(task_id="call", assistant_id="a", name="Renewals {{{{ ds }}}}", '
        f'contacts={contacts}, phone_field="phone", max_concurrent_calls=2, wait_for_completion=True, '
        f"poll_interval=1, deferrable={deferrable})"
    )
    assert result.state == "success", result.output
    record = result.xcom("call", "campaign")
    assert record["campaign_id"] == result.xcom("call")
    assert record["role"] == "launch"
    assert "af-" not in record["name"]
    points = result.xcom("call", "progress")
    assert (points[0]["state"], points[-1]["state"]) == ("running", "completed")
    assert "did not take the progress" not in result.output
