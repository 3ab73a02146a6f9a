"""
What comes back from the Revox API.

Tolerant: unknown fields and statuses pass, optional fields may be missing, null or of a type nobody expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WrapValidator


def _or_none(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


_TOLERANT = WrapValidator(_or_none)
Text = Annotated[str | None, _TOLERANT]
Flag = Annotated[bool | None, Field(strict=True), _TOLERANT]
Count = Annotated[int | None, _TOLERANT]
Object = Annotated[dict[str, Any] | None, _TOLERANT]


def _or_empty(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return {}


Trace = Annotated[dict[str, Any] | None, WrapValidator(_or_empty)]
"""An object whose absence says something: one that can't be read is there, and empty."""


class _Response(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)


is_word = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}").fullmatch


class RowStats(_Response):
    """How many contacts of a campaign are where; a count that is missing or unreadable is ``None``."""

    total: Count = None
    pending: Count = None
    calling: Count = None
    retry: Count = None
    completed: Count = None
    failed: Count = None
    not_launched: Count = None
    skipped: Count = None

    def to_dict(self) -> dict[str, Any]:
        """
        Return the counts, those the API adds one day included.

        Only whole numbers under plain names: anything else might be about a person, and this is shown.
        """
        return {
            name: count
            for name, count in self.model_dump(exclude_none=True).items()
            if type(count) is int and is_word(name)
        }


class Campaign(_Response):
    """
    A campaign as the API shows it.

    Only ``id`` is relied on. ``status`` is one of ``draft``, ``running``, ``paused``, ``completed`` on the
    API page; others will come. A cancelled campaign has ``is_cancelled`` set, whatever its status. The page
    leaves the type of the times open (its own example shows ``{}``).
    """

    id: str
    name: Text = None
    assistant_id: Text = None
    status: Text = None
    is_cancelled: Flag = None
    row_stats: Annotated[RowStats | None, _TOLERANT] = None
    created_at: Any = None
    updated_at: Any = None
    scheduled_at: Any = None

    @property
    def shown_status(self) -> str:
        """The status for people: whatever is no plain word is not repeated."""
        return self.status if self.status and is_word(self.status) else "in a status that is no word"


class FoundCampaigns(list[Campaign]):
    """
    Campaigns that were looked for in the list of all.

    :param counts_not_launched: Whether any campaign of the list, looked for or not, counts calls that are not
        launched. Then creating a campaign calls nobody on this server.
    """

    def __init__(self, campaigns: Iterable[Campaign] = (), *, counts_not_launched: bool = False) -> None:
        super().__init__(campaigns)
        self.counts_not_launched = counts_not_launched


class Row(_Response):
    """One contact of a campaign and, once it was tried, its call."""

    id: str
    row_index: Count = None
    phone_number: Text = None
    input_data: Object = None
    call: Trace = None

    def __repr__(self) -> str:
        return f"Row(id={self.id!r}, row_index={self.row_index!r})"

    __str__ = __repr__


class RowsPage(_Response):
    """One page of a campaign's rows."""

    rows: list[Row]
    page: Count = None
    page_size: Count = None
    total: Count = None


class RowsExport(_Response):
    """All rows of a campaign as the text of a CSV file."""

    csv: str
    filename: Text = None

    def __repr__(self) -> str:
        return f"RowsExport(filename={self.filename!r})"

    __str__ = __repr__


class Skipped(_Response):
    """How many calls were not launched, and why."""

    active: Count = None
    attempts_exhausted: Count = None
    cancelled: Count = None


class LaunchedCalls(_Response):
    """What came of launching calls; after an answer that was lost, the counts are of the repetition."""

    launched: Count = None
    skipped: Annotated[Skipped | None, _TOLERANT] = None

    def __repr__(self) -> str:
        return f"LaunchedCalls(launched={self.launched!r}, skipped={self.skipped!r})"

    __str__ = __repr__


class Statistics(_Response):
    """The report on a campaign: counts, and people by name and number, who are not shown."""

    campaign: Object = None
    effort: Object = None
    funnel: Object = None
    leads: Object = None
    hot_lead_outcomes: Annotated[list[str] | None, _TOLERANT] = None
    outcome_breakdown: Annotated[list[dict[str, Any]] | None, _TOLERANT] = None

    def __repr__(self) -> str:
        return "Statistics(...)"

    __str__ = __repr__


class PhoneRecord(_Response):
    """What is known of a number: how often it was called, by which campaigns, and whether it may be."""

    count: Count = None
    last_called_at: Any = None
    last_outcome: Text = None
    reached_human: Flag = None
    hot: Flag = None
    do_not_contact: Flag = None
    campaigns: Annotated[list[dict[str, Any]] | None, _TOLERANT] = None


class PhoneHistory(dict[str, PhoneRecord]):
    """What is known of numbers, by number. Shows only how many they are."""

    def __repr__(self) -> str:
        return f"PhoneHistory({len(self)})"

    __str__ = __repr__
