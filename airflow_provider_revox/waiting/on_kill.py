"""
Decide what becomes of the campaign of a killed task, and do it: in a worker and in the triggerer.

Airflow kills a task for two reasons that look alike to the task. A person marked it failed or succeeded, or
cleared it. Or a part of Airflow stopped: a worker is shut down, or the api-server or the database was away.
Only a person's act cancels the campaign, and only if ``cancel_on_kill`` says so. The state that Airflow has
for the task tells the two apart.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException, BaseOperator

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.compatibility import task_state, wait_for_the_end, xcom_of_trigger
from airflow_provider_revox.exceptions import TaskKilledError
from airflow_provider_revox.waiting.killed_triggers import SECONDS_TO_ASK, killed_triggers

if TYPE_CHECKING:
    from airflow_provider_revox.client import ClientConfig
    from airflow_provider_revox.hooks.revox import RevoxHook
    from airflow_provider_revox.logger import Logger

STATES_BY_A_PERSON = frozenset({"success", "failed", "restarting"})
"""
The states that a running task has after a person's act: marked succeeded, marked failed, cleared. Not
``skipped``: Airflow itself sets it when ``dagrun_timeout`` is over.
"""
STATES_BY_A_PERSON_IF_DEFERRED = STATES_BY_A_PERSON | {None, "scheduled", "queued", "running"}
"""
The same for a deferred task. When a person clears it, Airflow schedules it again at once. ``deferred`` can
mean two things: another triggerer has taken the trigger over, or the next try has deferred already.
"""
LAUNCH_KEY = "launch"
"""The XCom that says, in ``try_number``, which try has launched or adopted the campaign."""
KILLED = "Airflow has killed the task. Its campaign goes on, unless the log says that it was cancelled."
SECONDS_UNTIL_THE_END = 10.0
"""How long a task waits until Airflow ends its process after a person's act. Airflow 3 takes 5 seconds."""


