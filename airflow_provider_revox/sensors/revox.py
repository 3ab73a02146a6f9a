"""Sensors for Revox."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import (
    AirflowSensorTimeout,
    AirflowSkipException,
    BaseSensorOperator,
    PokeReturnValue,
    conf,
)

from airflow_provider_revox.compatibility import first_reschedule_date
from airflow_provider_revox.exceptions import RevoxRefusedError
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

OUTAGE_KEY = "revox_outage_began"
BEFORE_AIRFLOW = 0.05
"""Seconds by which the deadline precedes Airflow's own check of the time, which knows no ``on_timeout``."""


class CampaignSensor(BaseSensorOperator):
    """
    Wait until a Revox campaign is completed and was not cancelled.

    Airflow's ``poke_interval``, ``timeout``, ``mode`` and ``soft_fail`` work as in every sensor, deferred or
    not, and the sensor ends alike in every mode. While Revox can't be reached it goes on waiting; a wrong key
    or an unknown campaign ends it at once. It cancels the campaign only if ``on_timeout`` says so.

    Returns the campaign's final ``row_stats``, such as ``{"total": 3, "completed": 2, "failed": 1, ...}``.

    :param campaign_id: The campaign: usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param deferrable: Wait in the triggerer, without a worker slot. Default: Airflow's
        ``[operators] default_deferrable``.
    :param outage_budget: Seconds (or a ``timedelta``) for which Revox may not answer before the sensor gives
        up, with an error that Airflow retries.
    :param max_failed_ratio: Which part of the contacts may have failed, 0 to 1, for the completed campaign to
        be a success. Default: all of them.
    :param on_paused: ``"wait"`` for a paused campaign, or ``"fail"``.
    :param on_timeout: ``"leave"`` the campaign alone when the time is up, or ``"cancel"`` it.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = ("campaign_id", "revox_conn_id")
    ui_color = "#e7e4fd"

    def __init__(
        self,
        *,
        campaign_id: str,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        outage_budget: float | timedelta = OUTAGE_BUDGET,
        max_failed_ratio: float | None = None,
        on_paused: OnPaused = "wait",
        on_timeout: OnTimeout = "leave",
        revox_conn_id: str = RevoxHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if self.exponential_backoff:
            raise ValueError("exponential_backoff is of no use here: poke_interval is the pace in every mode")
        self.campaign_id = campaign_id
        self.deferrable = deferrable
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

    def execute(self, context: Context) -> Any:
        """Wait: here, or in the triggerer."""
        if not isinstance(self.campaign_id, str) or not self.campaign_id:
            raise RevoxRefusedError(
                f"campaign_id must be the id of one campaign, not {type(self.campaign_id).__name__}"
                f"{' without a character' if self.campaign_id == '' else ''}; "
                "for several campaigns use CampaignSensor.partial(...).expand(campaign_id=...)"
            )
        self._wait = self._new_wait(context)
        if not self.deferrable:
            return super().execute(context)
        progress = self._look()
        if progress.state is not State.WAITING:
            # The same way on as after the triggerer, soft_fail included.
            return self.resume_execution("execute_complete", {"event": progress.to_event()}, context)
        from airflow_provider_revox.triggers.revox import CampaignTrigger

        return self.defer(
            trigger=CampaignTrigger(
                campaign_id=self.campaign_id,
                revox_conn_id=self.revox_conn_id,
                deadline=self._wait.deadline,
                outage_began=self._wait.outage_began,
                **asdict(self._policy()),
            ),
            method_name="execute_complete",
        )

    def poke(self, context: Context) -> PokeReturnValue:
        """Look once."""
        before = self._wait.outage_began
        progress = self._look()
        if self.reschedule and self._wait.outage_began != before:
            _remember_outage(context, self._wait.outage_began)
        if progress.state is State.WAITING:
            return PokeReturnValue(is_done=False)
        return PokeReturnValue(is_done=True, xcom_value=self._end(progress))

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """Go on after the triggerer has waited."""
        progress = Progress.from_event(event)
        self.log.info(progress.summary)
        return self._end(progress)

    def _policy(self) -> WaitPolicy:
        return WaitPolicy(self.poke_interval, self.outage_budget, self.max_failed_ratio, self.on_paused)

    def _new_wait(self, context: Context) -> Wait:
        outage_began = None
        if self.reschedule and not self.deferrable:
            # Every look is a process of its own, and execution_timeout is a limit of one look.
            first = first_reschedule_date(context)
            deadline = (first.timestamp() if first else time.time()) + self.timeout
            outage_began = _remembered_outage(context) if first else None
        else:
            deadline = deadline_after(self.timeout, self.execution_timeout, context["ti"].start_date)
        deadline -= BEFORE_AIRFLOW
        return Wait(self.campaign_id, self._policy(), deadline, self.log, outage_began=outage_began)

    def _look(self) -> Progress:
        return self._wait.take(look(self.hook, self.campaign_id), time.time())

    def _get_next_poke_interval(self, *_: Any, **__: Any) -> float:
        # Airflow's own knows neither outages nor schedules, and sleeps past the deadline.
        return self._wait.pause(time.time())

    def _end(self, progress: Progress) -> dict[str, Any]:
        if progress.state is State.TIMED_OUT and self.on_timeout == "cancel":
            progress, _ = cancel_late(self.hook, self.campaign_id, self._policy(), progress)
        if progress.state is State.TIMED_OUT:
            raise AirflowSensorTimeout(progress.summary)
        if progress.state is State.UNREACHABLE and self.soft_fail:
            # In poke mode Airflow itself skips only what it would not retry.
            raise AirflowSkipException(progress.summary)
        return progress.result()


def _remembered_outage(context: Context) -> float | None:
    """Return since when Revox has not answered, as far as an earlier look could leave it (Airflow 3.3)."""
    store = context.get("task_state_store")
    note: Any = store.get(OUTAGE_KEY) if store else None
    # The store outlives the try, and the next one has a budget of its own.
    return note["began"] if note and note["try_number"] == context["ti"].try_number else None


def _remember_outage(context: Context, began: float | None) -> None:
    if store := context.get("task_state_store"):
        store.set(OUTAGE_KEY, {"began": began, "try_number": context["ti"].try_number})
