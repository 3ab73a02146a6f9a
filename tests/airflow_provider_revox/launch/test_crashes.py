"""The worker's process dies, by SIGKILL, between every two steps of a launch and within every request."""

from __future__ import annotations

import contextlib
import os
import signal

import pytest

from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.launch.world import World, hurry, show_generation

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.once,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="dies by fork and SIGKILL"),
]

CREATE = ("POST", "/campaigns")
LOOK = ("GET", "/campaigns")
LOOK_AT_ONE = ("GET", "/campaigns/{id}")
ROWS = ("GET", "/campaigns/{id}/rows")
CANCEL = ("POST", "/campaigns/{id}/cancel")
LAUNCH_CALLS = ("POST", "/campaigns/{id}/launch-calls")
LAUNCH_DRAFT = ("POST", "/campaigns/{id}/launch")
OTHERS = "HasOtherPeople"
AT_ONCE = {
    "normal": ["LookUp", "Prepare", "AskAuthStatus", "Create", "LookUp"],
    "lost_answer": ["LookUp", "Prepare", "AskAuthStatus", "Create", "Note", "Wait", "Wait", "LookUp"],
    "adopts_one_of_two": ["LookUp", OTHERS, "Wait", OTHERS, "Prepare", "Cancel", "Note"],
    "loses_a_race": ["LookUp", "Prepare", "AskAuthStatus", "Create", "LookUp", OTHERS, "Cancel", "Note"],
}
# Where the list of campaigns shows it, nothing else is asked.
SHOWN = {path: [step for step in steps if step != "AskAuthStatus"] for path, steps in AT_ONCE.items()}
PATHS = {
    # What calls people is adopted if its people are the people of the list.
    "contract": {**AT_ONCE, "lost_answer": [*AT_ONCE["lost_answer"], OTHERS]},
    # Creating is the same as above.
    "drafts": {
        "launches_a_draft": ["LookUp", "Prepare", "ComparePeople", "Note", "LaunchDraft", "GetCampaign"]
    },
    "launch-calls": {
        "normal": [*SHOWN["normal"], "LaunchCalls"],
        "lost_answer": [*SHOWN["lost_answer"], "ComparePeople", "Note", "LaunchCalls"],
        "lost_launch": [*SHOWN["normal"], "LaunchCalls", "GetCampaign"],
        "adopts_one_of_two": [
            *SHOWN["adopts_one_of_two"],
            "LookUp",
            "ComparePeople",
            "Note",
            "LaunchCalls",
        ],
        "loses_a_race": [*SHOWN["loses_a_race"], "LookUp", "ComparePeople", "Note", "LaunchCalls"],
    },
}
DEATHS = [
    (generation, path, number, when)
    for generation, paths in PATHS.items()
    for path, steps in paths.items()
    for number in range(len(steps))
    for when in ("before", "after")
]
WITHIN = [
    ("contract", "normal", LOOK, 0),
    ("contract", "normal", CREATE, 0),
    ("contract", "normal", LOOK, 1),
    ("contract", "lost_answer", LOOK, 1),
    ("contract", "adopts_one_of_two", CANCEL, 0),
    ("contract", "loses_a_race", LOOK, 1),
    ("contract", "loses_a_race", CANCEL, 0),
    ("drafts", "launches_a_draft", ROWS, 0),
    ("drafts", "launches_a_draft", LAUNCH_DRAFT, 0),
    ("drafts", "launches_a_draft", LOOK_AT_ONE, 0),
    ("launch-calls", "normal", CREATE, 0),
    ("launch-calls", "normal", LOOK, 1),
    ("launch-calls", "normal", LAUNCH_CALLS, 0),
    ("launch-calls", "lost_launch", LOOK_AT_ONE, 0),
    ("launch-calls", "loses_a_race", CANCEL, 0),
    ("launch-calls", "loses_a_race", LAUNCH_CALLS, 0),
]


@pytest.fixture(scope="module")
def served():
    with contextlib.ExitStack() as stack:
        yield {
            generation: stack.enter_context(Sandbox(SandboxSettings(generation=generation, speed=0)))
            for generation in PATHS
        }


@pytest.fixture
def start(served, generation, monkeypatch):
    """Set the scene of a path."""
    hurry(monkeypatch)
    sandbox = served[generation]
    sandbox.reset()
    show_generation(sandbox)

    def set_scene(path):
        # Where two campaigns race, calls begin tomorrow: that the second is cancelled in time is the point.
        world = World(sandbox, scheduled=path in ("adopts_one_of_two", "loses_a_race"))
        if path == "launches_a_draft":
            world.put_draft()
        if path == "lost_launch":
            sandbox.faults.add(Fault(path=LAUNCH_CALLS[1], kind="reset", when="after"))
        if path == "adopts_one_of_two":
            world.put(1)
            world.put(2)
        if path == "lost_answer":
            sandbox.faults.add(Fault(method="POST", path="/campaigns", kind="reset", when="after"))
        return world

    return set_scene


def retry_ends_well(world):
    """The scheduler's retry, in another process than the one that died, finds or makes the one campaign."""
    world.sandbox.faults.clear()
    earliest = [campaign.id for campaign in world.campaigns()][:1]
    launched = world.attempt(2)
    assert world.not_cancelled() == [launched.campaign.id]
    assert earliest in ([], [launched.campaign.id])
    assert launched.adopted is bool(earliest)
    assert world.calls() == [1] * len(world.people)


@pytest.mark.parametrize(
    ("generation", "path"), [(generation, path) for generation, paths in PATHS.items() for path in paths]
)
def test_a_worker_that_lives_takes_the_steps_at_which_the_others_die(start, workers, generation, path):
    world = start(path)
    workers.start(world, path)
    ended = workers.end()
    assert ended["code"] == 0
    assert ended["steps"] == PATHS[generation][path]
    assert not ended["airflow"]
    assert world.not_cancelled() == [ended["campaign"]]
    retry_ends_well(world)


@pytest.mark.parametrize(("generation", "path", "number", "when"), DEATHS)
def test_a_worker_that_dies_between_two_steps_leaves_one_campaign_to_its_retry(
    start, workers, generation, path, number, when
):
    world = start(path)
    workers.start(world, path, number, when)
    assert workers.end() == {"signal": signal.SIGKILL}
    if "LaunchCalls" in (steps := PATHS[generation][path]):
        launched = number > steps.index("LaunchCalls") or (steps[number], when) == ("LaunchCalls", "after")
        assert bool(world.sandbox.calls_per_person()) is launched, "nobody is called before the launch"
    retry_ends_well(world)
    creates = steps.index("Create") if "Create" in steps else len(steps)
    sent = number > creates or (number == creates and when == "after")
    rival = path == "loses_a_race" and number > 0
    if path not in ("adopts_one_of_two", "launches_a_draft"):
        assert world.creates() == max(1, sent + rival), "the retry has sent a create it need not send"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("generation", "path", "request_", "skip"), WITHIN)
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
