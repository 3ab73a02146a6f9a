from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred

from airflow_provider_revox.client.errors import AuthenticationError
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.exceptions import CampaignFailedError
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.metrics import Metrics
from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.waiting.policy import EXECUTION_TIMEOUT_MARGIN
from airflow_provider_revox.waiting.polling import poll
from revox_sandbox import Fault, SandboxSettings

ADA = "+33612345678"
WAYS = pytest.mark.parametrize("deferrable", [False, True])


@pytest.fixture
def now(monkeypatch):
    """The time, which stands still."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    return now


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, call_ends={"no_answer": 1})


def launch(client):
    contacts = [{"to_phone_number": ADA, "prompt_variables": {}}]
    return client.create_campaign(CampaignCreate.build(assistant_id="a1", name="x", contacts=contacts)).id


def deferred(campaign_id, **options):
    """What the operator hands to its trigger."""
    options = {"wait_for_completion": True, "deferrable": True, **options}
    operator = CreateCampaignOperator(task_id="t", assistant_id="a1", name="x", contacts=[], **options)
    ti = SimpleNamespace(
        dag_id="d",
        task_id="t",
        start_date=datetime.fromtimestamp(time.time(), UTC),
        xcom_push=lambda key, value: None,
    )
    context = {"ti": ti}
    with pytest.raises(TaskDeferred) as caught:
        operator.wait(context, campaign_id)
    return caught.value.trigger.serialize()[1]


def test_the_trigger_gets_every_argument_of_the_wait(client, now):
    campaign_id = launch(client)
    arguments = deferred(
        campaign_id,
        poll_interval=30,
        timeout=1000,
        outage_budget=timedelta(minutes=5),
        max_failed_ratio=0.2,
        on_paused="fail",
        cancel_on_kill=False,
    )
    assert arguments.pop("deadline") == now + 1000
    assert arguments["carried"].pop("began") == now
    (summary,) = arguments.pop("logged")
    assert summary.startswith(f"Campaign {campaign_id} is running: ")
    point = arguments.pop("last_point")
    assert (point["state"], point["counts"]["total"]) == ("running", 1)
    assert arguments == {
        "campaign_id": campaign_id,
        "revox_conn_id": "revox_default",
        "poll_interval": 30,
        "outage_budget": 300,
        "outage_began": None,
        "max_failed_ratio": 0.2,
        "on_paused": "fail",
        "not_launched": 0,
        "is_part": False,
        "starts_at": None,
        "cancel_on_kill": False,
        "carried": {"lineage": {"files": {"inputs": [], "outputs": []}, "campaign": {}}, "links": {}},
    }
    assert deferred(campaign_id)["cancel_on_kill"] is True


def test_the_trigger_learns_when_the_outage_began_that_the_task_saw(client, revox_sandbox, now):
    campaign_id = launch(client)
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", path="/campaigns/{id}"))
    assert deferred(campaign_id)["outage_began"] == now


def test_the_execution_timeout_is_the_deadline_where_it_is_shorter(client, now):
    arguments = deferred(launch(client), execution_timeout=timedelta(seconds=100), timeout=1000)
    assert arguments["deadline"] == pytest.approx(now + 100 - EXECUTION_TIMEOUT_MARGIN, abs=0.001)


@WAYS
def test_on_timeout_cancel_cancels_a_late_campaign_and_the_task_is_not_retried(
    run_dag, revox_sandbox, client, deferrable
):
    result = run_dag(
        f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="x", wait_for_completion=True, poll_interval=0.05,
            scheduled_at="2050-01-01T00:00:00Z", timeout=0.2, deferrable={deferrable}, on_timeout="cancel",
            contacts=[{{"to_phone_number": "{ADA}", "prompt_variables": {{}}}}], retries=2)
        """
    )
    assert result.tasks["calls"] == "failed"
    assert "was not completed in time" in result.output
    assert "The task has cancelled it." in result.output
    assert "CampaignFailedError" in result.output
    assert [campaign.is_cancelled for campaign in client.list_campaigns()] == [True]


def test_too_many_failed_contacts_fail_the_task_and_the_counts_are_pushed(client, revox_sandbox):
    campaign_id, pushed = launch(client), {}
    revox_sandbox.advance(30 * 24 * 3600)
    ti = SimpleNamespace(
        start_date=datetime.now(UTC), xcom_push=lambda *, key, value: pushed.update({key: value})
    )
    options = {"assistant_id": "a1", "name": "x", "contacts": [], "wait_for_completion": True}
    strict = CreateCampaignOperator(task_id="strict", max_failed_ratio=0.5, **options)
    with pytest.raises(
        CampaignFailedError, match=r"100.0% of the contacts failed, more than max_failed_ratio=0.5"
    ):
        strict.wait({"ti": ti}, campaign_id)
    assert pushed["row_stats"]["failed"] == 1
    lenient = CreateCampaignOperator(task_id="lenient", **options)
    assert lenient.wait({"ti": ti}, campaign_id) == campaign_id


def test_a_campaign_that_ended_before_the_late_cancel_is_a_success(client, revox_sandbox):
    campaign_id = launch(client)
    ti = SimpleNamespace(start_date=datetime.now(UTC), xcom_push=lambda **_: None)
    operator = CreateCampaignOperator(
        task_id="t",
        assistant_id="a1",
        name="x",
        contacts=[],
        wait_for_completion=True,
        deferrable=True,
        on_timeout="cancel",
    )
    revox_sandbox.advance(30 * 24 * 3600)
    event = {"campaign_id": campaign_id, "state": "timed_out", "summary": "late", "row_stats": {}}
    assert operator.execute_complete({"ti": ti}, event) == campaign_id
    assert client.get_campaign(campaign_id).is_cancelled is False


def test_a_wait_in_a_worker_goes_on_with_a_new_key_of_the_connection(client, revox_sandbox, monkeypatch):
    campaign_id = launch(client)
    old = revox_sandbox.conn_json().replace(revox_sandbox.api_key, "the-old-key")
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", old)
    hook = RevoxHook()
    assert isinstance(poll(hook, campaign_id, Metrics()), AuthenticationError)
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", revox_sandbox.conn_json())
    assert poll(hook, campaign_id, Metrics()).id == campaign_id
