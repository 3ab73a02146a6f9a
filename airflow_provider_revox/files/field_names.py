"""Check the names of fields, which the columns of a file have."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_revox.client.errors import InvalidRequestError


def check_names(names: Sequence[str], where: str) -> None:
    """
    Refuse names that the fields of a record can't have.

    The errors do not show the names: the first line of a file without a header is somebody's data.

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
