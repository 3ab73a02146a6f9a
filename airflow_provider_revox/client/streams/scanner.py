"""
Read a long answer piece by piece: a JSON object of which one member is too large to be in memory as a whole.

:mod:`json` decodes each item of the large member as a whole. A parser that makes events of every value takes
longer, and stops at values that are valid JSON, such as integers of 2**63 or halves of surrogate pairs.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from json import JSONDecodeError
from typing import Any, ClassVar

from airflow_provider_revox.client.limits import DEEPEST, MOST_ITEMS, is_too_deep
from airflow_provider_revox.client.streams.blocks import BlockReader
from airflow_provider_revox.client.streams.decoders import json_decoder, text_decoder
from airflow_provider_revox.client.whole_or_page import sign_of_more

_SMALL = 4096
_TOGETHER = 250_000
"""How many characters are read at once if they are many items. The item that is cut off is read apart."""
_LONGEST_DEEP = 500_000
"""How many characters a value that is nested too deeply may have. An event loop stands still meanwhile."""
_MOST_NAMES = 1000
"""How many members an answer may have beside the large one."""

_skip_space = re.compile(r"[ \t\n\r]*").match
_bracket_or_text = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL).finditer


class Scanner:
    """
    Reads an answer in pieces, and takes the items of its large member one by one.

    A subclass says which member that is, and takes its items.
    """

    member: ClassVar[str]
    """The large member."""
    opens: ClassVar[str]
    """How the large member begins: ``[`` for a list, ``{`` for an object."""
    whole: ClassVar[str]
    """What an error calls all items together."""
    longest_item: ClassVar[int] = 4_000_000
    """
    How many characters an item may have, and all members beside the large one together. An event loop stands
    still while an item is read, and an item of nothing but brackets takes 25 times its length in memory.
    """
    tolerant: ClassVar[bool] = True
    """
    Whether to read what is not valid JSON, such as NaN, a raw line break in a text, a byte that is not UTF-8
    and a value that is too deep. Somebody else's item is then no reason to refuse all.
    """

    def __init__(self) -> None:
        self._decode_text = text_decoder(tolerant=self.tolerant)
        self._decoder = json_decoder(tolerant=self.tolerant)
        self._text = ""
        self._at = 0
        self._pending: list[str] = []
        self._pending_chars = self._wanted_chars = 0
        self._count: int | None = None
        self._beside = self._value_chars = 0
        self._names: set[str] = set()
        self._members: dict[str, Any] = {}
        self._over = False
        self._problem = ""
        self._blocks: BlockReader | None = None
        """Reads several items at once. It does not read what is not valid JSON."""
        self._is_block_read = False
        self._parser = self._parse()

    @property
    def is_broken(self) -> bool:
        """Whether the answer can't be used, whatever else comes."""
        return bool(self._problem)

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the answer."""
        if self._problem:
            return
        try:
            text = self._decode_text.decode(chunk)
        except UnicodeDecodeError:
            self._problem = "not JSON"
            return
        self._pending.append(text)
        self._pending_chars += len(text)
        if self._pending_chars >= self._wanted_chars:
            self._read_on()

    def _read_on(self) -> None:
        self._text = self._text[self._at :] + "".join(self._pending)
        self._at = self._pending_chars = self._wanted_chars = 0
        self._is_block_read = False
        self._pending.clear()
        next(self._parser, None)
        if self._blocks and self._blocks.is_ready:
            self._wanted_chars = max(self._wanted_chars, _TOGETHER)

    def _close(self, headers: Mapping[str, str]) -> None:
        """
        Check that the answer is complete.

        :param headers: The headers of the answer, with names in lower case.
        :raises ValueError: It is not, so nothing that was read can be relied on.
        """
        if self._pending:
            self._read_on()
        if not self._problem and not (self._over and not self._text[self._at :].strip(" \t\n\r")):
            self._problem = "not JSON"
        if not self._problem and self._count is None:
            self._problem = self._not_promised()
        if not self._problem:
            self._problem = self._find_problem(headers)
        if self._problem:
            raise ValueError(self._problem)

    def _find_problem(self, headers: Mapping[str, str]) -> str:
        """Return what is wrong with a complete answer; empty: nothing."""
        sign = sign_of_more(self._members, headers, listed=self._count or 0, item=self.member)
        return f"is not the whole list of {self.whole}: {sign}" if sign else ""

    def _not_promised(self) -> str:
        kind = "list" if self.opens == "[" else "object"
        return f'not JSON as the API promises it: it has no {kind} "{self.member}"'

    def _take_items(self, items: list[Any]) -> None:
        """Take items of a list that follow each other."""
        for item in items:
            if self._has_room():
                self._take_item(item)

    def _take_item(self, item: Any) -> None:
        """Take an item of a list."""
        raise NotImplementedError

    def _take_pair(self, name: str, value: Any) -> None:
        """Take a member of an object."""
        raise NotImplementedError

    def _parse(self) -> Generator[None]:
        """Read the answer; every ``yield`` waits for its next piece."""
        if (yield from self._peek()) == "[":
            self._problem = self._not_promised()
        yield from self._token("{")
        if (yield from self._is_empty("}")):
            self._over = True
            return
        separator = ","
        while separator == "," and not self._problem:
            name = yield from self._name()
            if name in self._names:
                self._problem = "has a member twice"  # of two lists, either may be the wrong one
            elif self._beside > self.longest_item or len(self._names) > _MOST_NAMES:
                self._problem = f'has too much beside "{self.member}"'
            if self._problem:
                return
            self._names.add(name)
            if name == self.member and (yield from self._peek()) == self.opens:
                self._count = 0
                yield from (self._read_list() if self.opens == "[" else self._read_object())
            else:
                self._members[name] = yield from self._value()
                self._beside += self._value_chars
            separator = yield from self._token(",}")
        self._over = True

    def _read_list(self) -> Generator[None]:
        yield from self._token("[")
        if (yield from self._is_empty("]")):
            return
        separator = ","
        while separator == "," and not self._problem:
            yield from self._peek()
            self._take_items(self._block() or [(yield from self._item())])
            separator = yield from self._token(",]")

    def _block(self) -> list[Any] | None:
        """Read the items that are here as a whole. Each piece is tried once, since it may be in vain."""
        if self._blocks is None or not self._blocks.is_ready or self._is_block_read:
            return None
        self._is_block_read = True
        found = self._blocks.read(self._text, self._at)
        if found is None:
            return None
        items, end = found
        # json counts the lines of the text up to the item that is not there as a whole.
        self._text, self._at = self._text[end:], 0
        return items

    def _item(self) -> Generator[None, None, Any]:
        item = yield from self._value()
        if self._blocks:
            self._check_depth(item)
            self._blocks.learn(self._text, self._at - self._value_chars, self._at)
        return item

    def _read_object(self) -> Generator[None]:
        yield from self._token("{")
        if (yield from self._is_empty("}")):
            return
        separator = ","
        while separator == "," and not self._problem:
            name = yield from self._name()
            value = yield from self._value()
            if self._has_room():
                self._take_pair(name, value)
            separator = yield from self._token(",}")

    def _has_room(self) -> bool:
        """Count an item; return whether it may be taken."""
        self._count = (self._count or 0) + 1
        if self._count > MOST_ITEMS:
            self._problem = self._problem or f"has more than {MOST_ITEMS:,} {self.whole}"
        return not self._problem

    def _name(self) -> Generator[None, None, str]:
        """Read the name of a member and the colon behind it."""
        name = yield from self._value()
        if type(name) is not str:
            self._problem = self._problem or "not JSON"
            return ""
        yield from self._token(":")
        return name

    def _value(self) -> Generator[None, None, Any]:
        while not self._problem:
            yield from self._peek()
            found = self._decode()
            if found is not None:
                value, end = found
                if end < len(self._text):  # at the end, a number may go on in the next piece
                    self._value_chars = end - self._at
                    self._at = end
                    return value
            left = len(self._text) - self._at
            if left > self.longest_item:
                self._problem = self._problem or "not JSON, or an item in it is too long"
            # A long value is tried again when it has doubled, so that it is not read with every piece.
            self._wanted_chars = left if left > _SMALL else 0
            yield
        return None

    def _decode(self) -> tuple[Any, int] | None:
        """Decode the value at this place. Return it and its end, or ``None`` if it is not all there yet."""
        try:
            return self._decoder.raw_decode(self._text, self._at)
        except JSONDecodeError:
            return None  # either this is no JSON, or the rest of the value is not here yet
        except ValueError:
            self._problem = "not JSON"
        except RecursionError:
            if self.tolerant:
                return self._decode_deep()
            self._problem = f"has more than {DEEPEST} levels"
        return None

    def _check_depth(self, kept: Any) -> None:
        """Refuse the answer if what is kept of the last value has too many levels."""
        start = self._at - self._value_chars
        brackets = self._text.count("[", start, self._at) + self._text.count("{", start, self._at)
        if brackets > DEEPEST and is_too_deep(kept):
            self._problem = self._problem or f"has more than {DEEPEST} levels"

    def _decode_deep(self) -> tuple[Any, int] | None:
        """Decode a value that is nested too deeply. What lies too deep is ``None``."""
        kept, copied, depth = [], self._at, 0
        for found in _bracket_or_text(self._text, self._at):
            if found.start() - self._at > _LONGEST_DEEP:
                self._problem = f"has more than {DEEPEST} levels"
                return None
            if found[0] in ("[", "{"):
                depth += 1
                if depth == DEEPEST:
                    kept.append(self._text[copied : found.start()] + "null")
            elif found[0] in ("]", "}"):
                if depth == DEEPEST:
                    copied = found.end()
                depth -= 1
                if not depth:
                    kept.append(self._text[copied : found.end()])
                    try:
                        return self._decoder.decode("".join(kept)), found.end()
                    except JSONDecodeError:
                        return None
        return None

    def _is_empty(self, end: str) -> Generator[None, None, bool]:
        empty = (yield from self._peek()) == end
        self._at += empty
        return empty

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
