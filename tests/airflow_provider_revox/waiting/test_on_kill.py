"""Tasks in a worker that are killed while they wait."""

from __future__ import annotations

import copy
import os
import signal
import threading
import time

import pytest
from airflow.providers.common.compat.sdk import AirflowTaskTimeout, TaskDeferred

from airflow_provider_revox.client import RevoxClient
from airflow_provider_revox.exceptions import TaskKilledError
from airflow_provider_revox.waiting import on_kill
from airflow_provider_revox.waiting.on_kill import short_timeouts
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.waiting.kills import (
    ADA,
    BY_A_PERSON,
    Instance,
    is_cancelled,
    kill_in_sleep,
    only_campaign,
    operator,
    posts,
    waiting_operator,
)

pytestmark = pytest.mark.usefixtures("airflow")
BY_AIRFLOW = [
    *("running", "up_for_retry", "queued", "scheduled", None, "deferred", "up_for_reschedule"),
    *("skipped", "removed", "upstream_failed", "a state of a later Airflow", ConnectionError("no answer")),
]


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


@pytest.mark.parametrize("map_index", [-1, 3])
@pytest.mark.parametrize("says", BY_A_PERSON)
def test_a_person_who_marks_or_clears_a_waiting_task_cancels_its_campaign(
    airflow, config, monkeypatch, logged, says, map_index
):
    airflow.says = says
    killed, ti = waiting_operator(), Instance()
    ti.map_index = map_index
    kill_in_sleep(killed, monkeypatch)
    with pytest.raises(TaskKilledError):
        killed.execute({"ti": ti})
    campaign = only_campaign(config)
    assert campaign.is_cancelled
    assert f"Somebody has marked or cleared the task, so it has cancelled campaign {campaign.id}." in logged()
    assert airflow.asked_for == [ti]
    assert airflow.ended == [on_kill.SECONDS_UNTIL_THE_END]


@pytest.mark.parametrize("on_timeout", ["leave", "cancel"])
def test_a_campaign_of_other_people_that_another_airflow_may_have_launched_is_never_cancelled(
    airflow, config, monkeypatch, on_timeout
):
    operator().execute({"ti": Instance()})  # with the same launch key
    ours = waiting_operator(number="+14155550100", on_timeout=on_timeout)
    kill_in_sleep(ours, monkeypatch)
    with pytest.raises(TaskKilledError):
        ours.execute({"ti": Instance()})
    assert not only_campaign(config).is_cancelled
    assert ours.on_timeout == "leave"


@pytest.mark.parametrize("says", BY_AIRFLOW, ids=str)
def test_a_kill_by_anything_else_leaves_the_campaign_and_the_retry_adopts_it(
    airflow, revox_sandbox, config, monkeypatch, logged, says
):
    airflow.says = says
    with monkeypatch.context() as first_try:
        killed = waiting_operator()
        kill_in_sleep(killed, first_try)
        with pytest.raises(TaskKilledError):
            killed.execute({"ti": Instance()})
    campaign = only_campaign(config)
    assert not campaign.is_cancelled
    why = (
        "did not tell the task's state (ConnectionError)"
        if isinstance(says, Exception)
        else str(says or "none")
    )
    lines = [line for line in logged().splitlines() if "nobody has marked or cleared it" in line]
    # Airflow 2 logs a line in two forms, one of them with its quotes escaped.
    reasons = [
        line.replace("\\'", "'").partition("cleared it: ")[2].partition(". Campaign")[0] for line in lines
    ]
    assert len(set(reasons)) == 1
    assert why in lines[0]
    assert f"Campaign {campaign.id} goes on. A retry adopts it." in lines[0]
    assert "no answer" not in lines[0]
    assert airflow.ended == []
    revox_sandbox.advance(24 * 3600)
    assert waiting_operator().execute({"ti": Instance()}) == campaign.id
    assert revox_sandbox.calls_per_person() == {ADA: 1}


@pytest.mark.parametrize(
    ("options", "cancels"),
    [
        ({}, False),
        ({"wait_for_completion": True}, True),
        ({"wait_for_completion": True, "cancel_on_kill": False}, False),
        ({"cancel_on_kill": True}, True),
    ],
)
def test_a_kill_cancels_by_default_where_the_task_waits(airflow, config, campaign_id, options, cancels):
    killed = operator(**options)
    with killed.killable(Instance()):
        killed.cancel_on_kill_from_now(config, campaign_id)
        killed.on_kill()
    assert is_cancelled(config, campaign_id) is cancels
    assert len(airflow.asked_for) == cancels  # without a campaign to cancel, there is nothing to ask


def test_a_kill_that_came_before_the_campaign_was_known_cancels_it(config, campaign_id):
    killed = operator(cancel_on_kill=True)
    with killed.killable(Instance()):
        killed.on_kill()
        killed.cancel_on_kill_from_now(config, campaign_id)
        assert is_cancelled(config, campaign_id)


def test_a_kill_takes_notes_only_because_the_task_may_be_talking_to_airflow(airflow, config, campaign_id):
    killed = operator(cancel_on_kill=True)
    with killed.killable(Instance()):
        killed.cancel_on_kill_from_now(config, campaign_id)
        killed.on_kill()
        killed.on_kill()
        assert (airflow.asked_for, is_cancelled(config, campaign_id)) == ([], False)
    assert (len(airflow.asked_for), is_cancelled(config, campaign_id)) == (1, True)


