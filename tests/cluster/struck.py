"""Send a signal to processes while their tasks launch or wait: see dags/struck.py."""

from __future__ import annotations

import time
from collections.abc import Callable
from signal import Signals
from typing import NamedTuple

import httpx

from dev.airflow_api import wait_until
from dev.cluster import Cluster
from revox_sandbox import Fault, Sandbox
from tests.cluster.people import DAY, check_everybody_was_called_once
from tests.cluster.table import FaultTable
from tests.system.waiting_run import WaitingRun

VICTIMS = {
    "task": "the process of the task",
    "pool_child": "the worker's pool child, which supervises the task",
    "worker": "the worker",
}
CREATE, LAUNCH_CALLS = "/campaigns", "/campaigns/{id}/launch-calls"
LAUNCHES = {
    "contract_before": (CREATE, "before"),
    "contract_after": (CREATE, "after"),
    "today_before": (CREATE, "before"),
    "today_after": (CREATE, "after"),
    "today_launch_before": (LAUNCH_CALLS, "before"),
    "today_launch_after": (LAUNCH_CALLS, "after"),
}
"""The request that is in flight, and whether the API acts on it before the signal."""
MOMENTS = {
    "a launch is in flight, before the commit": ("contract_before", "today_before", "today_launch_before"),
    "a launch is in flight, after the commit": ("contract_after", "today_after", "today_launch_after"),
    "the task waits": ("contract_waiting", "today_waiting"),
}
PERSON = "+14155550000"


class Place(NamedTuple):
    """Who gets the signal, and when. Each place has a task and a Revox of its own."""

    victim: str
    moment: str

    @property
    def task_id(self) -> str:
        return f"{self.victim}_{self.moment}"


PLACES = [Place(victim, moment) for victim in VICTIMS for moments in MOMENTS.values() for moment in moments]


class Struck:
    """
    One run of the DAG.

    :param cluster: The Airflow.
    :param open_revox: Opens a Revox.
    :param prefix: What the connections of this run begin with.
    :param late: For each victim the fault that keeps its requests in flight.
    """

    def __init__(
        self,
        cluster: Cluster,
        open_revox: Callable[[str, str], Sandbox],
        prefix: str,
        late: dict[str, Fault],
    ) -> None:
        self._cluster = cluster
        self._revoxes: dict[Place, Sandbox] = {}
        for place in PLACES:
            generation = place.moment.partition("_")[0]
            sandbox = open_revox(f"{prefix}{place.task_id}", generation)
            self._revoxes[place] = sandbox
            if place.moment in LAUNCHES:
                path, when = LAUNCHES[place.moment]
                changes = {"method": "POST", "path": path, "when": when}
                sandbox.faults.add(late[place.victim].model_copy(update=changes))
        self._run = WaitingRun(cluster, "struck", cluster.trigger("struck", {"prefix": prefix}))
        self._struck: dict[Place, float] = {}

    def strike(self, number: Signals, strike_worker: Callable[[], None]) -> None:
        """
        Send the signal to the process of each task and to each pool child as soon as it is its moment.

        :param strike_worker: Strikes the worker whose tasks are all at their moment.
        """

        def all_are_struck() -> bool:
            for place in PLACES:
                if place not in self._struck and place.victim != "worker" and self._is_moment(place):
                    processes = self._run.processes_of(place.task_id)
                    processes[-1 if place.victim == "task" else 0].send_signal(number)
                    self._struck[place] = time.monotonic()
            left = [place for place in PLACES if place not in self._struck]
            return {place.victim for place in left} == {"worker"} and all(map(self._is_moment, left))

        wait_until(all_are_struck, 300, "not every task is at its moment", pause=0.1)
        now = time.monotonic()
        self._struck |= {place: now for place in PLACES if place.victim == "worker"}
        strike_worker()

    def wait_for_the_end(self, table: FaultTable, name: str) -> None:
        """
        Wait until every task has succeeded, and every wait by a retry that has adopted the campaign.

        :param table: Gets a row for each victim and moment.
        :param name: The name of the signal.
        """
        waiting = {place for place in PLACES if place.moment not in LAUNCHES}
        done: dict[Place, float] = {}

        def all_succeeded() -> bool:
            for place in [place for place in waiting if self._run.adopted_by(place.task_id)]:
                waiting.remove(place)
                self._revoxes[place].advance(DAY)
            states = self._run.states()
            for place in PLACES:
                if place not in done and states[place.task_id] == "success":
                    done[place] = time.monotonic() - self._struck[place]
            return len(done) == len(PLACES)

        wait_until(all_succeeded, 300, f"not every task succeeded: {self._run.states()}")
        for victim, words in VICTIMS.items():
            for moment, moments in MOMENTS.items():
                places = [Place(victim, one) for one in moments]
                people = sum(self._check(place) for place in places)
                table.add(f"{name} to {words} while {moment}", people, max(done[place] for place in places))

    def _is_moment(self, place: Place) -> bool:
        sandbox = self._revoxes[place]
        if place.moment in LAUNCHES:
            path, when = LAUNCHES[place.moment]
            return sandbox.faults.fired == 1 and (when == "before" or _has_committed(sandbox, path))
        try:
            self._run.adopted_by(place.task_id)
        except httpx.HTTPStatusError:
            return False
        return True

    def _check(self, place: Place) -> int:
        self._revoxes[place].advance(DAY)
        return check_everybody_was_called_once(self._revoxes[place], [PERSON])


def _has_committed(sandbox: Sandbox, path: str) -> bool:
    # Another create has shown today's generation.
    times = 2 if path == CREATE and sandbox.settings.generation != "contract" else 1
    try:
        sandbox.wait_for(("POST", path), times=times, stage="committed", timeout=0)
    except TimeoutError:
        return False
    return True
