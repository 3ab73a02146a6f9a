"""Describe the body of ``PATCH /campaigns/{id}``, and make it whole with what the campaign has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import PrivateAttr, ValidationError, field_validator, model_validator
from pydantic_core import to_json

from airflow_provider_revox.client.campaign_state import is_draft, state_in_a_word
from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.fields import (
    E164,
    Concurrency,
    Days,
    NonEmptyText,
    PositiveInteger,
    StrictModel,
    Timestamp,
    TimeZone,
)
from airflow_provider_revox.client.invalid_fields import describe_invalid
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.client.requests import (
    CallingWindow,
    CallRetryConfig,
    CheckedRequest,
    Contact,
    problems_of_windows,
)
from airflow_provider_revox.client.spelling import whole_number

REQUIRED = ("calling_windows", "max_retry_attempts", "allowed_days", "call_twice_in_a_row")
"""What a ``call_retry_config`` must have in a PATCH (types of the official clients 0.3.0 and 0.5.0)."""
DRAFT_ONLY = ("assistant_id", "contacts", "scheduled_at", "type")
"""What only a draft can change (types of the official client 0.3.0; 0.5.0 has neither drafts nor these)."""


class RetryConfigChange(StrictModel):
    """
    Describes a change of the calling windows and attempts. What is not given stays as the campaign has it.

    :param calling_windows: The parts of the day in which people may be called. They replace all of them.
    :param max_retry_attempts: How many attempts Revox makes to reach a person.
    :param timezone: The IANA time zone of the windows. None: Revox derives one from each number.
    :param allowed_days: The days on which people may be called, such as ``monday``.
    :param call_twice_in_a_row: Whether the second attempt follows the first at once.
    """

    calling_windows: list[CallingWindow] | None = None
    max_retry_attempts: PositiveInteger | None = None
    timezone: TimeZone | None = None
    allowed_days: Days | None = None
    call_twice_in_a_row: bool | None = None

    @field_validator(*REQUIRED, mode="before")
    @classmethod
    def _check_value(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("can't be cleared")
        return value

    @model_validator(mode="after")
    def _check_change(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty; give what to change")
        return self

    def problems(self) -> list[str]:
        """Return why people might be called at hours that nobody stated, one line per problem."""
        return [] if self.calling_windows is None else problems_of_windows(self.calling_windows)

    def merged(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """
        Return the whole configuration.

        :param own: What the campaign has. Fields that this client does not know stay.
        """
        whole = {name: _with_whole_numbers(value) for name, value in own.items()}
        whole |= self.model_dump(mode="json", exclude_unset=True)
        return {name: value for name, value in whole.items() if value is not None}


def _problems_of_whole(whole: Mapping[str, Any]) -> list[str]:
    """Return why a whole configuration would be refused from a user. Unknown fields are no problem."""
    known = {name: whole[name] for name in RetryConfigChange.model_fields if name in whole}
    windows = known.get("calling_windows")
    if isinstance(windows, list):
        known["calling_windows"] = [
            {name: window[name] for name in CallingWindow.model_fields if name in window}
            if isinstance(window, dict)
            else window
            for window in windows
        ]
    try:
        return RetryConfigChange.model_validate(known).problems()
    except ValidationError as error:
        return [f"call_retry_config.{problem}" for problem in describe_invalid(error)]


class CampaignUpdate(CheckedRequest):
    """
    Describes the body of ``PATCH /campaigns/{id}``. Make it with :meth:`build`.

    Only the given fields change. ``None`` clears ``call_retry_config``, ``from_phone_number``,
    ``max_concurrent_calls`` and ``scheduled_at``.

    :param name: At least one character. Keep the launch tag in it: a retry finds the campaign by its tag.
    :param call_retry_config: Calling windows and attempts: the fields of :class:`RetryConfigChange` that
        change. The others stay as the campaign has them. ``None``: the assistant's own.
    :param from_phone_number: The number that people see, in E.164 format. Some servers change it in a draft
        only.
    :param max_concurrent_calls: How many calls may run at the same time, at least 1. Some servers change it
        in a draft only.
    :param assistant_id: The assistant that makes the calls. In a draft only.
    :param contacts: The people to call, instead of those that the draft has. In a draft only.
    :param scheduled_at: When the calls start: an aware datetime, or ISO 8601 text with an offset. In a draft
        only.
    :param type: ``regular`` or ``jump_in``. In a draft only.
    """

    CLEARED: ClassVar = ("call_retry_config", "from_phone_number", "max_concurrent_calls", "scheduled_at")

    name: NonEmptyText | None = None
    call_retry_config: RetryConfigChange | None = None
    from_phone_number: E164 | None = None
    max_concurrent_calls: Concurrency | None = None
    assistant_id: NonEmptyText | None = None
    contacts: list[Contact] | None = None
    scheduled_at: Timestamp | None = None
    type: Literal["regular", "jump_in"] | None = None
    _retry_config: dict[str, Any] | None = PrivateAttr(None)

    @field_validator("call_retry_config", mode="before")
    @classmethod
    def _read_config(cls, value: Any) -> Any:
        return value.model_dump(exclude_unset=True) if isinstance(value, CallRetryConfig) else value

    @model_validator(mode="after")
    def _check_change(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing to change is given")
        for name in self._cleared() - set(self.CLEARED):
            raise ValueError(f"{name} can't be cleared")
        return self

    def _cleared(self) -> set[str]:
        return {name for name in self.model_fields_set if getattr(self, name) is None}

    def __repr__(self) -> str:
        return f"CampaignUpdate({', '.join(sorted(self.model_fields_set))})"

    __str__ = __repr__

    @property
    def needs_campaign(self) -> bool:
        """Whether the campaign must be read first: it must be a draft, or has what is not given here."""
        return self.call_retry_config is not None or not self.model_fields_set.isdisjoint(DRAFT_ONLY)

    def for_campaign(self, campaign: Campaign) -> CampaignUpdate:
        """
        Return a copy whose ``call_retry_config`` is whole: what is not given is what the campaign has.

        A change that somebody makes after the campaign was read is lost.

        :param campaign: The campaign to change, read a moment ago.
        :raises InvalidRequestError: A field can change in a draft only, and the campaign is not a draft. Or a
            part of ``call_retry_config`` is not given, and the campaign has no value for it, or one that
            breaks a rule. People might be called at other hours.
        """
        late = [name for name in DRAFT_ONLY if name in self.model_fields_set]
        if late and not is_draft(campaign):
            state = state_in_a_word(campaign)
            raise InvalidRequestError(
                [f"{name}: can be changed in a draft only, and the campaign is {state}" for name in late]
            )
        if self.call_retry_config is None:
            return self
        own: Any = (campaign.model_extra or {}).get("call_retry_config")
        has_own = isinstance(own, dict)
        whole = self.call_retry_config.merged(own if has_own else {})
        if missing := [name for name in REQUIRED if name not in whole]:
            raise InvalidRequestError(
                [
                    f"call_retry_config: give {', '.join(missing)}, too: the campaign "
                    + ("does not have them" if has_own else "has no call_retry_config of its own")
                ]
            )
        if problems := _problems_of_whole(whole):
            raise InvalidRequestError(
                [f"{problem} (so the campaign has it; give this field, too)" for problem in problems]
            )
        copy = self.model_copy()
        copy._retry_config = whole
        return copy

    @property
    def body(self) -> bytes:
        """
        The request body.

        :raises InvalidRequestError: The ``call_retry_config`` is a part, and :meth:`for_campaign` has not
            completed it.
        """
        fields = self.model_dump(mode="json", exclude_none=True, exclude={"call_retry_config"})
        if self.call_retry_config:
            whole = self._retry_config or self.call_retry_config.merged({})
            if missing := [name for name in REQUIRED if name not in whole]:
                problem = f"{', '.join(missing)} missing; complete it with for_campaign(campaign)"
                raise InvalidRequestError([f"call_retry_config: {problem}"])
            fields["call_retry_config"] = whole
        return to_json(fields | dict.fromkeys(self._cleared()))

    def sensitive(self) -> Iterator[str]:
        """Yield the texts that an error must not repeat."""
        yield from (text for text in (self.name, self.from_phone_number) if text)
        for contact in self.contacts or ():
            yield contact.to_phone_number
            yield from contact.prompt_variables.values()


def _with_whole_numbers(value: Any) -> Any:
    """Return a value with 60 in place of 60.0: servers want whole numbers, and may answer with others."""
    if isinstance(value, dict):
        return {name: _with_whole_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(inner) for inner in value]
    number = whole_number(value)
    return value if number is None else number
