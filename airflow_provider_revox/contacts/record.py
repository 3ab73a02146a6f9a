"""One record: its number and what the assistant is told, or why it can't be called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.options import OnDuplicate
from airflow_provider_revox.contacts.variables import as_text, is_missing, is_unicode
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

OWN_SHAPE = frozenset({"to_phone_number", "prompt_variables"})
BEFORE_NUMBER = b'{"to_phone_number":"'
NO_UNICODE = "has text that UTF-8 can't hold (half a surrogate pair); correct it upstream"


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
    suppress: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.phone_field is None and (self.variables or self.region_field):
            raise InvalidRequestError(
                ["variable_fields and region_field: need phone_field, which says where the number is"]
            )
        if not all(map(is_unicode, self.variables)):
            raise InvalidRequestError([f"variable_fields: {NO_UNICODE}"])
        if self.variable_default is not None and not is_unicode(self.variable_default):
            raise InvalidRequestError([f"variable_default: {NO_UNICODE}"])


class RejectedError(Exception):
    """A record that can't be called."""

    def __init__(self, field: str, reason: str, problem: str) -> None:
        super().__init__(problem)
        # A name that UTF-8 can't hold could not be shown or written to a report.
        self.field = field.encode("utf-8", "backslashreplace").decode()
        self.reason, self.problem = reason, problem


def read_number(record: Mapping[str, Any], options: CallListOptions) -> str:
    """
    Return a record's number in E.164.

    :raises RejectedError: It has none that can be called.
    """
    name = options.phone_field or "to_phone_number"
    if name not in record:
        hint = "" if options.phone_field else "; for records of another shape set phone_field"
        raise RejectedError(name, "no_number_field", f"is missing{hint}")
    region: Any = None
    if options.region_field is not None:
        value = record.get(options.region_field)
        region = None if is_missing(value) else str.__str__(value) if isinstance(value, str) else value
    try:
        return options.numbers.read(record[name], region)
    except NumberError as error:
        raise RejectedError(name, error.reason, str(error)) from None


def read_variables(record: Mapping[str, Any], options: CallListOptions) -> dict[str, str]:
    """
    Return what the assistant is told.

    :raises RejectedError: A value is missing, or is none that can be told.
    """
    if options.phone_field is None:
        return _own_shape_variables(record)
    variables = {}
    for variable, name in options.variables.items():
        value = record.get(name)
        if value.__class__ is not str or not value:
            value = _text(record, name, options.variable_default)
        variables[variable] = value
    return variables


def write_contact(number: str, variables: dict[str, str], options: CallListOptions) -> bytes:
    """
    Write a contact as the API takes it, as one line of JSON.

    :raises RejectedError: A text in it is no Unicode.
    """
    try:
        return to_json({"to_phone_number": number, "prompt_variables": variables}) + b"\n"
    except PydanticSerializationError:
        pass
    # Raised here and not above: the error there quotes the text.
    if options.phone_field is None:
        raise RejectedError("prompt_variables", "no_unicode", NO_UNICODE)
    broken = next(name for name, value in variables.items() if not is_unicode(value))
    raise RejectedError(options.variables[broken], "no_unicode", NO_UNICODE)


def number_of(line: bytes) -> str:
    """Return the number of a contact that was written as a line of JSON."""
    start = len(BEFORE_NUMBER)
    return line[start : line.index(b'"', start)].decode()


def _text(record: Mapping[str, Any], name: str, default: str | None) -> str:
    value = record.get(name)
    if is_missing(value):
        if default is None:
            found = "is empty" if name in record else "is missing"
            raise RejectedError(name, "no_value", f"{found}; give variable_default if that is no mistake")
        return default
    text = as_text(value)
    if text is None:
        problem = f"can't be told as text, being {type(value).__name__}; convert it upstream"
        raise RejectedError(name, "no_text", problem)
    return text


def _own_shape_variables(record: Mapping[str, Any]) -> dict[str, str]:
    variables = record.get("prompt_variables", {})
    if len(record) > len(OWN_SHAPE & record.keys()):
        problem = (
            "has other fields than to_phone_number and prompt_variables; for flat records set phone_field"
        )
        raise RejectedError("", "unknown_field", problem)
    if not isinstance(variables, Mapping):
        raise RejectedError("prompt_variables", "no_variables", "must be a mapping of text to text")
    if not all(isinstance(part, str) for pair in variables.items() for part in pair):
        raise RejectedError("prompt_variables", "no_text", "must be a mapping of text to text")
    return dict(variables)
