"""``make cluster`` on a port that is taken."""

from __future__ import annotations

import socket

import pytest

from dev.cluster import __main__ as command


def test_nothing_is_installed_or_started_if_the_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    for name in ("install_missing", "Sandbox", "Cluster"):
        monkeypatch.setattr(command, name, lambda *_, name=name, **__: begun.append(name))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("sys.argv", ["cluster", "--port", str(port)])
        with pytest.raises(SystemExit, match=f"Port {port} is taken.*make cluster PORT="):
            command.main()
    assert begun == []
