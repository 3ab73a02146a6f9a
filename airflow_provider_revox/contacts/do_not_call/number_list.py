"""Read a list of numbers that must not be called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.variables import is_missing
from airflow_provider_revox.phone_numbers.reader import NumberReader
from airflow_provider_revox.phone_numbers.text import clean

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
            number, region = _number(entry, phone_field), _region(entry, region_field)
            found.add((without_region if region is None else numbers).read(number, region))
        except ValueError as error:  # a NumberError is one, too
            problems.append(f"suppress[{row}]: {error}")
    if problems:
        raise InvalidRequestError(problems)
    return frozenset(found)


def _number(entry: Any, phone_field: str | None) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    if phone_field in entry:
        return entry[phone_field]
    if len(entry) == 1:
        return next(iter(entry.values()))
    raise ValueError("has several fields, and none of them is phone_field")


def _region(entry: Any, region_field: str | None) -> Any:
    if region_field is None or not isinstance(entry, Mapping):
        return None
    value = entry.get(region_field)
    if is_missing(value) or (isinstance(value, str) and not clean(value)):
        return None
    return value
