"""Records in, call list and report out: nothing is dropped, guessed or shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.numbers import NumberError, NumberReader
from airflow_provider_revox.contacts.report import ContactReport, Rejection
from airflow_provider_revox.contacts.variables import as_text, is_missing

OnDuplicate = Literal["first", "last", "error"]
OnInvalid = Literal["fail", "skip"]
DUPLICATE_NUMBER = "duplicate_number"
OWN_SHAPE = frozenset({"to_phone_number", "prompt_variables"})


class CallList(list[dict[str, Any]]):
    """The API's contacts, known to be right. Shows their number only."""

    def __repr__(self) -> str:
        return f"CallList({len(self)})"

    __str__ = __repr__


@dataclass(frozen=True)
class CallListOptions:
    """
    How records become contacts.

    :param phone_field: Where a flat record has its number; ``None``: records have the API's own shape,
        ``{"to_phone_number": ..., "prompt_variables": {...}}``.
    :param variables: Which prompt variable is read from which field of a flat record.
    :param variable_default: What the assistant is told where a value is missing; ``None``: that is an error.
    :param numbers: Reads the numbers.
    :param region_field: Where a flat record has the region (``FR``) of its number.
    :param on_duplicate: Which of two records with one number is called, or that it is an error.
    :param suppress: Numbers that are not called, in E.164.
    """

    phone_field: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    variable_default: str | None = None
    numbers: NumberReader = field(default_factory=NumberReader)
    region_field: str | None = None
    on_duplicate: OnDuplicate = "first"
    suppress: Collection[str] = frozenset()

    def __post_init__(self) -> None:
        if self.phone_field is None and (self.variables or self.region_field):
            raise InvalidRequestError(
                ["variable_fields and region_field: need phone_field, which says where the number is"]
            )


class _RejectedError(Exception):
    """A record that can't be called."""

    def __init__(self, field: str, reason: str, problem: str) -> None:
        super().__init__(problem)
        self.field, self.reason, self.problem = field, reason, problem


class CallListBuilder:
    """
    Takes records one by one; holds what is to be called, and what became of the rest.

    :param options: How records become contacts.
    """

    def __init__(self, options: CallListOptions) -> None:
        self._options = options
        self._number_field = options.phone_field or "to_phone_number"
        self._place_of: dict[str, int] = {}
        self._contacts: list[dict[str, Any] | None] = []
        self.report = ContactReport()
        self.rejections: list[Rejection] = []

    def take(self, records: Iterable[Any]) -> CallList:
        """Take all records; return whom to call, in the order in which they came."""
        for row, record in enumerate(records):
            self._take(row, record)
        contacts = CallList(contact for contact in self._contacts if contact is not None)
        self.report.to_call = len(contacts)
        return contacts

    def _take(self, row: int, record: Any) -> None:
        try:
            if not isinstance(record, Mapping):
                problem = f"must be a record with named fields, not {type(record).__name__}"
                raise _RejectedError("", "no_record", problem)
            number = self._number(record)
            if number in self._options.suppress:
                self.report.suppressed += 1
                return
            contact = {"to_phone_number": number, "prompt_variables": self._variables(record)}
            if number in self._place_of:
                self._take_duplicate(number, contact, row)
                return
        except _RejectedError as rejected:
            self.report.invalid_by_reason[rejected.reason] += 1
            self.rejections.append(Rejection(row, rejected.field, rejected.reason, rejected.problem))
            return
        self._place_of[number] = len(self._contacts)
        self._contacts.append(contact)

    def _take_duplicate(self, number: str, contact: dict[str, Any], row: int) -> None:
        if self._options.on_duplicate == "error":
            problem = "is a number that came before: it would be called twice"
            raise _RejectedError(self._number_field, DUPLICATE_NUMBER, problem)
        self.report.duplicate += 1
        if self._options.on_duplicate == "last":
            self._contacts[self._place_of[number]] = None
            self._place_of[number] = len(self._contacts)
            self._contacts.append(contact)

    def _number(self, record: Mapping[str, Any]) -> str:
        name, options = self._number_field, self._options
        if name not in record:
            hint = "" if options.phone_field else "; for records of another shape set phone_field"
            raise _RejectedError(name, "no_number_field", f"is missing{hint}")
        region = None
        if options.region_field is not None:
            value = record.get(options.region_field)
            region = None if is_missing(value) else str(value)
        try:
            return options.numbers.read(record[name], region)
        except NumberError as error:
            raise _RejectedError(name, error.reason, str(error)) from None

    def _variables(self, record: Mapping[str, Any]) -> dict[str, str]:
        if self._options.phone_field is None:
            return _own_shape_variables(record)
        variables = {}
        for variable, name in self._options.variables.items():
            value = record.get(name)
            variables[variable] = value if value.__class__ is str and value else self._text(record, name)
        return variables

    def _text(self, record: Mapping[str, Any], name: str) -> str:
        value = record.get(name)
        if is_missing(value):
            if self._options.variable_default is None:
                found = "is empty" if name in record else "is missing"
                raise _RejectedError(
                    name, "no_value", f"{found}; give variable_default if that is no mistake"
                )
            return self._options.variable_default
        text = as_text(value)
        if text is None:
            problem = f"can't be told as text, being {type(value).__name__}; convert it upstream"
            raise _RejectedError(name, "no_text", problem)
        return text


def _own_shape_variables(record: Mapping[str, Any]) -> dict[str, str]:
    variables = record.get("prompt_variables", {})
    if len(record) > len(OWN_SHAPE & record.keys()):
        problem = (
            "has other fields than to_phone_number and prompt_variables; for flat records set phone_field"
        )
        raise _RejectedError("", "unknown_field", problem)
    if not isinstance(variables, Mapping):
        raise _RejectedError("prompt_variables", "no_variables", "must be a mapping of text to text")
    if not all(isinstance(part, str) for pair in variables.items() for part in pair):
        raise _RejectedError("prompt_variables", "no_text", "must be a mapping of text to text")
    return dict(variables)


def refuse(rejections: Collection[Rejection], on_invalid: OnInvalid) -> None:
    """
    Refuse to call anybody while a record can't be called, unless such records are to be skipped.

    :raises InvalidRequestError: Says for each such record which row and field it is (rows count from 0), and
        what is wrong, without the value.
    """
    refused = [one for one in rejections if on_invalid == "fail" or one.reason == DUPLICATE_NUMBER]
    if refused:
        raise InvalidRequestError([str(rejection) for rejection in refused])
