"""Tell whether the first line of a file is somebody's data, because the file has no header."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"\d(?:\W{0,3}\d){5,}")  # six or more, with brackets and the like between them
_LETTER = re.compile(r"[^\W\d_]")
_SCIENTIFIC = re.compile(r"\W*\d+(?:[.,]\d*)?e\+?\d+\W*", re.IGNORECASE)


def is_number(cell: str) -> bool:
    """
    Return whether a cell of the first line holds a phone number, and so is no name of a column.

    A name may have some digits (``phone 2``, ``0``). A number may have words around it (``tel:``).
    """
    if _DIGITS.search(cell) or _SCIENTIFIC.fullmatch(cell):
        return True
    return _LETTER.search(cell) is None and len(re.findall(r"\d", cell)) >= 4
