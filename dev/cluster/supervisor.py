"""Run parts, and start a part again that ends, as a service manager does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil

from dev.cluster.part import Part

RESTART_AFTER = 1.0
"""Seconds between the end of a part and its next start."""


class Supervisor:
    """
    Runs parts. Each has a thread that waits for its end.

    :param logs: The folder for what the parts print.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._kept: dict[str, _Kept] = {}

    def start(self, parts: Iterable[Part]) -> None:
        """Start parts."""
        for part in parts:
            self._kept[part.name] = _Kept(part, self._logs / f"{part.name}.log")

    def process(self, name: str) -> psutil.Process:
        """Return the main process of a part that runs."""
        return psutil.Process(self._kept[name].pid)

    def descendants(self) -> list[psutil.Process]:
        """Return every process that the parts have started."""
        found = []
        for kept in self._kept.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                found += psutil.Process(kept.pid).children(recursive=True)
        return found

    def wait_for_restart(self, name: str, pid: int, timeout: float) -> None:
        """
        Wait until a part runs again.

        :param name: The part.
        :param pid: The main process that has ended or will end.
        :raises TimeoutError: It still runs, or does not run again.
        """
        self._kept[name].wait_for_restart(pid, timeout)

    def take_away(self, name: str) -> None:
        """End a part at once, and do not start it again."""
        kept = self._kept.pop(name)
        kept.ask_to_end(signal.SIGKILL)
        kept.wait()

    def stop(self, names: Iterable[str]) -> None:
        """Ask those parts to end that run, kill what does not, and start none of them again."""
        stopped = [self._kept.pop(name) for name in names if name in self._kept]
        for kept in stopped:
            kept.ask_to_end(kept.part.stop_signal)
        for kept in stopped:
            kept.wait()


class _Kept:
    """Keeps one part running."""

    def __init__(self, part: Part, log: Path) -> None:
        self.part = part
        self._log = log
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._process = self._run()
        self._thread = threading.Thread(target=self._keep, name=part.name, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask_to_end(self, number: signal.Signals) -> None:
        self._stopping.set()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self) -> None:
        self._thread.join(self.part.grace)
        if self._thread.is_alive():
            self._process.kill()
            self._thread.join()

    def wait_for_restart(self, pid: int, timeout: float) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self.pid != pid, timeout):
                raise TimeoutError(f"{self.part.name} was not started again within {timeout:g} seconds")

    def _keep(self) -> None:
        while True:
            self._process.wait()
            # What a part leaves behind would disturb the next one, and would outlive the cluster.
            kill_session(self.pid)
            if self._stopping.wait(RESTART_AFTER):
                return
            with self._changed:
                self._process = self._run()
                self._changed.notify_all()

    def _run(self) -> subprocess.Popen[bytes]:
        user: dict[str, Any] = {}
        if self.part.user:
            user = {"user": self.part.user, "group": self.part.user, "extra_groups": []}
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C does not reach it, and its children are found by it.
            return subprocess.Popen(
                self.part.command,
                env=dict(self.part.env),
                cwd=self.part.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **user,
            )


def kill_session(session: int) -> None:
    """Kill every process of a session."""
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)
