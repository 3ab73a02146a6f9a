"""Sensors for Revox."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import (
    AirflowSensorTimeout,
    BaseSensorOperator,
    PokeReturnValue,
    conf,
)

from airflow_provider_revox.exceptions import CampaignTimeoutError, RevoxRefusedError
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.progress import Progress, ProgressLog, State, deadline_after, look

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


class CampaignSensor(BaseSensorOperator):
    """
    Wait until a Revox campaign is completed and was not cancelled.

    Airflow's ``poke_interval``, ``timeout``, ``mode`` and ``soft_fail`` work as in every sensor, deferred or
    not. While Revox can't be reached the sensor goes on waiting; a wrong key or an unknown campaign ends it
    at once. It never cancels the campaign.

    Returns the campaign's final ``row_stats``, such as ``{"total": 3, "completed": 2, "failed": 1, ...}``.

    :param campaign_id: The campaign: usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param deferrable: Wait in the triggerer, without a worker slot. Default: Airflow's
        ``[operators] default_deferrable``.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = ("campaign_id", "revox_conn_id")
    ui_color = "#e7e4fd"

    def __init__(
        self,
        *,
        campaign_id: str,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        revox_conn_id: str = RevoxHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.campaign_id = campaign_id
        self.deferrable = deferrable
        self.revox_conn_id = revox_conn_id

    @cached_property
    def hook(self) -> RevoxHook:
        """The hook of this task's connection."""
        return RevoxHook(self.revox_conn_id)

    @cached_property
    def _progress_log(self) -> ProgressLog:
        return ProgressLog(self.log)

    def execute(self, context: Context) -> Any:
        """Wait: here, or in the triggerer."""
        if not isinstance(self.campaign_id, str) or not self.campaign_id:
            raise RevoxRefusedError(
                f"campaign_id must be the id of one campaign, not {type(self.campaign_id).__name__}"
                f"{' without a character' if self.campaign_id == '' else ''}; "
                "for several campaigns use CampaignSensor.partial(...).expand(campaign_id=...)"
            )
        if not self.deferrable:
            return super().execute(context)
        progress = look(self.hook, self.campaign_id)
        if progress.state is not State.WAITING:
            # The same way on as after the triggerer, soft_fail included.
            return self.resume_execution("execute_complete", {"event": progress.to_event()}, context)
        self._progress_log.tell(progress)
        from airflow_provider_revox.triggers.revox import CampaignTrigger

        return self.defer(
            trigger=CampaignTrigger(
                campaign_id=self.campaign_id,
                revox_conn_id=self.revox_conn_id,
                poll_interval=self.poke_interval,
                deadline=deadline_after(self.timeout, self.execution_timeout, context["ti"].start_date),
            ),
            method_name="execute_complete",
        )

    def poke(self, context: Context) -> PokeReturnValue:
        """Look once."""
        progress = look(self.hook, self.campaign_id)
        self._progress_log.tell(progress)
        if progress.state is State.WAITING:
            return PokeReturnValue(is_done=False)
        return PokeReturnValue(is_done=True, xcom_value=progress.result())

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """Go on after the triggerer has waited."""
        progress = Progress.from_event(event)
        self.log.info(progress.summary)
        try:
            return progress.result()
        except CampaignTimeoutError as error:
            raise AirflowSensorTimeout(str(error)) from None
