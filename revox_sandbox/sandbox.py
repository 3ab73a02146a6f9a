"""A sandbox in this process."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from revox_sandbox.play.store import Store
from revox_sandbox.serve.faults import FaultPlan
from revox_sandbox.serve.journal import Journal, RequestRecord, Stage
from revox_sandbox.settings import SandboxSettings

if TYPE_CHECKING:
    from revox_sandbox.serve.http_server import HttpServer

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where they can be reached


class Sandbox:
    """
    The Revox API on this machine. Serves between :meth:`start` and :meth:`stop`, or in a ``with`` block.

    :param settings: Default: a free port, real time.
    """

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self.faults = FaultPlan()
        """What shall go wrong; add a :class:`~revox_sandbox.Fault`."""
        self._store = Store(self.settings)
        self._journal = Journal()
        self._server: HttpServer | None = None
        self._thread: threading.Thread | None = None
        self._port = self.settings.port

    def start(self) -> Self:
        """Start to serve. Returns when requests are answered."""
        if self._server is not None:
            raise RuntimeError("the sandbox is running")
        try:
            from revox_sandbox.serve.http_server import HttpServer
        except ModuleNotFoundError as error:
            if error.name not in ("fastapi", "uvicorn"):
                raise
            raise ModuleNotFoundError(
                f"the sandbox needs {error.name}: pip install 'airflow-provider-revox[sandbox]'",
                name=error.name,
            ) from None
        server = HttpServer(self, self._store, self._journal)
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
        """Stop to serve, whatever is going on. Campaigns stay known."""
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
        """The only key the sandbox accepts."""
        return self.settings.api_key

    @property
    def url(self) -> str:
        """Where the sandbox is; ``/campaigns/{id}`` shows a campaign to people."""
        host = _ANY_ADDRESS.get(self.settings.host, self.settings.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return f"{self.url}/api"

    def conn_json(self) -> str:
        """Return the Airflow connection to the sandbox, for ``AIRFLOW_CONN_REVOX_DEFAULT``."""
        return json.dumps({"conn_type": "revox", "host": self.base_url, "password": self.api_key})

    def advance(self, seconds: float) -> None:
        """
        Let every campaign there is skip time.

        :param seconds: How much.
        """
        self._store.jump(seconds)
        with self._journal.change():
            pass

    def reset(self) -> None:
        """Forget campaigns, requests and faults."""
        self._store.reset()
        self.faults.reset()
        self._journal.clear()

    def calls_per_person(self) -> dict[str, int]:
        """
        Return, for every number that was dialed, in how many campaigns it was.

        2 means: two campaigns called this person. Deleted campaigns count too.
        """
        return self._store.calls_per_person()

    def calls_after_an_answer(self) -> dict[str, int]:
        """
        Return how often a number was dialed once more in a campaign in which somebody had answered it.

        This happens when a call that is completed is launched again, or a number is in a campaign twice.
        Deleted campaigns count too.
        """
        return self._store.calls_after_an_answer()

    def do_not_contact(self, *phone_numbers: str) -> None:
        """
        Note people who want no calls. The API's phone history tells, but keeps nobody from calling them.

        :param phone_numbers: Theirs.
        """
        self._store.mark_do_not_contact(phone_numbers)

    def requests(self) -> list[RequestRecord]:
        """Return the latest 100,000 requests to the API, in the order in which they came."""
        return self._journal.records()

    def wait_for(
        self,
        what: tuple[str, str] | Callable[[], bool],
        *,
        times: int = 1,
        stage: Stage = "received",
        timeout: float = 10.0,
    ) -> None:
        """
        Wait, from any other thread, until requests have come, or until a condition holds.

        :param what: Method and path of a request, such as ``("POST", "/campaigns")`` or
            ``("GET", "/campaigns/{id}")``, or a condition, which is checked whenever a request comes, is
            carried out or answered, and when time is skipped.
        :param times: How many such requests, since the start or the last reset.
        :param stage: How far they have come: ``received``, ``committed`` (carried out) or ``answered``
            (answered, or struck by a fault).
        :param timeout: For how many seconds at most.
        :raises TimeoutError: When it did not happen.
        """
        if callable(what):
            happened = self._journal.wait_for(what, timeout)
        else:
            method, path = what
            happened = self._journal.wait_for(
                lambda: self._journal.count(method, path, stage) >= times, timeout
            )
        if not happened:
            raise TimeoutError(f"did not happen within {timeout:g} seconds")
