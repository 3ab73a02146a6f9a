"""Describe a campaign: what the user asked for, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from datetime import datetime

    from revox_sandbox.play.calling_hours import CallingHours
    from revox_sandbox.play.organization import Assistant
    from revox_sandbox.play.outcomes import Draw
    from revox_sandbox.play.people import Contact, Row
    from revox_sandbox.play.simulation import Simulation


class RetryConfig(Protocol):
    """When and how often to call, as the user wrote it."""

    @property
    def timezone(self) -> str | None: ...

    def calling_hours(self) -> CallingHours:
        """Return what it says."""

    def as_json(self) -> dict[str, Any]:
        """Return it as the user wrote it."""


@dataclass(frozen=True, kw_only=True)
class CampaignRequest:
    """
    What a user asks for when they create a campaign. The names are those of the API.

    :param launch: Whether the campaign is launched when it is created.
    :param type: ``jump_in`` calls people only while somebody looks at the campaign. Here nobody does.
    :param post_processing_seconds: Seconds from the end of a talk until its outcome is known.
    """

    assistant_id: str
    name: str
    contacts: Sequence[Contact]
    call_retry_config: RetryConfig | None = None
    from_phone_number: str | None = None
    max_concurrent_calls: float | None = None
    scheduled_at: datetime | None = None
    launch: bool = True
    type: Literal["regular", "jump_in"] = "regular"
    post_processing_seconds: float = 0.0


@dataclass(eq=False)
class Campaign:
    """A campaign: what the user asked for, and what became of it."""

    id: UUID
    request: CampaignRequest
    assistant: Assistant
    created_at: float
    draw: Draw
    simulation: Simulation
    _indices: dict[str, int] = field(default_factory=dict, repr=False)

    def call_id(self, row: Row) -> str:
        """
        Return the id of a row's call.

        :param row: A row of the simulation.
        """
        return str(uuid5(self.id, f"call {row.index}"))

    def row_of_call(self, call_id: str) -> Row | None:
        """
        Return the row of a call. ``None``: the campaign has no such call.

        :param call_id: The id of the call.
        """
        rows = self.simulation.rows
        if len(self._indices) != len(rows):  # a draft's contacts can change
            self._indices = {self.call_id(row): row.index for row in rows}
        index = self._indices.get(call_id)
        return None if index is None else rows[index]
