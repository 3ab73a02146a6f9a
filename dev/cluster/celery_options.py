"""Import the provider once in each worker, not in each of its tasks: a task starts faster."""

from __future__ import annotations

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG

OPTIONS = {
    **DEFAULT_CELERY_CONFIG,
    "imports": [
        "airflow_provider_revox.operators.revox",
        "airflow_provider_revox.sensors.revox",
        "airflow_provider_revox.triggers.revox",
        "airflow_provider_revox.client.sync_client",
    ],
}
