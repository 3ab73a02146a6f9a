"""
Describe what the Revox API answers.

Unknown fields and statuses are accepted. An optional field is ``None`` if it is missing, null or of another
type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, WrapValidator

from airflow_provider_revox.client.ids import id_problem, is_row_id
from airflow_provider_revox.client.limits import MOST_ITEMS
from airflow_provider_revox.client.words import is_word


def _or_none(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


_TOLERANT = WrapValidator(_or_none)
Text = Annotated[str | None, _TOLERANT]
Flag = Annotated[bool | None, Field(strict=True), _TOLERANT]
LARGEST_COUNT = MOST_ITEMS + 1
"""A larger count may be a phone number, and no campaign has so many rows."""


def _count_or_none(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        count = handler(value)
    except ValidationError:
        return None
    # A count that is too large must stay a contradiction, but not a phone number in a log line.
    return count if count is None else max(-LARGEST_COUNT, min(count, LARGEST_COUNT))


Count = Annotated[int | None, WrapValidator(_count_or_none)]
Object = Annotated[dict[str, Any] | None, _TOLERANT]


def _or_empty(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return {}


def _check_id(value: str) -> str:
    if problem := id_problem(value):
        raise ValueError(problem)
    return value


def _check_row_id(value: str) -> str:
    if not is_row_id(value):
        raise ValueError("is not an id")
    return value


Id = Annotated[str, AfterValidator(_check_id)]
RowId = Annotated[str, AfterValidator(_check_row_id)]
Trace = Annotated[dict[str, Any] | None, WrapValidator(_or_empty)]
"""An object that may be missing. If it is there and can't be read, it is empty and not ``None``."""


class Response(BaseModel):
    """
    Accepts what the API may add one day.

    Error trackers collect the ``repr``, and any text may be about a person. So it shows counts, flags, ids
    and the status, if that is a plain word.
    """

    SHOWN: ClassVar[tuple[str, ...]] = ()
    """The fields that the ``repr`` shows, if they have a value."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        values = ((name, getattr(self, name)) for name in self.SHOWN)
        shown = ", ".join(f"{name}={value!r}" for name, value in values if value is not None)
        return f"{type(self).__name__}({shown or '...'})"

    __str__ = __repr__


class RowStats(Response):
    """Counts the contacts of a campaign by their state. A missing or unreadable count is ``None``."""

    SHOWN = ("total", "pending", "calling", "retry", "completed", "failed", "not_launched", "skipped")

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
        Return the counts, also those that the API may add one day.

        Only whole numbers with plain names are returned. Anything else may be about a person, and logs show
        these counts.
        """
        return {
            name: count
            for name, count in self.model_dump(exclude_none=True).items()
            if type(count) is int and abs(count) <= LARGEST_COUNT and is_word(name)
        }


class Campaign(Response):
    """
    Describes a campaign as the API shows it.

    Only ``id`` must be there. On the API page, ``status`` is ``draft``, ``running``, ``paused`` or
    ``completed``; servers may have others. A cancelled campaign has ``is_cancelled`` set and may have any
    status. The API page does not say how times are written (its example shows ``{}``).
    """

    SHOWN = ("id", "shown_status", "is_cancelled", "row_stats")

    id: Id
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
        """The status as logs may show it: one that is not a plain word is not shown."""
        return self.status if self.status and is_word(self.status) else "in a status that is not a word"


class FoundCampaigns(list[Campaign]):
    """
    Lists the campaigns that were found.

    :param counts_not_launched: Whether any campaign of the organization counts calls that are not launched.
        On such a server, creating a campaign calls nobody.
    """

    def __init__(self, campaigns: Iterable[Campaign] = (), *, counts_not_launched: bool = False) -> None:
        super().__init__(campaigns)
        self.counts_not_launched = counts_not_launched

    def without(self, ids: Collection[str]) -> FoundCampaigns:
        """Return the campaigns without those with these ids."""
        remaining = (campaign for campaign in self if campaign.id not in ids)
        return FoundCampaigns(remaining, counts_not_launched=self.counts_not_launched)


class Row(Response):
    """Describes one contact of a campaign and its call, if there was one."""

    SHOWN = ("row_index",)

    id: RowId
    row_index: Count = None
    phone_number: Text = None
    input_data: Object = None
    call: Trace = None


class RowsPage(Response):
    """Describes one page of the rows of a campaign."""

    SHOWN = ("rows", "page", "page_size", "total")

    rows: list[Row]
    page: Count = None
    page_size: Count = None
    total: Count = None


class RowsExport(Response):
    """Holds all rows of a campaign as the text of a CSV file."""

    csv: str
    filename: Text = None


class Skipped(Response):
    """Counts the calls that were not launched, by the reason."""

    SHOWN = ("active", "attempts_exhausted", "cancelled")

    active: Count = None
    attempts_exhausted: Count = None
    cancelled: Count = None


class LaunchedCalls(Response):
    """Describes the result of launching calls. If the request was sent again, it is the last result."""

    SHOWN = ("launched", "skipped")

    launched: Count = None
    skipped: Annotated[Skipped | None, _TOLERANT] = None


class Statistics(Response):
    """Holds the statistics of a campaign. People are in it."""

    campaign: Object = None
    effort: Object = None
    funnel: Object = None
    leads: Object = None
    hot_lead_outcomes: Annotated[list[str] | None, _TOLERANT] = None
    outcome_breakdown: Annotated[list[dict[str, Any]] | None, _TOLERANT] = None


class PhoneRecord(Response):
    """Describes what Revox knows about a number: its calls, and whether it may be called."""

    SHOWN = ("count", "reached_human", "hot", "do_not_contact")

    count: Count = None
    last_called_at: Any = None
    last_outcome: Text = None
    reached_human: Flag = None
    hot: Flag = None
    do_not_contact: Flag = None
    campaigns: Annotated[list[dict[str, Any]] | None, _TOLERANT] = None


class PhoneHistory(dict[str, PhoneRecord]):
    """Holds what Revox knows about numbers, by number. Its ``repr`` shows only how many they are."""

    def __repr__(self) -> str:
        return f"PhoneHistory({len(self)})"

    __str__ = __repr__
