"""The worker's process dies, by SIGKILL, between every two steps of a launch and within every request."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import airflow_provider_revox
from airflow_provider_revox.sandbox import Fault, Sandbox, SandboxSettings
from tests.launch import dying_worker
from tests.launch.world import World, hurry

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="dies by fork and SIGKILL")

CREATE = ("POST", "/campaigns")
LOOK = ("GET", "/campaigns")
CANCEL = ("POST", "/campaigns/{id}/cancel")
PATHS = {
    "normal": ["LookUp", "Create", "LookUp"],
    "lost_answer": ["LookUp", "Create", "Note", "Wait", "Wait", "LookUp"],
    "adopts_one_of_two": ["LookUp", "Cancel", "Note"],
    "loses_a_race": ["LookUp", "Create", "LookUp", "Cancel", "Note"],
}
DEATHS = [
    (path, number, when)
    for path, steps in PATHS.items()
    for number in range(len(steps))
    for when in ("before", "after")
]
WITHIN = [
    ("normal", LOOK, 0),
    ("normal", CREATE, 0),
    ("normal", LOOK, 1),
    ("lost_answer", LOOK, 1),
    ("adopts_one_of_two", CANCEL, 0),
    ("loses_a_race", LOOK, 1),
    ("loses_a_race", CANCEL, 0),
]


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
        order = {
            "api_key": world.config.api_key,
            "base_url": world.config.base_url,
            "read_timeout": 10.0,
            "tag": world.tag.value,
            "people": world.people,
            "starts": world.starts and world.starts.isoformat(),
            "rival": path == "loses_a_race",
            "die_at": die_at,
            "die_when": die_when,
        }
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


@pytest.fixture(scope="module")
def workers():
    program = Workers()
    yield program
    program.close()


@pytest.fixture(scope="module")
def served():
    with Sandbox(SandboxSettings(speed=0)) as sandbox:
        yield sandbox


@pytest.fixture
def start(served, monkeypatch):
    """Set the scene of a path."""
    hurry(monkeypatch)
    served.reset()

    def set_scene(path):
        # Where two campaigns race, calls begin tomorrow: that the second is cancelled in time is the point.
        world = World(served, scheduled=path in ("adopts_one_of_two", "loses_a_race"), read_timeout=10.0)
        if path == "adopts_one_of_two":
            world.put(1)
            world.put(2)
        if path == "lost_answer":
            served.faults.add(Fault(method="POST", path="/campaigns", kind="reset", when="after"))
        return world

    return set_scene


def retry_ends_well(world):
    """The scheduler's retry, in another process than the one that died, finds or makes the one campaign."""
    world.sandbox.faults.clear()
    earliest = [campaign.id for campaign in world.campaigns()][:1]
    launched = world.attempt(2)
    assert world.live() == [launched.campaign.id]
    assert earliest in ([], [launched.campaign.id])
    assert launched.adopted is bool(earliest)
    assert world.calls() == [1] * len(world.people)


@pytest.mark.parametrize("path", PATHS)
def test_a_worker_that_lives_takes_the_steps_at_which_the_others_die(start, workers, path):
    world = start(path)
    workers.start(world, path)
    ended = workers.end()
    assert ended["code"] == 0
    assert ended["steps"] == PATHS[path]
    assert not ended["airflow"]
    assert world.live() == [ended["campaign"]]
    retry_ends_well(world)


@pytest.mark.parametrize(("path", "number", "when"), DEATHS)
def test_a_worker_that_dies_between_two_steps_leaves_one_campaign_to_its_retry(
    start, workers, path, number, when
):
    world = start(path)
    workers.start(world, path, number, when)
    assert workers.end() == {"signal": signal.SIGKILL}
    retry_ends_well(world)
    creates = PATHS[path].index("Create") if "Create" in PATHS[path] else len(PATHS[path])
    sent = number > creates or (number == creates and when == "after")
    rival = path == "loses_a_race" and number > 0
    if path != "adopts_one_of_two":
        assert world.creates() == max(1, sent + rival), "the retry has sent a create it need not send"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("path", "request_", "skip"), WITHIN)
def test_a_worker_that_dies_within_a_request_leaves_one_campaign_to_its_retry(
    start, workers, path, request_, skip, when
):
    world = start(path)
    method, where = request_
    world.sandbox.faults.add(Fault(kind="hang", when=when, method=method, path=where, skip=skip))
    stage = "committed" if when == "after" else "received"
    pid = workers.start(world, path)
    world.sandbox.wait_for(request_, times=skip + 1, stage=stage)
    world.sandbox.wait_for(lambda: "hang" in [record.outcome for record in world.sandbox.requests()])
    os.kill(pid, signal.SIGKILL)
    assert workers.end() == {"signal": signal.SIGKILL}
    retry_ends_well(world)
