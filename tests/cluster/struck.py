"""Send a signal to processes while their tasks launch or wait: see dags/struck.py."""

from __future__ import annotations

import time
from collections.abc import Callable
from signal import Signals
from typing import NamedTuple

import httpx

from dev.airflow_api import wait_until
from dev.cluster.cluster import Cluster
from revox_sandbox import Fault, Sandbox
from tests.cluster.doors import Doors
from tests.cluster.people import DAY, WEEK, check_everybody_was_called_once
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
LATE_MOMENTS = {
    "a create is in flight, which Revox carries out after the retry has looked": (
        "contract_late",
        "today_late",
    )
}
PERSON = "+14155550000"


class Place(NamedTuple):
    """Who gets the signal, and when. Each place has a task and a Revox of its own."""

    victim: str
    moment: str

    @property
    def task_id(self) -> str:
        return f"{self.victim}_{self.moment}"

    @property
    def generation(self) -> str:
        return self.moment.partition("_")[0]


class Ending(NamedTuple):
    """How a task ends: the states of its tries, and what its last try says of the launch."""

    tries: list[str]
    outcome: str
    launched_by: int


FIRST_TRY_LAUNCHES = Ending(["success"], "created", launched_by=1)
RETRY_LAUNCHES = Ending(["failed", "success"], "created", launched_by=2)
RETRY_ADOPTS = Ending(["failed", "success"], "adopted", launched_by=1)


