"""
A whole campaign: a person approves it, 5% are called first, then the rest without the people who opt out.

Creates a campaign that calls nobody, and asks a person in the UI (*Required Actions*). Approved: calls 5% of
the people, then the others if at most 20% of the first calls failed, and writes what came of each call.
Before each of the two launches, the people in the table ``opt_outs`` are taken out. If somebody rejects it,
nobody answers within a day, or a task fails, the campaign is cancelled, and nobody else is called.

To set up: Airflow 3.1, the connection ``revox_default`` to an organization whose Revox launches calls after
it has created a campaign, your assistant's id as the default of the DAG's param, and the connection
``crm_db`` to any database that Airflow has a SQL hook for. To try it with SQLite, make one with
``sqlite3 crm.db < data/crm.sql`` and let a connection of type ``sqlite`` have its path as the host. The
environment variable ``REVOX_EXAMPLE_RESULTS`` names the folder or URL of the results.
"""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import BaseHook, Param, dag, task, task_group

from airflow_provider_revox.operators.revox import (
    CampaignResultsOperator,
    CancelCallsOperator,
    CancelCampaignOperator,
    CreateCampaignOperator,
    LaunchCampaignOperator,
)

POLL_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "60"))
RESULTS = os.environ.get("REVOX_EXAMPLE_RESULTS", tempfile.gettempdir()) + "/calls_{{ run_id }}.jsonl"
# A retry calls nobody again: it goes on with the campaign that is there.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}
EXPORT = Path(__file__).parent / "data" / "hubspot_contacts.csv"
CRM = "crm_db"
ZONE, FROM, TO = "Europe/Berlin", "09:00", "18:00"
WINDOW = {
    "calling_window_start_time": FROM,
    "calling_window_end_time": TO,
    "retry_delay_seconds": 7200,
}
QUESTION = (
    """
{% set report = ti.xcom_pull(task_ids='create', key='contact_report') %}
| | |
|---|---|
| People to call | {{ report.to_call }} of {{ report.received }} |
| Invalid, duplicate, suppressed | {{ report.invalid }}, {{ report.duplicate }}, {{ report.suppressed }} |
| Campaign | [Open in Revox]({{ ti.xcom_pull(task_ids='create', key='campaign_url') }}) |
"""
    f"| Calling hours | {FROM} to {TO}, {ZONE} |"
)


# Airflow logs what a task returns. These are people's numbers: keep them out of the log.
@task(show_return_value_in_logs=False)
def select_opt_outs() -> list[str]:
    """Return the numbers of the people who ask for no calls."""
    rows = BaseHook.get_hook(CRM).get_records("SELECT phone FROM opt_outs ORDER BY phone")
    return [phone for (phone,) in rows]


@task_group
def opt_outs(campaign_id: str) -> None:
    """Take these people out of the campaign. It succeeds only if none of them is called any more."""
    CancelCallsOperator(task_id="take_out", campaign_ids=campaign_id, contacts=select_opt_outs())


@dag(
    description="Call after a person's approval: first 5%, then the rest, without the people who opt out.",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={"assistant_id": Param("your-assistant-id", type="string", minLength=1)},
)
def approve_then_call_in_waves() -> None:
    """Create, ask, launch a part, look how it went, launch the rest, write the results."""
    create = CreateCampaignOperator(
        task_id="create",
        assistant_id="{{ params.assistant_id }}",
        name="Newsletter {{ ds }}",
        contacts=str(EXPORT),
        phone_field="Phone Number",
        variable_fields=["First Name", "Company name"],
        variable_default="",
        on_invalid="skip",
        suppress=select_opt_outs(),
        call_retry_config={"calling_windows": [WINDOW], "max_retry_attempts": 3, "timezone": ZONE},
        preflight="error",  # nobody is asked about a campaign whose assistant and variables do not fit
        launch=False,
    )
    campaign_id = create.output
    approve = ApprovalOperator(
        task_id="approve",
        subject="Call {{ ti.xcom_pull(task_ids='create', key='contact_report').to_call }} people?",
        body=QUESTION,
        # Rejected: Airflow skips the tasks behind it, and the run is a success. No answer: the task fails, so
        # that somebody notices. No retries: they would ask again.
        response_timeout=timedelta(days=1),
        retries=0,
    )
    waits = {"wait_for_completion": True, "deferrable": True, "poll_interval": POLL_INTERVAL}
    first_wave = LaunchCampaignOperator(
        task_id="first_wave", campaign_id=campaign_id, up_to=0.05, max_failed_ratio=0.2, **waits
    )
    rest = LaunchCampaignOperator(task_id="rest", campaign_id=campaign_id, **waits)
    results = CampaignResultsOperator(task_id="results", campaign_id=campaign_id, path=RESULTS)
    # A teardown runs after every end of the tasks before it, also if they are skipped or have failed. A
    # campaign that is completed stays as it is.
    cancel = CancelCampaignOperator(task_id="cancel", campaign_id=campaign_id).as_teardown()

    create >> approve >> opt_outs.override(group_id="before_first_wave")(campaign_id) >> first_wave
    first_wave >> opt_outs.override(group_id="before_rest")(campaign_id) >> rest >> results >> cancel


approve_then_call_in_waves()
