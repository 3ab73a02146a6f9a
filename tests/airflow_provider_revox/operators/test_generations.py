"""The operator in a real Airflow, against every generation of the API."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from revox_sandbox import Fault, SandboxSettings

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


CALL = """
    CreateCampaignOperator(task_id="call", name="x", assistant_id="a1",
                           contacts=[{"to_phone_number": "+33612345678"}])
"""


def campaigns(sandbox):
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        return client.list_campaigns()


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
    [campaign] = campaigns(revox_sandbox)
    assert campaign.model_extra["call_retry_config"]["allowed_days"][-1] == "sunday"
    assert campaign.status == "completed"
    assert revox_sandbox.calls_per_person() == {"+33612345678": 1}
    assert "not launched" not in result.output


@pytest.mark.parametrize("revox_sandbox_settings", [SandboxSettings(generation="drafts", speed=0)])
def test_a_server_of_client_0_2_that_shows_no_drafts_gets_a_draft_after_its_refusal(run_dag, revox_sandbox):
    for path in ("/auth-status", "/calls/phone-history"):
        revox_sandbox.faults.add(Fault(path=path, kind="status", status=404, times=None))
    result = run_dag(CALL)
    assert result.state == "success"
    assert "so it gets another: a draft" in result.output
    assert [campaign.status for campaign in campaigns(revox_sandbox)] == ["running"]


@pytest.mark.parametrize("revox_sandbox_settings", [SandboxSettings(generation="drafts", speed=0)])
def test_a_broken_auth_status_dials_nobody(run_dag, revox_sandbox):
    for path, fault in {
        "/auth-status": {"kind": "broken_json", "body": "<html>hello</html>"},
        "/calls/phone-history": {"kind": "status", "status": 404},
    }.items():
        revox_sandbox.faults.add(Fault(path=path, times=None, **fault))
    result = run_dag(CALL)
    assert result.state == "failed"
    assert campaigns(revox_sandbox) == []


@pytest.mark.parametrize(
    "revox_sandbox_settings",
    [SandboxSettings(generation="drafts", speed=0), SandboxSettings(generation="launch-calls", speed=0)],
    ids=["drafts", "launch-calls"],
)
def test_a_phone_history_shows_that_revox_is_newer_and_nothing_more_is_asked(run_dag, revox_sandbox):
    assert run_dag(CALL).state == "success"
    assert "/auth-status" not in [request.path for request in revox_sandbox.requests()]
