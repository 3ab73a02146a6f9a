"""A launch counts once, as launched, adopted, refused or failed: in a real Airflow, at a StatsD server."""

from __future__ import annotations

import json

import pytest

from airflow_provider_revox.metrics import (
    ADOPTED,
    CONTACTS,
    FAILED,
    FAILED_REQUESTS,
    LAUNCHED,
    POLLS,
    REFUSED,
    WAIT_TIME,
)
from revox_sandbox import Fault, SandboxSettings

ADA, BOB, CLEO = "+33612345678", "+14155550100", "+447400123456"


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=1_000_000)


def of_task(statsd, task_id):
    return {name: number for (name, task), number in statsd.counts("task_id").items() if task == task_id}


def test_a_launch_its_adoption_and_what_became_of_the_contacts_are_counted(run_dag, revox_sandbox, statsd):
    body = f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="x", phone_field="phone", launch_key="{{{{ 'a day' }}}}",
            contacts=[{{"phone": n}} for n in ("{ADA}", "{BOB}", "{ADA}", "{CLEO}", "?", "??")],
            suppress=["{CLEO}"], on_invalid="skip", wait_for_completion=True, deferrable=True,
            poll_interval=0.05)
        """
    first = run_dag(body, "counted")
    assert first.tasks == {"calls": "success"}, first.output
    contacts = {
        "revox.contacts.received": 6,
        "revox.contacts.to_call": 2,
        "revox.contacts.duplicate": 1,
        "revox.contacts.invalid.not_a_number": 2,
        "revox.contacts.suppressed.listed": 1,
    }
    counts = of_task(statsd, "calls")
    assert counts.pop(POLLS) >= 1
    assert counts == {LAUNCHED: 1, **contacts}

    second = run_dag(body, "counted")
    assert second.tasks == {"calls": "success"}, second.output
    counts = of_task(statsd, "calls")
    assert counts.pop(POLLS) >= 2
    assert counts == {LAUNCHED: 1, ADOPTED: 1, **{name: 2 * number for name, number in contacts.items()}}
    timed = [one.tags for one in statsd.received() if one.name == WAIT_TIME]
    assert timed == [(("dag_id", "counted"), ("state", "succeeded"), ("task_id", "calls"))] * 2
    assert ADA not in str(statsd.received())


def test_a_launch_that_airflow_retries_and_lists_that_are_refused(
    run_dag, revox_sandbox, statsd, monkeypatch
):
    connection = {**json.loads(revox_sandbox.conn_json()), "extra": {"retries": 0}}
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", json.dumps(connection))
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", path="/campaigns"))
    result = run_dag(
        f"""
        common = dict(assistant_id="a1", name="x", phone_field="phone", retries=1, retry_delay=timedelta(0))
        ada = [{{"phone": "{ADA}"}}]
        retried = CreateCampaignOperator(task_id="retried", contacts=ada, **common)
        retried >> [
            CreateCampaignOperator(task_id="invalid", contacts=[{{"phone": "?"}}], **common),
            CreateCampaignOperator(task_id="too_many", contacts=ada, max_contacts="0", **common),
            CreateCampaignOperator(task_id="nobody", contacts=[], on_empty="fail", **common),
            CreateCampaignOperator(task_id="skipped", contacts=[], **common),
            CreateCampaignOperator(task_id="tried_out", contacts=ada, dry_run=True, **common),
        ]
        """
    )
    assert result.tasks["retried"] == "success", result.output
    launches = {LAUNCHED, ADOPTED, REFUSED, FAILED, FAILED_REQUESTS}
    counted = {
        (name, task): number for (name, task), number in statsd.counts("task_id").items() if name in launches
    }
    assert counted == {
        (FAILED, "retried"): 1,
        (FAILED_REQUESTS, "retried"): 1,
        (LAUNCHED, "retried"): 1,
        (REFUSED, "invalid"): 1,
        (REFUSED, "too_many"): 1,
        (REFUSED, "nobody"): 1,
    }


def test_an_answer_to_a_create_that_was_lost_is_one_failed_request_of_a_launch(
    run_dag, revox_sandbox, statsd
):
    revox_sandbox.faults.add(Fault(kind="close", when="after", method="POST", path="/campaigns"))
    body = f"""CreateCampaignOperator(task_id="calls", assistant_id="a1", name="x", phone_field="phone",
        contacts=[{{"phone": "{ADA}"}}])"""
    result = run_dag(body)
    assert result.tasks == {"calls": "success"}, result.output
    counts = of_task(statsd, "calls")
    assert counts[FAILED_REQUESTS] == 1
    # As the XCom says: the try has found its own campaign.
    assert result.xcom("calls", "launch")["outcome"] == "adopted"
    assert {name for name in counts if not name.startswith(CONTACTS)} == {FAILED_REQUESTS, ADOPTED}


def test_a_list_that_is_cut_into_batches_is_counted_where_it_is_cut(run_dag, revox_sandbox, statsd, tmp_path):
    result = run_dag(
        f"""
        from airflow_provider_revox.batches import contact_batches

        @task
        def batches():
            return contact_batches(
                [{{"phone": n}} for n in ("{ADA}", "{BOB}", "?")], to="{tmp_path}", phone_field="phone",
                on_invalid="skip")

        batches()
        """
    )
    assert result.tasks == {"batches": "success"}, result.output
    assert of_task(statsd, "batches") == {
        "revox.contacts.received": 3,
        "revox.contacts.to_call": 2,
        "revox.contacts.invalid.not_a_number": 1,
    }
