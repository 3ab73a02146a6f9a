"""Run a sandbox in this process."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from revox_sandbox.serve.journal import RequestRecord, Stage
from revox_sandbox.serve.state import SandboxState
from revox_sandbox.settings import SandboxAssistant, SandboxSettings

if TYPE_CHECKING:
    from revox_sandbox.serve.http_server import HttpServer

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the addresses that reach them


class Sandbox:
    """
    The Revox API on this machine. It serves between :meth:`start` and :meth:`stop`, or in a ``with`` block.

    :param settings: Default: a free port and real time.
    """

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self._state = SandboxState(self.settings)
        self.faults = self._state.faults
        """The planned faults. Add a :class:`~revox_sandbox.Fault`."""
        self._server: HttpServer | None = None
        self._thread: threading.Thread | None = None
        self._port = self.settings.port

    def start(self) -> Self:
        """
        Start serving. Returns when the sandbox answers requests.

        :raises RuntimeError: The sandbox is running already, or did not start.
        :raises OSError: The sandbox can't listen on this host and port.
        :raises ModuleNotFoundError: The extra ``sandbox`` is not installed.
        """
        if self._server is not None:
            raise RuntimeError("the sandbox is running already")
        try:
            from revox_sandbox.serve.http_server import HttpServer
        except ModuleNotFoundError as error:
            if error.name not in ("fastapi", "uvicorn"):
                raise
            raise ModuleNotFoundError(
                f"the sandbox needs {error.name}: pip install 'airflow-provider-revox[sandbox]'",
                name=error.name,
            ) from None
        server = HttpServer(self._state)
        host = self.settings.host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, self.settings.port), family=family)
        self._port = listener.getsockname()[1]
        self._thread = threading.Thread(
            target=server.run_in_thread, args=[listener], name="revox-sandbox", daemon=True
        )
        self._thread.start()
        if not server.ready.wait(_START_SECONDS) or not server.started:
            raise RuntimeError("the sandbox did not start")
        self._server = server
        return self

    def stop(self) -> None:
        """Stop serving, even while requests hang. The sandbox keeps its campaigns."""
        if self._server is None or self._thread is None:
            return
        self._server.stop()
        self._thread.join(_STOP_SECONDS)
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def api_key(self) -> str:
        """The only key that the sandbox accepts."""
        return self.settings.api_key

    @property
    def url(self) -> str:
        """The URL of the sandbox's pages. Its ``/campaigns/{id}`` shows a campaign."""
        host = _ANY_ADDRESS.get(self.settings.host, self.settings.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    @property
    def base_url(self) -> str:
        """The URL of the API."""
        return f"{self.url}/api"

    def conn_json(self) -> str:
        """Return an Airflow connection to the sandbox as JSON, for ``AIRFLOW_CONN_REVOX_DEFAULT``."""
        return json.dumps({"conn_type": "revox", "host": self.base_url, "password": self.api_key})

    def advance(self, seconds: float) -> None:
        """
        Let all campaigns skip time.

        :param seconds: How many seconds they skip.
        """
        self._state.advance(seconds)

    def reset(self) -> None:
        """Forget campaigns, requests, faults and assistants that the settings do not define."""
        self._state.reset()

    def calls_per_person(self) -> dict[str, int]:
        """
        Return how many campaigns dialed each number.

        2 means that two campaigns called this person. Deleted campaigns count too.
        """
        return self._state.store.calls_per_person()

    def calls_after_an_answer(self) -> dict[str, int]:
        """
        Return how often a campaign dialed a number again after a person had answered it.

        This happens when a user launches a completed call again, or when a number is in a campaign twice.
        Deleted campaigns count too.
        """
        return self._state.store.calls_after_an_answer()

    def do_not_contact(self, *phone_numbers: str) -> None:
        """
        Mark people who want no calls. The API's phone history shows them. Campaigns still call them.

        :param phone_numbers: Their phone numbers.
        """
        self._state.store.mark_do_not_contact(phone_numbers)

    def define_assistants(self, *assistants: SandboxAssistant) -> None:
        """
        Add assistants. One with the id of another assistant replaces it, for later campaigns.

        :param assistants: The assistants.
        """
        self._state.store.define_assistants(assistants)

    def requests(self) -> list[RequestRecord]:
        """Return the latest 100,000 requests to the API in the order in which they came."""
        return self._state.journal.records()

    def wait_for(
        self,
        what: tuple[str, str] | Callable[[], bool],
        *,
        times: int = 1,
        stage: Stage = "received",
        timeout: float = 10.0,
    ) -> None:
        """
        Wait until requests have come, or until a condition is true. Any thread may wait.

        :param what: The method and path of a request, such as ``("GET", "/campaigns/{id}")``. Or a condition:
            the sandbox checks it when a request comes, is committed or is answered, and when time is skipped.
        :param times: How many such requests to wait for, counted since the start or the last reset.
        :param stage: How far the requests must have come: ``received``, ``committed`` (the API has acted) or
            ``answered`` (the sandbox has answered, or a fault has struck).
        :param timeout: How many seconds to wait at most.
        :raises TimeoutError: It did not happen in time.
        """
        if callable(what):
            happened = self._state.journal.wait_for(what, timeout)
        else:
            method, path = what
            happened = self._state.journal.wait_for(
                lambda: self._state.journal.count(method, path, stage) >= times, timeout
            )
        if not happened:
            raise TimeoutError(f"did not happen within {timeout:g} seconds")
