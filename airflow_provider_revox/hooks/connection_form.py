"""What the connection form of Airflow looks like."""

from __future__ import annotations

from typing import Any

CONNECTION_TYPE = "revox"
HOOK_NAME = "Revox"

UI_FIELD_BEHAVIOUR: dict[str, Any] = {
    "hidden-fields": ["schema", "login"],
    # The port is shown for the Test button of Airflow 3.3 alone. For a connection without a port the button
    # posts 0, and Airflow refuses to test another port than the stored one. 0 can be stored, and it changes
    # no base URL.
    "relabeling": {"password": "API key", "host": "Base URL", "port": "Port (0: that of the base URL)"},
    "placeholders": {"host": "https://www.getrevox.com/api", "port": "0"},
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
