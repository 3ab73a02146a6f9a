"""A run of a whole Airflow whose tasks wait for campaigns: what the tests ask and do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.models import Campaign
from dev.airflow_api import AirflowApi
from revox_sandbox import Sandbox


@dataclass(frozen=True)
class WaitingRun:
    """
    One run of a DAG.

    The name of a task is its id. The name of an instance of a mapped task has its place, too:
    ``worker_mapped_3``.
    """

    airflow: AirflowApi
    dag_id: str
    run_id: str

    def states(self) -> dict[str, str]:
        return {
            task["task_id"] if task["map_index"] < 0 else f"{task['task_id']}_{task['map_index']}": task[
                "state"
            ]
            for task in self.airflow.task_instances(self.dag_id, self.run_id)
        }

    def all_are(self, names: Iterable[str], state: str) -> bool:
        found = self.states()
        return {found[name] for name in names} == {state}

    def all_are_in_triggerers(self, names: Iterable[str]) -> bool:
        """
        Return whether a triggerer waits for each of these tasks.

        It begins some time after the deferral. Before that, nobody notices that a task is marked.
        """
        return self.all_are(names, "deferred") and all(") starting" in self.log_of(name) for name in names)

    def adopted_by(self, name: str) -> int | None:
        """Return the try that has adopted the campaign of a task; ``None``: its latest try created it."""
        task_id, map_index = place_of(name)
        launch = self.airflow.xcom(self.dag_id, self.run_id, task_id, "launch", map_index)
        return int(launch["try_number"]) if launch["outcome"] == "adopted" else None

    def processes_of(self, name: str) -> list[psutil.Process]:
        """Return the supervisor of a task that runs, which has its log open, and the task below it."""
        log = self._log_folder(name)
        supervisor = the_process(
            self.airflow, lambda process: any(log in file.path for file in process.open_files())
        )
        return [supervisor, *supervisor.children()]

    def log_of(self, name: str, triggerer: int | None = None) -> str:
        """
        Return what a task has logged.

        :param triggerer: What it has logged in the triggerer with this id; default: everywhere.
        """
        files = "*" if triggerer is None else f"*.trigger.{triggerer}.log"
        logs = self.airflow.home.glob(f"logs/{self._log_folder(name)}{files}")
        return "\n".join(path.read_text(errors="replace") for path in logs)

    def _log_folder(self, name: str) -> str:
        task_id, map_index = place_of(name)
        place = f"map_index={map_index}/" if map_index >= 0 else ""
        return f"dag_id={self.dag_id}/run_id={self.run_id}/task_id={task_id}/{place}"


def place_of(name: str) -> tuple[str, int]:
    """Return task id and map index of a name such as ``worker_mapped_3`` or ``worker_failed``."""
    task_id, _, index = name.rpartition("_")
    return (task_id, int(index)) if index.isdigit() else (name, -1)


def the_process(airflow: AirflowApi, is_it: Callable[[psutil.Process], bool]) -> psutil.Process:
    """Return the only process of Airflow that is it, or the parent of the others that are."""
    found = {}
    for process in airflow.descendants():
        with suppress(psutil.Error):  # processes come and go meanwhile
            if is_it(process):
                found[process.pid] = process
    (process,) = (process for process in found.values() if process.ppid() not in found)
    return process


def campaigns(sandbox: Sandbox) -> dict[str, Campaign]:
    """Return the campaigns by the name of their task, and its place if it is mapped."""
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        return {(campaign.name or "").partition(" ")[0]: campaign for campaign in client.list_campaigns()}


def cancelled(sandbox: Sandbox) -> set[str]:
    """Return the names of the campaigns that are cancelled."""
    return {name for name, campaign in campaigns(sandbox).items() if campaign.is_cancelled}


def cancel_requests(sandbox: Sandbox) -> list[str]:
    """Return the path of every request to cancel a campaign."""
    return [request.path for request in sandbox.requests() if request.path.endswith("/cancel")]


def wait_until_polled(
    sandbox: Sandbox, campaign_ids: set[str], outcome: int | str = 200, timeout: float = 60
) -> None:
    """Wait until every campaign is looked at once more, with this outcome."""

    def polls() -> Counter[str]:
        return Counter(
            request.path.rpartition("/")[2]
            for request in sandbox.requests()
            if request.method == "GET" and request.outcome == outcome
        )

    before = polls()
    sandbox.wait_for(lambda: campaign_ids <= set(polls() - before), timeout=timeout)
