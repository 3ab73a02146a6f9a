"""
Runs tests on mutants: a program that forks for every line it reads, so that most is imported only once.

The fork imports the package anew, with one file changed, and runs the tests in its own process.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = "airflow_provider_revox"
FOLDER = Path(__file__).parent.relative_to(ROOT)
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}"]


class ChangedFile(importlib.machinery.SourceFileLoader):
    """Loads a module from another text than its file has."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> object:
        return compile(self._text, self.path, "exec", dont_inherit=True)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the changed file where Python asks for its module."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text

    def find_spec(self, name, path, target=None):
        spec = (
            importlib.machinery.PathFinder.find_spec(name, path, target) if name.startswith(PACKAGE) else None
        )
        if spec is None or spec.origin != str(self._path):
            return None
        spec.loader = ChangedFile(name, spec.origin, self._text)
        return spec


def forget_the_package():
    """Forget the package and its tests, and keep all that they import."""
    for name in list(sys.modules):
        if name.split(".")[0] == PACKAGE or name.startswith(f"tests.{PACKAGE}."):
            del sys.modules[name]


def run(order):
    """Run the tests of an order in this process; return pytest's exit code."""
    if order["path"]:
        finder = Finder(Path(order["path"]), order["text"])
        sys.meta_path.insert(0, finder)
    return pytest.main([*OPTIONS, *order["tests"]])


def main():
    talk = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.chdir(ROOT)
    first = json.loads(sys.stdin.readline())
    pytest.main([*OPTIONS, "--collect-only", *first["tests"]])
    forget_the_package()
    for line in sys.stdin:
        order = json.loads(line)
        if (pid := os.fork()) == 0:
            output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            code = 70
            try:
                code = int(run(order))
                sys.stdout.flush()
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        talk.write(f"{os.waitstatus_to_exitcode(status)}\n")
        talk.flush()


if __name__ == "__main__":
    main()
