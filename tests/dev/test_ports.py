"""A port that is taken is named before anything is started."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import dev.ui
from dev.ports import free_port, is_taken, require_free

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["127.0.0.1", "0.0.0.0", "::"])
def taken(request):
    """A port on which another program listens, at one address or at all."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family, dualstack_ipv6=":" in request.param) as it:
        yield it.getsockname()[1]


def test_a_taken_port_is_named_with_one_that_is_free(taken):
    with pytest.raises(SystemExit) as caught:
        require_free(taken, make_target="cluster")
    message = str(caught.value.code)
    assert f"Port {taken} is taken" in message
    assert "Nothing was started." in message
    free = int(re.search(r"make cluster PORT=(\d+)$", message)[1])
    assert free != taken
    require_free(free, make_target="cluster")


@pytest.mark.parametrize("port", [-1, 0, 65_536, 10**9])
def test_what_is_no_port_is_named(port):
    with pytest.raises(SystemExit, match=f"Port {port} does not exist: .* make ui PORT=[0-9]+$"):
        require_free(port, make_target="ui")


def test_a_port_that_the_user_may_not_have_is_not_called_taken(monkeypatch):
    def refuses_low_ports(address):
        if address[1] < 1024:
            raise PermissionError
        return create_server(address)

    create_server = socket.create_server
    monkeypatch.setattr(socket, "create_server", refuses_low_ports)
    with pytest.raises(SystemExit, match=r"Port 80 is kept for the system: .* PORT=1\d\d\d$"):
        require_free(80, make_target="ui")


def test_a_port_that_was_used_a_moment_ago_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            pass
    assert not is_taken(port)
    require_free(port, make_target="ui")  # that it does not end the program is the assertion


def test_make_ui_starts_nothing_on_a_taken_port(taken, monkeypatch):
    started = []
    monkeypatch.setattr(dev.ui, "open_sandbox", started.append)
    monkeypatch.setattr(dev.ui, "LocalAirflow", started.append)
    monkeypatch.setattr(sys, "argv", ["make ui", "--port", str(taken)])
    with pytest.raises(SystemExit, match=f"Port {taken} is taken.* make ui PORT="):
        dev.ui.main()
    assert started == []


def test_make_hands_its_port_over(tmp_path):
    """``make ui`` itself, in an environment that is ready."""
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (tmp_path / ".ready").touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = subprocess.run(
            ["make", "ui", f"PORT={port}", f"VENV={tmp_path}", f"PYTHON={sys.executable}"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode != 0
    assert f"Port {port} is taken" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Starting" not in done.stdout


def test_a_free_port_can_be_listened_on() -> None:
    port = free_port()
    assert not is_taken(port)
    require_free(port, make_target="cluster")
    with socket.create_server(("127.0.0.1", port)):
        assert is_taken(port)
