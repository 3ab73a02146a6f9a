"""What ``make`` says if it can't install: which pinned versions there are, or that the network is away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
UNREACHABLE = "The package index could not be reached"
PIP_SAYS = {
    "no route": (
        "WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after "
        "connection broken by 'NewConnectionError('<HTTPSConnection at 0x7f>: Failed to establish a new "
        "connection: [Errno 101] Network is unreachable')': /simple/uv/\n"
        "Could not fetch URL https://index.example/uv/: connection error: HTTPSConnectionPool() - skipping\n"
        "ERROR: Could not find a version that satisfies the requirement uv (from versions: none)"
    ),
    "broken in the middle": (
        "ERROR: HTTPSConnectionPool(host='index.example', port=443): Max retries exceeded with url: /uv.whl"
    ),
    "silence": "pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(...): Read timed out.",
    "certificate": (
        "Could not fetch URL https://index.example/uv/: There was a problem confirming the ssl certificate"
    ),
}
UV_SAYS = {
    "refused": (
        "error: Request failed after 3 retries in 6.3s\n  cause: Failed to fetch: https://index.example/x/\n"
        "  cause: error sending request for url (https://index.example/x/)\n  cause: client error (Connect)\n"
        "  cause: tcp connect error\n  cause: Connection refused (os error 111)"
    ),
    "no name server": "  cause: client error (Connect)\n  cause: dns error\n  cause: error resolving DNS",
    "silence": "  cause: error sending request for url (https://a.example)\n  cause: operation timed out",
}
NPM_SAYS = {
    "no name server": (
        "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\n"
        "npm error network request to https://index.example/x failed, reason: getaddrinfo ENOTFOUND"
    ),
    "refused": "npm error code ECONNREFUSED\nnpm error FetchError: request to https://index.example/x failed",
    "silence, as an older npm says it": "npm ERR! code ETIMEDOUT\nnpm ERR! network request failed",
}
OTHER_ERRORS = {
    "version": "ERROR: Could not find a version that satisfies the requirement uv==99 (from versions: 0.1)",
    "missing": "npm error code E404\nnpm error 404  'azurite@0' is not in this registry.",
    "rights": "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "answer": "error: Failed to fetch: `https://index.example/x/`\n  cause: HTTP status client error (403)",
}
WITHOUT_AN_INDEX = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
PYTHON = f"""#!{sys.executable}
import pathlib, shutil, sys
here = pathlib.Path(__file__).parent
if sys.argv[1] == "-c":
    exec(sys.argv[2])
elif sys.argv[1:3] == ["-m", "venv"]:
    bin = pathlib.Path(sys.argv[3], "bin")
    bin.mkdir(parents=True)
    for name in ("python", "uv", "npm", "pip says", "pip logs", "uv says", "npm says"):
        if (here / name).exists():
            shutil.copy(here / name, bin / name)
else:
    tool = "pip" if "-m" in sys.argv else pathlib.Path(__file__).name
    says, log = here / f"{{tool}} says", here / f"{{tool}} logs"
    if log.exists():
        shutil.copy(log, sys.argv[sys.argv.index("--log") + 1])
    if says.exists():
        sys.exit(says.read_text())
