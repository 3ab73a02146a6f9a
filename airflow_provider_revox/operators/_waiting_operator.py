"""Let an operator wait for its campaign: in the worker or in the triggerer."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.units import seconds_of
from airflow_provider_revox.waiting.on_kill import KillableOperator
from airflow_provider_revox.waiting.policy import OnTimeout, deadline_after
from airflow_provider_revox.waiting.task import WaitingTask
from airflow_provider_revox.waiting.verdict import State, Verdict

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.waiting.policy import WaitPolicy

ROW_STATS_KEY = "row_stats"


class WaitingOperator(KillableOperator, WaitingTask):
    """Base of operators that may wait for a campaign. They describe the arguments."""

    def __init__(
        self,
        *,
        poll_interval: float | timedelta = 60,
        timeout: float | timedelta = timedelta(days=7),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.poll_interval = positive_seconds(poll_interval, "poll_interval")
        self.timeout = positive_seconds(timeout, "timeout")
        self.wait_policy()  # A wrong value is an error of the DAG file, so it is found now.

    def seconds_between_polls(self) -> float:
        """Return ``poll_interval`` in seconds."""
        return self.poll_interval

    def wait_policy(self) -> WaitPolicy:
        """Return what the user decided about the wait. The task has launched everybody."""
        return replace(super().wait_policy(), not_launched=0)

    def wait(self, context: Context, campaign_id: str) -> str:
        """Wait until the campaign has ended; return its id."""
        deadline = deadline_after(self.timeout, self.execution_timeout, context["ti"].start_date)
        self.begin_wait(context, campaign_id, deadline)
        while (verdict := self._poll()).state is State.WAITING:
            self.push_progress(context, verdict)
            if self.deferrable:
                from airflow_provider_revox.triggers.revox import CampaignTrigger

                self.defer(
                    trigger=CampaignTrigger(cancel_on_kill=self.cancel_on_kill, **self.trigger_arguments()),
                    method_name="execute_complete",
                    kwargs={"on_timeout": self.on_timeout},
                )
            with self.ended_by_a_kill():
                time.sleep(self.pause())
        self.push_progress(context, verdict)
        result: str = self.end_wait(context, campaign_id, verdict)
        return result

    def execute_complete(
        self, context: Context, event: dict[str, Any] | None = None, on_timeout: OnTimeout | None = None
    ) -> Any:
        """
        End the wait after the triggerer has waited.

        :param on_timeout: Replaces the operator's ``on_timeout``.
        """
        self.on_timeout = on_timeout or self.on_timeout
        return super().execute_complete(context, event)

    def never_cancel(self) -> None:
        """Leave the campaign, whatever the user wants: it may be of another Airflow, with other people."""
        super().never_cancel()
        self.on_timeout = "leave"

    def _poll(self) -> Verdict:
        with self.ended_by_a_kill():
            return self.poll_campaign()

    def result_of(self, context: Context, campaign_id: str, verdict: Verdict) -> str:
        """Push the counts; return the campaign's id after a success."""
        context["ti"].xcom_push(key=ROW_STATS_KEY, value=verdict.row_stats)
        verdict.result()
        return campaign_id


def positive_seconds(duration: float | timedelta, name: str) -> float:
    """
    Return a duration in seconds.

    :raises ValueError: It is not more than 0.
    """
    seconds = seconds_of(duration)
    if not seconds > 0:
        raise ValueError(f"{name} must be more than 0 seconds")
    return seconds
