from __future__ import annotations

from airflow_provider_revox.hooks.connection_form import CONN_FIELDS


def test_the_defaults_in_the_descriptions_are_the_defaults():
    from airflow_provider_revox.client import ClientConfig

    config = ClientConfig(api_key="k")
    for name in ("connect_timeout", "read_timeout", "write_timeout", "pool_timeout", "retries"):
        assert CONN_FIELDS[name]["description"].endswith(f"Default: {getattr(config, name):g}.")
