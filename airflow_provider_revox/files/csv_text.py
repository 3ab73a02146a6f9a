"""Text files as Excel and CRMs write them: which encoding, which delimiter, where a row ends."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError

CHUNK = 1 << 18
"""Bytes read at once: memory stays small, and the work per chunk does not show."""

DELIMITERS = ",;\t|"

# The longer marks come first: UTF-32's begins like UTF-16's.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_SEP_LINE = re.compile(r"sep=([^\w\"\r\n])[ ]*(?:\r\n|\r|\n|$)", re.IGNORECASE)


class UndecodableError(Exception):
    """What was read next is not in the file's encoding; neither the bytes nor the text are in this."""


def check_text_options(encoding: str | None, delimiter: str | None) -> None:
    """
    Refuse an encoding or delimiter that can't work, before any file is opened.

    :param encoding: What the caller declared, if anything.
    :param delimiter: What the caller declared, if anything.
    :raises InvalidRequestError: Says which of the two is wrong.
    """
    problems = []
    if encoding is not None:
        try:
            codecs.getincrementaldecoder(encoding)
            # Not every codec is one for text; Python only checks that when there is something to decode.
            b"\n\0\0\0".decode(encoding, "ignore")
        except (LookupError, ValueError):
            problems.append("encoding: is not one that Python knows, such as utf-8, cp1252 or latin-1")
    if delimiter is not None and (len(delimiter) != 1 or delimiter in ' "\r\n\0'):
        problems.append(
            "delimiter: must be one character, such as ; or a tab, and no space, quote or line end"
        )
    if problems:
        raise InvalidRequestError(problems)


def text_blocks(read: Callable[[int], bytes], encoding: str | None) -> Iterator[str]:
    """
    Decode a file in blocks of whole lines.

    :param read: Reads at most so many bytes; nothing at the end of the file.
    :param encoding: What to decode, where no byte order mark says it; UTF-8 when None. A mark wins over what
        was declared: with it the declared encoding would give wrong characters, and no error.
    :return: Text, each but the last block ending with a line end.
    :raises UndecodableError: After everything before the line that can't be decoded.
    """
    chunk = read(CHUNK)
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if chunk.startswith(mark)), None)
    decoder = codecs.getincrementaldecoder(marked or encoding or "utf-8")()
    tail, at_start, problem = "", True, ""
    while not problem:
        state = decoder.getstate()
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            bad = len(error.object) - error.start if isinstance(error, UnicodeDecodeError) else len(chunk)
            decoder.setstate(state)
            text = decoder.decode(chunk[: max(len(chunk) - bad, 0)])
            problem = _not_decodable(marked, encoding)
        if at_start and text:
            # Tools that join files leave a second mark behind the first.
            text, at_start = text.lstrip("\ufeff"), False
        text = tail + text
        # A CRLF may be cut in two here: what is left of it is an empty line, or text inside of a quoted cell.
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        if end:
            yield text[:end]
        tail = text[end:]
        if not chunk:
            break
        chunk = b"" if problem else read(CHUNK)
    # Raised here and not where it was found, so that the bytes don't hang on it as its context.
    if problem:
        raise UndecodableError(problem)
    if tail:
        yield tail


def _not_decodable(marked: str | None, encoding: str | None) -> str:
    if marked is not None:
        return "does not fit the file's byte order mark; the file is damaged, or joined from several"
    if encoding is not None:
        return "is not in the declared encoding; set encoding to the one the file was written in"
    return "is not UTF-8; set encoding to the one the file was written in, such as cp1252 or latin-1"


def lines(blocks: Iterable[str]) -> Iterator[str]:
    """
    Split blocks where CSV ends a line, at LF, CR and CRLF: ``str.splitlines`` would split at more.

    :param blocks: Whole lines each.
    :return: The lines, with their ends.
    """
    return chain.from_iterable(io.StringIO(block, newline="") for block in blocks)


def csv_records(
    blocks: Iterator[str], name: str, delimiter: str | None, usual: str | None = None
) -> Iterator[dict[str, Any]]:
    """
    Read the records of a CSV file.

    :param blocks: Its text, as from :func:`text_blocks`.
    :param name: How errors name the file.
    :param delimiter: Between two cells; None to find it out.
    :param usual: What it is in such files when a file does not say; None to look at the header.
    :return: One record per row; lines that are empty are none.
    :raises InvalidRequestError: Says which row is no row of this table, or what is wrong with the header.
    """
    row = None
    problem = ""
    try:
        first = next(blocks, "").lstrip("\r\n")
        if sep := _SEP_LINE.match(first):
            first, delimiter = first[sep.end() :], delimiter or sep[1]
        delimiter = delimiter or usual or _delimiter(first, name)
        # Strict: otherwise a quote that is never closed swallows the rows behind it.
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


def check_names(names: Sequence[str], where: str) -> None:
    """
    Refuse names that a record can't have as its fields.

    Names are not in the text: the first line of a file without a header is somebody's data.

    :param names: In the order of the columns.
    :param where: How errors name the place.
    :raises InvalidRequestError: A name is empty, or there twice.
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


def _header(cells: list[str] | None, name: str) -> list[str]:
    if cells is None:
        raise InvalidRequestError([f"{name}: is empty; a CSV file begins with a header"])
    if any("\0" in cell for cell in cells):
        # Without its mark UTF-16 is valid UTF-8: every other character is a NUL.
        raise InvalidRequestError(
            [f"{name}: header: holds NUL characters; if the file is UTF-16, set encoding to utf-16-le"]
        )
    names = [cell.strip("\ufeff \t\r\n\xa0") for cell in cells]
    # The usual do-not-call list. Taken for a header, somebody who must not be called would be called.
    if len(names) == 1 and len(re.findall(r"\d", names[0])) >= 6 and not re.search(r"[^\W\d_]", names[0]):
        raise InvalidRequestError([f"{name}: header: is a number; a file begins with the name of its column"])
    check_names(names, f"{name}: header")
    return names


def _delimiter(text: str, name: str) -> str:
    """Return the character that the header has between its cells, outside of quotes."""
    found = dict.fromkeys(DELIMITERS, 0)
    quoted, at_cell = False, True
    for character in text:
        # A quote inside of a bare cell is a character like any other; one behind a closing quote opens again.
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
        raise InvalidRequestError(
            [f"{name}: header: can't tell which character stands between two cells; set delimiter"]
        )
    return candidates[0]


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"
