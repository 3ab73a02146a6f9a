"""The state that Airflow has for a task: asked as a task does, of the real other end of its socket."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import threading
import time
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowException

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.compatibility import state_among, states_of_task, task_state, xcom_of_trigger
from airflow_provider_revox.exceptions import TaskKilledError
from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.waiting import on_kill
from revox_sandbox import SandboxSettings

comms_module = pytest.importorskip("airflow.sdk.execution_time.comms", reason="Airflow 3")
msgspec = pytest.importorskip("msgspec")

RUN = "manual__1"


class Supervisor(threading.Thread):
    """
    Answers a task on its socket, as the process that supervises it does.

    :param answers: Given a request's body, returns the answer's body; ``None``: no answer, the socket is
        closed.
    """

    def __init__(self, answers):
        super().__init__(daemon=True)
        self.answers, self.asked = answers, []
        self.socket, self.task_socket = socket.socketpair()
        self.start()

    def run(self):
        while header := self.socket.recv(4, socket.MSG_WAITALL):
            (length,) = struct.unpack(">I", header)
            id_, body, *_ = msgspec.msgpack.decode(self.socket.recv(length, socket.MSG_WAITALL))
            self.asked.append(body)
            if (answer := self.answers(body)) is None:
                break
            frame = msgspec.msgpack.encode([id_, answer])
            self.socket.sendall(struct.pack(">I", len(frame)) + frame)
        self.socket.close()


@pytest.fixture
def supervised(monkeypatch):
    """Return a function that puts this process under a supervisor."""

    def supervise(answers):
        from airflow.sdk.execution_time import task_runner

        supervisor = Supervisor(answers)
        comms = comms_module.CommsDecoder(socket=supervisor.task_socket)
        monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", comms, raising=False)
        supervisor.comms = comms
        return supervisor

    return supervise


def instance(map_index=-1):
    return SimpleNamespace(
        dag_id="dag", run_id=RUN, task_id="calls", map_index=map_index, try_number=1, start_date=None
    )


def states(**of_tasks):
    return lambda body: {"type": "TaskStatesResult", "task_states": {RUN: of_tasks}}


@pytest.mark.parametrize("map_index", [-1, None])
def test_the_state_of_a_task_is_that_of_no_mapped_instance(supervised, map_index):
    supervisor = supervised(states(calls="running", calls_0="failed"))
    assert task_state(instance(map_index)) == "running"
    (asked,) = supervisor.asked
    assert asked["type"] == "GetTaskStates"
    assert (asked["dag_id"], asked["run_ids"], asked["task_ids"]) == ("dag", [RUN], ["calls"])
    assert asked["map_index"] is None


def test_the_state_of_a_mapped_task_is_that_of_its_own_instance(supervised):
    supervisor = supervised(states(calls="failed", calls_0="failed", calls_1="failed", calls_12="running"))
    assert task_state(instance(12)) == "running"
    assert supervisor.asked[0]["map_index"] == 12


def test_a_task_that_was_cleared_and_is_not_scheduled_yet_has_no_state(supervised):
    supervised(states(calls=None))
    assert task_state(instance()) is None


def test_the_states_of_a_task_are_asked_for_all_runs_and_instances_at_once(supervised):
    supervisor = supervised(states(calls_0="failed", calls_1="running"))
    found = states_of_task("dag", "calls", [RUN, "manual__2"])
    assert [state_among(found, instance(index)) for index in (0, 1)] == ["failed", "running"]
    (asked,) = supervisor.asked
    assert (asked["dag_id"], asked["run_ids"], asked["task_ids"]) == ("dag", [RUN, "manual__2"], ["calls"])
    assert asked["map_index"] is None


def test_a_trigger_can_read_what_the_latest_try_of_its_task_has_pushed(supervised):
    supervisor = supervised(lambda body: {"type": "XComResult", "key": "launch", "value": {"try_number": 2}})
    assert xcom_of_trigger(instance(map_index=3), "launch") == {"try_number": 2}
    (asked,) = supervisor.asked
    assert {name: asked[name] for name in ("type", "key", "dag_id", "run_id", "task_id", "map_index")} == {
        "type": "GetXCom",
        "key": "launch",
        "dag_id": "dag",
        "run_id": RUN,
        "task_id": "calls",
        "map_index": 3,
    }


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "TaskStatesResult", "task_states": {}},
        {"type": "TaskStatesResult", "task_states": {RUN: {}}},
        {"type": "TaskStatesResult", "task_states": {RUN: {"calls_1": "failed"}}},
        {"type": "ErrorResponse", "error": "API_SERVER_ERROR", "detail": None},
        None,
    ],
    ids=["no run", "no task", "another task", "an error", "the supervisor ends"],
)
def test_without_an_answer_nobody_is_known_to_have_acted(supervised, answer):
    supervised(lambda body: answer)
    for acted, told in (
        on_kill._ask_airflow(instance()),
        asyncio.run(on_kill._ask_airflow_in_triggerer(instance())),
    ):
        assert not acted
        assert told.startswith("Airflow did not tell the task's state (")


# --- a whole kill, with a real signal and the real socket ---


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


@pytest.fixture
def killed(monkeypatch, revox_sandbox):
    """A waiting operator. A SIGTERM calls its on_kill, as in Airflow; a test that deadlocks is ended."""
    monkeypatch.setattr(on_kill, "SECONDS_UNTIL_THE_END", 0)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}
    contacts = [{"to_phone_number": "+33612345678", "prompt_variables": {}}]
    operator = CreateCampaignOperator(
        task_id="calls",
        assistant_id="a",
        name="x",
        contacts=contacts,
        launch_key="key",
        wait_for_completion=True,
    )

    def deadlock(*_):
        raise TimeoutError("a deadlock")

    signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
    signal.signal(signal.SIGALRM, deadlock)
    signal.alarm(20)
    yield operator
    signal.alarm(0)
    for number, handler in before.items():
        signal.signal(number, handler)


def is_cancelled(revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    with RevoxClient(config) as client:
        (campaign,) = client.list_campaigns()
    return campaign.is_cancelled


def asked_for_states(supervisor):
    return [body["type"] for body in supervisor.asked].count("GetTaskStates")


def sigterm():
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("says", ["failed", "running"])
def test_a_kill_while_the_task_talks_to_its_supervisor_does_not_deadlock(
    supervised, killed, revox_sandbox, says
):
    def answers(body):
        if body["type"] == "GetTaskStates":
            return states(calls_2=says)(body)
        if body.get("key") == "return_value":
            # The task holds the lock until it has this answer.
            sigterm()
            time.sleep(0.3)
        return {"type": "OKResponse", "ok": True}

    supervisor = supervised(answers)
    ti = instance(map_index=2)
    ti.xcom_push = lambda key, value: supervisor.comms.send(
        comms_module.SetXCom(
            key=key, value=str(value), dag_id="dag", run_id=RUN, task_id="calls", map_index=2
        )
    )
    ended = "of this launch was cancelled" if says == "failed" else "Airflow has killed the task"
    with pytest.raises(AirflowException, match=ended):
        killed.execute({"ti": ti})
    assert is_cancelled(revox_sandbox) is (says == "failed")
    assert asked_for_states(supervisor) >= 1


@pytest.mark.parametrize("says", ["failed", "running"])
def test_a_kill_while_another_thread_holds_the_lock_waits_for_it(supervised, killed, revox_sandbox, says):
    supervisor = supervised(states(calls=says))
    lock = getattr(supervisor.comms, "_thread_lock", None)
    if lock is None:
        pytest.skip("this Airflow has no lock")

    seen = []

    def hold_and_kill():
        revox_sandbox.wait_for(("GET", "/campaigns/{id}"), stage="answered")
        with lock:
            sigterm()
            time.sleep(1)
            seen.append(asked_for_states(supervisor))

    holder = threading.Thread(target=hold_and_kill)
    holder.start()
    ti = instance()
    ti.xcom_push = lambda key, value: None
    with pytest.raises(TaskKilledError):
        killed.execute({"ti": ti})
    holder.join()
    assert (seen, asked_for_states(supervisor)) == ([0], 1)
    assert is_cancelled(revox_sandbox) is (says == "failed")


def test_a_supervisor_that_does_not_answer_and_ends_leaves_the_campaign(supervised, killed, revox_sandbox):
    def silent(body):
        if body["type"] != "GetTaskStates":
            return {"type": "OKResponse", "ok": True}
        time.sleep(1)
        return None

    supervisor = supervised(silent)
    killer = threading.Thread(
        target=lambda: (revox_sandbox.wait_for(("GET", "/campaigns/{id}"), stage="answered"), sigterm())
    )
    killer.start()
    ti = instance()
    ti.xcom_push = lambda key, value: None
    with pytest.raises(TaskKilledError):
        killed.execute({"ti": ti})
    killer.join()
    assert asked_for_states(supervisor) == 1
    assert not is_cancelled(revox_sandbox)
