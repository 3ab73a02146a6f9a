"""Write the JSON of the generation in which the user launches calls after creating a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid5

from pydantic_core import to_json

from revox_sandbox.api.contract import timestamp
from revox_sandbox.api.later import LaterAnswers

if TYPE_CHECKING:
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.organization import Assistant
    from revox_sandbox.play.people import Launched, Row


class LaunchCallsAnswers(LaterAnswers):
    """Writes the answers of the generation ``launch-calls``."""

    contact_fields = (*LaterAnswers.contact_fields, "job_title")
    interested = "interested"
    callback_requested = "callback_requested"
    more_statistics = {
        "jump_in": {
            "joined_calls": 0,
            "median_conversation_seconds": None,
            "median_time_to_join_seconds": None,
        }
    }

    def row_stats(self, campaign: Campaign) -> dict[str, int]:
        """Return how many rows are in each state. Cancelled rows are called skipped."""
        simulation = campaign.simulation
        return super().row_stats(campaign) | {
            "not_launched": simulation.not_launched,
            "skipped": simulation.cancelled,
        }

    def campaign(self, campaign: Campaign) -> dict[str, Any]:
        """Return a campaign without its assistant."""
        return super().campaign(campaign) | {"metadata_keys": []}

    def assistant(self, assistant: Assistant) -> dict[str, Any]:
        """Return an assistant."""
        shown = super().assistant(assistant) | {
            "is_inbound_receptionist": False,
            "precall_lookup_url": None,
            "transfer_destinations": None,
        }
        del shown["transfer_phone_number"]
        return shown

    def common_call_fields(self, campaign: Campaign) -> dict[str, Any]:
        """Return the fields that are equal in all calls of a campaign."""
        return super().common_call_fields(campaign) | {"slack_channel_ids": None}

    def call_fields(self, campaign: Campaign, row: Row) -> dict[str, Any]:
        """Return the fields of a row's call that differ from call to call."""
        return super().call_fields(campaign, row) | {"scheduled_at": timestamp(row.starts_at)}

    def attempt(self, campaign: Campaign, row: Row, number: int) -> dict[str, Any]:
        """Return a row's attempt without its future. The first attempt has the number 0."""
        shown = super().attempt(campaign, row, number)
        return shown | {
            "email_log": None,
            "handled_by_ai": shown["answered_at"] is not None,
            "handled_by_human": False,
            "handled_by_user": None,
            "speech_events": None,
        }

    def launched(self, campaign: Campaign, launched: Launched, *, speed_dial: bool) -> bytes:
        """
        Return the answer that says what a launch did.

        :param campaign: The campaign.
        :param launched: What the launch did.
        :param speed_dial: Whether a person sits at the phone. Here nobody does, and the calls are the same.
        """
        return to_json(
            {
                "launched": launched.launched,
                "skipped": {
                    "active": launched.active,
                    "attempts_exhausted": launched.attempts_exhausted,
                    "cancelled": launched.cancelled,
                },
                "session": self._session(campaign, launched) if speed_dial else None,
            }
        )

    def _session(self, campaign: Campaign, launched: Launched) -> dict[str, Any]:
        return {
            "id": str(uuid5(campaign.id, f"session {campaign.simulation.now}")),
            "campaign_id": str(campaign.id),
            "connected_count": 0,
            "created_at": timestamp(campaign.simulation.now),
            "current_call_id": None,
            "dialed_count": 0,
            "ended_at": None,
            "in_flight_calls": [],
            "outcome_filter": [],
            "status": "dialing",
            "total_targets": launched.launched,
        }
