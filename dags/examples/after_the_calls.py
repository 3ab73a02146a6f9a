"""
A DAG that starts when a campaign completes (Airflow 3).

Watches the campaigns whose name begins with "New leads", whoever launches them: the example
``crm_csv_to_campaign``, another Airflow, or a person in Revox. Each that completes starts a run here.

To set up: the connection ``revox_default``. Then unpause this DAG.
"""

from __future__ import annotations

import logging
import os
from typing import Any

import pendulum
from airflow.sdk import Asset, AssetWatcher, dag, task

from airflow_provider_revox.triggers.watcher import CampaignCompletedTrigger

POLL_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "300"))

NEW_LEADS_CALLED = Asset(
    "new_leads_called",
    watchers=[
        AssetWatcher(
            name="revox",
            trigger=CampaignCompletedTrigger(name_prefix="New leads", poll_interval=POLL_INTERVAL),
        )
    ],
)


@dag(
    description="Start when a campaign completes in Revox, whoever launched it, and say how its calls went.",
    schedule=[NEW_LEADS_CALLED],
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["revox", "example"],
    doc_md=__doc__,
)
def after_the_calls() -> None:
    """Say how the calls went."""

    @task
    def report(triggering_asset_events: Any = None) -> list[str]:
        completed = [event.extra["payload"] for event in triggering_asset_events[NEW_LEADS_CALLED]]
        for campaign in completed:
            logging.getLogger("airflow.task").info(
                "%s: %s of %s calls completed",
                campaign["name"],
                campaign["row_stats"].get("completed"),
                campaign["row_stats"].get("total"),
            )
        return [campaign["campaign_id"] for campaign in completed]

    report()


after_the_calls()
