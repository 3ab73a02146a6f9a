"""A port that is taken."""

from __future__ import annotations

import socket

import pytest

from dev.ports import check_port, free_port, is_taken


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_ends_the_program_with_the_port_and_the_way_out(host: str) -> None:
    with socket.create_server((host, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            check_port(port, "cluster")
    assert str(ended.value) == (
        f"Port {port} is taken by another program, so nothing was started. "
        f"Choose another port: make PORT={port + 1} cluster"
    )


def test_a_free_port_can_be_listened_on() -> None:
    port = free_port()
    assert not is_taken(port)
    check_port(port, "cluster")
    with socket.create_server(("127.0.0.1", port)):
        assert is_taken(port)
