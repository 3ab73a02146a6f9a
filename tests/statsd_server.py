"""A StatsD server on loopback, which tells what Airflow has sent to it."""

from __future__ import annotations

import contextlib
import inspect
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import pytest


@dataclass(frozen=True)
class Metric:
    """One metric as it came: StatsD writes a tag behind the name, as InfluxDB does."""

    name: str
    value: float
    kind: str
    tags: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, text: str) -> Self:
        head, _, rest = text.partition(":")
        name, *tags = head.split(",")
        value, _, kind = rest.partition("|")
        pairs = [tuple(tag.split("=", 1)) for tag in tags]
        return cls(name.removeprefix("airflow."), float(value), kind, tuple(sorted(pairs)))  # type: ignore[arg-type]

    def tag(self, name: str) -> str | None:
        return dict(self.tags).get(name)


class StatsdServer:
    """Receives UDP packets in a thread; a context manager."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._packets: list[str] = []
        self._came = threading.Event()

    @property
    def env(self) -> dict[str, str]:
        """The settings that make an Airflow send its metrics here: only those of the provider."""
        return {
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(self._socket.getsockname()[1]),
            "AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED": "True",
            "AIRFLOW__METRICS__METRICS_ALLOW_LIST": "revox",
        }

    def received(self) -> list[Metric]:
        """Return all metrics that came so far."""
        # A packet to oneself comes behind all that were sent before it.
        mark = f"mark:{len(self._packets)}|c"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(mark.encode(), self._socket.getsockname())
        while mark not in self._packets:
            assert self._came.wait(10)
            self._came.clear()
        return [Metric.read(packet) for packet in self._packets if not packet.startswith("mark:")]

    def counts(self, *tags: str) -> dict[tuple[str, ...], float]:
        """Return the sums of the counters, by name and the values of some tags."""
        sums: dict[tuple[str, ...], float] = {}
        for metric in self.received():
            if metric.kind == "c":
                key = (metric.name, *(metric.tag(tag) or "" for tag in tags))
                sums[key] = sums.get(key, 0) + metric.value
        return sums

    def _receive(self) -> None:
        while packet := self._socket.recv(65536):
            self._packets.append(packet.decode())
            self._came.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", self._socket.getsockname())
        self._thread.join(10)
        self._socket.close()


@pytest.fixture
def statsd(monkeypatch: pytest.MonkeyPatch) -> Iterator[StatsdServer]:
    """A StatsD server that gets the metrics of this process, through Airflow's own client."""
    with StatsdServer() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        _read_settings()
        yield server
        monkeypatch.undo()
        _read_settings()


def _read_settings() -> None:
    """Let Airflow read its settings of metrics again, as a new process does."""
    from airflow_provider_revox.metrics import Stats

    if "initialize" in vars(Stats) or hasattr(type(Stats), "initialize"):
        from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

        # Airflow 3.2 wants the class, later ones do not.
        factory = get_stats_factory(*[Stats] * len(inspect.signature(get_stats_factory).parameters))
        settings = {"factory": factory, "export_legacy_names": False}
        known = inspect.signature(Stats.initialize).parameters
        Stats.initialize(**{name: value for name, value in settings.items() if name in known})
        return
    Stats.instance = None
    with contextlib.suppress(AttributeError):
        del type(Stats).factory
    type(Stats).__init__(Stats, "Stats", (), {})
