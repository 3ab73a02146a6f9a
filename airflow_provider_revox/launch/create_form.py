"""The forms that the body of a create can have."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_revox.client.requests import CampaignCreate


class CreateForm(Enum):
    """A form of the create. A server of one generation refuses fields that another generation needs."""

    PAGE = "as on the API page"
    DRAFT = "a draft, launched by a second request"
    DRAFT_UNSCHEDULED = "a draft without scheduled_at"
    CALLS = "calls, launched and scheduled by a second request"

    @property
    def leaves_schedule_out(self) -> bool:
        """Return whether the body has no ``scheduled_at``."""
        return self in (CreateForm.DRAFT_UNSCHEDULED, CreateForm.CALLS)

    def of(self, campaign: CampaignCreate) -> CampaignCreate:
        """Return the campaign in this form."""
        if self is CreateForm.PAGE:
            return campaign
        config = campaign.call_retry_config
        return campaign.changed(
            call_retry_config=config and config.complete(),
            scheduled_at=None if self.leaves_schedule_out else campaign.scheduled_at,
            **({} if self is CreateForm.CALLS else {"launch": False, "type": "regular"}),
        )
