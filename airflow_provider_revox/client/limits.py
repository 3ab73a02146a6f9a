"""Say how much a server may answer and how long it may take, so that no answer fills the memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

DEEPEST = 100
"""How many levels a JSON value may have. The deepest answer of the API page has about 10."""
MOST_ITEMS = 2_000_000
"""How many items a list may have. A campaign of 100,000 contacts has 100,000 rows."""
MOST_VALUES = 100_000
"""
How many values an answer about one campaign may have. An event loop stands still while it reads them, and an
empty list takes 20 times its length in memory. A campaign of the API page has fewer than 100 values.
"""
MOST_VALUES_OF_LONG = 5_000_000
"""How many values a long answer may have. 5,000 campaigns of 20 kB have 2,000,000."""

MOST_BESIDE_BODY = 131_072
"""Bytes that an answer may have beside its body: headers, and answers with a status of 1xx."""
BYTES_PER_BYTE = 8
"""Most bytes on the wire for each byte of the body. Chunks of one byte need 6."""
TOO_MUCH_BESIDE_BODY = "it sent too much beside the body of its answer"

_text = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NO_SIGNS = bytes(set(range(256)) - set(b"[{,"))
"""All bytes, without the signs that begin a value or stand before one."""


@dataclass(frozen=True)
class Limits:
    """
    Limits every answer. Sizes are bytes of the unpacked body.

    :param answer_bytes: For an answer about one campaign. It has its assistant, which is 20 kB and more.
    :param long_bytes: For a long answer that is in memory as a whole: a list, a page of rows, an export.
    :param stream_bytes: For a long answer that is read piece by piece: 100,000 rows of 160 kB each.
    :param error_bytes: For the body of an error. The rest is not read, and that is no error.
    :param answer_seconds: How long an answer about one campaign may take in all, with its request.
    :param long_seconds: How long a long answer may take.
    """

    answer_bytes: int = 4_000_000
    long_bytes: int = 512_000_000
    stream_bytes: int = 16_000_000_000
    error_bytes: int = 64_000
    answer_seconds: float = 300.0
    long_seconds: float = 3600.0


class Wire:
    """
    Counts what comes over the wire for one answer. The HTTP libraries limit only a part of it.

    :param held: How many bytes the HTTP library may have that it has not read yet.
    """

    def __init__(self, held: int = 0) -> None:
        self.received = self.body = 0
        self._most = MOST_BESIDE_BODY + held

    @property
    def is_flooded(self) -> bool:
        """Whether more has come than an answer with such a body may have."""
        return self.received > self._most + BYTES_PER_BYTE * self.body


def has_more_values(body: bytes | bytearray, most: int) -> bool:
    """
    Return whether a JSON text has more values than ``most``. It takes time in proportion to the length.

    :param body: The JSON text, or anything else.
    """
    # Few answers have so many brackets and commas, and counting them is fast.
    if len(body) <= most or _count_signs(body) <= most:
        return False
    rest, texts = _text.subn(b"", body, 2 * most + 1)
    return texts > 2 * most or _count_signs(rest) > most  # JSON has a sign between two texts


def _count_signs(body: bytes | bytearray) -> int:
    return len(body.translate(None, _NO_SIGNS))


def is_too_deep(value: Any) -> bool:
    """
    Return whether a value has more levels than :data:`DEEPEST`.

    :param value: As :mod:`json` reads it.
    """
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True
