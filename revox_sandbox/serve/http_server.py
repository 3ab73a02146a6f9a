"""Everything a sandbox serves, and the uvicorn that serves it."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from revox_sandbox.api.app import create_api
from revox_sandbox.api.generations import GENERATIONS
from revox_sandbox.serve.fault_middleware import BASE_PATH, TRANSPORT, FaultMiddleware
from revox_sandbox.serve.remote_control import campaign_page, create_control

if TYPE_CHECKING:
    from revox_sandbox.play.store import Store
    from revox_sandbox.sandbox import Sandbox
    from revox_sandbox.serve.journal import Journal

_STOP_SECONDS = 5.0
_KEEP_ALIVE_SECONDS = 3600


class _Protocol(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}
        # asyncio does this for sockets it made itself; without it every answer is 40 ms late.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class HttpServer(uvicorn.Server):
    """
    A server for one sandbox. It starts and stops without ever sleeping.

    :param sandbox: What the remote control controls.
    :param store: The campaigns.
    :param journal: Where requests are noted.
    """

    def __init__(self, sandbox: Sandbox, store: Store, journal: Journal) -> None:
        app = FastAPI(openapi_url=None)
        generation = GENERATIONS[sandbox.settings.generation]
        app.mount(BASE_PATH, create_api(store, sandbox.api_key, generation))
        app.mount("/_sandbox", create_control(sandbox))

        @app.get("/campaigns/{id}")
        def page(id: str) -> HTMLResponse:  # noqa: A002
            shown = store.read(id, lambda campaign: campaign_page(campaign, generation.wire))
            if shown is None:
                raise HTTPException(404, "Campaign not found")
            return shown

        self.ready = threading.Event()
        """Set when requests are served, or never will be."""
        self._middleware = FaultMiddleware(app, sandbox.faults, journal)
        self._stop = asyncio.Event()
        super().__init__(
            uvicorn.Config(
                self._middleware,
                http=_Protocol,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                date_header=False,
                # Connections break when the fault plan says so, and at no other time.
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            )
        )

    def run_in_thread(self, listener: socket.socket) -> None:
        """
        Serve until :meth:`stop` is called.

        :param listener: The socket to accept connections from.
        """
        try:
            asyncio.run(self.serve(sockets=[listener]))
        finally:
            self.ready.set()

    def stop(self) -> None:
        """Stop serving; may be called from any thread, while requests are served."""
        self._loop.call_soon_threadsafe(self._stop.set)

    async def main_loop(self) -> None:
        """Serve; uvicorn's own would look ten times a second whether it is time to stop."""
        self._loop = asyncio.get_running_loop()
        await self.on_tick(0)
        self.ready.set()
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """
        Drop all connections; uvicorn's own would wait for requests that hang.

        :param sockets: Those that were listened to.
        """
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        self._middleware.stopping.set()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_STOP_SECONDS)
