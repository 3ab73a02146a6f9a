"""
Say how a campaign is cancelled, paused and resumed, and when there is nothing to do.

The operators and the campaigns page share this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.campaign_state import is_cancelled, is_done, is_paused, is_running

if TYPE_CHECKING:
    from airflow_provider_revox.client.messages import Endpoint
    from airflow_provider_revox.client.models import Campaign

ALREADY_FINISHED = "already_finished"


@dataclass(frozen=True)
class Control:
    """
    One way to change the state of a campaign.

    :param verb: What it does, for texts.
    :param outcome: What came of it.
    :param outcome_already: What came of it if the campaign was in the state before.
    :param endpoint: Makes the request for a campaign id.
    :param is_in_state: Returns whether a campaign is in the state.
    """

    verb: str
    outcome: str
    outcome_already: str
    endpoint: Callable[[str], Endpoint[bool]]
    is_in_state: Callable[[Campaign], bool]

    def outcome_without_request(self, campaign: Campaign) -> str:
        """Return the outcome if there is nothing to do, else empty text."""
        if self.is_in_state(campaign):
            return self.outcome_already
        return ALREADY_FINISHED if is_done(campaign) else ""

    def refusal(self, campaign_id: str) -> str:
        """Return the error for a Revox that has the campaign, but not this endpoint."""
        return (
            f"Campaign {campaign_id} exists, but the Revox API of this organization can't {self.verb} "
            "campaigns: it is of an older generation."
        )


CANCEL = Control("cancel", "cancelled", "already_cancelled", endpoints.cancel_campaign, is_cancelled)
PAUSE = Control("pause", "paused", "already_paused", endpoints.pause_campaign, is_paused)
RESUME = Control("resume", "resumed", "already_running", endpoints.resume_campaign, is_running)
CONTROLS = {control.verb: control for control in (PAUSE, RESUME, CANCEL)}


def possible_controls(campaign: Campaign) -> list[str]:
    """Return the possible changes, as verbs. A campaign that has ended has none."""
    if is_done(campaign):
        return []
    change = ["resume"] if is_paused(campaign) else ["pause"] if is_running(campaign) else []
    return [*change, "cancel"]
