"""Write the JSON that both later generations, drafts and launch-calls, have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import NAMESPACE_OID, uuid5

from pydantic_core import to_json

from revox_sandbox.api.contract import ContractAnswers, timestamp

if TYPE_CHECKING:
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.organization import Assistant, Organization
    from revox_sandbox.play.people import Row

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
        "structured_output_prompt",
        "stt_context",
        "thinking_sound",
        "voicemail_sms_prompt",
        "warm_transfer_summary_instructions",
        "zoho",
    )
)


class LaterAnswers(ContractAnswers):
    """Writes what the later generations have in common."""

    contact_fields: ClassVar[tuple[str, ...]] = ("company", "email", "first_name", "last_name")
    """Variables that say who a person is."""
    interested: ClassVar[str]
    """The name of the list of interested people in the report."""
    callback_requested: ClassVar[str]
    """The name of the list of people who asked for another call in the report."""
    more_statistics: ClassVar[dict[str, Any]] = {}
    """What only this generation's report has."""
    transcript = [line | {"tool_output": None} for line in ContractAnswers.transcript]

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
            "sms_enabled": assistant.texts.sms_template is not None,
            "sms_template": assistant.texts.sms_template,
            "stt_model": "stt-rt-v4",
            "thinking_sound_probability": 0.0,
            "thinking_sound_volume": 0.5,
            "type": "standalone",
        }

    def all_rows(self, campaign: Campaign) -> bytes:
        """Return the answer that shows all rows of a campaign."""
        return b'{"rows":[%s]}' % self.rows_json(campaign, campaign.simulation.rows)

    def has_calls(self, campaign: Campaign) -> bool:
        """Return whether the rows of a campaign have calls."""
        return True

    def call_json(self, campaign: Campaign, row: Row) -> bytes:
        """Return the call of a row as JSON."""
        return to_json(self.common_call_fields(campaign) | self.call_fields(campaign, row))

    def all_phone_numbers(self, organization: Organization) -> bytes:
        """Return the answer that lists all phone numbers of the organization."""
        shown = [
            {
                "id": str(uuid5(NAMESPACE_OID, number)),
                "created_at": timestamp(organization.created_at),
                "created_by": None,
                "inbound_assistant": None,
                "inbound_sip_uri": None,
                "label": None,
                "livekit_outbound_trunk_id": None,
                "phone_number": number,
                "provider": "twilio",
                "source": "revox_provisioned",
                "type": "owned_number",
            }
            for number in organization.phone_numbers
        ]
        return to_json({"phone_numbers": shown})

    def common_call_fields(self, campaign: Campaign) -> dict[str, Any]:
        """Return the fields that are equal in all calls of a campaign."""
        return super().common_call_fields(campaign) | {"assignee": None, "follow_up_emails": None}

    def call_fields(self, campaign: Campaign, row: Row) -> dict[str, Any]:
        """Return the fields of a row's call that differ from call to call."""
        variables, now = row.contact.prompt_variables, campaign.simulation.now
        last = row.attempts[-1] if row.attempts else None
        outcome = row.outcome(now)
        return super().call_fields(campaign, row) | {
            "contact": {name: variables.get(name) for name in self.contact_fields},
            "outcome": outcome,
            "outcome_summary": f"The sandbox drew {outcome}." if outcome else None,
            "prompt_variables": variables,
            "updated_at": timestamp(
                campaign.created_at
                if last is None
                else next(at for at in (last.processed_at, last.ended_at, last.started_at) if at <= now)
            ),
        }

    def attempt(self, campaign: Campaign, row: Row, number: int) -> dict[str, Any]:
        """Return a row's attempt without its future. The first attempt has the number 0."""
        return super().attempt(campaign, row, number) | {
            "assistants_used": None,
            "post_call_transcript": None,
            "sms_log": None,
        }
