"""Read a list of numbers that must not be called, or not any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.fields import keys_of, region_of, value_of
from airflow_provider_revox.files.field_names import composed
from airflow_provider_revox.files.formulas import unwrapped
from airflow_provider_revox.files.headerless import is_number
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

if TYPE_CHECKING:
    from airflow_provider_revox.contacts.source import ContactSource

LISTED = "listed"


def number_reader(
    default_region: str | None, check_numbers: Literal["valid", "possible", "none"]
) -> NumberReader:
    """
    Return the reader of a task's numbers.

    :param default_region: The region of numbers without a country code.
    :param check_numbers: The option of this name.
    :raises InvalidRequestError: ``default_region`` is not written as a region.
    """
    try:
        return NumberReader(default_region, check=None if check_numbers == "none" else check_numbers)
    except NumberError as error:
        problem = f"default_region: {error}"
    # Not raised inside "except": the error there would be shown with this one.
    raise InvalidRequestError([problem])


def read_number_list(
    source: ContactSource,
    field: str,
    numbers: NumberReader,
    *,
    phone_field: str | None,
    region_field: str | None,
    encoding: str | None,
    delimiter: str | None,
) -> frozenset[str]:
    """
    Read a list of numbers, or a file with them, into E.164.

    :param field: How errors name the argument of the task.
    :param numbers: The reader of the task's numbers.
    :param phone_field: The field of a record that holds its number.
    :param region_field: The field of a record that holds the region of its number.
    :param encoding: The encoding of a text file.
    :param delimiter: The delimiter of a CSV file.
    :raises InvalidRequestError: The list, or an entry of it, can't be read.
    """
    wanted = [composed(name) for name in (phone_field, region_field) if name is not None]
    entries = source.records(field, encoding=encoding, delimiter=delimiter, wanted=wanted, may_be_empty=False)
    return listed_numbers(
        entries,
        numbers,
        None if phone_field is None else composed(phone_field),
        None if region_field is None else composed(region_field),
        field=field,
    )


def listed_numbers(
    entries: Iterable[Any],
    numbers: NumberReader,
    phone_field: str | None,
    region_field: str | None = None,
    *,
    field: str = "suppress",
) -> frozenset[str]:
    """
    Return the numbers of a list in E.164.

    :param entries: Numbers, or records with the number in ``phone_field`` or in their only field.
    :param numbers: The reader of the task's numbers: all its lists are read alike.
    :param region_field: The field of a record that holds the region of its number. If it is given, the
        numbers are of several regions. So an entry without a region of its own is read without any.
    :param field: How errors name the argument of the task.
    :raises InvalidRequestError: An entry can't be read. Somebody asked not to be called, so the task does
        nothing until the list says who.
    """
    found, problems = set(), []
    without_region = numbers if region_field is None else numbers.without_default_region()
    for row, entry in enumerate(entries):
        try:
            region = region_of(entry, region_field) if isinstance(entry, Mapping) else None
            reader = without_region if region is None else numbers
            found.add(reader.read(_number(entry, phone_field), region))
        except ValueError as error:  # a NumberError is one, too
            problems.append(f"{field}[{row}]: {error}")
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
