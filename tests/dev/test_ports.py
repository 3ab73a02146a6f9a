"""A port that is taken."""

from __future__ import annotations

import socket

import pytest

from dev.ports import free_port, is_taken, require_free


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_ends_the_program_with_the_port_and_a_free_one(host: str) -> None:
    with socket.create_server((host, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            require_free(port, make_target="cluster")
    start, _, free = str(ended.value).rpartition("=")
    assert start == (
        f"Port {port} is taken: another program listens on it. Nothing was started. "
        "Choose another one: make cluster PORT"
    )
    require_free(int(free), make_target="cluster")


def test_a_free_port_can_be_listened_on() -> None:
    port = free_port()
    assert not is_taken(port)
    require_free(port, make_target="cluster")
    with socket.create_server(("127.0.0.1", port)):
        assert is_taken(port)
