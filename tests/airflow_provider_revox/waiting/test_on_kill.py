from __future__ import annotations

import asyncio
import copy
import logging
import os
import signal
import threading
import time
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowTaskTimeout, TaskDeferred

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.exceptions import TaskKilledError
from airflow_provider_revox.operators import _waiting_operator
from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.triggers.revox import CampaignTrigger
from airflow_provider_revox.waiting import on_kill
from airflow_provider_revox.waiting.on_kill import short_timeouts
from revox_sandbox import Fault, SandboxSettings

ADA = "+33612345678"
BY_A_PERSON = ["failed", "success", "restarting"]
BY_AIRFLOW = [
    *("running", "up_for_retry", "queued", "scheduled", None, "deferred", "up_for_reschedule"),
    *("skipped", "removed", "upstream_failed", "a state of a later Airflow", ConnectionError("no answer")),
]


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


class Airflow:
    """Answers what the task asks."""

    def __init__(self):
        self.says = "failed"
        self.asked_for = []
        self.ended = []

    def state(self, ti):
        self.asked_for.append(ti)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture(autouse=True)
def airflow(monkeypatch):
    """Airflow, which says that a person has marked the task failed until a test says otherwise."""
    airflow = Airflow()
    monkeypatch.setattr(on_kill, "task_state", airflow.state)
    monkeypatch.setattr(on_kill, "wait_for_the_end", airflow.ended.append)
    return airflow


@pytest.fixture
def config(revox_sandbox):
    return ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)


@pytest.fixture
def campaign_id(config):
    contacts = [{"to_phone_number": ADA, "prompt_variables": {}}]
    with RevoxClient(config) as client:
        return client.create_campaign(CampaignCreate.build(assistant_id="a", name="x", contacts=contacts)).id


class Instance:
    """As much of a task instance as a launch asks for."""

    dag_id, task_id, run_id, map_index, try_number = "dag", "task", "run", -1, 1
    start_date = None

    def xcom_push(self, key, value):
        pass


def operator(**options):
    contacts = [{"to_phone_number": ADA, "prompt_variables": {}}]
    return CreateCampaignOperator(
        task_id="t", assistant_id="a", name="x", contacts=contacts, launch_key="key", **options
    )


def kill_at(operator, monkeypatch, method, path, *, skip=0):
    """Call on_kill, as a signal handler does, right when a request is about to be sent; then go on."""
    left = iter(range(skip + 1))
    from airflow_provider_revox.client import sync_client as module

    send = module.RevoxClient._transmit

    def transmit(client, request, sink):
        if not operator.is_killed and request.method == method and request.path.endswith(path):
            if next(left) < skip:
                return send(client, request, sink)
            operator.on_kill()
        return send(client, request, sink)

    monkeypatch.setattr(module.RevoxClient, "_transmit", transmit)


def is_cancelled(config, campaign_id):
    with RevoxClient(config) as client:
        return client.get_campaign(campaign_id).is_cancelled


def posts(revox_sandbox):
    return [(request.method, request.path) for request in revox_sandbox.requests()].count(
        ("POST", "/campaigns")
    )


def test_a_task_that_is_killed_before_it_launched_launches_nothing(revox_sandbox, monkeypatch):
    killed = operator()
    kill_at(killed, monkeypatch, "GET", "/campaigns")
    with pytest.raises(Exception, match=r"killed before .*: nothing was sent"):
        killed.execute({"ti": Instance()})
    assert posts(revox_sandbox) == 0


@pytest.mark.parametrize("cancel_on_kill", [True, False])
def test_a_task_that_is_killed_during_its_create_cancels_the_campaign_if_the_user_wants_it(
    revox_sandbox, config, monkeypatch, cancel_on_kill
):
    killed = operator(cancel_on_kill=cancel_on_kill)
    kill_at(killed, monkeypatch, "POST", "/campaigns")
    if cancel_on_kill:
        with pytest.raises(Exception, match="of this launch was cancelled"):
            killed.execute({"ti": Instance()})
    else:
        assert killed.execute({"ti": Instance()})
    assert posts(revox_sandbox) == 1
    with RevoxClient(config) as client:
        assert [campaign.is_cancelled for campaign in client.list_campaigns()] == [cancel_on_kill]


