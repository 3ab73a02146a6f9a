"""Tell whether a name is somebody's number, because the list with the number had no header."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError

_DIGITS = re.compile(r"\d(?:\W{0,3}\d){5,}")  # six or more, with brackets and the like between them
_LETTER = re.compile(r"[^\W\d_]")
_SCIENTIFIC = re.compile(r"\W*\d+(?:[.,]\d*)?e\+?\d+\W*", re.IGNORECASE)


def refuse_numbers(names: Iterable[Any], where: str) -> None:
    """
    Refuse names that are numbers. The first person on a do-not-call list must not be lost as a header.

    :param names: The names of columns.
    :param where: How errors name the place.
    :raises InvalidRequestError: A name is a number.
    """
    if any(map(is_number, names)):
        raise InvalidRequestError(
            [f"{where}: is a number, not a header; add a first line with the names of the columns"]
        )


def is_number(name: Any) -> bool:
    """
    Return whether the name of a field is a phone number: the first line of a list that has no header.

    A name may have some digits (``phone 2``, ``0``). A number may have words around it (``tel:``).

    :param name: A cell of the first line, or what another tool has made a name of. It may be a number, too.
    """
    cell = str(name)
    if _DIGITS.search(cell) or _SCIENTIFIC.fullmatch(cell):
        return True
    return _LETTER.search(cell) is None and len(re.findall(r"\d", cell)) >= 4
