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

_text = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL).finditer
_SHORT = 1_000_000
_STARTS_OF_VALUES = (b"[", b"{", b",")


@dataclass(frozen=True)
class Limits:
    """
    Limit every answer. Sizes are bytes of the unpacked body.

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


_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NO_SIGNS = bytes(set(range(256)) - set(b"[{,"))


def has_more_values(body: bytes, most: int) -> bool:
    """
    Return whether a JSON text has more values than ``most``.

    :param body: The JSON text, or anything else.
    """
    # Few answers have so many brackets and commas, and counting them is fast.
    if len(body) <= most or sum(map(body.translate(None, _NO_SIGNS).count, _STARTS_OF_VALUES)) <= most:
        return False
    count = end = 0
    for texts, found in enumerate(_text(body)):
        start, before = found.start(), end
        count += sum(body.count(sign, before, start) for sign in _STARTS_OF_VALUES)
        end = found.end()
        if count > most or texts > 2 * most:  # JSON has a sign between two texts
            return True
    return count + sum(body.count(sign, end) for sign in _STARTS_OF_VALUES) > most


def may_be_too_deep(body: bytes) -> bool:
    """
    Return whether a JSON text may have more levels than :data:`DEEPEST`.

    Brackets within texts count, too. This is far faster than looking through all values.
    """
    if len(body) < _SHORT and body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    brackets = body.translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return bool(brackets)


def is_too_deep(value: Any) -> bool:
    """
    Return whether a value has more levels than :data:`DEEPEST`.

    :param value: As :mod:`json` reads it.
    """
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for outer in level
            if (kind := type(outer)) is dict or kind is list
            for inner in (outer.values() if kind is dict else outer)
        ]
        if not level:
            return False
    return True
