"""Tell Airflow what this provider contains."""

from __future__ import annotations

from typing import Any

from airflow_provider_revox.hooks.connection_form import (
    CONN_FIELDS,
    CONNECTION_TYPE,
    HOOK_NAME,
    UI_FIELD_BEHAVIOUR,
)

HOOK_CLASS = "airflow_provider_revox.hooks.revox.RevoxHook"


def get_provider_info() -> dict[str, Any]:
    """Return the metadata of the provider. Airflow finds this function by its entry point."""
    return {
        "package-name": "airflow-provider-revox",
        "name": "Revox",
        "description": "Launch campaigns of AI phone calls with Revox, wait for them, and get their results.",
        "integrations": [
            {
                "integration-name": "Revox",
                "external-doc-url": "https://docs.getrevox.com",
                "tags": ["service"],
            }
        ],
        "hooks": [
            {"integration-name": "Revox", "python-modules": ["airflow_provider_revox.hooks.revox"]},
        ],
        "operators": [
            {
                "integration-name": "Revox",
                "python-modules": [
                    "airflow_provider_revox.operators.revox",
                    "airflow_provider_revox.operators.create",
                    "airflow_provider_revox.operators.launch",
                    "airflow_provider_revox.operators.relaunch",
                    "airflow_provider_revox.operators.results",
                    "airflow_provider_revox.operators.control",
                    "airflow_provider_revox.operators.cancel_calls",
                ],
            },
        ],
        "sensors": [
            {"integration-name": "Revox", "python-modules": ["airflow_provider_revox.sensors.revox"]},
        ],
        "triggers": [
            {
                "integration-name": "Revox",
                "python-modules": [
                    "airflow_provider_revox.triggers.revox",
                    "airflow_provider_revox.triggers.watcher",
                ],
            },
        ],
        "connection-types": [
            {
                "connection-type": CONNECTION_TYPE,
                "hook-name": HOOK_NAME,
                "hook-class-name": HOOK_CLASS,
                "ui-field-behaviour": UI_FIELD_BEHAVIOUR,
                "conn-fields": CONN_FIELDS,
            }
        ],
        "task-decorators": [
            {
                "name": "revox_campaign",
                "class-name": "airflow_provider_revox.decorators.revox.revox_campaign_task",
            }
        ],
        "extra-links": [
            "airflow_provider_revox.links.revox.CampaignLink",
            "airflow_provider_revox.links.revox.CampaignPageLink",
        ],
    }
