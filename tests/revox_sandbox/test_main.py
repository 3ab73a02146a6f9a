from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest

from revox_sandbox.__main__ import main


@pytest.fixture
def run():
    processes = []

    def run(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "revox_sandbox", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(run, anonymous, signum):
    process = run("--api-key", "my-key")
    base_url = process.stdout.readline().strip()
    line = process.stdout.readline()
    connection = json.loads(re.fullmatch("AIRFLOW_CONN_REVOX_DEFAULT='(.*)'\n", line)[1])
    assert connection == {"conn_type": "revox", "host": base_url, "password": "my-key"}
    assert anonymous.get(base_url.replace("/api", "/_sandbox/health")).status_code == 200
    headers = {"Authorization": "Bearer my-key"}
    assert anonymous.get(f"{base_url}/campaigns", headers=headers).json() == {"campaigns": []}
    process.send_signal(signum)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_speaks_the_generation_it_is_told_to(run, anonymous):
    process = run("--generation", "launch-calls")
    base_url = process.stdout.readline().strip()
    headers = {"Authorization": "Bearer sandbox-key"}
    assert anonymous.get(f"{base_url}/auth-status", headers=headers).json() == {"authenticated": True}
    assert "/campaigns/{id}/launch-calls" in anonymous.get(f"{base_url}/openapi.json").json()["paths"]


def test_it_warns_when_others_can_reach_it(run):
    process = run("--host", "0.0.0.0")
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.terminate()
    assert "WARNING" in process.communicate(timeout=20)[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--generation", "latest"),
        ("--default-hours", "night"),
        ("--speed", "fast"),
        ("--speed", "-1"),
        ("--api-key", ""),
        ("--host", "192.0.2.1"),
        ("--port", "99999"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(capsys, monkeypatch, arguments):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("python -m revox_sandbox: error: ")
