"""Carry the operator that launches a campaign out, without a DAG."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

from airflow_provider_revox.operators.revox import LaunchCampaignOperator


class TaskInstance(SimpleNamespace):
    """Keep the XComs of a task."""

    def __init__(self, try_number=1):
        names = {"dag_id": "d", "task_id": "t", "run_id": "r", "map_index": -1}
        super().__init__(**names, try_number=try_number, start_date=datetime.now(UTC), xcoms={})

    def xcom_push(self, key, value):
        self.xcoms[key] = value

    def xcom_pull(self, **_):
        return None


def launch(campaign_id, ti=None, **options):
    operator = LaunchCampaignOperator(task_id="launch", campaign_id=campaign_id, **options)
    return operator.execute({"ti": ti or TaskInstance()})
