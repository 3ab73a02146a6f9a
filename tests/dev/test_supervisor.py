"""Parts that end, and what becomes of the processes that they leave behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dev.cluster import supervisor as module
from dev.cluster.part import Part
from dev.cluster.supervisor import Supervisor

CHILD = "import signal; signal.pause()"
STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], process_group=0)
with open("ready", "w") as ready:
    ready.write(str(child.pid))
signal.pause()
"""
"""A part that ignores SIGTERM, and has a child in a process group of its own."""


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(module, "RESTART_AFTER", 0.01)
    supervisor = Supervisor(tmp_path)
    yield supervisor
    supervisor.stop(["part", "away", "other"])


def part(cwd: Path, program: str = CHILD, name: str = "part", grace: float = 20) -> Part:
    return Part(name=name, command=[sys.executable, "-c", program], env=os.environ, cwd=cwd, grace=grace)


def ready(cwd: Path) -> psutil.Process:
    """Wait until a part has told its child's id through a FIFO; return the child."""
    return psutil.Process(int((cwd / "ready").read_text()))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_part_that_ends_is_started_again(
    supervisor: Supervisor, tmp_path: Path, number: signal.Signals
) -> None:
    supervisor.start([part(tmp_path)])
    first = supervisor.process("part")
    first.send_signal(number)
    supervisor.wait_for_restart("part", first.pid, 10)
    assert supervisor.process("part").pid != first.pid
    assert not first.is_running()


def test_what_a_part_leaves_behind_is_killed_before_it_is_started_again(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "ready")
    supervisor.start([part(tmp_path, STUBBORN, grace=0)])
    child = ready(tmp_path)
    first = supervisor.process("part")
    first.kill()
    supervisor.wait_for_restart("part", first.pid, 10)
    child.wait(10)  # that it ends in time is the assertion
    assert ready(tmp_path) != child


def test_a_stop_ends_a_part_that_ignores_it_and_its_children(supervisor: Supervisor, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ready")
    supervisor.start([part(tmp_path, STUBBORN, grace=0.01)])
    child, process = ready(tmp_path), supervisor.process("part")
    supervisor.stop(["part"])
    assert not process.is_running()
    child.wait(10)  # that it ends in time is the assertion


def test_a_part_that_was_taken_away_stays_away_until_it_is_started(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    away, other = part(tmp_path, name="away"), part(tmp_path, name="other")
    supervisor.start([away, other])
    process = supervisor.process("away")
    supervisor.take_away("away")
    assert not process.is_running()
    assert supervisor.process("other").is_running()
    supervisor.start([away])
    assert supervisor.process("away").is_running()
    with pytest.raises(TimeoutError, match="away was not started again within 0 seconds"):
        supervisor.wait_for_restart("away", supervisor.process("away").pid, 0)
