"""The worker of a launch of a campaign that exists dies by SIGKILL, and a retry launches what is left."""

from __future__ import annotations

import os
import signal

import pytest

from airflow_provider_revox.launch.launch_existing import LaunchOrder
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.launch.later_launch import LaterLaunch, everybody
from tests.airflow_provider_revox.launch.world import hurry

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="dies by fork and SIGKILL"),
]
LAUNCH_CALLS = ("POST", "/campaigns/{id}/launch-calls")
STEPS = ["ReadUnlaunched", "CheckPeople", "GetCampaign", "Prepare", "LaunchCalls"]
DEATHS = [(number, when) for number in range(len(STEPS)) for when in ("before", "after")]
up_to = pytest.mark.parametrize("up_to", [None, 2], ids=["all", "part"])


@pytest.fixture(scope="module")
def served():
    with Sandbox(SandboxSettings(generation="launch-calls", speed=0)) as sandbox:
        yield sandbox


@pytest.fixture
def later(served, monkeypatch):
    hurry(monkeypatch)
    served.reset()
    return LaterLaunch(served)


def order(later, up_to, die_at=None, die_when=None):
    """Return what a worker is told to do."""
    return {
        "api_key": later.config.api_key,
        "base_url": later.config.base_url,
        "campaign_id": later.campaign_id,
        "up_to": up_to,
        "die_at": die_at,
        "die_when": die_when,
    }


def retry_ends_well(later, up_to, *, launched):
    """The retry, in another process, launches everybody of the part once, and nobody else."""
    later.sandbox.faults.clear()
    wanted = later.wanted(LaunchOrder(up_to=up_to)) if not launched else None
    outcome = later.attempt(LaunchOrder(up_to=up_to))
    size = up_to or len(everybody())
    assert outcome.launched == (0 if launched else size)
    called = later.called()
    assert len(called) == size
    assert wanted in (None, called)


@up_to
def test_a_worker_that_lives_takes_the_steps_at_which_the_others_die(later, workers, up_to):
    workers.work(order(later, up_to))
    ended = workers.end()
    assert (ended["code"], ended["steps"], ended["airflow"]) == (0, STEPS, False)
    retry_ends_well(later, up_to, launched=True)


@up_to
@pytest.mark.parametrize(("number", "when"), DEATHS)
def test_a_worker_that_dies_between_two_steps_leaves_the_launch_to_its_retry(
    later, workers, up_to, number, when
):
    workers.work(order(later, up_to, number, when))
    assert workers.end() == {"signal": signal.SIGKILL}
    retry_ends_well(later, up_to, launched=(number, when) == (len(STEPS) - 1, "after"))


@up_to
@pytest.mark.parametrize(("when", "stage"), [("before", "received"), ("after", "committed")])
def test_a_worker_that_dies_within_the_launch_launches_nobody_twice(later, workers, up_to, when, stage):
    method, path = LAUNCH_CALLS
    later.sandbox.faults.add(Fault(kind="hang", when=when, method=method, path=path))
    pid = workers.work(order(later, up_to))
    later.sandbox.wait_for(LAUNCH_CALLS, times=1, stage=stage)
    later.sandbox.wait_for(lambda: "hang" in [record.outcome for record in later.sandbox.requests()])
    os.kill(pid, signal.SIGKILL)
    assert workers.end() == {"signal": signal.SIGKILL}
    retry_ends_well(later, up_to, launched=when == "after")
