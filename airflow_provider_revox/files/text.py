"""Decode text files: find out the encoding, and cut the text into lines."""

from __future__ import annotations

import codecs
import contextlib
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from airflow_provider_revox.client.errors import InvalidRequestError

CHUNK = 1 << 18
"""How many bytes to read at once."""
_END_OF_DOS = "\x1a"
"""What old programs write behind the last line of a text."""
LONGEST_LINE = 10_000_000
"""Characters of a line. A file without line ends would be read into memory as a whole."""

# The mark of UTF-32 begins like that of UTF-16, so it comes first.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


class UnreadableLineError(Exception):
    """The next line is not in the encoding of the file, or is too long. The error does not show the line."""


def check_text_options(encoding: str | None, delimiter: str | None) -> None:
    """
    Refuse an encoding or delimiter that can't work, before any file is opened.

    :param encoding: The encoding that the user set, if any.
    :param delimiter: The delimiter that the user set, if any.
    :raises InvalidRequestError: It says which of the two is wrong.
    """
    problems = []
    if encoding is not None:
        try:
            codecs.getincrementaldecoder(encoding)
            # Some codecs are not for text, which shows only when they decode something.
            b"\n\0\0\0".decode(encoding, "ignore")
        except (LookupError, ValueError):
            problems.append("encoding: Python does not know it; set one such as utf-8, cp1252 or latin-1")
    if delimiter is not None and (len(delimiter) != 1 or delimiter in ' "\r\n\0'):
        problems.append(
            "delimiter: must be one character, such as ; or a tab, but not a space, quote or line end"
        )
    if problems:
        raise InvalidRequestError(problems)


def text_blocks(read: Callable[[int], bytes], encoding: str | None) -> Iterator[str]:
    """
    Decode a file in blocks of whole lines.

    :param read: Reads at most that many bytes; returns no bytes at the end of the file.
    :param encoding: The encoding of a file without byte order mark. Default: UTF-8. A mark wins: another
        encoding than the mark's would give wrong characters, and no error.
    :return: The text, without marks of its end. Each block but the last ends with a line end.
    :raises UnreadableLineError: A line can't be decoded, or is too long. All lines before it were returned.
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
            text = ""
            # UTF-16 without a byte order mark fails again: no part of it can be decoded.
            with contextlib.suppress(UnicodeError):
                text = decoder.decode(chunk[: max(len(chunk) - bad, 0)])
            problem = _not_decodable(marked, encoding)
        if at_start and text:
            # A tool that joined files may have left a second mark behind the first.
            text, at_start = text.lstrip("\ufeff"), False
        text = tail + text
        # This may cut a CRLF in two. Its LF then makes an empty line, or is text within a quoted cell.
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        if end:
            yield text[:end]
        tail = text[end:]
        if len(tail) > LONGEST_LINE:
            problem, tail = f"has a line of more than {LONGEST_LINE:,} characters", ""
        if not chunk:
            break
        chunk = b"" if problem else read(CHUNK)
    # Raised outside of the except block, since the error there shows the bytes.
    if problem:
        raise UnreadableLineError(problem)
    if tail := tail.rstrip(_END_OF_DOS):
        yield tail


def _not_decodable(marked: str | None, encoding: str | None) -> str:
    if marked is not None:
        return "does not fit the file's byte order mark; the file is damaged, or joined from several"
    if encoding is not None:
        return "is not in the encoding that is set; set the one the file was written in"
    return "is not UTF-8; set encoding to the one the file was written in, such as cp1252 or latin-1"


def lines(blocks: Iterable[str]) -> Iterator[str]:
    """
    Split blocks at the line ends of CSV: LF, CR and CRLF. ``str.splitlines`` would split at others, too.

    :param blocks: Blocks of whole lines.
    :return: The lines, with their ends.
    """
    return chain.from_iterable(io.StringIO(block, newline="") for block in blocks)
