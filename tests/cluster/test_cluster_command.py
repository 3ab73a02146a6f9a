"""``make cluster`` comes up, says where to look, and leaves no process and no folder behind."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from dev.ports import free_port
from dev.showroom import ROOT

pytestmark = pytest.mark.cluster


@pytest.fixture
def started() -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    command = [sys.executable, "-m", "dev.cluster", "--port", str(port)]
    # In a session of its own, so that the signal of the test reaches it alone, as one of a service manager.
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        yield process, port
        process.kill()


def test_it_says_where_to_look_and_leaves_nothing_behind(
    started: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = started
    assert process.stdout
    said = ""
    while "Ctrl-C ends all" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    health = httpx.get(f"http://127.0.0.1:{port}/api/v2/monitor/health", trust_env=False).json()
    assert {one["status"] for one in health.values()} == {"healthy"}
    assert f"http://127.0.0.1:{port} " in said
    assert f"http://127.0.0.1:{port}/dags/crm_csv_to_campaign" in said
    found = re.search(r"Folder: +(\S+)", said)
    assert found
    folder = Path(found[1])
    # Services, Airflow's parts, and what they have started.
    assert len(processes_of(folder)) > 12

    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert processes_of(folder) == []
    assert not folder.exists()


def processes_of(folder: Path) -> list[str]:
    """Return every process that runs in the folder, or whose environment or command names it."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            names = [process.cwd(), *process.cmdline(), process.environ().get("AIRFLOW_HOME", "")]
            if any(str(folder) in name for name in names):
                found.append(process.name())
    return found
