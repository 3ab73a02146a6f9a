"""The sensor that waits for a campaign."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import (
    AirflowSensorTimeout,
    AirflowSkipException,
    BaseSensorOperator,
    PokeReturnValue,
)

from airflow_provider_revox.campaign_record import CAMPAIGN_KEY, campaign_record
from airflow_provider_revox.client.errors import (
    InvalidConfigurationError,
    InvalidRequestError,
    RevoxError,
)
from airflow_provider_revox.compatibility import first_reschedule_date
from airflow_provider_revox.exceptions import airflow_error
from airflow_provider_revox.launch.tag import without_tag
from airflow_provider_revox.templating import TemplatedOperator, read_campaign_id
from airflow_provider_revox.waiting.policy import deadline_after
from airflow_provider_revox.waiting.progress import Point, joined, points_of
from airflow_provider_revox.waiting.progress_xcom import push_points
from airflow_provider_revox.waiting.task import WaitingTask
from airflow_provider_revox.waiting.verdict import State, Verdict

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

WAIT_KEY = "revox_wait"
PROGRESS_STORE_KEY = "revox_progress"
SECONDS_BEFORE_AIRFLOW = 0.05
"""The deadline precedes Airflow's own check of ``timeout``, which does not know ``on_timeout``."""


class CampaignSensor(WaitingTask, TemplatedOperator, BaseSensorOperator):
    """
    Waits until a Revox campaign is completed and was not cancelled.

    Airflow's ``poke_interval``, ``timeout``, ``mode`` and ``soft_fail`` work as in every sensor, also with
    ``deferrable=True``. The sensor ends with the same result in every mode. While Revox does not answer, it
    goes on waiting. A wrong API key or an unknown campaign ends it at once. It never cancels the campaign,
    unless you set ``on_timeout="cancel"``.

    Returns the campaign's final ``row_stats``, such as ``{"total": 3, "completed": 2, "failed": 1, ...}``.

    :param campaign_id: The id of one campaign, usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param deferrable: Whether to wait in the triggerer, without a worker slot. Default: Airflow's setting
        ``[operators] default_deferrable``.
    :param outage_budget: How long Revox may not answer, in seconds or as a ``timedelta``. After that the
        sensor fails with an error that Airflow retries.
    :param max_failed_ratio: The largest share of failed contacts (0 to 1) that still counts as success.
        Default: any share counts as success.
    :param on_paused: What to do about a paused campaign: ``"wait"`` until it is resumed, or ``"fail"``.
    :param on_timeout: What to do with the campaign when ``timeout`` is over: ``"leave"`` it alone, or
        ``"cancel"`` it.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = ("campaign_id", "revox_conn_id")
    ui_color = "#e7e4fd"

    def __init__(self, *, campaign_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.exponential_backoff:
            # Not an error: it may come from the default_args of a whole DAG.
            warnings.warn(
                f"{self.task_id}: exponential_backoff is ignored; poke_interval is the pace in every mode",
                stacklevel=2,
            )
            self.exponential_backoff = False
        self.campaign_id = campaign_id
        self.wait_policy()  # A wrong value is an error of the DAG file, so it is found now.

    def seconds_between_polls(self) -> float:
        """Return ``poke_interval`` in seconds."""
        return self.poke_interval

    def execute(self, context: Context) -> Any:
        """Wait: in the worker or in the triggerer."""
        # Each poke of a rescheduled sensor tells it again: Airflow deletes the XComs when a poke begins.
        self._told_names: set[str | None] = set()
        try:
            campaign_id = read_campaign_id(self.campaign_id, self)
        except InvalidRequestError as error:
            raise airflow_error(error) from None
        if self.reschedule and not self.deferrable:
            self._begin_rescheduled_wait(context, campaign_id)
        else:
            deadline = deadline_after(self.timeout, self.execution_timeout, context["ti"].start_date)
            self.begin_wait(context, campaign_id, deadline - SECONDS_BEFORE_AIRFLOW)
        if not self.deferrable:
            return super().execute(context)
        verdict = self._poll(context)
        if verdict.state is not State.WAITING:
            # Go the way that Airflow goes after the triggerer, because it handles soft_fail.
            event = verdict.to_event(campaign_id, self.carried(), self._wait.progress.new)
            return self.resume_execution("execute_complete", {"event": event}, context)
        self.push_progress(context, verdict)
        from airflow_provider_revox.triggers.revox import CampaignTrigger

        return self.defer(trigger=CampaignTrigger(**self.trigger_arguments()), method_name="execute_complete")

    def poke(self, context: Context) -> PokeReturnValue:
        """Poll once."""
        before = self._note()
        verdict = self._poll(context)
        if self.reschedule and self._note() != before:
            self._store(context, WAIT_KEY, {"note": self._note(), "try_number": context["ti"].try_number})
        if self.reschedule:
            self._push_rescheduled_progress(context)
        else:
            self.push_progress(context, verdict)
        if verdict.state is State.WAITING and time.time() >= self._wait.deadline:
            return self.poke(context)  # the pushes took until now, and Airflow would end the task without us
        if verdict.state is State.WAITING:
            return PokeReturnValue(is_done=False)
        return PokeReturnValue(
            is_done=True, xcom_value=self.end_wait(context, self._wait.campaign_id, verdict)
        )

    def result_of(self, context: Context, campaign_id: str, verdict: Verdict) -> dict[str, Any]:
        """Return the final counts; raise what Airflow expects of a sensor after anything but a success."""
        if verdict.state is State.UNREACHABLE and self.soft_fail:
            # In poke mode Airflow skips only after errors that it would not retry.
            raise AirflowSkipException(verdict.summary)
        if verdict.state is not State.SUCCEEDED and self.soft_fail:
            self.log.warning(verdict.summary)  # Airflow skips the task and hides the error.
        if verdict.state in (State.TIMED_OUT, State.CANCELLED_LATE):
            raise AirflowSensorTimeout(verdict.summary)
        return verdict.result()

    def _begin_rescheduled_wait(self, context: Context, campaign_id: str) -> None:
        """Go on with the wait of earlier pokes. Each is a process of its own, with its own time limit."""
        first = first_reschedule_date(context)
        started = first.timestamp() if first else time.time()
        note = self._stored_note(context) if first else {}
        deadline = started + self.timeout - SECONDS_BEFORE_AIRFLOW
        points = self._stored_points(context, campaign_id)
        self.begin_wait(context, campaign_id, deadline, began=started, points=points, **note)

    def _poll(self, context: Context) -> Verdict:
        """Poll once. Nothing is shown of a campaign that Revox refuses to show: its id may be anything."""
        verdict = self.poll_campaign()
        if verdict.state is not State.REFUSED:
            self._tell_campaign(context)
            campaign_id = self._wait.campaign_id
            self.show_links(context["ti"], campaign_id, self.hook.get_conn().config.campaign_url(campaign_id))
        return verdict

    def _note(self) -> dict[str, Any]:
        """Return what the next poke must know of this one, which is a process of its own."""
        return {"outage_began": self._wait.outage_began, "logged": self._wait.logged}

    def _push_rescheduled_progress(self, context: Context) -> None:
        """Push all points at each poke: Airflow deletes the XComs of a task when a poke begins."""
        new = self._wait.progress.new
        self._points = joined(self._points, new)
        if new:
            note = {"campaign_id": self._wait.campaign_id, "points": list(self._points)}
            self._store(context, PROGRESS_STORE_KEY, note)
        if self._points:
            push_points(context, self._points, self.display, self.log)

    def _tell_campaign(self, context: Context) -> None:
        """Push what the campaigns page needs: after the first poll, and again when the name is known."""
        answer = self.last_answer
        if isinstance(answer, InvalidConfigurationError):
            return  # without a base URL the campaign has no address
        name = None if isinstance(answer, RevoxError) else without_tag(answer.name or "")
        if self._told_names and (name is None or name in self._told_names):
            return
        campaign_id = self._wait.campaign_id
        record = campaign_record(
            campaign_id,
            name=name,
            revox_conn_id=self.revox_conn_id,
            url=self.hook.get_conn().config.campaign_url(campaign_id),
            role="wait",
        )
        push = partial(context["ti"].xcom_push, key=CAMPAIGN_KEY, value=record)
        if self.display.show("the entry of the campaigns page", push, self.log):
            self._told_names.add(name)

    def _get_next_poke_interval(self, *_: Any, **__: Any) -> float:
        # Airflow's own method ignores outages and schedules, and its sleep may end after the deadline.
        return self.pause()

    def _stored_note(self, context: Context) -> dict[str, Any]:
        """Return what an earlier poke of this try has noted of the wait. Needs Airflow 3.3."""
        stored = self._stored(context, WAIT_KEY)
        # The store outlives the try, and each try has an outage budget of its own.
        return stored["note"] if stored and stored["try_number"] == context["ti"].try_number else {}

    def _stored_points(self, context: Context, campaign_id: str) -> list[Point]:
        """Return the progress that earlier pokes, or an earlier try, have stored. Needs Airflow 3.3."""
        note = self._stored(context, PROGRESS_STORE_KEY)
        return points_of(note["points"]) if note and note["campaign_id"] == campaign_id else []

    def _stored(self, context: Context, key: str) -> Any:
        store = context.get("task_state_store")
        try:
            return store.get(key) if store is not None else None
        except Exception as error:  # whatever went wrong, the wait goes on
            self.log.warning("What an earlier poke has noted can't be read (%s).", type(error).__name__)
            return None

    def _store(self, context: Context, key: str, note: Any) -> None:
        store = context.get("task_state_store")
        if store is not None:
            self.display.show("a note for the next poke", partial(store.set, key, note), self.log)