class Struck:
    """
    One run of a DAG.

    :param cluster: The Airflow.
    :param dag_id: The DAG, which is also what the names of its connections begin with.
    :param open_revox: Opens a Revox.
    :param faults: For each victim the fault that keeps its requests in flight.
    :param open_doors: Opens a Revox behind doors, if the DAG has tasks whose creates are carried out late.
    """

    def __init__(
        self,
        cluster: Cluster,
        dag_id: str,
        open_revox: Callable[[str, str], Sandbox],
        faults: dict[str, Fault],
        open_doors: Callable[[str, str], Doors] | None = None,
    ) -> None:
        self._cluster = cluster
        self._faults = faults
        self._revoxes: dict[Place, Sandbox] = {}
        self._doors: dict[Place, Doors] = {}
        self._moments = MOMENTS | (LATE_MOMENTS if open_doors else {})
        for place in self._places():
            conn_id = f"{dag_id}_{place.task_id}"
            if open_doors and place.moment.endswith("late"):
                self._doors[place] = open_doors(conn_id, place.generation)
                self._revoxes[place] = self._doors[place].sandbox
                continue
            self._revoxes[place] = open_revox(conn_id, place.generation)
            if place.moment in LAUNCHES:
                path, when = LAUNCHES[place.moment]
                changes = {"method": "POST", "path": path, "when": when}
                self._revoxes[place].faults.add(faults[place.victim].model_copy(update=changes))
        self._run = WaitingRun(cluster, dag_id, cluster.trigger(dag_id))
        self._struck: dict[Place, float] = {}

    def strike(self, number: Signals, strike_worker: Callable[[], None]) -> None:
        """
        Send the signal to the process of each task and to each pool child as soon as it is its moment.

        :param strike_worker: Strikes the worker whose tasks are all at their moment.
        """

        def all_are_struck() -> bool:
            for place in self._places():
                if place not in self._struck and place.victim != "worker" and self._is_moment(place):
                    processes = self._run.processes_of(place.task_id)
                    processes[-1 if place.victim == "task" else 0].send_signal(number)
                    self._struck[place] = time.monotonic()
            left = [place for place in self._places() if place not in self._struck]
            return {place.victim for place in left} == {"worker"} and all(map(self._is_moment, left))

        wait_until(all_are_struck, 300, "not every task is at its moment", pause=0.1)
        now = time.monotonic()
        self._struck |= {place: now for place in self._places() if place.victim == "worker"}
        strike_worker()

    def wait_for_the_end(self, table: FaultTable, name: str) -> None:
        """
        Wait until every task has succeeded; check its people, and how it has ended.

        :param table: Gets a row for each victim and moment.
        :param name: The name of the signal.
        """
        waiting = {place for place in self._places() if place.moment.endswith("waiting")}
        late = set(self._doors)
        done: dict[Place, float] = {}

        def all_succeeded() -> bool:
            for place in [place for place in waiting if self._run.adopted_by(place.task_id)]:
                waiting.remove(place)
                self._revoxes[place].advance(DAY)
            # A retry sends a create if its look has found nothing.
            for place in [place for place in late if self._doors[place].creates == 2]:
                late.remove(place)
                self._doors[place].let_in(1)
                self._doors[place].let_in(2)
            states = self._run.states()
            for place in self._places():
                if place not in done and states[place.task_id] == "success":
                    done[place] = time.monotonic() - self._struck[place]
            return len(done) == len(self._places())

        wait_until(all_succeeded, 300, f"not every task succeeded: {self._run.states()}")
        for victim, words in VICTIMS.items():
            for moment, moments in self._moments.items():
                places = [Place(victim, one) for one in moments]
                people = sum(self._check(place) for place in places)
                table.add(f"{name} to {words} while {moment}", people, max(done[place] for place in places))

    def _places(self) -> list[Place]:
        moments = [moment for moments in self._moments.values() for moment in moments]
        return [Place(victim, moment) for victim in VICTIMS for moment in moments]

    def _is_moment(self, place: Place) -> bool:
        sandbox = self._revoxes[place]
        if place in self._doors:
            return self._doors[place].creates == 1
        if place.moment in LAUNCHES:
            path, when = LAUNCHES[place.moment]
            return sandbox.faults.fired == 1 and (when == "before" or _has_committed(sandbox, path))
        try:
            self._run.adopted_by(place.task_id)
        except httpx.HTTPStatusError:
            return False
        return True

    def _check(self, place: Place) -> int:
        """Check who was called, how the task has ended, and that a person sees it."""
        airflow, run = self._run.airflow, (self._run.dag_id, self._run.run_id, place.task_id)
        ending = self._ending(place)
        assert airflow.tries(*run) == ending.tries, (place, airflow.tries(*run))
        launch, last = airflow.xcom(*run, "launch"), len(ending.tries)
        assert launch["outcome"] == ending.outcome, (place, launch)
        assert (launch["try_number"], launch["launched_by_try"]) == (last, ending.launched_by), (
            place,
            launch,
        )
        campaign = airflow.xcom(*run)
        told = {
            "created": f"Launched campaign {campaign}",
            "adopted": f"Adopted campaign {campaign}, launched by try 1",
        }
        assert told[ending.outcome] in airflow.shown_log(*run, last), place
        self._revoxes[place].advance(WEEK)
        # Where two were created, the first stays, and the retry has cancelled its own.
        twins = 1 if place in self._doors else 0
        return check_everybody_was_called_once(self._revoxes[place], [PERSON], twins=twins)

    def _ending(self, place: Place) -> Ending:
        path, when = LAUNCHES.get(place.moment, (None, None))
        if self._faults[place.victim].kind == "hang":
            return RETRY_LAUNCHES if (path, when) == (CREATE, "before") else RETRY_ADOPTS
        # The try gets its answer. It succeeds if the calls are launched by then, and launches nothing more.
        starts_calls = LAUNCH_CALLS if place.generation == "today" else CREATE
        return FIRST_TRY_LAUNCHES if path == starts_calls else RETRY_ADOPTS


def _has_committed(sandbox: Sandbox, path: str) -> bool:
    # Another create has shown today's generation.
    times = 2 if path == CREATE and sandbox.settings.generation != "contract" else 1
    try:
        sandbox.wait_for(("POST", path), times=times, stage="committed", timeout=0)
    except TimeoutError:
        return False
    return True
