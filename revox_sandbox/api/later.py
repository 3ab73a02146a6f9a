"""The JSON of the generations that came after the API page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid5

from pydantic_core import to_json

from revox_sandbox.api.contract import Wire, moment

if TYPE_CHECKING:
    from revox_sandbox.play.people import Launched, Row
    from revox_sandbox.play.store import Assistant, Campaign

_NOT_CONFIGURED = dict.fromkeys(
    (
        "after_call_sms_outcomes",
        "after_call_sms_prompt",
        "cartesia_dictionary_pronunciation_id",
        "created_by",
        "custom_tools",
        "email_notification_address",
        "email_notification_outcomes",
        "from_phone_number",
        "human_transfer_mode",
        "logo_url",
        "max_duration_end_message",
        "position",
        "prompt_flow",
        "slack",
        "sms_template",
        "structured_output_prompt",
        "stt_context",
        "thinking_sound",
        "voicemail_sms_prompt",
        "warm_transfer_summary_instructions",
        "zoho",
    )
)

_NO_TOOL = dict.fromkeys(("tool_arguments", "tool_is_error", "tool_name", "tool_output"))


class LiveWire(Wire):
    """What the later generations have in common."""

    contact_fields: tuple[str, ...] = ("company", "email", "first_name", "last_name")
    """Variables that tell who somebody is."""
    transcript = [line | _NO_TOOL for line in Wire.transcript]

    def campaign(self, campaign: Campaign) -> dict[str, Any]:
        """Return a campaign without its assistant."""
        return super().campaign(campaign) | {
            "created_by": None,
            "funnel_stats": None,
            "structured_output_extraction": "none",
        }

    def assistant(self, assistant: Assistant) -> dict[str, Any]:
        """Return an assistant."""
        shown = super().assistant(assistant) | _NOT_CONFIGURED
        shown["voice"] |= {"model": None, "volume": None}
        return shown | {
            "background_sound_volume": 0.5,
            "is_realestate_assistant": False,
            "sms_enabled": False,
            "stt_model": "stt-rt-v4",
            "thinking_sound_probability": 0.0,
            "thinking_sound_volume": 0.5,
            "type": "standalone",
        }

    def rows(self, campaign: Campaign) -> bytes:
        """
        Return all rows of a campaign.

        :param campaign: Up to date.
        """
        return b'{"rows":[%s]}' % self.rows_json(campaign, campaign.simulation.rows)

    def call(self, campaign: Campaign) -> dict[str, Any]:
        """Return what all calls of a campaign have in common."""
        return super().call(campaign) | {"assignee": None, "follow_up_emails": None}

    def call_of(self, campaign: Campaign, row: Row) -> dict[str, Any]:
        """Return what is a row's own about its call."""
        variables, now = row.contact.prompt_variables, campaign.simulation.now
        last = row.attempts[-1] if row.attempts else None
        outcome = row.outcome(now)
        return super().call_of(campaign, row) | {
            "contact": {name: variables.get(name) for name in self.contact_fields},
            "outcome": outcome,
            "outcome_summary": f"The sandbox drew {outcome}." if outcome else None,
            "prompt_variables": variables,
            "updated_at": moment(
                campaign.created_at
                if last is None
                else next(at for at in (last.processed_at, last.ended_at, last.started_at) if at <= now)
            ),
        }

    def attempt(self, campaign: Campaign, row: Row, number: int) -> dict[str, Any]:
        """Return an attempt, as far as it has come."""
        return super().attempt(campaign, row, number) | {
            "assistants_used": None,
            "post_call_transcript": None,
            "sms_log": None,
        }


class DraftsWire(LiveWire):
    """The JSON of campaigns that may be drafts."""

    def status(self, campaign: Campaign) -> str:
        """Return a campaign's status."""
        simulation = campaign.simulation
        return simulation.status if simulation.is_launched or simulation.is_cancelled else "draft"

    def row_stats(self, campaign: Campaign) -> dict[str, int]:
        """Return how many rows are where; those of a draft are pending."""
        stats = super().row_stats(campaign)
        return stats | {"pending": stats["pending"] + campaign.simulation.not_launched}

    def campaign(self, campaign: Campaign) -> dict[str, Any]:
        """Return a campaign without its assistant."""
        return super().campaign(campaign) | {
            "active_takeover_call_id": None,
            "paused_reason": campaign.simulation.paused_reason,
            "present_count": 0,
            "type": "jump_in" if campaign.request.needs_presence else "regular",
        }

    def assistant(self, assistant: Assistant) -> dict[str, Any]:
        """Return an assistant."""
        return super().assistant(assistant) | {"email_notification_language": "en"}

    def row(self, campaign: Campaign, row: Row, common: dict[str, Any]) -> dict[str, Any]:
        """Return a row; a draft has no calls."""
        shown = super().row(campaign, row, common)
        return shown if campaign.simulation.is_launched else shown | {"call": None}


class LaunchCallsWire(LiveWire):
    """The JSON of campaigns whose calls are launched."""

    contact_fields = (*LiveWire.contact_fields, "job_title")

    def row_stats(self, campaign: Campaign) -> dict[str, int]:
        """Return how many rows are where; cancelled ones are skipped."""
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

    def call(self, campaign: Campaign) -> dict[str, Any]:
        """Return what all calls of a campaign have in common."""
        return super().call(campaign) | {"slack_channel_ids": None}

    def call_of(self, campaign: Campaign, row: Row) -> dict[str, Any]:
        """Return what is a row's own about its call."""
        return super().call_of(campaign, row) | {"scheduled_at": moment(row.starts_at)}

    def attempt(self, campaign: Campaign, row: Row, number: int) -> dict[str, Any]:
        """Return an attempt, as far as it has come."""
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
        Return what came of launching calls.

        :param campaign: Up to date.
        :param launched: What came of it.
        :param speed_dial: Whether a person sits at the phone; here nobody does, and it is all the same.
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
            "created_at": moment(campaign.simulation.now),
            "current_call_id": None,
            "dialed_count": 0,
            "ended_at": None,
            "in_flight_calls": [],
            "outcome_filter": [],
            "status": "dialing",
            "total_targets": launched.launched,
        }
