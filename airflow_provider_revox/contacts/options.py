"""Hold the options about contacts, as the user wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args

from airflow_provider_revox.contacts.do_not_call.history_options import HistoryRules
from airflow_provider_revox.files.formats import path_text
from airflow_provider_revox.units import seconds_of

NOT_GIVEN: Any = object()
"""The user gave no list. ``None`` differs: another task returned it by mistake, so the list is not known."""

OnDuplicate = Literal["first", "last", "error"]
"""Which record to call if several have the same number."""
OnInvalid = Literal["fail", "skip"]
"""What to do with records that can't be called."""
NumberCheck = Literal["valid", "possible", "none"]
"""How strictly to check numbers that are not in E.164 format."""


@dataclass(frozen=True, kw_only=True)
class ContactOptions:
    """
    Holds the options about contacts. ``CreateCampaignOperator`` describes them.

    :raises ValueError: An option has a value that is not allowed.
    """

    phone_field: str | None = None
    variable_fields: Sequence[str] | Mapping[str, str] | str | None = None
    variable_default: str | None = None
    default_region: str | None = None
    region_field: str | None = None
    check_numbers: NumberCheck = "valid"
    on_duplicate: OnDuplicate = "first"
    on_invalid: OnInvalid = "fail"
    suppress: Any = NOT_GIVEN
    skip_do_not_contact: bool | None = None
    not_called_within: float | timedelta | None = None
    max_contacts: int | str | None = None
    report_path: str | None = None
    encoding: str | None = None
    delimiter: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "report_path", path_text(self.report_path))
        one_of(NumberCheck, self.check_numbers, "check_numbers")
        one_of(OnDuplicate, self.on_duplicate, "on_duplicate")
        one_of(OnInvalid, self.on_invalid, "on_invalid")
        if self.not_called_within is not None and not seconds_of(self.not_called_within) > 0:
            raise ValueError("not_called_within must be more than 0 seconds")

    @property
    def history(self) -> HistoryRules:
        """The rules of the phone history."""
        within = self.not_called_within
        return HistoryRules(self.skip_do_not_contact, None if within is None else seconds_of(within))


def one_of(choices: Any, value: Any, name: str) -> Any:
    """
    Return a value if it is one of the words of a ``Literal``.

    :param choices: The ``Literal``.
    :param name: How the error names the option.
    :raises ValueError: The value is not one of the words.
    """
    if value not in get_args(choices):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, get_args(choices)))}")
    return value