"""


@pytest.fixture
def make(tmp_path):
    """Return a function that runs ``make`` in an environment that is not there yet."""
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name in ("python", "uv", "npm"):
        (fakes / name).write_text(PYTHON)
        (fakes / name).chmod(0o755)

    def run(target="lint", *, pip="", pip_log="", uv="", npm="", **variables):
        says = {"pip says": pip, "pip logs": pip_log, "uv says": uv, "npm says": npm}
        for name, text in says.items():
            if text:
                (fakes / name).write_text(text)
        folders = {"VENV": tmp_path / "venv", "STORAGE": tmp_path / "storage"}
        variables = {"PYTHON": fakes / "python", **folders, **variables}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        done = subprocess.run(
            ["make", target, *(f"{name}={value}" for name, value in variables.items())],
            cwd=ROOT,
            env={**environment, **WITHOUT_AN_INDEX, "PATH": f"{fakes}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        assert done.returncode != 0
        assert list(tmp_path.glob("*/.ready")) == []
        return done.stderr

    return run


@pytest.mark.parametrize("says", PIP_SAYS.values(), ids=PIP_SAYS)
def test_a_network_that_is_away_is_named_instead_of_what_pip_says(make, says):
    stderr = make(pip=says)
    assert UNREACHABLE in stderr
    assert "HTTPS_PROXY" in stderr
    assert "Retrying" not in stderr
    assert "ERROR:" not in stderr


@pytest.mark.parametrize("says", UV_SAYS.values(), ids=UV_SAYS)
def test_a_network_that_goes_away_later_is_named_too(make, says):
    stderr = make(uv=says)
    assert UNREACHABLE in stderr
    assert "cause:" not in stderr


@pytest.mark.parametrize("says", NPM_SAYS.values(), ids=NPM_SAYS)
def test_a_network_that_is_away_for_npm_is_named_too(make, says):
    stderr = make("test-storage", npm=says)
    assert UNREACHABLE in stderr
    assert "npm error" not in stderr


@pytest.mark.parametrize("says", OTHER_ERRORS.values(), ids=OTHER_ERRORS)
@pytest.mark.parametrize("tool", ["pip", "uv", "npm"])
def test_any_other_error_is_shown_as_it_is(make, tool, says):
    stderr = make("test-storage" if tool == "npm" else "lint", **{tool: says})
    assert says in stderr
    assert UNREACHABLE not in stderr


def test_an_index_that_was_away_for_pip_is_no_reason_for_an_error_of_uv(make):
    stderr = make(pip_log=PIP_SAYS["no route"], uv=OTHER_ERRORS["rights"])
    assert OTHER_ERRORS["rights"] in stderr
    assert UNREACHABLE not in stderr


@pytest.mark.parametrize("retries", ["0", "1"])
def test_pip_itself_without_a_network_is_named_as_the_cause(make, retries, monkeypatch):
    """Without retries pip does not say why it found nothing."""
    monkeypatch.setenv("PIP_RETRIES", retries)
    assert UNREACHABLE in make(PYTHON=sys.executable)


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"AIRFLOW": "3.2.1"}, "There are no pinned versions for Airflow 3.2.1 on Python 3."),
        ({"AIRFLOW": "latest"}, "There are no pinned versions for Airflow latest on Python 3."),
        ({"AIRFLOW": "3.3"}, "There are no pinned versions for Airflow 3.3 on Python 3."),
        ({"AIRFLOW": ""}, "There are no pinned versions for Airflow  on Python 3."),
        ({"PYTHON": "python9.9"}, "PYTHON=python9.9: there is no such interpreter, or it does not run."),
        ({"PYTHON": "/"}, "PYTHON=/: there is no such interpreter, or it does not run."),
        ({"PYTHON": "false"}, "PYTHON=false: there is no such interpreter, or it does not run."),
        ({"PYTHON": ""}, "PYTHON=: there is no such interpreter, or it does not run."),
    ],
)
def test_a_wrong_choice_names_the_pinned_versions_that_there_are(make, variables, problem):
    stderr = make(**variables)
    assert problem in stderr
    pinned = [line.strip() for line in stderr.splitlines() if line.startswith("  Airflow ")]
    files = [file.stem.split("-") for file in (ROOT / "constraints").glob("airflow-*.txt")]
    assert sorted(pinned) == sorted(
        f"Airflow {airflow} on Python {python}" for _, airflow, _, python in files
    )
    assert "Airflow 3.3.2 on Python 3.12" in pinned
    assert "Airflow 2.11.2 on Python 3.11" in pinned


def test_a_python_without_pinned_versions_is_named(make, tmp_path):
    python = tmp_path / "python2"
    python.write_text("#!/bin/sh\necho 2.7\n")
    python.chmod(0o755)
    assert "There are no pinned versions for Airflow 3.3.2 on Python 2.7." in make(PYTHON=python)
