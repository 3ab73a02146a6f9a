"""Tell Airflow what this provider contains, and what its connection form looks like."""

from __future__ import annotations

from typing import Any

CONNECTION_TYPE = "revox"
HOOK_NAME = "Revox"
HOOK_CLASS = "airflow_provider_revox.hooks.revox.RevoxHook"

UI_FIELD_BEHAVIOUR: dict[str, Any] = {
    "hidden-fields": ["schema", "login", "port"],
    "relabeling": {"password": "API key", "host": "Base URL"},
    "placeholders": {"host": "https://www.getrevox.com/api"},
}


def _field(label: str, description: str, kind: str, **schema: Any) -> dict[str, Any]:
    return {"label": label, "description": description, "schema": {"type": [kind, "null"], **schema}}


CONN_FIELDS: dict[str, dict[str, Any]] = {
    "connect_timeout": _field("Connect timeout", "Seconds to wait for a connection. Default: 10.", "number"),
    "read_timeout": _field(
        "Read timeout", "Seconds to wait for the next byte of an answer. Default: 60.", "number"
    ),
    "write_timeout": _field(
        "Write timeout", "Seconds to wait until the server takes the next byte. Default: 60.", "number"
    ),
    "pool_timeout": _field("Pool timeout", "Seconds to wait for a free connection. Default: 10.", "number"),
    "retries": _field(
        "Retries",
        "How often a failed request is sent again, if that is safe. Default: 3.",
        "integer",
    ),
    "proxy": _field(
        "Proxy",
        "URL of an HTTP proxy. Default: the environment's.",
        "string",
        format="password",
    ),
    "ca_bundle": _field(
        "CA bundle", "Path on the worker of a PEM file with the certificate authorities to trust.", "string"
    ),
    "namespace": _field(
        "Namespace",
        "Tells the campaigns of this Airflow from those of other Airflows in the same Revox organization, "
        "such as staging. Choose it before the first launch: a campaign is found by it.",
        "string",
    ),
    "allow_http": _field(
        "Allow http://", "Allow the API key to be sent without encryption to another machine.", "boolean"
    ),
}


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
                    "airflow_provider_revox.operators.relaunch",
                    "airflow_provider_revox.operators.results",
                    "airflow_provider_revox.operators.control",
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
        "extra-links": ["airflow_provider_revox.links.revox.CampaignLink"],
    }
