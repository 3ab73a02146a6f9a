from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from airflow_provider_revox.client import body, endpoints
from airflow_provider_revox.client.deadline import _Stream, deadline, is_over, prolong
from airflow_provider_revox.client.errors import MalformedAnswerError, NoAnswerError
from airflow_provider_revox.client.limits import Limits
from airflow_provider_revox.client.messages import Request
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, at, send

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
both = pytest.mark.parametrize("kind", BOTH)


class Clock:
    """The clock of this machine, which a test can put forward."""

    def __init__(self) -> None:
        self._real = time.monotonic
        self._ahead = 0.0

    def __call__(self) -> float:
        return self._real() + self._ahead

    def put_forward(self, seconds: float) -> None:
        self._ahead += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


class SlowReader(httpcore.NetworkStream):
    """The line to a server that takes each piece after some seconds."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self.taken: list[bytes] = []
        self.timeouts: list[float | None] = []

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.taken.append(buffer)
        self.timeouts.append(timeout)
        self._clock.put_forward(self._seconds)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def test_the_time_goes_on_while_a_request_is_sent(clock):
    line = SlowReader(clock, seconds=4)
    with deadline(10), pytest.raises(httpcore.WriteTimeout):
        _Stream(line).write(b"x" * 1_000_000, 60)
    assert [round(seconds) for seconds in line.timeouts] == [10, 6, 2]


@pytest.mark.parametrize("length", [0, 1, 65_535, 65_536, 65_537, 300_000])
def test_a_request_is_sent_as_it_is(clock, length):
    line = SlowReader(clock, seconds=0)
    content = bytes(at % 251 for at in range(length))
    with deadline(10):
        _Stream(line).write(content, 60)
    assert b"".join(line.taken) == content


def test_a_deadline_can_be_later_and_ends_with_its_context():
    with deadline(0):
        assert is_over()
        prolong(60)
        assert not is_over()
    assert not is_over()


@pytest.mark.parametrize(("size", "seconds"), [("one", 0), ("long", 0), ("stream", 2.5)])
def test_only_what_is_read_in_pieces_has_more_time_for_each_piece(size, seconds):
    assert body.more_seconds(Request("GET", "/", size=size), b"x" * 250_000) == seconds


def ask_for_rows(kind: str, clock: Clock, *, first: bytes, rest: bytes) -> None:
    """Ask for rows that come in two parts, with more than an hour between them."""
    taken = threading.Event()

    def answer(_: bytes) -> Iterator[bytes]:
        yield HEAD + first
        assert taken.wait(10)
        clock.put_forward(3700)
        yield rest

    with Loopback(answer) as server:
        config = at(server.url, read_timeout=100_000, retries=0)
        send(
            kind,
            config,
            lambda: endpoints.scan_rows(
                "c", page=1, page_size=9, begin_attempt=lambda: lambda _: taken.set()
            ),
        )


@both
def test_an_answer_of_much_that_takes_over_an_hour_is_read(kind, clock, monkeypatch):
    monkeypatch.setattr(body, "SLOWEST", 10)
    ask_for_rows(
        kind, clock, first=b'{"rows": [{"id": "a", "x": "%s"}, ' % (b"x" * 2000), rest=b'{"id": "b"}]}'
    )


@both
def test_an_answer_of_little_that_takes_over_an_hour_is_lost(kind, clock):
    with pytest.raises(NoAnswerError, match="longer than 3600 s"):
        ask_for_rows(kind, clock, first=b'{"rows": [{"id": "a"}, ', rest=b'{"id": "b"}]}')


@both
@pytest.mark.parametrize("broken", [b'{"rows": [{"id": 7}, ', b"[", b"\xff", b'{"rows": [], "rows": ['])
def test_the_rest_of_a_broken_answer_is_not_read(kind, broken):
    def answer(_: bytes) -> Iterator[bytes]:
        yield HEAD + broken
        while not server.closing.is_set():
            yield b" " * 65_536

    limits = Limits(stream_bytes=50_000_000)
    with Loopback(answer) as server, pytest.raises(MalformedAnswerError) as caught:
        send(
            kind,
            at(server.url, limits=limits, retries=0),
            lambda: endpoints.scan_rows("c", page=1, page_size=9, begin_attempt=lambda: lambda _: None),
        )
    assert "longer" not in str(caught.value)
