"""
``GET /campaigns/{id}/rows`` read as a stream.

One generation answers in pages, the later ones with all rows at once, each with its transcripts, so only one
row is held at a time. A row is decoded as a whole by :mod:`json`: going through its hundreds of events with
ijson takes several times longer.
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
"""Characters; what goes on for longer is no row."""

_skip_space = re.compile(r"[ \t\n\r]*").match


@dataclass(frozen=True)
class RowsAnswer:
    """
    What one answer said of a campaign's rows.

    :param ids: Of the rows in it.
    :param total: How many rows there are; ``None`` where the answer has no pages, but all rows.
    """

    ids: list[str] = field(repr=False)
    total: int | None


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and infinities are no JSON")


class RowsScanner:
    """
    Hands the rows of an answer on, one by one.

    :param take: Takes a row: an object that has an ``id``.
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
        Return what the answer said.

        :raises ValueError: It was no whole answer, so what rows it had are not to be relied on.
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
        """Go through the answer; every ``yield`` waits for more of it."""
        yield from self._token("{")
        separator = ","
        while separator == "," and not self._problem:
            name = yield from self._value()
            if not self._problem and type(name) is not str:
                self._problem = "not JSON"
            elif name in self._names:
                self._problem = "has a member twice"  # of two lists of rows neither is known to be it
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
                if end < len(self._text):  # a number may go on in the next piece
                    self._at = end
                    return value
            except ValueError:
                pass  # what is no JSON looks like what is not all here yet
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
