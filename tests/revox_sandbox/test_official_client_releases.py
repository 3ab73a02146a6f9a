"""The later releases of the official client judge the sandbox too. Each runs in a process of its own."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev.official_client import RELEASES, install
from revox_sandbox import Sandbox, SandboxSettings

pytestmark = pytest.mark.once

CHECKS = Path(__file__).parent / "official"


def modules(generation: str) -> list[str]:
    return [generation.replace("-", "_"), "calls_and_organization"]


def names(generation: str) -> list[str]:
    return [
        f"{module}.{part.name}"
        for module in modules(generation)
        for part in ast.parse((CHECKS / f"{module}.py").read_text()).body
        if isinstance(part, ast.FunctionDef) and part.name.startswith("check_")
    ]


def judge(generation: str) -> dict[str, str | None]:
    environment = {**os.environ, "PYTHONPATH": str(install(generation)), "PYTHONDONTWRITEBYTECODE": "1"}
    with Sandbox(SandboxSettings(generation=generation, speed=0)) as sandbox:
        driver = [sys.executable, str(CHECKS / "driver.py"), sandbox.url, sandbox.api_key]
        done = subprocess.run(
            [*driver, *modules(generation)], env=environment, stdout=subprocess.PIPE, check=True
        )
    report = json.loads(done.stdout)
    assert report["version"] == RELEASES[generation]
    return report["verdicts"]


@pytest.fixture(scope="module")
def verdicts():
    known: dict[str, dict[str, str | None]] = {}

    def of(generation: str) -> dict[str, str | None]:
        if generation not in known:
            known[generation] = judge(generation)
        return known[generation]

    return of


@pytest.mark.parametrize(
    ("generation", "check"), [(generation, name) for generation in RELEASES for name in names(generation)]
)
def test_the_release_that_speaks_it_works(verdicts, generation, check):
    verdict = verdicts(generation)[check]
    assert verdict is None, verdict
