"""Read a list of numbers that must not be called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.fields import keys_of, region_of, value_of
from airflow_provider_revox.files.formulas import unwrapped
from airflow_provider_revox.files.headerless import is_number
from airflow_provider_revox.phone_numbers.reader import NumberReader

LISTED = "listed"


def suppressed_numbers(
    suppress: Iterable[Any], numbers: NumberReader, phone_field: str | None, region_field: str | None = None
) -> frozenset[str]:
    """
    Return the numbers of a do-not-call list in E.164.

    :param suppress: Numbers, or records with the number in ``phone_field`` or in their only field.
    :param numbers: The reader of the contacts' numbers: both lists are read alike.
    :param region_field: The field of a record that holds the region of its number. If there is such a field,
        the contacts are of several regions, and no region holds for an entry that has none of its own.
    :raises InvalidRequestError: An entry can't be read. Somebody asked not to be called, so nobody is called
        until the list says who.
    """
    found, problems = set(), []
    without_region = numbers if region_field is None else numbers.without_default_region()
    for row, entry in enumerate(suppress):
        try:
            region = region_of(entry, region_field) if isinstance(entry, Mapping) else None
            reader = without_region if region is None else numbers
            found.add(reader.read(_number(entry, phone_field), region))
        except ValueError as error:  # a NumberError is one, too
            problems.append(f"suppress[{row}]: {error}")
    if problems:
        raise InvalidRequestError(problems)
    return frozenset(found)


def _number(entry: Any, phone_field: str | None) -> Any:
    if not isinstance(entry, Mapping):
        return unwrapped(entry) if type(entry) is str else entry
    keys = [] if phone_field is None else keys_of(entry, phone_field)
    if len(keys) > 1:
        raise ValueError("has several fields with the name of phone_field; rename all but one")
    if keys:
        return value_of(entry, keys[0])
    if len(entry) == 1:
        (name,) = entry
        if is_number(name):
            raise ValueError(
                "the name of its only field is a number, not a header; "
                "add a first line with the names of the columns to the list that it was read from"
            )
        return value_of(entry, name)
    raise ValueError("has several fields, and none of them is phone_field")