@pytest.mark.parametrize("revox_sandbox_settings", [SandboxSettings(generation="launch-calls", speed=0)])
@pytest.mark.parametrize(
    ("request_", "skip", "cancel_on_kill", "told"),
    [
        ("/campaigns", 0, False, "nothing was sent"),
        ("/campaigns", 1, False, "it calls nobody"),
        ("/campaigns", 1, True, "of this launch was cancelled"),
        ("/launch-calls", 0, True, "Airflow has killed the task"),
    ],
)
def test_a_task_that_is_killed_between_create_and_launch_calls_nobody(
    revox_sandbox, config, monkeypatch, request_, skip, cancel_on_kill, told
):
    # The first create asks for a draft, which this generation does not know.
    killed = operator(cancel_on_kill=cancel_on_kill)
    kill_at(killed, monkeypatch, "POST", request_, skip=skip)
    with pytest.raises(Exception, match=told):
        killed.execute({"ti": Instance()})
    revox_sandbox.advance(24 * 3600)
    assert revox_sandbox.calls_per_person() == {}
    with RevoxClient(config) as client:
        created = [] if told == "nothing was sent" else [cancel_on_kill]
        assert [campaign.is_cancelled for campaign in client.list_campaigns()] == created


@pytest.mark.parametrize("revox_sandbox_settings", [SandboxSettings(generation="launch-calls", speed=0)])
def test_a_kill_during_the_launch_of_an_adopted_campaign_cancels_it(revox_sandbox, config, monkeypatch):
    with monkeypatch.context() as first_try:
        killed = operator(cancel_on_kill=False)
        kill_at(killed, first_try, "POST", "/campaigns", skip=1)
        with pytest.raises(Exception, match="it calls nobody"):
            killed.execute({"ti": Instance()})
    killed = operator(cancel_on_kill=True)
    kill_at(killed, monkeypatch, "POST", "/launch-calls")
    with pytest.raises(TaskKilledError):
        killed.execute({"ti": Instance()})
    revox_sandbox.advance(24 * 3600)
    assert revox_sandbox.calls_per_person() == {}


@pytest.fixture
def logged(caplog, capfd):
    """Return what was logged; Airflow 3 writes it out, Airflow 2 hands it to Python."""
    caplog.set_level(logging.INFO)

    def read():
        captured = capfd.readouterr()
        return caplog.text + captured.out + captured.err

    return read


def waiting_operator(**options):
    return operator(wait_for_completion=True, **options)


def kill_in_sleep(operator, monkeypatch, then=None):
    """Call on_kill, as a signal handler does, while the operator sleeps between two polls."""

    def sleep(seconds):
        operator.on_kill()
        raise AssertionError("the kill did not end the wait")

    monkeypatch.setattr(_waiting_operator, "time", SimpleNamespace(sleep=sleep))


def only_campaign(config):
    with RevoxClient(config) as client:
        (campaign,) = client.list_campaigns()
        return campaign


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
    assert len({line.partition("The task was killed")[2] for line in lines}) == 1
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


def test_a_task_that_was_stopped_while_it_launched_goes_on_and_waits_for_nothing(
    airflow, revox_sandbox, config, monkeypatch
):
    airflow.says = "running"
    killed = waiting_operator()
    kill_at(killed, monkeypatch, "POST", "/campaigns")
    with pytest.raises(TaskKilledError):
        killed.execute({"ti": Instance()})
    assert not only_campaign(config).is_cancelled
    assert posts(revox_sandbox) == 1


@pytest.mark.parametrize("revox_sandbox_settings", [SandboxSettings(generation="launch-calls", speed=0)])
@pytest.mark.parametrize("request_", ["/campaigns", "/launch-calls"])
def test_what_was_created_and_not_launched_when_a_worker_stopped_is_launched_by_the_retry(
    airflow, revox_sandbox, config, monkeypatch, request_
):
    airflow.says = "running"
    with monkeypatch.context() as first_try:
        killed = waiting_operator()
        kill_at(killed, first_try, "POST", request_, skip=1 if request_ == "/campaigns" else 0)
        with pytest.raises(TaskKilledError):
            killed.execute({"ti": Instance()})
    campaign = only_campaign(config)
    assert not campaign.is_cancelled
    revox_sandbox.advance(24 * 3600)
    assert revox_sandbox.calls_per_person() == {}
    assert operator().execute({"ti": Instance()}) == campaign.id
    revox_sandbox.advance(24 * 3600)
    assert revox_sandbox.calls_per_person() == {ADA: 1}


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


# --- real signals ---


