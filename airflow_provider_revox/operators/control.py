"""Cancel, pause and resume a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.common.compat.sdk import AirflowSkipException

from airflow_provider_revox.client.errors import NotFoundError, RevoxError
from airflow_provider_revox.exceptions import RevoxRefusedError, RevoxUnavailableError, airflow_error
from airflow_provider_revox.metrics import CONTROL, Metrics
from airflow_provider_revox.operators._campaign_operator import CampaignOperator, cancelled_or_unknown
from airflow_provider_revox.templating import is_missing, read_campaign_id
from airflow_provider_revox.waiting.verdict import row_stats_in_words

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client.models import Campaign


class ControlOperator(CampaignOperator):
    """
    Base of operators that bring a campaign into a state.

    The operator reads the campaign first, sends its request only if there is something to do, and reads the
    campaign again. So a second run, or a retry after a lost answer, changes nothing.
    """

    verb: ClassVar[str]
    """The key in :data:`~airflow_provider_revox.client.control.CONTROLS`."""

    def execute(self, context: Context) -> dict[str, Any]:
        """Bring the campaign into the state; return it."""
        try:
            with self.collecting_lineage():
                return self._bring_into_state(context)
        except RevoxError as error:
            raise airflow_error(error) from None

    def _bring_into_state(self, context: Context) -> dict[str, Any]:
        from airflow_provider_revox.client.control import CONTROLS

        control = CONTROLS[self.verb]
        campaign_id = read_campaign_id(self.campaign_id, self)
        before = self.read_campaign(context, campaign_id)
        if nothing_to_do := control.outcome_without_request(before):
            return self._report(context, before, nothing_to_do)
        try:
            success = self.hook.get_conn().send(control.endpoint(campaign_id))
        except NotFoundError:
            self.hook.get_campaign(campaign_id)  # It raises if the campaign itself is gone.
            raise RevoxRefusedError(control.refusal(campaign_id)) from None
        after = self.hook.get_campaign(campaign_id)
        outcome = control.outcome if success else control.outcome_without_request(after)
        if not outcome:
            raise RevoxUnavailableError(
                f"Revox did not {self.verb} campaign {campaign_id}, which is {after.shown_status}. "
                "Let Airflow retry the task, or look at the campaign in Revox."
            )
        return self._report(context, after, outcome)

    def _report(self, context: Context, campaign: Campaign, outcome: str) -> dict[str, Any]:
        """Log the state of the campaign, count the outcome, and return both."""
        row_stats = campaign.row_stats.to_dict() if campaign.row_stats else {}
        counts = row_stats_in_words(row_stats)
        self.log.info("Campaign %s: %s, %s", campaign.id, outcome.replace("_", " "), counts)
        report = {
            "campaign_id": campaign.id,
            "outcome": outcome,
            "status": campaign.shown_status,
            "is_cancelled": cancelled_or_unknown(campaign),
            "row_stats": row_stats,
        }
        self.lineage.campaign.update(report)
        Metrics(context.get("ti")).count_each(CONTROL, {outcome: 1})
        return report


class CancelCampaignOperator(ControlOperator):
    """
    Cancels a campaign. Nobody else is called. Calls in progress finish; the campaign and its rows stay.

    If the campaign is cancelled or completed already, the task leaves it alone and succeeds. If no campaign
    was launched, there is no id, and the task is skipped. So it can be a teardown that cancels a campaign
    that is still running after the other tasks, also after failed ones:
    ``CancelCampaignOperator(...).as_teardown()``, **without** ``setups``. Airflow does not run the teardown
    of a failed setup, but a launch that fails may have created its campaign.

    Returns ``{"campaign_id", "outcome", "status", "is_cancelled", "row_stats"}``: the state of the campaign
    now. ``outcome`` is ``"cancelled"``, ``"already_cancelled"`` or ``"already_finished"``.

    :param campaign_id: The id of one campaign, usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param revox_conn_id: The Airflow connection.
    """

    verb = "cancel"

    def execute(self, context: Context) -> dict[str, Any]:
        """Cancel the campaign, or skip the task if there is none."""
        if is_missing(self.campaign_id):
            raise AirflowSkipException(
                "campaign_id is empty: no campaign was launched, so none is cancelled."
            )
        return super().execute(context)


class PauseCampaignOperator(ControlOperator):
    """
    Pauses a campaign. Nobody else is called until it is resumed. Calls in progress finish.

    The API of some organizations can't pause: then the task fails and says so. If the campaign is paused
    already or has ended, the task leaves it alone and succeeds.

    Returns ``{"campaign_id", "outcome", "status", "is_cancelled", "row_stats"}``: the state of the campaign
    now. ``outcome`` is ``"paused"``, ``"already_paused"`` or ``"already_finished"``.

    :param campaign_id: The id of one campaign, usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param revox_conn_id: The Airflow connection.
    """

    verb = "pause"


class ResumeCampaignOperator(ControlOperator):
    """
    Resumes a paused campaign. The calls that the pause held back are made.

    The API of some organizations can't resume: then the task fails and says so. If the campaign is running
    already or has ended, the task leaves it alone and succeeds.

    Returns ``{"campaign_id", "outcome", "status", "is_cancelled", "row_stats"}``: the state of the campaign
    now. ``outcome`` is ``"resumed"``, ``"already_running"`` or ``"already_finished"``.

    :param campaign_id: The id of one campaign, usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param revox_conn_id: The Airflow connection.
    """

    verb = "resume"
