"""The same campaign launched in three ways, by one task per fault; benchmarks/launch.py runs this file."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.http.operators.http import HttpOperator
from airflow.sdk import DAG, task

from airflow_provider_revox.operators.revox import CreateCampaignOperator

URLS: dict[str, str] = json.loads(os.environ["BENCHMARK_URLS"])
"""For every task the API it talks to."""
KEY = os.environ["BENCHMARK_KEY"]
TIMEOUT_SECONDS = float(os.environ["BENCHMARK_TIMEOUT"])
CONTACTS = [{"to_phone_number": f"+1415555010{digit}", "prompt_variables": {}} for digit in range(3)]
CAMPAIGN: dict[str, Any] = {"assistant_id": "assistant", "name": "Renewals", "contacts": CONTACTS}
RETRYING = {"retries": 2, "retry_delay": timedelta(0)}
START = datetime(2026, 1, 1, tzinfo=UTC)


@task
def create_campaign(url: str) -> str:
    from revox import Revox

    with Revox(api_key=KEY, base_url=url, timeout=TIMEOUT_SECONDS) as client:
        return client.campaigns.create(**CAMPAIGN).campaign.id


with DAG("official_client", schedule=None, start_date=START) as official_client:
    for name, url in URLS.items():
        create_campaign.override(task_id=name, **RETRYING)(url)

with DAG("http_operator", schedule=None, start_date=START) as http_operator:
    for name in URLS:
        HttpOperator(
            task_id=name,
            http_conn_id=f"http_{name}",
            method="POST",
            endpoint="campaigns",
            headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
            data=json.dumps(CAMPAIGN),
            extra_options={"timeout": TIMEOUT_SECONDS},
            response_filter=lambda response: response.json()["campaign"]["id"],
            **RETRYING,
        )

with DAG("create_campaign_operator", schedule=None, start_date=START) as create_campaign_operator:
    for name in URLS:
        CreateCampaignOperator(task_id=name, revox_conn_id=f"revox_{name}", **CAMPAIGN, **RETRYING)

if __name__ == "__main__":
    dag = {dag.dag_id: dag for dag in (official_client, http_operator, create_campaign_operator)}[sys.argv[1]]
    # The same dates make it the same run, also where an earlier process was killed in the middle of it.
    date = datetime(2026, 11, 23, tzinfo=UTC)
    run = dag.test(logical_date=date, run_after=date)
    sys.exit(0 if run.state == "success" else 3)
