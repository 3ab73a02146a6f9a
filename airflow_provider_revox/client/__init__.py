"""
Ask the Revox API. The client imports no Airflow, so it can be tested and used alone.

.. code-block:: python

    from airflow_provider_revox.client import ClientConfig, RevoxClient

    with RevoxClient(ClientConfig(api_key="...")) as revox:
        print(revox.get_campaign("cmp_1").status)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_revox.client.async_client import AsyncRevoxClient
    from airflow_provider_revox.client.config import ClientConfig
    from airflow_provider_revox.client.sync_client import RevoxClient

__all__ = ["AsyncRevoxClient", "ClientConfig", "RevoxClient"]
_MODULES = {"AsyncRevoxClient": "async_client", "ClientConfig": "config", "RevoxClient": "sync_client"}


def __getattr__(name: str) -> Any:
    # Imported when it is used: Airflow parses DAG files often, and they need only the errors, not httpx.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
