"""Many deferred tasks that are killed at once, and the few questions that they ask Airflow."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest

from airflow_provider_revox.waiting import killed_triggers as module
from airflow_provider_revox.waiting.killed_triggers import killed_triggers


class Airflow:
    """Answers one question at a time, once the test lets it."""

    def __init__(self):
        self.state = "deferred"
        self.questions = []
        self.is_asked, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()

    def states_of_task(self, dag_id, task_id, run_ids):
        self.questions.append((dag_id, task_id, run_ids))
        states = {run: {f"{task_id}_{index}": self.state for index in range(300)} for run in run_ids}
        self.is_asked.set()
        assert self.may_answer.wait(30)
        if isinstance(self.state, Exception):
            raise self.state
        return states


@pytest.fixture
def airflow(monkeypatch):
    airflow = Airflow()
    monkeypatch.setattr(module, "states_of_task", airflow.states_of_task)
    yield airflow
    airflow.may_answer.set()


def killed(index=0, task_id="calls", run_id="run"):
    ti = SimpleNamespace(dag_id="dag", task_id=task_id, run_id=run_id, map_index=index)
    return asyncio.ensure_future(killed_triggers().state_of(ti))


async def test_all_instances_that_are_killed_together_ask_one_question(airflow):
    states = await asyncio.gather(*(killed(index, run_id=f"run {index % 2}") for index in range(300)))
    assert states == ["deferred"] * 300
    assert airflow.questions == [("dag", "calls", ["run 0", "run 1"])]


async def test_tasks_are_asked_for_one_by_one(airflow):
    await asyncio.gather(*(killed(task_id=task_id) for task_id in ("calls", "calls_2")))
    assert airflow.questions == [("dag", "calls", ["run"]), ("dag", "calls_2", ["run"])]


async def test_who_is_killed_while_airflow_answers_gets_an_answer_of_a_later_moment(airflow):
    airflow.may_answer.clear()
    first = killed(0)
    await asyncio.to_thread(airflow.is_asked.wait, 30)
    airflow.state = "failed"  # somebody marks them now
    later = [killed(index) for index in (1, 2)]
    await asyncio.sleep(0)
    airflow.may_answer.set()
    assert [await first, *await asyncio.gather(*later)] == ["deferred", "failed", "failed"]
    assert len(airflow.questions) == 2


async def test_an_error_is_everybodys_error_and_the_next_question_is_asked(airflow):
    airflow.state = ConnectionError("away")
    answers = await asyncio.gather(*map(killed, range(3)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["away"] * 3
    airflow.state = "failed"
    assert await killed() == "failed"


async def test_a_question_that_airflow_never_answers_does_not_hold_up_the_next_one(airflow, monkeypatch):
    monkeypatch.setattr(module, "SECONDS_TO_ASK", 0.05)
    airflow.may_answer.clear()
    with pytest.raises(TimeoutError):
        await killed()
    monkeypatch.setattr(module, "SECONDS_TO_ASK", 30)
    airflow.may_answer.set()
    assert await killed() == "deferred"


async def test_who_gives_up_takes_the_answer_from_nobody(airflow):
    airflow.may_answer.clear()
    impatient, patient = killed(0), killed(1)
    await asyncio.to_thread(airflow.is_asked.wait, 30)
    impatient.cancel()
    airflow.may_answer.set()
    assert await patient == "deferred"
