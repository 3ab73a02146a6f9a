from __future__ import annotations

import contextlib
import socket

import httpx
import pytest

from revox_sandbox.serve import body_limit

PATHS = ["/api/campaigns", "/_sandbox/faults", "/campaigns/x", "/nowhere"]


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(body_limit, "MAX_API_BODY", 10_000)
    monkeypatch.setattr(body_limit, "MAX_BODY", 10_000)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("key", [None, "sandbox-key"])
def test_a_body_that_is_declared_too_long_is_refused_before_it_comes(revox_sandbox, path, key):
    host, port = revox_sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Length: 99999999999"]
        lines += [f"Authorization: Bearer {key}"] if key else []
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("path", PATHS[:2])
def test_a_body_that_never_ends_is_cut_off(revox_sandbox, anonymous, path):
    sent = 0

    def endless():
        nonlocal sent
        while sent < 100_000_000:
            sent += 10_000
            yield b" " * 10_000

    answer = None
    with contextlib.suppress(httpx.TransportError):  # the sandbox hangs up while the client still sends
        answer = anonymous.post(f"{revox_sandbox.url}{path}", content=endless())
    assert answer is None or answer.status_code == 413
    assert sent < 100_000_000
    assert revox_sandbox.requests() == []


def test_a_body_within_the_limit_is_read(http, body):
    assert http.post("/campaigns", json=body(50)).status_code == 200
    assert http.post("/campaigns", json=body(500)).status_code == 413
    assert len(http.get("/campaigns").json()["campaigns"]) == 1
