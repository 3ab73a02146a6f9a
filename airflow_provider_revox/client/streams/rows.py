"""
Read the answer of ``GET /campaigns/{id}/rows`` as a stream.

One generation of the API answers in pages, later ones with all rows at once. The rows have transcripts, so
only one row is in memory at a time. :mod:`json` decodes each row as a whole: ijson makes hundreds of events
of a row and takes several times longer.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from json import JSONDecoder
from typing import Any, NoReturn

from airflow_provider_revox.client.streams.lists import MORE_PAGES

LONGEST_VALUE = 16_000_000
"""How many characters a row may have."""

_skip_space = re.compile(r"[ \t\n\r]*").match


@dataclass(frozen=True)
class RowsAnswer:
    """
    Describe one answer.

    :param ids: The ids of its rows.
    :param total: How many rows the campaign has; ``None`` if the server has no pages and sent all rows.
    """

    ids: list[str] = field(repr=False)
    total: int | None


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and infinities are no JSON")


class RowsScanner:
    """
    Hand on the rows of an answer, one by one.

    :param take: Takes a row. Every row has an ``id``.
    """

    def __init__(self, take: Callable[[dict[str, Any]], None]) -> None:
        self._take = take
        self._decode_text = codecs.getincrementaldecoder("utf-8")()
        self._decode = JSONDecoder(parse_constant=_refuse_constant).raw_decode
        self._text = ""
        self._at = 0
        self._ids: list[str] | None = None
        self._names: set[str] = set()
        self._members: dict[str, Any] = {}
        self._over = False
        self._problem = ""
        self._parser = self._parse()

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the answer."""
        if self._problem:
            return
        try:
            self._text = self._text[self._at :] + self._decode_text.decode(chunk)
        except UnicodeDecodeError:
            self._problem = "not JSON"
            return
        self._at = 0
        next(self._parser, None)

    def finish(self) -> RowsAnswer:
        """
        Return the ids and the total.

        :raises ValueError: The answer was not complete, so its rows can't be relied on.
        """
        if not self._problem and not (self._over and not self._text[self._at :].strip()):
            self._problem = "not JSON"
        if not self._problem and self._ids is None:
            self._problem = 'has no list "rows"'
        total = self._members.get("total")
        is_paged = "total" in self._members or "page" in self._members
        if not self._problem and is_paged and type(total) is not int:
            self._problem = 'has pages, but no "total"'
        if not self._problem and not is_paged and any(self._members.get(name) for name in MORE_PAGES):
            self._problem = "is not the whole list of rows: it has more pages"
        if self._problem:
            raise ValueError(self._problem)
        return RowsAnswer(self._ids or [], total)

    def _parse(self) -> Generator[None]:
        """Read the answer; every ``yield`` waits for its next piece."""
        yield from self._token("{")
        separator = ","
        while separator == "," and not self._problem:
            name = yield from self._value()
            if not self._problem and type(name) is not str:
                self._problem = "not JSON"
            elif name in self._names:
                self._problem = "has a member twice"  # of two lists of rows, either may be the wrong one
            if self._problem:
                return
            self._names.add(name)
            yield from self._token(":")
            if name == "rows" and (yield from self._peek()) == "[":
                yield from self._rows()
            else:
                self._members[name] = yield from self._value()
            separator = yield from self._token(",}")
        self._over = True

    def _rows(self) -> Generator[None]:
        yield from self._token("[")
        self._ids = []
        if (yield from self._peek()) == "]":
            self._at += 1
            return
        separator = ","
        while separator == "," and not self._problem:
            row = yield from self._value()
            if type(row) is not dict:
                self._problem = "a row in it is no object"
            elif type(row.get("id")) is not str:
                self._problem = "a row in it has no id"
            else:
                self._ids.append(row["id"])
                self._take(row)
            separator = yield from self._token(",]")

    def _value(self) -> Generator[None, None, Any]:
        while not self._problem:
            yield from self._peek()
            try:
                value, end = self._decode(self._text, self._at)
                if end < len(self._text):  # at the end, a number may go on in the next piece
                    self._at = end
                    return value
            except ValueError:
                pass  # either this is no JSON, or the rest of the value is not here yet
            except RecursionError:
                self._problem = "not JSON"
            if len(self._text) - self._at > LONGEST_VALUE:
                self._problem = "not JSON, or a row in it is too long"
            yield
        return None

    def _token(self, expected: str) -> Generator[None, None, str]:
        found = yield from self._peek()
        if found not in expected:
            self._problem = self._problem or "not JSON"
        self._at += 1
        return found

    def _peek(self) -> Generator[None, None, str]:
        while True:
            found = _skip_space(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            yield
