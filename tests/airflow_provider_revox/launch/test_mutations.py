"""
Does any test notice when the launch is broken?

Each mutant changes one file of the package, and the tests that must notice it are run on it. The package that
is not broken passes all of them. A mutant that fits no place any more fails, too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import airflow_provider_revox
from tests.airflow_provider_revox.launch import mutant_runner
from tests.airflow_provider_revox.launch.mutants import MUTANTS

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.once,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks for every mutant"),
]

PACKAGE = Path(airflow_provider_revox.__file__).parent
ALL_TESTS = sorted({test for mutant in MUTANTS.values() for test in mutant.noticed_by})


class Runner:
    """The program that runs tests on mutants."""

    def __init__(self, output: Path) -> None:
        self._output = output
        self._program = subprocess.Popen(
            [sys.executable, "-m", mutant_runner.__name__],
            cwd=mutant_runner.ROOT,
            env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), "PYTEST_ADDOPTS": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._send(tests=ALL_TESTS)

    def run(self, tests, path=None, text=None):
        """Run tests on the package, with the text in place of the file; return exit code and output."""
        self._send(tests=tests, path=path and str(path), text=text, output=str(self._output))
        code = int(self._program.stdout.readline())
        return code, self._output.read_text()

    def _send(self, *, tests, **order):
        order["tests"] = [f"{mutant_runner.FOLDER}/{test}" for test in tests]
        self._program.stdin.write(json.dumps(order) + "\n")
        self._program.stdin.flush()

    def close(self):
        self._program.stdin.close()
        self._program.wait(30)
        self._program.stdout.close()


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    runner = Runner(tmp_path_factory.mktemp("mutants") / "output")
    yield runner
    runner.close()


def test_the_package_that_is_not_broken_passes(runner):
    code, output = runner.run(ALL_TESTS)
    assert code == pytest.ExitCode.OK, output


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_launch_is_noticed(runner, name):
    path, text = MUTANTS[name].apply(PACKAGE)
    code, output = runner.run(MUTANTS[name].noticed_by, path, text)
    assert code == pytest.ExitCode.TESTS_FAILED, output
    assert " failed" in output
    assert not any(name in output for name in ("ImportError", "NameError", "AttributeError")), output
