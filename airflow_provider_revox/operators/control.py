"""Operators that cancel, pause and resume a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.common.compat.sdk import AirflowSkipException

from airflow_provider_revox.client.errors import NotFoundError, RevoxError
from airflow_provider_revox.exceptions import RevoxRefusedError, RevoxUnavailableError, airflow_error
from airflow_provider_revox.operators._campaign_operator import CampaignOperator
from airflow_provider_revox.waiting.verdict import row_stats_in_words

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client.models import Campaign

ALREADY_FINISHED = "already_finished"


class ControlOperator(CampaignOperator):
    """
    Base of operators that bring a campaign into a state.

    They look first, act if there is something to do, and look again: a second run, or a retry after a lost
    answer, changes nothing.
    """

    verb: ClassVar[str]
    done: ClassVar[str]
    already: ClassVar[str]

    def execute(self, context: Context) -> dict[str, Any]:
        """Look, act, look again."""
        try:
            return self._bring_about()
        except RevoxError as error:
            raise airflow_error(error) from None

    def act(self, campaign_id: str) -> bool:
        """Bring it into the state; return the API's ``success``."""
        raise NotImplementedError

    def is_so(self, campaign: Campaign) -> bool:
        """Tell whether there is nothing left to do."""
        raise NotImplementedError

    def _bring_about(self) -> dict[str, Any]:
        campaign_id = self.checked_campaign_id()
        before = self.hook.get_campaign(campaign_id)
        if already := self._already(before):
            return self._state(before, already)
        try:
            success = self.act(campaign_id)
        except NotFoundError:
            self.hook.get_campaign(campaign_id)  # raises, if it is the campaign that is not there any more
            raise RevoxRefusedError(
                f"Campaign {campaign_id} is there, but the Revox API of this organization can't {self.verb} "
                "campaigns: it is of an older generation."
            ) from None
        after = self.hook.get_campaign(campaign_id)
        outcome = self.done if success else self._already(after)
        if not outcome:
            raise RevoxUnavailableError(
                f"Revox did not {self.verb} campaign {campaign_id}, which is {after.shown_status}."
            )
        return self._state(after, outcome)

    def _already(self, campaign: Campaign) -> str:
        if self.is_so(campaign):
            return self.already
        return ALREADY_FINISHED if campaign.is_cancelled or campaign.status == "completed" else ""

    def _state(self, campaign: Campaign, outcome: str) -> dict[str, Any]:
        row_stats = campaign.row_stats.to_dict() if campaign.row_stats else {}
        self.log.info(
            "Campaign %s: %s, %s", campaign.id, outcome.replace("_", " "), row_stats_in_words(row_stats)
        )
        return {
            "campaign_id": campaign.id,
            "outcome": outcome,
            "status": campaign.shown_status,
            "is_cancelled": campaign.is_cancelled,
            "row_stats": row_stats,
        }


class CancelCampaignOperator(ControlOperator):
    """
    Cancel a campaign: nobody else is called; calls in progress finish, the campaign and its rows stay.

    A campaign that is cancelled or completed already is left as it is, and the task succeeds. Where nothing
    was launched, and so there is no id, the task is skipped. So it may be a teardown, which cancels what
    still runs when the tasks before it have ended, however they did, the launch included:
    ``CancelCampaignOperator(...).as_teardown()``, **without** ``setups``. Airflow does not run the teardown
    of a setup that has failed, and a launch that fails may have made its campaign all the same.

    Returns ``{"campaign_id", "outcome", "status", "is_cancelled", "row_stats"}``: the state of the campaign
    now, and as ``outcome`` ``"cancelled"``, ``"already_cancelled"`` or ``"already_finished"``.

    :param campaign_id: The campaign: usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param revox_conn_id: The Airflow connection.
    """

    verb, done, already = "cancel", "cancelled", "already_cancelled"

    def execute(self, context: Context) -> dict[str, Any]:
        """Cancel, if there is a campaign."""
        if not self.is_given():
            raise AirflowSkipException("There is no campaign to cancel.")
        return super().execute(context)

    def act(self, campaign_id: str) -> bool:
        """Cancel it."""
        return self.hook.cancel_campaign(campaign_id)

    def is_so(self, campaign: Campaign) -> bool:
        """Tell whether the campaign is cancelled."""
        return campaign.is_cancelled is True


class PauseCampaignOperator(ControlOperator):
    """
    Pause a campaign: calls in progress finish, nobody else is called until it is resumed.

    Not every organization's API can: where it can't, the task fails and says so. A campaign that is paused
    already or has ended is left as it is.

    Returns ``{"campaign_id", "outcome", "status", "is_cancelled", "row_stats"}``: the state of the campaign
    now, and as ``outcome`` ``"paused"``, ``"already_paused"`` or ``"already_finished"``.

    :param campaign_id: The campaign: usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param revox_conn_id: The Airflow connection.
    """

    verb, done, already = "pause", "paused", "already_paused"

    def act(self, campaign_id: str) -> bool:
        """Pause it."""
        return self.hook.pause_campaign(campaign_id)

    def is_so(self, campaign: Campaign) -> bool:
        """Tell whether the campaign is paused."""
        return campaign.status == "paused" and not campaign.is_cancelled


class ResumeCampaignOperator(ControlOperator):
    """
    Resume a paused campaign: the calls that were held are made.

    Not every organization's API can: where it can't, the task fails and says so. A campaign that runs already
    or has ended is left as it is.

    Returns ``{"campaign_id", "outcome", "status", "is_cancelled", "row_stats"}``: the state of the campaign
    now, and as ``outcome`` ``"resumed"``, ``"already_running"`` or ``"already_finished"``.

    :param campaign_id: The campaign: usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param revox_conn_id: The Airflow connection.
    """

    verb, done, already = "resume", "resumed", "already_running"

    def act(self, campaign_id: str) -> bool:
        """Resume it."""
        return self.hook.resume_campaign(campaign_id)

    def is_so(self, campaign: Campaign) -> bool:
        """Tell whether the campaign runs."""
        return campaign.status == "running" and not campaign.is_cancelled
