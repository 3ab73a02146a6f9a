"""Records in, call list out: nothing is dropped, guessed or shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.phone import is_e164


def call_list(
    records: Iterable[Any],
    *,
    phone_field: str | None = None,
    variable_fields: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """
    Turn records into the API's contacts.

    :param records: Flat records (with ``phone_field``), or the API's own shape,
        ``{"to_phone_number": ..., "prompt_variables": {...}}``.
    :param phone_field: Where a flat record has its number, which must be in E.164 format.
    :param variable_fields: Which fields of a flat record the assistant is told.
    :return: One contact per record, in their order.
    :raises InvalidRequestError: Says for each bad record which row and field it is (rows count from 0), and
        what is wrong, without the value.
    """
    if phone_field is None and variable_fields:
        raise InvalidRequestError(["variable_fields: needs phone_field, which says where the number is"])
    contacts: list[dict[str, Any]] = []
    problems: list[str] = []
    first_row: dict[str, int] = {}
    for row, record in enumerate(records):
        try:
            contact = _contact(record, phone_field, variable_fields or ())
            if (first := first_row.setdefault(contact["to_phone_number"], row)) != row:
                raise _FieldError(
                    phone_field, f"is the number of row {first} again; it would be called twice"
                )
        except _FieldError as problem:
            problems.append(f"contacts[{row}]{problem}")
        else:
            contacts.append(contact)
    if problems:
        raise InvalidRequestError(problems)
    return contacts


class _FieldError(Exception):
    """What is wrong with a field of one record; the value is not in it."""

    def __init__(self, name: str | None, problem: str) -> None:
        super().__init__(f".{name}: {problem}" if name else f": {problem}")


def _contact(record: Any, phone_field: str | None, variable_fields: Sequence[str]) -> dict[str, Any]:
    if not isinstance(record, Mapping):
        raise _FieldError(None, f"must be a record with named fields, not {type(record).__name__}")
    if phone_field is None:
        if "to_phone_number" not in record:
            raise _FieldError(
                None, "has no field to_phone_number; for records of another shape set phone_field"
            )
        # Shape and types of the rest are checked with the whole request.
        return {"prompt_variables": {}, **record, "to_phone_number": _number(record, "to_phone_number")}
    return {
        "to_phone_number": _number(record, phone_field),
        "prompt_variables": {name: _variable(record, name) for name in variable_fields},
    }


def _number(record: Mapping[str, Any], name: str) -> str:
    number = _present(record, name)
    if not isinstance(number, str) or not is_e164(number):
        raise _FieldError(name, "must be a phone number in E.164 format, such as +14155550100")
    return number


def _variable(record: Mapping[str, Any], name: str) -> str:
    value = _present(record, name)
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _FieldError(name, f"must be text, not {type(value).__name__}; convert it upstream")


def _present(record: Mapping[str, Any], name: str) -> Any:
    if name not in record:
        raise _FieldError(name, "is missing")
    value = record[name]
    if value is None or value == "":
        raise _FieldError(name, "is empty")
    return value
