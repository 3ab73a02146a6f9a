"""Check the names of fields, which the columns of a file have."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from unicodedata import normalize

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.blank import BLANKS
from airflow_provider_revox.files.headerless import refuse_numbers

_white_space = re.compile(r"\s+")


def composed(name: str) -> str:
    """
    Return a name with its accents composed (NFC), and with one space for white space of any kind.

    One name may be written in several ways that look alike.
    """
    return _white_space.sub(" ", name if name.isascii() else normalize("NFC", name))


def is_written_in_one_way(name: str) -> bool:
    """
    Return whether no other name becomes this one when it is composed.

    :param name: A composed name.
    """
    return name.isascii() and " " not in name


def check_names(names: Sequence[str], where: str) -> None:
    """
    Refuse names that the columns of a file to write can't have.

    :param names: In the order of the columns.
    :param where: How errors name the place.
    :raises InvalidRequestError: A name is empty, or two columns have the same name.
    """
    if not names:
        raise InvalidRequestError([f"{where}: there are no columns"])
    problems = []
    seen: dict[str, int] = {}
    for column, field in enumerate(names, start=1):
        if not field:
            problems.append(f"{where}: column {column} (counted from 1) has no name")
        elif (first := seen.setdefault(field, column)) != column:
            problems.append(f"{where}: columns {first} and {column} (counted from 1) have the same name")
    if problems:
        raise InvalidRequestError(problems)


def fields_of(names: Sequence[str], where: str, wanted: Collection[str]) -> list[str]:
    """
    Return the field that each column of a file becomes: no two columns become the same one.

    :param names: The names that the file or data frame gives its columns, in their order.
    :param where: How errors name the place.
    :param wanted: The fields that the task asks for, composed. Only these must not be repeated.
    :return: Composed names, without blanks around them; empty for a column without a name.
    :raises InvalidRequestError: No column has a name, several have the name of a wanted field, or a name is a
        number. Other names are not shown: the first line of a file without a header is somebody's data.
    """
    fields = [composed(name.strip(BLANKS)) for name in names]
    if not any(fields):
        raise InvalidRequestError([f"{where}: there are no columns"])
    problems = [
        f"{where}: the field {field} is the name of columns {_listed(fields, field)} (counted from 1); "
        "rename all but one"
        for field in wanted
        if fields.count(field) > 1
    ]
    if problems:
        raise InvalidRequestError(problems)
    if set(wanted).isdisjoint(fields):
        refuse_numbers(names, where)
    taken = set(fields)
    for column, field in enumerate(fields, start=1):
        if field and field in fields[: column - 1]:
            while field in taken:
                field += f" (column {column})"
            taken.add(field)
            fields[column - 1] = field
    return fields


def nameless_value(column: int) -> str:
    """Say that a column without a name has a value, which would be lost."""
    return f"has a value in column {column + 1} (counted from 1), which has no name"


def _listed(fields: Sequence[str], field: str) -> str:
    columns = [str(column) for column, name in enumerate(fields, start=1) if name == field]
    return f"{', '.join(columns[:-1])} and {columns[-1]}"
