"""
Wire shapes of the Revox API.

What is sent is strict: every constraint of the API page ("Create a campaign") is checked before a byte
leaves, and an unknown field is an error. What comes back is tolerant: unknown fields and statuses pass,
optional fields may be missing, null or of a type nobody expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WrapValidator,
)
from pydantic_core import to_json

from airflow_provider_revox.client.phone import is_e164

JS_MAX_SAFE_INTEGER = 9007199254740991
"""The largest number the API accepts for delays and attempts (API page: ``maximum``)."""

_CLOCK_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|(?:1[0-2]|[1-9])(?::[0-5][0-9])?[ap]m")


def _check_e164(value: str) -> str:
    if not is_e164(value):
        raise ValueError("must be a phone number in E.164 format, such as +14155550100")
    return value


def _check_clock_time(value: str) -> str:
    if not _CLOCK_TIME.fullmatch(value):
        raise ValueError("must be a time as HH:mm or H:mma, such as 17:00, 09:30 or 6pm")
    return value


def _check_timezone(value: str) -> str:
    import pendulum  # not needed by campaigns without a time zone, and slow to import

    try:
        pendulum.timezone(value)
    except (ValueError, KeyError, OSError):
        raise ValueError("must be an IANA time zone, such as Europe/Paris or America/New_York") from None
    return value


def _parse_moment(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(
                "must be an ISO 8601 date and time with an offset, such as 2026-12-01T09:00:00+01:00"
            ) from None
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise ValueError("has no time zone; give an aware datetime or add an offset, such as +01:00 or Z")
    return value


NonEmptyText = Annotated[str, Field(min_length=1)]
E164 = Annotated[str, AfterValidator(_check_e164)]
ClockTime = Annotated[str, AfterValidator(_check_clock_time)]
TimeZone = Annotated[str, AfterValidator(_check_timezone)]
PositiveInteger = Annotated[int, Field(gt=0, le=JS_MAX_SAFE_INTEGER)]
Concurrency = Annotated[
    float,  # the page says "number"
    Field(ge=1, allow_inf_nan=False),
    PlainSerializer(lambda calls: int(calls) if calls.is_integer() else calls),
]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_parse_moment), PlainSerializer(datetime.isoformat, return_type=str)
]


class _Request(BaseModel):
    # Values stay out of validation errors: they are people's numbers and details.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Contact(_Request):
    """
    One person to call.

    :param to_phone_number: The number to dial.
    :param prompt_variables: What the assistant knows of this person: text to text, may be empty.
    """

    to_phone_number: NonEmptyText
    prompt_variables: dict[str, str]

    def __repr__(self) -> str:
        return "Contact(...)"

    __str__ = __repr__


class CallingWindow(_Request):
    """
    A part of the day in which people may be called, in the recipient's time zone.

    :param calling_window_start_time: Such as ``09:00`` or ``10am``.
    :param calling_window_end_time: Such as ``17:00`` or ``6pm``.
    :param retry_delay_seconds: Seconds between two attempts to reach one person.
    """

    calling_window_start_time: ClockTime
    calling_window_end_time: ClockTime
    retry_delay_seconds: PositiveInteger


class CallRetryConfig(_Request):
    """
    When and how often to call; overrides the assistant's own settings.

    :param calling_windows: The parts of the day in which people may be called.
    :param max_retry_attempts: How many attempts one person gets.
    :param timezone: IANA time zone of the windows; without it Revox derives one from each number's
        country code.
    """

    calling_windows: list[CallingWindow]
    max_retry_attempts: PositiveInteger
    timezone: TimeZone | None = None


class CheckedContacts:
    """
    Contacts that are known to be right, written as the API takes them. Shows their number only.

    :param json: The contacts as a JSON array.
    :param count: How many they are.
    """

    def __init__(self, json: bytes | bytearray, count: int) -> None:
        self.json = json
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._count:,})"

    __str__ = __repr__


class CampaignCreate(_Request):
    """
    The body of ``POST /campaigns``: the campaign that is launched.

    :param assistant_id: The assistant that makes the calls.
    :param name: At least one character.
    :param contacts: The people to call.
    :param call_retry_config: Calling windows and attempts; default: the assistant's.
    :param from_phone_number: The caller's number in E.164 format.
    :param max_concurrent_calls: How many calls may run at once, at least 1.
    :param scheduled_at: When the calls start; an aware datetime or ISO 8601 text with an offset.
    """

    assistant_id: NonEmptyText
    name: NonEmptyText
    contacts: list[Contact]
    call_retry_config: CallRetryConfig | None = None
    from_phone_number: E164 | None = None
    max_concurrent_calls: Concurrency | None = None
    scheduled_at: Moment | None = None

    def __repr__(self) -> str:
        return f"CampaignCreate(name={self.name!r}, {len(self.contacts):,} contacts)"

    __str__ = __repr__

    @classmethod
    def checked(cls, contacts: CheckedContacts, **fields: Any) -> CampaignCreate:
        """
        Return a campaign whose contacts are known to be right: checking 100,000 again takes its time.

        :param fields: The rest, which is checked.
        """
        return cls(contacts=[], **fields).model_copy(update={"contacts": contacts})

    @cached_property
    def body(self) -> bytes:
        """
        The request body; options that were not given are left out.

        :raises PydanticSerializationError: A text can't be written in UTF-8.
        """
        options = self.model_dump_json(exclude_none=True, exclude={"contacts"}).encode()
        contacts: Any = self.contacts  # a list, or what checked() was given
        array = contacts.json if isinstance(contacts, CheckedContacts) else to_json(contacts)
        return b'%s,"contacts":%s}' % (options[:-1], array)


def _or_none(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


_TOLERANT = WrapValidator(_or_none)
Text = Annotated[str | None, _TOLERANT]
Flag = Annotated[bool | None, Field(strict=True), _TOLERANT]
Count = Annotated[int | None, _TOLERANT]


class _Response(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)


class RowStats(_Response):
    """How many contacts of a campaign are where; a count that is missing or unreadable is ``None``."""

    total: Count = None
    pending: Count = None
    calling: Count = None
    retry: Count = None
    completed: Count = None
    failed: Count = None

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as they came, those the API adds one day included."""
        return self.model_dump(exclude_none=True)


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


class Row(_Response):
    """One contact of a campaign and, once it was tried, its call."""

    id: str
    row_index: Count = None
    phone_number: Text = None
    input_data: Annotated[dict[str, Any] | None, _TOLERANT] = None
    call: Annotated[dict[str, Any] | None, _TOLERANT] = None

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
