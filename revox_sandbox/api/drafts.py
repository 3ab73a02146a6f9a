"""Write the JSON of the generation in which a campaign can be a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from revox_sandbox.api.later import LaterAnswers

if TYPE_CHECKING:
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.organization import Assistant
    from revox_sandbox.play.people import Row


class DraftsAnswers(LaterAnswers):
    """Writes the answers of the generation ``drafts``."""

    interested = "hot"
    callback_requested = "warm"

    def status(self, campaign: Campaign) -> str:
        """Return the status of a campaign."""
        simulation = campaign.simulation
        return simulation.status if simulation.is_launched or simulation.is_cancelled else "draft"

    def row_stats(self, campaign: Campaign) -> dict[str, int]:
        """Return how many rows are in each state. The rows of a draft are pending."""
        stats = super().row_stats(campaign)
        return stats | {"pending": stats["pending"] + campaign.simulation.not_launched}

    def campaign(self, campaign: Campaign) -> dict[str, Any]:
        """Return a campaign without its assistant."""
        return super().campaign(campaign) | {
            "active_takeover_call_id": None,
            "paused_reason": campaign.simulation.paused_reason,
            "present_count": 0,
            "type": campaign.request.type,
        }

    def assistant(self, assistant: Assistant) -> dict[str, Any]:
        """Return an assistant."""
        return super().assistant(assistant) | {"email_notification_language": "en"}

    def row(self, campaign: Campaign, row: Row, common: dict[str, Any]) -> dict[str, Any]:
        """Return a row. A draft has no calls."""
        shown = super().row(campaign, row, common)
        return shown if self.has_calls(campaign) else shown | {"call": None}

    def has_calls(self, campaign: Campaign) -> bool:
        """Return whether the rows of a campaign have calls. Those of a draft have none."""
        return campaign.simulation.is_launched
