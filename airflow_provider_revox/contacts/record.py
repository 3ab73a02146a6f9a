"""Read one record: its number and its prompt variables, or why it can't be called."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.fields import key_of, region_of, value_of
from airflow_provider_revox.contacts.options import OnDuplicate
from airflow_provider_revox.contacts.variables import as_text, is_missing, is_unicode
from airflow_provider_revox.files.blank import is_blank
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

OWN_SHAPE = frozenset({"to_phone_number", "prompt_variables"})
BEFORE_NUMBER = b'{"to_phone_number":"'
NEXT_CONTACT = b"}}," + BEFORE_NUMBER
"""The end of a contact and the start of the next. No text in a contact has it: JSON escapes quotes."""
INVALID_UNICODE = "has text that UTF-8 can't hold (half a surrogate pair); correct it upstream"


@dataclass(frozen=True)
class CallListOptions:
    """
    Says how records become contacts.

    :param phone_field: The field of a flat record with its number; ``None``: records have the API's own
        shape, ``{"to_phone_number": ..., "prompt_variables": {...}}``.
    :param variables: For each prompt variable, the field of a flat record with its value.
    :param variable_default: The value of a prompt variable that is missing; ``None``: it must not be missing.
    :param numbers: Reads the numbers.
    :param region_field: The field of a flat record with the region (``FR``) of its number.
    :param on_duplicate: Which record to call if several have the same number.
    :param suppress: Numbers in E.164 that must not be called.
    :raises InvalidRequestError: Options contradict each other, or have text that UTF-8 can't hold.

    Names of fields are composed.
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
                ["variable_fields and region_field: need phone_field, the field with the number"]
            )
        if not all(map(is_unicode, self.variables)):
            raise InvalidRequestError([f"variable_fields: {INVALID_UNICODE}"])
        if self.variable_default is not None and not is_unicode(self.variable_default):
            raise InvalidRequestError([f"variable_default: {INVALID_UNICODE}"])

    @property
    def fields(self) -> Collection[str]:
        """The fields that the task asks for, each once."""
        if self.phone_field is None:
            return ("to_phone_number",)
        region = () if self.region_field is None else (self.region_field,)
        return dict.fromkeys((self.phone_field, *region, *self.variables.values()))

    @property
    def read_fields(self) -> Collection[str]:
        """The fields that a record must or may have. No record may have one of them twice."""
        return sorted(OWN_SHAPE) if self.phone_field is None else self.fields


class RejectedError(Exception):
    """
    A record can't be called.

    :param field: The field with the problem; empty for the record as a whole.
    :param reason: A short word to count by.
    :param problem: What is wrong and what to do, without the value.
    """

    def __init__(self, field: str, reason: str, problem: str) -> None:
        super().__init__(problem)
        # A log or report can't hold a name that UTF-8 can't hold.
        self.field = field.encode("utf-8", "backslashreplace").decode()
        self.reason, self.problem = reason, problem


def read_number(record: Mapping[str, Any], options: CallListOptions) -> str:
    """
    Return the number of a record in E.164.

    :raises RejectedError: The record has no number that can be called.
    """
    name = options.phone_field or "to_phone_number"
    key = key_of(record, name)
    if key is None:
        hint = "" if options.phone_field else "; for records of another shape set phone_field"
        raise RejectedError(name, "no_number_field", f"is missing{hint}")
    region = region_of(record, options.region_field)
    try:
        return options.numbers.read(value_of(record, key), region)
    except NumberError as error:
        raise RejectedError(name, error.reason, str(error)) from None


def read_variables(record: Mapping[str, Any], options: CallListOptions) -> dict[str, str]:
    """
    Return the prompt variables of a record.

    :raises RejectedError: A value is missing, or can't be written as text.
    """
    if options.phone_field is None:
        return _own_shape_variables(record)
    variables = {}
    for variable, name in options.variables.items():
        value = record.get(name)
        if value.__class__ is not str or '"' in value or is_blank(value):
            value = _text(record, name, options.variable_default)
        variables[variable] = value
    return variables


def write_contact(number: str, variables: dict[str, str], options: CallListOptions) -> bytes:
    """
    Write a contact as the API takes it: as JSON, followed by a comma.

    :raises RejectedError: A text is not valid Unicode.
    """
    try:
        return to_json({"to_phone_number": number, "prompt_variables": variables}) + b","
    except PydanticSerializationError:
        pass
    # Raised outside of the except block, since the error there shows the text.
    if options.phone_field is None:
        raise RejectedError("prompt_variables", "no_unicode", INVALID_UNICODE)
    broken = next(name for name, value in variables.items() if not is_unicode(value))
    raise RejectedError(options.variables[broken], "no_unicode", INVALID_UNICODE)


def as_lines(contacts: bytes) -> bytes:
    """
    Return contacts as lines of JSON, each with its line end.

    :param contacts: Contacts, each followed by a comma.
    """
    return contacts.replace(NEXT_CONTACT, b"}}\n" + BEFORE_NUMBER)[:-1] + b"\n" if contacts else b""


def number_of(line: bytes) -> str:
    """Return the number of a contact from its line of JSON."""
    start = len(BEFORE_NUMBER)
    return line[start : line.index(b'"', start)].decode()


def _text(record: Mapping[str, Any], name: str, default: str | None) -> str:
    key = key_of(record, name)
    value = value_of(record, key)
    if is_missing(value):
        if default is None:
            found = "is missing" if key is None else "is empty"
            raise RejectedError(name, "no_value", f"{found}; add it, or set variable_default")
        return default
    text = as_text(value)
    if text is None:
        problem = f"can't be written as text, being {type(value).__name__}; convert it upstream"
        raise RejectedError(name, "no_text", problem)
    return text


def _own_shape_variables(record: Mapping[str, Any]) -> dict[str, str]:
    variables = record.get("prompt_variables", {})
    if len(record) > len(OWN_SHAPE & record.keys()):
        problem = "has fields besides to_phone_number and prompt_variables; for flat records set phone_field"
        raise RejectedError("", "unknown_field", problem)
    if not isinstance(variables, Mapping):
        raise RejectedError("prompt_variables", "no_variables", "must be a mapping of text to text")
    if not all(isinstance(part, str) for pair in variables.items() for part in pair):
        raise RejectedError("prompt_variables", "no_text", "must be a mapping of text to text")
    return dict(variables)
