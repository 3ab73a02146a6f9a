"""
Describe the bodies that are sent to the Revox API.

Every rule that the API states is checked before anything is sent, and an unknown field is an error.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

from pydantic import ValidationError, model_validator
from pydantic_core import PydanticSerializationError, to_json

from airflow_provider_revox.client.calling_hours import window_problems
from airflow_provider_revox.client.checked_contacts import CheckedContacts
from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.fields import (
    E164,
    WEEKDAYS,
    ClockTime,
    Concurrency,
    Days,
    Delay,
    NonEmptyText,
    PositiveInteger,
    StrictModel,
    Timestamp,
    TimeZone,
)
from airflow_provider_revox.client.frames import forgetful
from airflow_provider_revox.client.invalid_fields import describe_invalid
from airflow_provider_revox.client.selection import Selection
from airflow_provider_revox.units import contacts_in_words


class CheckedRequest(StrictModel):
    """Base of the bodies of requests."""

    what: ClassVar[str] = "request"
    """What an error calls it if no single field is wrong."""

    @classmethod
    @forgetful
    def build(cls, **fields: Any) -> Self:
        """
        Check the fields and make the request.

        :raises InvalidRequestError: A field breaks a rule of the API, or calling windows may have people
            called at hours that nobody stated. The error shows no value.
        """
        try:
            request = cls(**fields)
        except ValidationError as error:
            raise InvalidRequestError(describe_invalid(error, cls.what)) from None
        config: Any = getattr(request, "call_retry_config", None)
        if config and (problems := config.problems()):
            raise InvalidRequestError(problems)
        return request


class Contact(StrictModel):
    """
    Describes one person to call.

    :param to_phone_number: The number to call.
    :param prompt_variables: What the assistant knows about the person: text by text. May be empty.
    """

    to_phone_number: NonEmptyText
    prompt_variables: dict[str, str]

    def __repr__(self) -> str:
        return "Contact(...)"

    __str__ = __repr__


class CallingWindow(StrictModel):
    """
    Describes a part of the day in which people may be called.

    :param calling_window_start_time: Such as ``09:00`` or ``10am``, in the person's time zone.
    :param calling_window_end_time: Such as ``17:00`` or ``6pm``.
    :param retry_delay_seconds: Seconds between two attempts to reach a person. 0: Revox only waits for the
        next window. Not every server accepts 0.
    """

    calling_window_start_time: ClockTime
    calling_window_end_time: ClockTime
    retry_delay_seconds: Delay


def problems_of_windows(windows: Sequence[CallingWindow]) -> list[str]:
    """Return why people might be called at hours that nobody stated, one line per problem."""
    hours = [(window.calling_window_start_time, window.calling_window_end_time) for window in windows]
    return [f"call_retry_config.{problem}" for problem in window_problems(hours)]


class CallRetryConfig(StrictModel):
    """
    Describes when and how often people are called. It replaces the assistant's own settings.

    :param calling_windows: The parts of the day in which people may be called, at least one.
    :param max_retry_attempts: How many attempts Revox makes to reach a person.
    :param timezone: The IANA time zone of the windows. Without it, Revox derives one from the country code of
        each number.
    :param allowed_days: The days on which people may be called, such as ``monday``. Not on the API page.
    :param call_twice_in_a_row: Whether the second attempt follows the first at once. Not on the API page.
    """

    calling_windows: list[CallingWindow]
    max_retry_attempts: PositiveInteger
    timezone: TimeZone | None = None
    allowed_days: Days | None = None
    call_twice_in_a_row: bool | None = None

    def problems(self) -> list[str]:
        """Return why people might be called at hours that nobody stated, one line per problem."""
        return problems_of_windows(self.calling_windows)

    @property
    def newer_fields(self) -> list[str]:
        """The given fields that are not on the API page. Some servers may ignore them."""
        fields = ("allowed_days", "call_twice_in_a_row")
        delays = [
            f"calling_windows[{index}].retry_delay_seconds of 0"
            for index, window in enumerate(self.calling_windows)
            if window.retry_delay_seconds == 0
        ]
        return [*(name for name in fields if getattr(self, name) is not None), *delays]

    def complete(self) -> CallRetryConfig:
        """Return a copy with defaults for the newer fields. Servers that have these fields require them."""
        days = WEEKDAYS if self.allowed_days is None else self.allowed_days
        twice = self.call_twice_in_a_row is True
        return self.model_copy(update={"allowed_days": days, "call_twice_in_a_row": twice})


class CampaignCreate(CheckedRequest):
    """
    Describes the body of ``POST /campaigns``. Make it with :meth:`build`.

    :param assistant_id: The assistant that makes the calls.
    :param name: At least one character.
    :param contacts: The people to call.
    :param call_retry_config: Calling windows and attempts. Default: the assistant's own.
    :param from_phone_number: The number that people see, in E.164 format.
    :param max_concurrent_calls: How many calls may run at the same time, at least 1.
    :param scheduled_at: When the calls start: an aware datetime, or ISO 8601 text with an offset.
    :param launch: Whether to launch the campaign or create a draft. Servers with drafts require it; others
        refuse it.
    :param type: ``regular``, or ``jump_in``: Revox calls while a person looks on. Servers with drafts require
        it; others refuse it.
    """

    what: ClassVar[str] = "campaign"

    assistant_id: NonEmptyText
    name: NonEmptyText
    contacts: list[Contact]
    call_retry_config: CallRetryConfig | None = None
    from_phone_number: E164 | None = None
    max_concurrent_calls: Concurrency | None = None
    scheduled_at: Timestamp | None = None
    launch: bool | None = None
    type: Literal["regular", "jump_in"] | None = None

    def __repr__(self) -> str:
        return f"CampaignCreate(name={self.name!r}, {contacts_in_words(len(self.contacts))})"

    __str__ = __repr__

    @classmethod
    @forgetful
    def build(cls, *, checked_contacts: CheckedContacts | None = None, **fields: Any) -> Self:
        """
        Check the fields and make the request.

        :param checked_contacts: Replaces the field ``contacts``. These contacts are not checked again, since
            that takes long for 100,000.
        :raises InvalidRequestError: A field breaks a rule of the API. The error shows no value.
        """
        if checked_contacts is None:
            campaign = super().build(**fields)
        else:
            campaign = super().build(contacts=[], **fields).model_copy(update={"contacts": checked_contacts})
        try:  # to write it now, so that text that can't be written is an error of the request
            _ = campaign.body if checked_contacts is None else campaign._options
        except PydanticSerializationError:
            problem = "campaign: has text that UTF-8 can't hold (half a surrogate pair)"
            raise InvalidRequestError([problem]) from None
        return campaign

    @property
    def numbers(self) -> Collection[str]:
        """The numbers of its contacts."""
        contacts: Any = self.contacts  # a list, or CheckedContacts
        is_checked = isinstance(contacts, CheckedContacts)
        return contacts.numbers if is_checked else [contact.to_phone_number for contact in contacts]

    def sensitive(self) -> Iterator[str]:
        """Yield the texts that an error must not repeat."""
        for contact in json.loads(self.body)["contacts"]:
            yield contact["to_phone_number"]
            yield from contact["prompt_variables"].values()

    def changed(self, **fields: Any) -> CampaignCreate:
        """Return a copy with other fields. They are not checked."""
        campaign = self.model_copy(update=fields)
        campaign.__dict__.pop("body", None)  # this is the body of the original
        return campaign

    @cached_property
    def body(self) -> bytes:
        """
        The request body. Options that were not given are not in it.

        :raises PydanticSerializationError: A text can't be written in UTF-8.
        """
        contacts: Any = self.contacts  # a list, or CheckedContacts
        array = contacts.json if isinstance(contacts, CheckedContacts) else to_json(contacts)
        return b'%s,"contacts":%s}' % (self._options[:-1], array)

    @property
    def _options(self) -> bytes:
        """Everything but the contacts, as JSON."""
        return self.model_dump_json(exclude_none=True, exclude={"contacts"}).encode()


class LaunchCalls(CheckedRequest):
    """
    Describes the body of ``POST /campaigns/{id}/launch-calls``.

    If the selection has a call that is completed and has attempts left, Revox calls that person again.

    :param mode: ``ai_first``: the assistant calls. ``speed_dial``: a person calls.
    :param selection: Which calls. Default: all calls that are not launched.
    :param scheduled_at: When the calls start, in the mode ``ai_first``.
    """

    mode: Literal["ai_first", "speed_dial"] = "ai_first"
    selection: Selection = Selection()
    scheduled_at: Timestamp | None = None

    @model_validator(mode="after")
    def _check_schedule(self) -> Self:
        if self.mode == "speed_dial" and self.scheduled_at:
            raise ValueError("scheduled_at is for the mode ai_first, not for speed_dial")
        return self

    @property
    def is_repeatable(self) -> bool:
        """Whether nobody is called twice if the request is sent twice."""
        return self.mode == "ai_first" and self.selection.filters.statuses == ["not_launched"]

    @property
    def body(self) -> bytes:
        """The request body."""
        return self.model_dump_json(exclude_none=True).encode()

    def sensitive(self) -> list[str]:
        """Return the texts that an error must not repeat."""
        return self.selection.sensitive()
