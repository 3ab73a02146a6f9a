"""The program of ``dying_worker.py``, as the tests of deaths use it."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import airflow_provider_revox
from tests.airflow_provider_revox.launch import dying_worker


class Workers:
    """The program that forks the workers."""

    def __init__(self) -> None:
        package = Path(airflow_provider_revox.__file__).parents[1]
        self._program = subprocess.Popen(
            [sys.executable, dying_worker.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(package)},
        )

    def start(self, world, path, die_at=None, die_when=None):
        return self.work(
            {
                "api_key": world.config.api_key,
                "base_url": world.config.base_url,
                "read_timeout": 10.0,
                "tag": dataclasses.astuple(world.tag),
                "people": world.people,
                "starts": world.starts and world.starts.isoformat(),
                "rival": path == "loses_a_race",
                "die_at": die_at,
                "die_when": die_when,
            }
        )

    def work(self, order):
        self._program.stdin.write(json.dumps(order) + "\n")
        self._program.stdin.flush()
        return self._read()["pid"]

    def end(self):
        return self._read()

    def _read(self):
        return json.loads(self._program.stdout.readline())

    def close(self):
        self._program.stdin.close()
        self._program.wait(10)
        self._program.stdout.close()
