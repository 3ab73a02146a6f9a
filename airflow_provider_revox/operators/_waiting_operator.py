"""The wait of an operator for its campaign: here or in the triggerer."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseOperator, conf

from airflow_provider_revox.exceptions import CampaignFailedError
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.units import seconds_of
from airflow_provider_revox.waiting.ending import cancel_late
from airflow_provider_revox.waiting.policy import (
    OUTAGE_BUDGET,
    OnPaused,
    OnTimeout,
    WaitPolicy,
    check_on_timeout,
    deadline_after,
)
from airflow_provider_revox.waiting.polling import look
from airflow_provider_revox.waiting.verdict import Progress, State
from airflow_provider_revox.waiting.wait import Wait

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

ROW_STATS_KEY = "row_stats"


class WaitingOperator(BaseOperator):
    """Base of operators that may wait for a campaign; its arguments are described there."""

    def __init__(
        self,
        *,
        wait_for_completion: bool = False,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        cancel_on_kill: bool | None = None,
        poll_interval: float | timedelta = 60,
        timeout: float | timedelta = timedelta(days=7),
        outage_budget: float | timedelta = OUTAGE_BUDGET,
        max_failed_ratio: float | None = None,
        on_paused: OnPaused = "wait",
        on_timeout: OnTimeout = "leave",
        revox_conn_id: str = RevoxHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.wait_for_completion = wait_for_completion
        self.deferrable = deferrable
        self.cancel_on_kill = wait_for_completion if cancel_on_kill is None else cancel_on_kill
        self.poll_interval = positive_seconds(poll_interval, "poll_interval")
        self.timeout = positive_seconds(timeout, "timeout")
        self.outage_budget = seconds_of(outage_budget)
        self.max_failed_ratio = max_failed_ratio
        self.on_paused = on_paused
        self.on_timeout = check_on_timeout(on_timeout)
        self.revox_conn_id = revox_conn_id
        self._policy()  # now, while what is wrong in it is an error of the DAG file

    @cached_property
    def hook(self) -> RevoxHook:
        """The hook of this task's connection."""
        return RevoxHook(self.revox_conn_id)

    def wait(self, context: Context, campaign_id: str) -> str:
        """Wait until the campaign has ended; return its id."""
        policy = self._policy()
        deadline = deadline_after(self.timeout, self.execution_timeout, context["ti"].start_date)
        wait = Wait(campaign_id, policy, deadline, self.log)
        while (progress := wait.take(look(self.hook, campaign_id), time.time())).state is State.WAITING:
            if self.deferrable:
                from airflow_provider_revox.triggers.revox import CampaignTrigger

                self.defer(
                    trigger=CampaignTrigger(
                        campaign_id=campaign_id,
                        revox_conn_id=self.revox_conn_id,
                        deadline=deadline,
                        cancel_on_kill=self.cancel_on_kill,
                        outage_began=wait.outage_began,
                        **asdict(policy),
                    ),
                    method_name="execute_complete",
                )
            time.sleep(wait.pause(time.time()))
        return self._end(context, campaign_id, progress)

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> str:
        """Go on after the triggerer has waited."""
        progress = Progress.from_event(event)
        self.log.info(progress.summary)
        return self._end(context, (event or {}).get("campaign_id", ""), progress)

    def _policy(self) -> WaitPolicy:
        return WaitPolicy(self.poll_interval, self.outage_budget, self.max_failed_ratio, self.on_paused)

    def _end(self, context: Context, campaign_id: str, progress: Progress) -> str:
        cancelled = False
        if progress.state is State.TIMED_OUT and self.on_timeout == "cancel":
            progress, cancelled = cancel_late(self.hook, campaign_id, self._policy(), progress)
        context["ti"].xcom_push(key=ROW_STATS_KEY, value=progress.row_stats)
        if cancelled:
            raise CampaignFailedError(progress.summary)  # no retry: it would find a cancelled campaign
        progress.result()
        return campaign_id


def positive_seconds(duration: float | timedelta, name: str) -> float:
    """
    Return a duration in seconds.

    :raises ValueError: It is none.
    """
    seconds = seconds_of(duration)
    if not seconds > 0:
        raise ValueError(f"{name} must be more than 0 seconds")
    return seconds
