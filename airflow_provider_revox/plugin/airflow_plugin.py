"""Tell Airflow of the campaigns page. Every process of Airflow loads this, so it imports nothing else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.providers.common.compat.sdk import AirflowPlugin
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_1_PLUS

URL_PREFIX = "/revox"
PAGE_ROUTE = "revox-campaigns"
"""Airflow shows the page at ``/plugin/revox-campaigns``."""


class LazyApp:
    """
    The ASGI app of the page. It is made when the first request comes.

    Workers, triggerers and DAG processors load plugins, too, and never need the app.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._app: Any = None

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Answer a request."""
        app = self._app or await asyncio.to_thread(self._make)
        await app(scope, receive, send)

    def _make(self) -> Any:
        with self._lock:
            if self._app is None:
                from airflow_provider_revox.plugin.app import create_app

                self._app = create_app()
        return self._app


class RevoxPlugin(AirflowPlugin):
    """Adds the page "Revox campaigns" to Airflow's menu. Before Airflow 3.1 it adds nothing."""

    name = "revox"
    if AIRFLOW_V_3_1_PLUS:
        fastapi_apps = [{"app": LazyApp(), "url_prefix": URL_PREFIX, "name": "Revox campaigns"}]
        external_views = [
            {
                "name": "Revox campaigns",
                "href": f"{URL_PREFIX}/",
                "destination": "nav",
                "category": "browse",
                "url_route": PAGE_ROUTE,
            }
        ]
