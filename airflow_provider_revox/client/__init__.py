"""
The Revox API. Imports no Airflow, so it can be tested and used alone.

.. code-block:: python

    from airflow_provider_revox.client import ClientConfig, RevoxClient

    with RevoxClient(ClientConfig(api_key="...")) as revox:
        print(revox.get_campaign("cmp_1").status)
"""

from airflow_provider_revox.client.client import AsyncRevoxClient, RevoxClient
from airflow_provider_revox.client.config import ClientConfig

__all__ = ["AsyncRevoxClient", "ClientConfig", "RevoxClient"]
