"""Read and write CSV as Excel and CRMs write it: which delimiter, which header, where a row ends."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from itertools import chain
from typing import Any, TextIO

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.field_names import check_names
from airflow_provider_revox.files.text import UndecodableError, lines

DELIMITERS = ",;\t|"

_SEP_LINE = re.compile(r"sep=([^\w\"\r\n])[ ]*(?:\r\n|\r|\n|$)", re.IGNORECASE)


def csv_records(
    blocks: Iterator[str], name: str, delimiter: str | None, usual: str | None = None
) -> Iterator[dict[str, Any]]:
    """
    Read the records of a CSV file.

    :param blocks: Its text, from :func:`~.text.text_blocks`.
    :param name: How errors name the file.
    :param delimiter: The character between two cells; None to find it out.
    :param usual: The usual delimiter of such files, for a file that does not state its own; None to take it
        from the header.
    :return: One record for each row that is not empty.
    :raises InvalidRequestError: It says which row does not fit the header, or what is wrong with the header.
    """
    row = None
    problem = ""
    try:
        first = next(blocks, "").lstrip("\r\n")
        if sep := _SEP_LINE.match(first):
            first, delimiter = first[sep.end() :], delimiter or sep[1]
        delimiter = delimiter or usual or _delimiter(first, name)
        # Without strict, a quote that is never closed would swallow the rows behind it.
        reader = csv.reader(lines(chain((first,), blocks)), delimiter=delimiter, strict=True)
        names = _header(next((cells for cells in reader if cells), None), name)
        width = len(names)
        row = 0
        for cells in reader:
            if len(cells) == width:
                yield dict(zip(names, cells, strict=True))
                row += 1
            elif len(cells) > 1 or (cells and cells[0].strip()):
                problem = f"has {_cells(len(cells))}, but the header has {width}"
                break
    except csv.Error:
        problem = (
            "can't be read as CSV: a quote is not closed, is followed by more than the delimiter, "
            f"or a cell is longer than {csv.field_size_limit():,} characters"
        )
    except UndecodableError as error:
        problem = str(error)
    if problem:
        where = "header" if row is None else f"row {row}"
        raise InvalidRequestError([f"{name}: {where}: {problem}"])


def _header(cells: list[str] | None, name: str) -> list[str]:
    if cells is None:
        raise InvalidRequestError([f"{name}: is empty; a CSV file must begin with a header"])
    if any("\0" in cell for cell in cells):
        # UTF-16 without its mark is valid UTF-8, in which every other character is a NUL.
        raise InvalidRequestError(
            [f"{name}: header: has NUL characters; if the file is UTF-16, set encoding to utf-16-le"]
        )
    names = [cell.strip("\ufeff \t\r\n\xa0") for cell in cells]
    # Do-not-call lists often have no header. The first person on the list must not be lost as a header.
    if len(names) == 1 and len(re.findall(r"\d", names[0])) >= 6 and not re.search(r"[^\W\d_]", names[0]):
        raise InvalidRequestError(
            [f"{name}: header: is a number; add a first line with the name of the column"]
        )
    check_names(names, f"{name}: header")
    return names


def _delimiter(text: str, name: str) -> str:
    """Return the delimiter that the header has most often outside of quotes."""
    found = dict.fromkeys(DELIMITERS, 0)
    quoted, at_cell = False, True
    for character in text:
        # A quote within a bare cell is a plain character. A quote behind a closing quote opens again.
        if character == '"' and (quoted or at_cell):
            quoted, at_cell = not quoted, quoted
        elif not quoted:
            if character in "\r\n":
                break
            at_cell = character in found
            if at_cell:
                found[character] += 1
    most = max(found.values())
    candidates = [character for character, count in found.items() if count == most]
    if not most:
        return ","
    if len(candidates) > 1:
        raise InvalidRequestError([f"{name}: header: more than one delimiter is possible; set delimiter"])
    return candidates[0]


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"


def csv_writer(text: TextIO, fields: Sequence[str], delimiter: str) -> Callable[[Mapping[str, Any]], object]:
    """
    Write the header; return a function that writes a record as a row.

    The function raises TypeError, ValueError or csv.Error for a value that a cell can't hold.
    """
    # A reader never takes a character within a quoted name for the delimiter.
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerow(fields)
    write_row = csv.writer(text, delimiter=delimiter).writerow

    def write(record: Mapping[str, Any]) -> None:
        values = [record.get(field) for field in fields]
        write_row([value if type(value) in _WRITTEN_AS_THEY_ARE else _cell(value) for value in values])

    return write


# The csv module writes these types as _cell does, without a call for each value.
_WRITTEN_AS_THEY_ARE = frozenset((str, int, float, type(None)))


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    raise TypeError(type(value).__name__)
