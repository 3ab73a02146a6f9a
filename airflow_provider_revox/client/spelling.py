"""Read names and values that servers spell in different ways: ``hasMore``, ``has-more``, ``"false"``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_NOTHING = ("", "null", "none", "undefined")
_parts = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+").findall


class Vocabulary:
    """
    Cuts names into words.

    :param known: Words that are also found where nothing separates them, as in ``hasmore``.
    """

    def __init__(self, known: Iterable[str]) -> None:
        one = "|".join(sorted(known, key=len, reverse=True))
        self._find = re.compile(one).findall
        self._is_known = re.compile(f"(?:{one})+").fullmatch

    def words(self, name: str) -> frozenset[str]:
        """Return the words of a name, in lower case. Digits and other characters are left out."""
        return frozenset(self._each(name))

    def _each(self, name: str) -> Iterator[str]:
        for part in map(str.lower, _parts(name)):
            yield from self._find(part) if self._is_known(part) else (part,)


def whole_number(value: Any) -> int | None:
    """
    Return a whole number; ``None`` for anything else.

    The API page calls its counts ``number``, so 3.0 is as good as 3.
    """
    if type(value) is float and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def plain(value: Any) -> Any:
    """Return what a value means: ``"2"`` and ``2.0`` are 2, ``"false"`` is false, no text is ``None``."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str):
        return value
    text = value.strip().lower()
    if text in _NOTHING:
        return None
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else value


def leads_somewhere(value: Any) -> bool:
    """Return whether a value is there and neither false, zero nor empty: a link, a cursor, a page number."""
    value = plain(value)
    if isinstance(value, dict):
        return any(
            bool(inner) if isinstance(inner, (dict, list)) else leads_somewhere(inner)
            for inner in value.values()
        )
    return value > 0 if type(value) is int else bool(value)
