"""Five days of the example ``hubspot_sync``: what people do in the CRM, and its tasks without an Airflow."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException, TaskDeferred

from dev.hubspot import HubSpot
from dev.showroom import EXAMPLES
from revox_sandbox import Sandbox

TASKS = ("list_contacts", "call", "wait", "results", "write_back")
SUCCESS = dict.fromkeys(TASKS, "success")
DAYS = 5
WEEK = 7 * 24 * 3600
FIRST_MORNING = datetime(2026, 6, 1, 13, tzinfo=UTC)


class DiedError(Exception):
    """The worker of a task died."""


def load_example() -> ModuleType:
    """Return the example's module, as Airflow loads it."""
    spec = importlib.util.spec_from_file_location("examples.hubspot_sync", EXAMPLES / "hubspot_sync.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Pauses:
    """
    A clock for what waits: a pause takes no time, and the clock shows that it did.

    :ivar taken: The pauses, in seconds.
    """

    time = staticmethod(time.time)

    def __init__(self) -> None:
        self.taken: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.taken)


class CrmDays:
    """
    What people do in the CRM from day to day.

    :ivar wanted: The number of each contact that must be called, by the contact's id.
    """

    def __init__(self, hubspot: HubSpot) -> None:
        self.hubspot = hubspot
        self.wanted: dict[int, str] = {}
        self._asked_later: int | None = None

    def pass_day(self, day: int) -> None:
        """Change contacts, as they change within one data interval."""
        hubspot = self.hubspot
        for called in list(self.wanted):  # somebody edits everybody who was called, or soon will be
            hubspot.change(called, firstname=f"Ada {day}")
        if self._asked_later is not None:
            hubspot.change(self._asked_later, revox_call_requested="true")
            self.wanted[self._asked_later] = f"+1415555{day - 1}003"
        for person in range(2):
            self._ask(f"+1415555{day}00{person}", firstname="Ada")
        self._ask(f"+1415555{day}002", phone=f"(415) 555-{day}002")
        self._asked_later = hubspot.add(phone=f"+1415555{day}003")
        hubspot.add(phone=f"+1415555{day}004", revox_call_requested="true", revox_do_not_call="true")
        hubspot.add(phone="12", revox_call_requested="true")
        hubspot.add(phone=f"+1415555{day}005", revox_call_requested="false")

    def pass_night(self) -> None:
        """Change contacts between the end of the interval and its run: a nightly job changes everybody."""
        for contact in self.hubspot.contacts:
            self.hubspot.change(contact, lastname="Lovelace")

    def _ask(self, number: str, **properties: str) -> None:
        contact = self.hubspot.add(**{"phone": number, "revox_call_requested": "true", **properties})
        self.wanted[contact] = number


def check_each_is_called_and_told_once(crm: CrmDays, sandbox: Sandbox) -> None:
    """Check that each contact was called once, and that each outcome is in the CRM once."""
    assert sandbox.calls_per_person() == dict.fromkeys(crm.wanted.values(), 1)
    for id_, contact in crm.hubspot.contacts.items():
        times = 1 if id_ in crm.wanted else 0
        told = [len(contact.history_of(name)) for name in ("revox_run", "revox_outcome", "revox_ended_at")]
        assert told == [times, times, times], (id_, contact.history)


class SyncWorld:
    """
    HubSpot, Revox, a clock, and the tasks of the example.

    :ivar now: The time in HubSpot and for the tasks.
    :ivar dag_id: The id of the DAG.
    :ivar deaths: Task and moment (``before`` or ``after`` its work) at which its worker dies once.
    """

    def __init__(
        self, hubspot: HubSpot, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.hubspot, self.sandbox = hubspot, sandbox
        self.now = FIRST_MORNING
        hubspot.now = lambda: self.now.timestamp()
        self.crm = CrmDays(hubspot)
        self.deaths: list[tuple[str, str]] = []
        self.dag_id = "hubspot_sync"
        self.example = load_example()
        self.pauses, self.pauses_of_the_adapter = Pauses(), Pauses()
        monkeypatch.setattr(self.example, "FOLDER", str(folder))
        monkeypatch.setattr(self.example, "datetime", SimpleNamespace(now=lambda _: self.now))
        monkeypatch.setattr(self.example, "time", self.pauses)
        monkeypatch.setattr("urllib3.util.retry.time", self.pauses_of_the_adapter)
        for module in ("launch.carry_out", "client.sync_client"):
            monkeypatch.setattr(f"airflow_provider_revox.{module}.time", Pauses())

    def days(self) -> Iterator[int]:
        """Let the days pass, each until the moment at which the run of its interval starts."""
        for day in range(DAYS):
            self.now = self.end_of(day) - timedelta(hours=10)
            self.crm.pass_day(day)
            self.now = self.end_of(day) + timedelta(minutes=1)
            self.crm.pass_night()
            yield day

    @staticmethod
    def end_of(day: int) -> datetime:
        return FIRST_MORNING + timedelta(days=day + 1)

    def run(self, day: int, *, xcoms: dict[str, Any] | None = None, first: str = TASKS[0]) -> dict[str, str]:
        """
        Run the tasks of an interval in their order, each with three retries.

        :param xcoms: What earlier tasks have returned; what the tasks return is added.
        :param first: Where to begin.
        :return: The state of each task.
        """
        xcoms = {} if xcoms is None else xcoms
        dag = self.example.hubspot_sync()
        states: dict[str, str] = {}
        for task_id in TASKS[TASKS.index(first) :]:
            if set(states.values()) - {"success"}:
                states[task_id] = "skipped" if "skipped" in states.values() else "upstream_failed"
                continue
            for try_number in range(1, 5):
                try:
                    xcoms[task_id] = self._try(dag.get_task(task_id), day, try_number, xcoms)
                    states[task_id] = "success"
                    break
                except TaskDeferred:  # the triggerer looks again
                    states[task_id] = "deferred"
                except AirflowSkipException:
                    states[task_id] = "skipped"
                    break
                except AirflowFailException:
                    states[task_id] = "failed"
                    break
                except Exception:
                    states[task_id] = "failed"
        return states

    def _try(self, task: Any, day: int, try_number: int, xcoms: dict[str, Any]) -> Any:
        if task.task_id == "wait":
            self.sandbox.advance(WEEK)
        for moment in ("before", "after"):
            if moment == "after":
                value = self._work(task, day, try_number, xcoms)
            if (task.task_id, moment) in self.deaths:
                self.deaths.remove((task.task_id, moment))
                raise DiedError
        return value

    def _work(self, task: Any, day: int, try_number: int, xcoms: dict[str, Any]) -> Any:
        start, end = self.end_of(day - 1), self.end_of(day)
        ti = SimpleNamespace(
            dag_id=self.dag_id, task_id=task.task_id, run_id=f"run {day}",
            map_index=-1, try_number=try_number, start_date=self.now, xcom_push=lambda *_, **__: None,
            xcom_pull=lambda task_ids, **_: xcoms.get(task_ids),
        )  # fmt: skip
        context = {
            "ti": ti, "task_instance": ti, "params": {"assistant_id": "a"}, "data_interval_start": start,
            "data_interval_end": end,
        }  # fmt: skip
        if task.task_id == "list_contacts":
            return task.python_callable(data_interval_end=end)
        task.render_template_fields(context)
        if task.task_id == "write_back":
            return task.python_callable(*task.op_args)
        return task.execute(context)
