"""
What is sent to the Revox API. Strict: every constraint that the API states is checked before a byte leaves,
and an unknown field is an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)
from pydantic_core import to_json

from airflow_provider_revox.phone_numbers.e164 import is_e164

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


Day: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: list[Day] = ["monday", "tuesday", "wednesday", "thursday", "friday"]


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
    :param retry_delay_seconds: Seconds between two attempts to reach one person. Not all servers know 0,
        which waits for nothing but the window.
    """

    calling_window_start_time: ClockTime
    calling_window_end_time: ClockTime
    retry_delay_seconds: Annotated[int, Field(ge=0, le=JS_MAX_SAFE_INTEGER)]


class CallRetryConfig(_Request):
    """
    When and how often to call; overrides the assistant's own settings.

    :param calling_windows: The parts of the day in which people may be called.
    :param max_retry_attempts: How many attempts one person gets.
    :param timezone: IANA time zone of the windows; without it Revox derives one from each number's
        country code.
    :param allowed_days: The days on which people may be called, such as ``monday``. Not all servers know it.
    :param call_twice_in_a_row: Whether the second attempt follows the first at once. Not all servers know it.
    """

    calling_windows: list[CallingWindow]
    max_retry_attempts: PositiveInteger
    timezone: TimeZone | None = None
    allowed_days: Annotated[list[Day], Field(min_length=1)] | None = None
    call_twice_in_a_row: bool | None = None

    @property
    def newer_fields(self) -> list[str]:
        """What is in use that the API page does not have: a server that does not know it may ignore it."""
        fields = ("allowed_days", "call_twice_in_a_row")
        at_once = [
            f"calling_windows[{index}].retry_delay_seconds of 0"
            for index, window in enumerate(self.calling_windows)
            if window.retry_delay_seconds == 0
        ]
        return [*(name for name in fields if getattr(self, name) is not None), *at_once]

    def complete(self) -> CallRetryConfig:
        """Return it with the documented defaults of these fields: servers that know them need them."""
        days = WEEKDAYS if self.allowed_days is None else self.allowed_days
        twice = self.call_twice_in_a_row is True
        return self.model_copy(update={"allowed_days": days, "call_twice_in_a_row": twice})


class CheckedContacts:
    """
    Contacts that are known to be right, written as the API takes them. Shows their number only.

    :param json: The contacts as a JSON array.
    :param numbers: Whom they are.
    """

    def __init__(self, json: bytes | bytearray, numbers: Collection[str]) -> None:
        self.json = json
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,})"

    __str__ = __repr__


class CampaignCreate(_Request):
    """
    The body of ``POST /campaigns``.

    :param assistant_id: The assistant that makes the calls.
    :param name: At least one character.
    :param contacts: The people to call.
    :param call_retry_config: Calling windows and attempts; default: the assistant's.
    :param from_phone_number: The caller's number in E.164 format.
    :param max_concurrent_calls: How many calls may run at once, at least 1.
    :param scheduled_at: When the calls start; an aware datetime or ISO 8601 text with an offset.
    :param launch: For servers that know drafts, and need it: whether the campaign is launched, or a draft.
    :param type: For the same servers: ``regular``, or ``jump_in``, which calls while somebody looks.
    """

    assistant_id: NonEmptyText
    name: NonEmptyText
    contacts: list[Contact]
    call_retry_config: CallRetryConfig | None = None
    from_phone_number: E164 | None = None
    max_concurrent_calls: Concurrency | None = None
    scheduled_at: Moment | None = None
    launch: bool | None = None
    type: Literal["regular", "jump_in"] | None = None

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

    @property
    def numbers(self) -> Collection[str]:
        """Whom it calls."""
        contacts: Any = self.contacts  # a list, or what checked() was given
        if isinstance(contacts, CheckedContacts):
            return contacts.numbers
        return [contact.to_phone_number for contact in contacts]

    def changed(self, **fields: Any) -> CampaignCreate:
        """Return the same campaign with other fields, which are not checked."""
        campaign = self.model_copy(update=fields)
        campaign.__dict__.pop("body", None)  # made for the original, if it was made
        return campaign

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


class SelectionFilters(_Request):
    """
    Which calls: those that fit every filter; an empty one fits all.

    :param statuses: Such as ``not_launched``, which is the default: nobody is called again.
    """

    assignee_ids: list[str] = []
    directions: list[str] = []
    outcomes: list[str] = []
    results: list[str] = []
    statuses: list[str] = ["not_launched"]


class SelectionRows(_Request):
    """
    Which of the calls that fit.

    :param call_ids: Ids of calls.
    :param mode: Whether it is ``only`` these or ``all_except`` these.
    """

    call_ids: list[str] = []
    mode: Literal["all_except", "only"] = "all_except"


class Selection(_Request):
    """Which calls to launch. Default: those that are not launched."""

    filters: SelectionFilters = SelectionFilters()
    rows: SelectionRows = SelectionRows()


class LaunchCalls(_Request):
    """
    The body of ``POST /campaigns/{id}/launch-calls``.

    A call that is completed and has attempts left is made again if the selection has it.

    :param mode: ``ai_first``, or ``speed_dial``: a person sits at the phone.
    :param selection: Which calls. Default: those that are not launched.
    :param scheduled_at: When the calls start, for ``ai_first``.
    """

    mode: Literal["ai_first", "speed_dial"] = "ai_first"
    selection: Selection = Selection()
    scheduled_at: Moment | None = None

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it twice calls nobody twice."""
        return self.mode == "ai_first" and self.selection.filters.statuses == ["not_launched"]

    @property
    def body(self) -> bytes:
        """The request body."""
        return self.model_dump_json(exclude_none=True).encode()

    def sensitive(self) -> list[str]:
        """Return what an error must not repeat."""
        return [*self.selection.rows.call_ids, *self.selection.filters.assignee_ids]


class CampaignUpdate(_Request):
    """
    The body of ``PATCH /campaigns/{id}``: only what is given is changed; ``None`` clears it.

    :param name: At least one character. A launch tag in it is how a retry finds the campaign: keep it.
    :param call_retry_config: Calling windows and attempts, all of it.
    :param from_phone_number: The caller's number in E.164 format.
    :param max_concurrent_calls: How many calls may run at once, at least 1.
    """

    name: NonEmptyText | None = None
    call_retry_config: CallRetryConfig | None = None
    from_phone_number: E164 | None = None
    max_concurrent_calls: Concurrency | None = None

    @model_validator(mode="after")
    def _check_change(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing to change is given")
        if "name" in self.model_fields_set and self.name is None:
            raise ValueError("name can't be cleared")
        return self

    @property
    def body(self) -> bytes:
        """The request body."""
        cleared = {name: None for name in self.model_fields_set if getattr(self, name) is None}
        return to_json(self.model_dump(mode="json", exclude_none=True) | cleared)

    def sensitive(self) -> list[str]:
        """Return what an error must not repeat."""
        return [text for text in (self.name, self.from_phone_number) if text]
