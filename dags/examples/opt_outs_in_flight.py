"""
Every quarter of an hour, the people who asked for no calls are taken out of all campaigns that run.

Reads the table ``opt_outs`` of the CRM, lists the campaigns of the organization that may still call somebody,
and cancels the calls of these people in them. Nobody else's call changes. A run that finds nobody changes
nothing.

To set up: the connection ``revox_default``, to a Revox that can cancel single calls (where it can't, the task
says so before it changes anything), and the connection ``crm_db`` to any database that Airflow has a SQL hook
for. To try it with SQLite, make one with ``sqlite3 crm.db < data/crm.sql`` and let a connection of type
``sqlite`` have its path as the host.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum

# On Airflow 3.1 and later: from airflow.sdk import BaseHook, dag, task
from airflow.providers.common.compat.sdk import BaseHook, dag, task

from airflow_provider_revox.client.campaign_state import is_done, is_draft
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.operators.revox import CancelCallsOperator

# A retry goes on with the calls that are left. Calls in progress have ended by then.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}
CRM = "crm_db"


@dag(
    description="Take the people who asked for no calls out of all campaigns that run.",
    schedule="*/15 * * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
)
def opt_outs_in_flight() -> None:
    """Select, list, cancel."""

    # Airflow logs what a task returns. These are people's numbers: keep them out of the log.
    @task(show_return_value_in_logs=False)
    def select_opt_outs() -> list[str]:
        rows = BaseHook.get_hook(CRM).get_records("SELECT phone FROM opt_outs ORDER BY phone")
        return [phone for (phone,) in rows]

    @task
    def campaigns_that_may_call() -> list[str]:
        campaigns = RevoxHook().list_campaigns()
        # A draft calls nobody and has no calls to cancel. The next run finds it if somebody launches it.
        return [one.id for one in campaigns if not is_done(one) and not is_draft(one)]

    opt_outs = select_opt_outs()
    campaigns = campaigns_that_may_call()
    # Who opts out after the list was read is in the next run. A campaign that is launched later needs no run:
    # CreateCampaignOperator takes the same list as suppress.
    CancelCallsOperator(task_id="take_out", campaign_ids=campaigns, contacts=opt_outs)


opt_outs_in_flight()
