"""The operator in a real Airflow, against every generation of the API."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from revox_sandbox import SandboxSettings

DAYS = """
    windows = [{"calling_window_start_time": "00:00", "calling_window_end_time": "23:59",
                "retry_delay_seconds": 60}]
    CreateCampaignOperator(
        task_id="call", name="x", assistant_id="a1", wait_for_completion=True, poll_interval=0.1,
        contacts=[{"to_phone_number": "+33612345678"}],
        call_retry_config={"calling_windows": windows, "max_retry_attempts": "{{ 2 }}",
                           "timezone": "Europe/Paris", "call_twice_in_a_row": True,
                           "allowed_days": ["monday", "tuesday", "wednesday", "thursday", "friday",
                                            "saturday", "{{ 'sunday' }}"]},
    )
"""


@pytest.mark.parametrize(
    ("revox_sandbox_settings", "state"),
    [
        (SandboxSettings(speed=1_000_000), "failed"),
        (SandboxSettings(speed=1_000_000, generation="drafts"), "success"),
        (SandboxSettings(speed=1_000_000, generation="launch-calls"), "success"),
    ],
    ids=["contract", "drafts", "launch-calls"],
)
def test_days_are_kept_to_or_refused_and_calls_are_launched_on_every_generation(
    run_dag, revox_sandbox, state
):
    result = run_dag(DAYS)
    assert result.tasks["call"] == state
    if state == "failed":
        assert (
            "call_retry_config.allowed_days: this Revox does not show that it knows this field"
            in result.output
        )
        assert {record.method for record in revox_sandbox.requests()} == {"GET"}
        return
    with RevoxClient(ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)) as client:
        [campaign] = client.list_campaigns()
    assert campaign.model_extra["call_retry_config"]["allowed_days"][-1] == "sunday"
    assert campaign.status == "completed"
    assert revox_sandbox.calls_per_person() == {"+33612345678": 1}
    assert "not launched" not in result.output
