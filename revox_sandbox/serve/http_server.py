"""Serve a sandbox with uvicorn."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from revox_sandbox.api.app import create_api
from revox_sandbox.api.generations import GENERATIONS
from revox_sandbox.pages.app import create_pages
from revox_sandbox.serve.body_limit import BodyLimit
from revox_sandbox.serve.callers import also_visitors, only_own_pages
from revox_sandbox.serve.fault_middleware import BASE_PATH, TRANSPORT, FaultMiddleware
from revox_sandbox.serve.remote_control import create_control

if TYPE_CHECKING:
    from revox_sandbox.serve.state import SandboxState

_STOP_SECONDS = 5.0
_KEEP_ALIVE_SECONDS = 3600


class _Protocol(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}
        # asyncio does this only for sockets that it made itself. Without it, every answer is 40 ms late.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class HttpServer(uvicorn.Server):
    """
    Serves one sandbox. Starting and stopping never sleep.

    :param state: The sandbox to serve.
    """

    def __init__(self, state: SandboxState) -> None:
        app = FastAPI(openapi_url=None)
        store, generation = state.store, GENERATIONS[state.settings.generation]
        app.mount(BASE_PATH, create_api(store, state.settings.api_key, generation))
        app.mount("/_sandbox", create_control(state))
        # At the root, so after everything that has a path of its own.
        app.mount(
            "/",
            create_pages(
                store,
                generation.answers,
                state.settings.speed,
                check_reader=only_own_pages(state.settings.host),
                check_visitor=also_visitors(state.settings.host),
            ),
        )

        self.ready = threading.Event()
        """Set when the server answers requests, and also when it failed to start."""
        self._middleware = FaultMiddleware(app, state.faults, state.journal)
        self._stop = asyncio.Event()
        super().__init__(
            uvicorn.Config(
                BodyLimit(self._middleware, BASE_PATH),
                http=_Protocol,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                date_header=False,
                # Only the planned faults may break connections.
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            )
        )

    def run_in_thread(self, listener: socket.socket) -> None:
        """
        Serve until somebody calls :meth:`stop`.

        :param listener: The socket that accepts connections.
        """
        try:
            asyncio.run(self.serve(sockets=[listener]))
        finally:
            self.ready.set()

    def stop(self) -> None:
        """Stop the server. Any thread may call it, even while requests are served."""
        self._loop.call_soon_threadsafe(self._stop.set)

    async def main_loop(self) -> None:
        """Serve until the stop. Uvicorn's own loop would wake up ten times a second."""
        self._loop = asyncio.get_running_loop()
        await self.on_tick(0)
        self.ready.set()
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """
        Drop all connections. Uvicorn's own shutdown would wait for requests that hang.

        :param sockets: The sockets that accept connections.
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