class KillableOperator(BaseOperator):
    """
    Base of operators that launch a campaign. A kill stops the launch and may cancel the campaign.

    Its state is plain attributes: Airflow copies an operator for each try, and a copy must not learn that
    another try was killed.

    :param wait_for_completion: Whether the task waits until the campaign is completed.
    :param cancel_on_kill: Whether a person who marks or clears the task cancels the campaign. Default: yes if
        the task waits.
    """

    def __init__(
        self, *, wait_for_completion: bool = False, cancel_on_kill: bool | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.wait_for_completion = wait_for_completion
        self.cancel_on_kill = wait_for_completion if cancel_on_kill is None else cancel_on_kill
        self.is_killed = False
        self._ti: Any = None
        self._to_cancel: tuple[ClientConfig, str] | None = None
        self._may_interrupt = False

    def on_kill(self) -> None:
        """
        Note the kill, and end the wait.

        Airflow calls this in a signal handler. The task may be talking to Airflow at that moment, and must
        finish that before it can ask Airflow anything. So this only takes notes, and :meth:`killable` acts.

        :raises TaskKilledError: The task waits. The error ends the wait.
        """
        if self.is_killed:
            return
        self.is_killed = True
        if self._may_interrupt:
            raise TaskKilledError(KILLED)

    @contextmanager
    def killable(self, ti: Any) -> Iterator[None]:
        """
        Run the task. If it is killed, cancel its campaign or leave it, before the task ends.

        A kill after that changes nothing. Airflow also calls :meth:`on_kill` when ``execution_timeout`` is
        over: by then the task has ended.

        :param ti: The task instance.
        """
        self._ti = ti
        try:
            yield
        finally:
            self.act_on_kill(last=True)

    @contextmanager
    def ended_by_a_kill(self) -> Iterator[None]:
        """
        Run code that a kill ends at once, at any place. It must not talk to Airflow.

        :raises TaskKilledError: The task is killed, now or before.
        """
        self._may_interrupt = True
        try:
            if self.is_killed:
                raise TaskKilledError(KILLED)
            yield
        finally:
            self._may_interrupt = False

    def ended_by_a_kill_if_known(self) -> AbstractContextManager[None]:
        """
        Run code that a kill ends at once if there is a campaign that a person's act cancels.

        It must not talk to Airflow.
        """
        return nullcontext() if self._to_cancel is None else self.ended_by_a_kill()

    def cancel_on_kill_from_now(self, config: ClientConfig, campaign_id: str) -> None:
        """
        Let a person's act cancel this campaign, if the user wants it.

        :param config: How to reach Revox: a kill uses a client of its own.
        """
        if self.cancel_on_kill:
            self._to_cancel = (config, campaign_id)
        self.act_on_kill()

    def never_cancel(self) -> None:
        """Leave the campaign, whatever the user wants: it may be of another Airflow, with other people."""
        self.cancel_on_kill, self._to_cancel = False, None

    def act_on_kill(self, *, last: bool = False) -> bool:
        """
        Cancel the campaign if a person's act has killed the task; return whether the task is killed.

        :param last: Whether the task ends now.
        """
        if not self.is_killed or self._to_cancel is None:
            return self.is_killed
        config, campaign_id = self._to_cancel
        acted, answer = _ask_airflow(self._ti)
        if acted:
            self._to_cancel = None
            _cancel_in_worker(config, campaign_id, self.log)
            wait_for_the_end(SECONDS_UNTIL_THE_END)
        elif last:
            _log_left(self.log, campaign_id, answer)
        return True


def _ask_airflow(ti: Any) -> tuple[bool, str]:
    """Return whether a person has ended the task, and what Airflow answered. No answer means no."""
    try:
        state = task_state(ti)
    except Exception as error:  # without an answer, nobody is known to have acted
        return False, _no_answer(error)
    return state in STATES_BY_A_PERSON, _told(state)


async def _ask_airflow_in_triggerer(ti: Any) -> tuple[bool, str]:
    """Do the same for a deferred task."""
    try:
        async with asyncio.timeout(SECONDS_TO_ASK):
            state = await killed_triggers().state_of(ti)
            if state == "deferred":
                launch = await asyncio.to_thread(xcom_of_trigger, ti, LAUNCH_KEY)
                return launch["try_number"] > ti.try_number, _told(state)
    except Exception as error:  # as above
        return False, _no_answer(error)
    return state in STATES_BY_A_PERSON_IF_DEFERRED, _told(state)


def _told(state: str | None) -> str:
    return f"Airflow's state of the task is {state or 'none'}"


def _no_answer(error: Exception) -> str:
    return f"Airflow did not tell the task's state ({type(error).__name__})"


def _cancel_in_worker(config: ClientConfig, campaign_id: str, log: Logger) -> None:
    try:
        from airflow_provider_revox.client import RevoxClient

        # The kill may have interrupted a request of the task's own client.
        with RevoxClient(short_timeouts(config)) as client:
            _log_cancel(log, campaign_id, client.cancel_campaign(campaign_id))
    except Exception as error:
        # It must not hide the error with which the task ends.
        _log_failed_cancel(log, campaign_id, error)


async def cancel_in_triggerer(
    hook: RevoxHook, campaign_id: str, deadline: float, ti: Any, log: Logger
) -> None:
    """
    Cancel the campaign of a deferred task that was killed, if a person's act has killed it. Log errors.

    :param deadline: When the wait ends, in seconds since 1970. A kill after that cancels nothing, because
        another triggerer may have ended the task.
    :param ti: The task instance.
    """
    acted, answer = await _ask_airflow_in_triggerer(ti)
    if time.time() >= deadline:
        return _log_left(log, campaign_id, "the time to wait is over")
    if not acted:
        return _log_left(log, campaign_id, answer)
    try:
        # The client that waited may be closed by now.
        async with await hook.get_async_conn(short_timeouts) as client:
            from airflow_provider_revox.client import endpoints  # loaded in a thread by the line above

            is_done = await client.send(endpoints.cancel_campaign(campaign_id))
    except (RevoxError, AirflowException) as error:
        _log_failed_cancel(log, campaign_id, error)
    else:
        _log_cancel(log, campaign_id, is_done)


def short_timeouts(config: ClientConfig) -> ClientConfig:
    """Return settings with short timeouts: Airflow 3 leaves a killed task 5 seconds."""
    return dataclasses.replace(config, connect_timeout=1, read_timeout=2, write_timeout=1, retries=1)


def _log_left(log: Logger, campaign_id: str, reason: str) -> None:
    log.warning(
        f"The task was killed, but as far as it knows nobody has marked or cleared it: {reason}. Campaign "
        f"{campaign_id} goes on. A retry adopts it."
    )


def _log_cancel(log: Logger, campaign_id: str, is_done: bool) -> None:
    if is_done:
        log.warning(f"Somebody has marked or cleared the task, so it has cancelled campaign {campaign_id}.")
    else:
        log.warning(
            f"Somebody has marked or cleared the task, but Revox did not cancel campaign {campaign_id}. It "
            "may have ended already: check it in Revox."
        )


def _log_failed_cancel(log: Logger, campaign_id: str, error: Exception) -> None:
    log.error(
        f"Somebody has marked or cleared the task, but it could not cancel campaign {campaign_id}, which "
        f"goes on: {error}. Cancel it in Revox."
    )