@pytest.fixture
def sigterm():
    """Let a SIGTERM call on_kill of an operator, as Airflow does; stop a test that hangs."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}

    def hangs(*_):
        raise TimeoutError("the test hangs")

    def install(operator):
        signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
        signal.signal(signal.SIGALRM, hangs)
        signal.alarm(20)

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
def test_a_sigterm_ends_a_sleep_and_a_poll_within_the_time_that_airflow_leaves(
    airflow, revox_sandbox, config, sigterm, says, fault
):
    airflow.says = says
    killed = waiting_operator()
    sigterm(killed)
    path = ("GET", "/campaigns/{id}")
    if fault == "hang":
        revox_sandbox.faults.add(Fault(kind="hang", method=path[0], path=path[1]))
    killer = kill_after(revox_sandbox.wait_for, path)
    began = time.monotonic()
    with pytest.raises(TaskKilledError):
        killed.execute({"ti": Instance()})
    killer.join()
    assert time.monotonic() - began < 10
    assert only_campaign(config).is_cancelled is (says == "failed")


# --- deferred tasks ---


def trigger(campaign_id, *, deadline_in=60.0, map_index=-1, cancel_on_kill=True):
    trigger = CampaignTrigger(
        campaign_id=campaign_id,
        revox_conn_id="revox_default",
        poll_interval=60,
        deadline=time.time() + deadline_in,
        cancel_on_kill=cancel_on_kill,
    )
    trigger.task_instance = SimpleNamespace(
        dag_id="dag", run_id="run", task_id="task", map_index=map_index, try_number=1
    )
    return trigger


@pytest.mark.parametrize("map_index", [-1, 3])
@pytest.mark.parametrize("says", [*BY_A_PERSON, None, "scheduled", "queued", "running"])
async def test_a_person_who_marks_or_clears_a_deferred_task_cancels_its_campaign(
    airflow, config, campaign_id, says, map_index
):
    airflow.says = says
    killed = trigger(campaign_id, map_index=map_index)
    await killed.on_kill()
    assert is_cancelled(config, campaign_id)
    assert airflow.asked_for == [killed.task_instance]


@pytest.mark.parametrize(
    "says",
    ["skipped", "up_for_retry", "removed", "upstream_failed", "new", ConnectionError()],
    ids=str,
)
async def test_a_trigger_that_another_triggerer_took_over_or_that_knows_nothing_leaves_the_campaign(
    airflow, config, campaign_id, logged, says
):
    airflow.says = says
    await trigger(campaign_id).on_kill()
    assert not is_cancelled(config, campaign_id)
    assert f"Campaign {campaign_id} goes on" in logged()


@pytest.mark.parametrize("later_try", [True, False])
async def test_a_deferred_task_that_is_deferred_still_was_cleared_only_if_a_later_try_deferred(
    airflow, config, monkeypatch, later_try
):
    """Otherwise another triggerer has taken the trigger over."""
    airflow.says = "deferred"
    pushed = {}
    monkeypatch.setattr(on_kill, "xcom_of_trigger", lambda ti, key: pushed[key])
    for try_number in (1, 2) if later_try else (1,):
        ti = Instance()
        ti.try_number, ti.xcom_push = try_number, lambda key, value: pushed.update({key: value})
        with pytest.raises(TaskDeferred):
            waiting_operator(deferrable=True).execute({"ti": ti})
    campaign_id = only_campaign(config).id
    await trigger(campaign_id).on_kill()
    assert is_cancelled(config, campaign_id) is later_try


async def test_airflow_cancels_a_killed_trigger_every_second_until_it_has_ended(
    airflow, config, campaign_id, monkeypatch
):
    def slow(ti):
        time.sleep(0.5)
        return "failed"

    monkeypatch.setattr(on_kill, "task_state", slow)
    killed = asyncio.create_task(trigger(campaign_id).on_kill())
    for _ in range(8):
        await asyncio.sleep(0.05)
        killed.cancel()
    await asyncio.wait([killed])
    assert is_cancelled(config, campaign_id)


async def test_a_triggerer_that_airflow_does_not_answer_leaves_the_campaign(
    airflow, config, campaign_id, monkeypatch, logged
):
    monkeypatch.setattr(on_kill, "task_state", lambda ti: time.sleep(1))
    monkeypatch.setattr(on_kill, "SECONDS_TO_ASK", 0.1)
    await trigger(campaign_id).on_kill()
    assert not is_cancelled(config, campaign_id)
    assert "Airflow did not tell the task's state (TimeoutError)" in logged()


async def test_a_deferred_task_whose_time_is_up_keeps_its_campaign(airflow, config, campaign_id):
    await trigger(campaign_id, deadline_in=-1).on_kill()
    assert (airflow.asked_for, is_cancelled(config, campaign_id)) == ([], False)


async def test_a_deferred_task_keeps_its_campaign_if_the_user_wants_it(airflow, config, campaign_id):
    await trigger(campaign_id, cancel_on_kill=False).on_kill()
    assert (airflow.asked_for, is_cancelled(config, campaign_id)) == ([], False)


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
