from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.display import Display
from airflow_provider_revox.waiting import progress_xcom
from airflow_provider_revox.waiting.progress import PROGRESS_KEY, Progress
from airflow_provider_revox.waiting.progress_xcom import TriggerPushes, add_points, push_points

NOON = 1_795_694_400.0
TI = SimpleNamespace(dag_id="d", task_id="t", run_id="r", map_index=-1)
OLD = {"at": "2026-11-26T11:00:00Z", "state": "running", "counts": {"completed": 0}}


class Log(list):
    def warning(self, text, *args):
        self.append(text % args)


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def airflow(monkeypatch):
    """The XComs that a triggerer reads and writes, and the threads that did it."""
    xcoms, threads = {PROGRESS_KEY: [OLD]}, []

    def push(ti, key, value):
        threads.append(threading.current_thread())
        xcoms[key] = value

    monkeypatch.setattr(progress_xcom, "triggers_can_push", lambda ti: ti is not None)
    monkeypatch.setattr(progress_xcom, "xcom_of_trigger", lambda ti, key: xcoms.get(key))
    monkeypatch.setattr(progress_xcom, "push_xcom_of_trigger", push)
    return SimpleNamespace(xcoms=xcoms, threads=threads)


class Hanging:
    """An Airflow that does not answer a push until it is released."""

    def __init__(self) -> None:
        self.begun, self.released, self._begins = [], threading.Event(), threading.Event()

    def push(self, *_):
        self.begun.append(1)
        self._begins.set()
        self.released.wait(30)

    def wait_for_begin(self):
        assert self._begins.wait(30)


@pytest.fixture
def hanging(airflow, monkeypatch):
    hanging = Hanging()
    monkeypatch.setattr(progress_xcom, "push_xcom_of_trigger", hanging.push)
    yield hanging
    hanging.released.set()
    progress_xcom._THREAD.submit(list).result(30)


async def pushed() -> None:
    """Wait until the pushes that have begun, and those behind them, are over."""
    await asyncio.wrap_future(progress_xcom._THREAD.submit(list))


def seen(completed: int) -> Progress:
    progress = Progress()
    progress.observe(Campaign(id="cmp_1", status="running", row_stats={"completed": completed}), NOON)
    return progress


async def test_a_trigger_adds_its_points_to_those_that_are_there(airflow, log):
    progress = seen(1)
    pushes = TriggerPushes(TI, progress, log)
    pushes.push_if_due(NOON)
    await pushed()
    await pushes.finish()
    assert [point["counts"]["completed"] for point in airflow.xcoms[PROGRESS_KEY]] == [0, 1]
    assert (progress.new, log) == ([], [])
    assert airflow.threads[0] is not threading.main_thread()


async def test_a_trigger_pushes_at_most_once_a_minute(airflow, log):
    progress = seen(1)
    pushes = TriggerPushes(TI, progress, log)
    pushes.push_if_due(NOON)
    await pushed()
    await pushes.finish()
    progress.observe(Campaign(id="cmp_1", status="running", row_stats={"completed": 2}), NOON + 10)
    pushes.push_if_due(NOON + 10)
    await pushed()
    await pushes.finish()
    assert (len(airflow.threads), len(progress.new)) == (1, 1)
    pushes.push_if_due(NOON + 61)
    await pushed()
    await pushes.finish()
    assert (len(airflow.threads), len(progress.new)) == (2, 0)


async def test_a_push_that_fails_ends_no_wait_and_its_points_are_kept(airflow, log, monkeypatch):
    def refuse(ti, key, value):
        raise ConnectionError(f"Ada {value}")

    monkeypatch.setattr(progress_xcom, "push_xcom_of_trigger", refuse)
    progress = seen(1)
    pushes = TriggerPushes(TI, progress, log)
    pushes.push_if_due(NOON)
    await pushed()
    await pushes.finish()
    assert log == ["Airflow did not take the progress of the campaign (ConnectionError). The task goes on."]
    assert len(progress.new) == 1
    assert not progress.is_due(NOON + 59)


async def test_a_push_that_hangs_is_neither_waited_for_nor_followed_by_others(airflow, log, hanging):
    progress = seen(1)
    pushes = TriggerPushes(TI, progress, log)
    pushes.push_if_due(NOON)
    hanging.wait_for_begin()
    progress.observe(Campaign(id="cmp_1", status="running", row_stats={"completed": 2}), NOON + 100)
    pushes.push_if_due(NOON + 100)
    pushes.push_if_due(NOON + 1000)
    assert len(hanging.begun) == 1
    hanging.released.set()
    await pushes.finish()
    assert [point["counts"]["completed"] for point in progress.new] == [2]


async def test_a_trigger_that_ends_waits_for_a_push_that_hangs_a_while_and_keeps_its_points(
    airflow, log, hanging, monkeypatch
):
    monkeypatch.setattr(progress_xcom, "SECONDS_TO_PUSH", 0.05)
    progress = seen(1)
    pushes = TriggerPushes(TI, progress, log)
    pushes.push_if_due(NOON)
    hanging.wait_for_begin()
    await pushes.finish()
    assert len(progress.new) == 1


async def test_a_push_behind_one_that_hangs_is_dropped_when_its_trigger_ends(airflow, log, hanging):
    first, second = seen(1), seen(2)
    TriggerPushes(TI, first, log).push_if_due(NOON)
    hanging.wait_for_begin()
    pushes = TriggerPushes(TI, second, log)
    pushes.push_if_due(NOON)
    await pushes.finish()
    assert len(second.new) == 1
    hanging.released.set()
    await pushed()
    assert len(hanging.begun) == 1


async def test_pushes_that_hang_keep_no_thread_from_a_kill(airflow, log, hanging):
    executor = ThreadPoolExecutor(1)  # as many threads as the smallest machine leaves the event loop
    asyncio.get_running_loop().set_default_executor(executor)
    for _ in range(3):
        TriggerPushes(TI, seen(1), log).push_if_due(NOON)
    hanging.wait_for_begin()
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "the state"), 30) == "the state"


async def test_where_a_trigger_can_not_push_the_points_stay_for_the_event(airflow, log):
    progress = seen(1)
    pushes = TriggerPushes(None, progress, log)
    pushes.push_if_due(NOON)
    await pushes.finish()
    assert (len(progress.new), airflow.threads, log) == (1, [], [])


def test_an_error_of_airflow_does_not_fail_a_task(log):
    def fail(**_):
        raise ConnectionError

    context = {"ti": SimpleNamespace(**vars(TI), xcom_push=fail, xcom_pull=fail)}
    assert push_points(context, [OLD], Display(), log) is False
    add_points(context, [OLD], Display(), log)
    assert len(log) == 2


def test_points_that_can_not_be_read_are_not_replaced(log):
    xcoms = {PROGRESS_KEY: [OLD]}
    new = {"at": "2026-11-26T12:00:00Z", "state": "completed", "counts": {"completed": 1}}

    def fail(**_):
        raise ConnectionError

    def push(key, value):
        xcoms[key] = value

    ti = SimpleNamespace(**vars(TI), xcom_push=push, xcom_pull=fail)
    add_points({"ti": ti}, [new], Display(), log)
    assert xcoms == {PROGRESS_KEY: [OLD]}
    ti.xcom_pull = lambda **_: xcoms[PROGRESS_KEY]
    add_points({"ti": ti}, [new], Display(), log)
    assert xcoms == {PROGRESS_KEY: [OLD, new]}
    assert len(log) == 1