def test_a_kill_after_the_task_has_ended_changes_nothing(airflow, config, campaign_id):
    killed = operator(cancel_on_kill=True)
    with killed.killable(Instance()):
        killed.cancel_on_kill_from_now(config, campaign_id)
    killed.on_kill()
    assert (airflow.asked_for, is_cancelled(config, campaign_id)) == ([], False)


def test_the_execution_timeout_of_a_waiting_task_keeps_its_campaign(airflow, config, monkeypatch):
    waiting = waiting_operator()

    def time_is_up(context, campaign_id):
        raise AirflowTaskTimeout

    monkeypatch.setattr(waiting, "wait", time_is_up)
    with pytest.raises(AirflowTaskTimeout):
        waiting.execute({"ti": Instance()})
    waiting.on_kill()  # as Airflow does next
    assert (airflow.asked_for, only_campaign(config).is_cancelled) == ([], False)


def test_a_task_that_is_killed_right_before_it_defers_still_defers_and_leaves_its_campaign(
    airflow, config, monkeypatch
):
    airflow.says = "running"
    killed = waiting_operator(deferrable=True)
    defer = killed.defer

    def kill_and_defer(**arguments):
        killed.on_kill()
        defer(**arguments)

    monkeypatch.setattr(killed, "defer", kill_and_defer)
    with pytest.raises(TaskDeferred):
        killed.execute({"ti": Instance()})
    assert not only_campaign(config).is_cancelled


def test_the_kill_of_one_try_does_not_kill_the_next(config, campaign_id):
    task = operator(cancel_on_kill=True)
    first, second = copy.copy(task), copy.copy(task)
    first.on_kill()
    with second.killable(Instance()):
        second.cancel_on_kill_from_now(config, campaign_id)
    assert (first.is_killed, second.is_killed) == (True, False)
    assert not is_cancelled(config, campaign_id)


def kill_with_campaign(config, campaign_id):
    killed = operator(cancel_on_kill=True)
    with killed.killable(Instance()):
        killed.cancel_on_kill_from_now(config, campaign_id)
        killed.on_kill()


def test_a_cancel_that_revox_does_not_carry_out_is_logged(revox_sandbox, config, campaign_id, logged):
    answer = Fault(kind="broken_json", path="/campaigns/{id}/cancel", body={"success": False})
    revox_sandbox.faults.add(answer)
    kill_with_campaign(config, campaign_id)
    assert f"Revox did not cancel campaign {campaign_id}" in logged()


def test_a_failed_cancel_is_logged_and_does_not_hide_how_the_task_ends(
    revox_sandbox, config, campaign_id, logged
):
    revox_sandbox.faults.add(Fault(kind="status", status=500, path="/campaigns/{id}/cancel", times=None))
    kill_with_campaign(config, campaign_id)
    assert not is_cancelled(config, campaign_id)
    assert f"could not cancel campaign {campaign_id}, which goes on: " in logged()


@pytest.fixture
def sigterm():
    """Let a SIGTERM call on_kill of an operator, as Airflow does; stop a test that hangs."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}

    def hangs(*_):
        raise TimeoutError("the test hangs")

    def install(operator):
        signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
        signal.signal(signal.SIGALRM, hangs)
        signal.alarm(60)

    yield install
    signal.alarm(0)
    for number, handler in before.items():
        signal.signal(number, handler)


def kill_after(condition, *arguments, **options):
    """Send SIGTERM to this process when a condition holds."""

    def run():
        condition(*arguments, **options)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("fault", ["none", "hang"])
@pytest.mark.parametrize("says", ["failed", "running"])
def test_a_sigterm_ends_a_sleep_and_a_poll_that_hangs(airflow, revox_sandbox, config, sigterm, says, fault):
    airflow.says = says
    killed = waiting_operator(poll_interval=3600)
    sigterm(killed)
    path = ("GET", "/campaigns/{id}")
    if fault == "hang":
        revox_sandbox.faults.add(Fault(kind="hang", method=path[0], path=path[1]))
    killer = kill_after(revox_sandbox.wait_for, path)
    began = time.monotonic()
    with pytest.raises(TaskKilledError):
        killed.execute({"ti": Instance()})
    killer.join()
    # Only a hang takes this long: the pause takes an hour, and a request that hangs a minute. The next test
    # says that the requests of a kill fit into the time that Airflow leaves.
    assert time.monotonic() - began < 50
    assert only_campaign(config).is_cancelled is (says == "failed")


def test_a_kill_has_short_timeouts_because_airflow_leaves_a_killed_task_five_seconds(config):
    short = short_timeouts(config)
    assert (short.connect_timeout, short.read_timeout, short.write_timeout, short.retries) == (1, 2, 1, 1)
    assert short.api_key == config.api_key


@pytest.mark.parametrize("rendered", [None, "", " "])
def test_a_launch_key_that_renders_to_nothing_does_not_turn_the_look_up_off(revox_sandbox, rendered):
    killed = operator()
    killed.launch_key = rendered
    with pytest.raises(Exception, match="launch_key: is empty"):
        killed.execute({"ti": Instance()})
    assert posts(revox_sandbox) == 0


def test_no_launch_key_launches_without_a_tag_unless_the_task_is_mapped(revox_sandbox, config):
    unkeyed = operator()
    unkeyed.launch_key, unkeyed._looks_up = None, False
    assert unkeyed.execute({"ti": Instance()})
    with RevoxClient(config) as client:
        assert [campaign.name for campaign in client.list_campaigns()] == ["x"]
    mapped = Instance()
    mapped.map_index = 0
    with pytest.raises(Exception, match="launch_key: is empty"):
        unkeyed.execute({"ti": mapped})
