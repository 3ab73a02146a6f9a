from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.display import Display
from airflow_provider_revox.waiting import progress_xcom
from airflow_provider_revox.waiting.progress import PROGRESS_KEY, Progress
from airflow_provider_revox.waiting.progress_xcom import push_from_trigger, push_points, pushed_points

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


def seen(completed: int) -> Progress:
    progress = Progress()
    progress.observe(Campaign(id="cmp_1", status="running", row_stats={"completed": completed}), NOON)
    return progress


async def test_a_trigger_adds_its_points_to_those_that_are_there(airflow, log):
    progress = seen(1)
    await push_from_trigger(TI, progress, NOON, log)
    assert [point["counts"]["completed"] for point in airflow.xcoms[PROGRESS_KEY]] == [0, 1]
    assert (progress.new, log) == ([], [])
    assert airflow.threads[0] is not threading.main_thread()


async def test_a_trigger_pushes_at_most_once_a_minute(airflow, log):
    progress = seen(1)
    await push_from_trigger(TI, progress, NOON, log)
    progress.observe(Campaign(id="cmp_1", status="running", row_stats={"completed": 2}), NOON + 10)
    await push_from_trigger(TI, progress, NOON + 10, log)
    assert (len(airflow.threads), len(progress.new)) == (1, 1)
    await push_from_trigger(TI, progress, NOON + 61, log)
    assert (len(airflow.threads), len(progress.new)) == (2, 0)


async def test_a_push_that_fails_ends_no_wait_and_its_points_are_kept(airflow, log, monkeypatch):
    def refuse(ti, key, value):
        raise ConnectionError(f"Ada {value}")

    monkeypatch.setattr(progress_xcom, "push_xcom_of_trigger", refuse)
    progress = seen(1)
    await push_from_trigger(TI, progress, NOON, log)
    assert log == ["Airflow did not take the progress of the campaign (ConnectionError). The wait goes on."]
    assert len(progress.new) == 1
    assert not progress.is_due(NOON + 59)


async def test_a_push_that_hangs_ends_no_wait(airflow, log, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(progress_xcom, "SECONDS_TO_PUSH", 0.05)
    monkeypatch.setattr(progress_xcom, "push_xcom_of_trigger", lambda *_: released.wait(30))
    progress = seen(1)
    await push_from_trigger(TI, progress, NOON, log)
    released.set()
    assert len(progress.new) == 1
    assert "TimeoutError" in log[0]


async def test_where_a_trigger_can_not_push_the_points_stay_for_the_event(airflow, log):
    progress = seen(1)
    await push_from_trigger(None, progress, NOON, log)
    assert (len(progress.new), airflow.threads, log) == (1, [], [])


def test_an_error_of_airflow_does_not_fail_a_task(log):
    def fail(**_):
        raise ConnectionError

    context = {"ti": SimpleNamespace(**vars(TI), xcom_push=fail, xcom_pull=fail)}
    assert push_points(context, [OLD], Display(), log) is False
    assert pushed_points(context, log) == []
    assert len(log) == 2
