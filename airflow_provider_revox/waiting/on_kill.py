"""
Decide what becomes of the campaign of a killed task, and do it: in a worker and in the triggerer.

Airflow kills a task when somebody marks it failed or succeeded, or clears it, and when its worker is shut
down. The campaign is cancelled only if ``cancel_on_kill`` says so, and never because a time was up.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException, BaseOperator

from airflow_provider_revox.client.errors import RevoxError

if TYPE_CHECKING:
    from airflow_provider_revox.client import ClientConfig
    from airflow_provider_revox.hooks.revox import RevoxHook
    from airflow_provider_revox.logger import Logger


class KillableOperator(BaseOperator):
    """
    Base of operators that launch a campaign. A kill stops the launch and may cancel the campaign.

    Its state is plain attributes: Airflow copies an operator for each try, and a copy must not learn that
    another try was killed. ``on_kill`` runs in a signal handler, so it takes no lock.

    :param wait_for_completion: Whether the task waits until the campaign is completed.
    :param cancel_on_kill: Whether a kill cancels the campaign. Default: yes if the task waits.
    """

    def __init__(
        self, *, wait_for_completion: bool = False, cancel_on_kill: bool | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.wait_for_completion = wait_for_completion
        self.cancel_on_kill = wait_for_completion if cancel_on_kill is None else cancel_on_kill
        self.is_killed = False
        self._to_cancel: tuple[ClientConfig, str] | None = None

    def on_kill(self) -> None:
        """Stop the launch, and cancel the campaign if there is one and the user wants it."""
        self.is_killed = True
        if self._to_cancel is not None:
            _cancel_in_worker(*self._to_cancel, self.log)

    def cancel_on_kill_from_now(self, config: ClientConfig, campaign_id: str) -> None:
        """
        Let a kill cancel this campaign, if the user wants it. A kill that came before cancels it now.

        :param config: How to reach Revox: a kill uses a client of its own.
        """
        if self.cancel_on_kill:
            self._to_cancel = (config, campaign_id)
        if self.is_killed:
            self.on_kill()

    def keep_campaign_on_kill(self) -> None:
        """
        Let the campaign go on when the task is killed.

        Airflow also kills a task whose ``execution_timeout`` is over. The campaign goes on then, as it does
        when a deferred task runs out of time.
        """
        self._to_cancel = None


def _cancel_in_worker(config: ClientConfig, campaign_id: str, log: Logger) -> None:
    try:
        from airflow_provider_revox.client import RevoxClient

        # The task's own client may be in the middle of a request: this runs in a signal handler.
        with RevoxClient(short_timeouts(config)) as client:
            _log_cancel(log, campaign_id, client.cancel_campaign(campaign_id))
    except Exception as error:
        # It must not look like an error of the code that the signal has interrupted.
        _log_failed_cancel(log, campaign_id, error)


async def cancel_in_triggerer(hook: RevoxHook, campaign_id: str, log: Logger) -> None:
    """Cancel the campaign of a deferred task that was killed. Errors are logged."""
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


def _log_cancel(log: Logger, campaign_id: str, is_done: bool) -> None:
    if is_done:
        log.warning(f"The task was killed, so it has cancelled campaign {campaign_id}.")
    else:
        log.warning(
            f"The task was killed, but Revox did not cancel campaign {campaign_id}. It may have ended "
            "already: check it in Revox."
        )


def _log_failed_cancel(log: Logger, campaign_id: str, error: Exception) -> None:
    log.error(
        f"The task was killed, but it could not cancel campaign {campaign_id}, which goes on: {error}. "
        "Cancel it in Revox."
    )
