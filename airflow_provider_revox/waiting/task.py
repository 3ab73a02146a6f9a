"""Wait for a campaign in a task: the same for the sensor and for the operators that wait."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import conf

from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.lineage.task import Lineage, LineageTask
from airflow_provider_revox.links.revox import LinkedTask
from airflow_provider_revox.metrics import Metrics
from airflow_provider_revox.units import seconds_of
from airflow_provider_revox.waiting.policy import (
    OUTAGE_BUDGET,
    OnPaused,
    OnTimeout,
    WaitPolicy,
    check_on_timeout,
)
from airflow_provider_revox.waiting.polling import cancel_late, poll
from airflow_provider_revox.waiting.progress import Point, joined, points_of
from airflow_provider_revox.waiting.progress_xcom import add_points, push_points
from airflow_provider_revox.waiting.verdict import State, Verdict
from airflow_provider_revox.waiting.wait import Wait

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client.errors import RevoxError
    from airflow_provider_revox.client.models import Campaign


class WaitingTask(LineageTask, LinkedTask):
    """
    Base of the sensor and of the operators that wait. They describe the arguments.

    A subclass says how often to poll and what the task returns. It calls :meth:`begin_wait`, then
    :meth:`poll_campaign` until the verdict is final, then :meth:`end_wait`. In between it may defer with
    :meth:`trigger_arguments`; Airflow then calls :meth:`execute_complete`.
    """

    _metrics = Metrics()
    _began: float | None = None
    _points: Sequence[Point] = ()
    last_answer: Campaign | RevoxError

    def __init__(
        self,
        *,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        outage_budget: float | timedelta = OUTAGE_BUDGET,
        max_failed_ratio: float | None = None,
        on_paused: OnPaused = "wait",
        on_timeout: OnTimeout = "leave",
        revox_conn_id: str = RevoxHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.deferrable = deferrable
        self.outage_budget = seconds_of(outage_budget)
        self.max_failed_ratio = max_failed_ratio
        self.on_paused = on_paused
        self.on_timeout = check_on_timeout(on_timeout)
        self.revox_conn_id = revox_conn_id

    @cached_property
    def hook(self) -> RevoxHook:
        """The hook of this task's connection."""
        return RevoxHook(self.revox_conn_id)

    def seconds_between_polls(self) -> float:
        """Return the interval in seconds."""
        raise NotImplementedError

    def result_of(self, context: Context, campaign_id: str, verdict: Verdict) -> Any:
        """Return what the task returns after a success; raise the task's exception after anything else."""
        raise NotImplementedError

    def wait_policy(self) -> WaitPolicy:
        """
        Return what the user decided about the wait.

        :raises ValueError: An argument can't be used.
        """
        return WaitPolicy(
            self.seconds_between_polls(), self.outage_budget, self.max_failed_ratio, self.on_paused
        )

    def begin_wait(
        self,
        context: Context,
        campaign_id: str,
        deadline: float,
        *,
        began: float | None = None,
        outage_began: float | None = None,
        logged: Sequence[str] = (),
        points: Sequence[Point] = (),
    ) -> None:
        """
        Begin to wait for a campaign.

        :param deadline: When the wait ends, in seconds since 1970.
        :param began: When an earlier process of this task began to wait. Default: now.
        :param outage_began: When an outage began that an earlier process of this task has seen.
        :param logged: What an earlier process of this task has logged of the wait.
        :param points: The progress that earlier processes of this task have seen.
        """
        self._metrics = Metrics(context["ti"])
        self._began = time.time() if began is None else began
        self._points = points
        self._wait = Wait(
            campaign_id,
            self.wait_policy(),
            deadline,
            self.log,
            self._metrics,
            outage_began=outage_began,
            logged=logged,
            last_point=points[-1] if points else None,
        )

    def poll_campaign(self) -> Verdict:
        """Poll once; return what it means for the wait."""
        self.last_answer = poll(self.hook, self._wait.campaign_id, self._metrics)
        return self._wait.observe(self.last_answer, time.time())

    def push_progress(self, context: Context, verdict: Verdict) -> None:
        """Push the progress, if it is due or the wait has ended."""
        progress, now = self._wait.progress, time.time()
        if progress.is_due(now) or (progress.new and verdict.state is not State.WAITING):
            self._points = joined(self._points, progress.new)
            if push_points(context, self._points, self.display, self.log):
                progress.new = []
            progress.note_push(now)

    def pause(self) -> float:
        """Return how many seconds to pause before the next poll."""
        return self._wait.pause(time.time())

    def trigger_arguments(self) -> dict[str, Any]:
        """Return the arguments of the trigger that goes on with this wait."""
        return {
            "campaign_id": self._wait.campaign_id,
            "revox_conn_id": self.revox_conn_id,
            "deadline": self._wait.deadline,
            "outage_began": self._wait.outage_began,
            "logged": self._wait.logged,
            "carried": self.carried(),
            # A point that Airflow has not taken is recorded again by the trigger.
            "last_point": None if self._wait.progress.new else self._wait.progress.last,
            **asdict(self._wait.policy),
        }

    def carried(self) -> dict[str, Any]:
        """Return what the process that ends this wait must know of it: the event brings it back."""
        return {"began": self._began, "lineage": self.lineage.to_dict(), "links": self.campaign_links}

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> Any:
        """End the wait after the triggerer has waited."""
        verdict, carried = Verdict.from_event(event), carried_of(event)
        began, links = carried.get("began"), carried.get("links")
        self._metrics = Metrics(context["ti"])
        self._began = began if type(began) in (int, float) else None
        self.lineage = Lineage.from_dict(carried.get("lineage"))
        self.campaign_links = links if isinstance(links, dict) else {}
        if new := points_of(_part_of(event, "progress")):
            add_points(context, new, self.display, self.log)
        campaign_id = _part_of(event, "campaign_id")
        return self.end_wait(context, campaign_id if isinstance(campaign_id, str) else "", verdict)

    def end_wait(self, context: Context, campaign_id: str, verdict: Verdict) -> Any:
        """Cancel a campaign that is late, if the user wants it; then return the result, or raise."""
        if verdict.state is State.TIMED_OUT and self.on_timeout == "cancel":
            verdict = cancel_late(self.hook, campaign_id, self.wait_policy(), verdict, self._metrics)
        if self._began is not None:
            self._metrics.time_wait(time.time() - self._began, verdict.state.value)
        self.lineage.campaign.update(
            campaign_id=campaign_id, wait=verdict.state.value, row_stats=verdict.row_stats
        )
        return self.result_of(context, campaign_id, verdict)


def carried_of(event: Any) -> dict[str, Any]:
    """Return what an event brings back. An event of another release may lack any of it."""
    carried = _part_of(event, "carried")
    return carried if isinstance(carried, dict) else {}


def _part_of(event: Any, name: str) -> Any:
    return event.get(name) if isinstance(event, dict) else None
