"""
Records that need no second look: checked and written column by column, at the speed of C.

Whatever is the least unusual is left to :mod:`.record`, which says what is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from itertools import chain
from json import JSONEncoder
from operator import itemgetter
from typing import Any, NamedTuple

from airflow_provider_revox.contacts.record import CallListOptions
from airflow_provider_revox.phone_numbers.reader import PLAIN, UNPLAIN

_plain_lines = re.compile(rf"(?:{PLAIN}\n)*+").fullmatch
_unplain = re.compile(UNPLAIN).search
_quoted = JSONEncoder(ensure_ascii=False).encode
_MARK = "\x7f"  # a character that JSON leaves as it is, and nobody writes


class CleanChunk(NamedTuple):
    """
    A chunk of which every record is to be called.

    :param numbers: In the order of the records.
    :param lines: The contacts as lines of JSON.
    """

    numbers: list[str]
    lines: bytes


class CleanChunks:
    """
    Tells clean chunks from all others.

    :param options: How records become contacts; they must be flat.
    :param taken: Sets of numbers that need a second look.
    """

    def __init__(self, options: CallListOptions, taken: Iterable[Set[str]]) -> None:
        fields = [options.phone_field, *options.variables.values()]
        self._columns = [itemgetter(field) for field in fields]
        self._frame = _frame(options.variables)
        self._taken = list(taken)

    def read(self, records: list[Any]) -> CleanChunk | None:
        """
        Write the contacts of a chunk.

        :return: ``None`` if a record in it is not clean.
        """
        # A subclass of dict may do as it likes when it is asked for a field, and one of str for its text.
        if set(map(type, records)) != {dict}:
            return None
        try:
            columns = [list(map(column, records)) for column in self._columns]
        except KeyError:
            return None
        if set(map(type, chain.from_iterable(columns))) != {str} or not all(map(all, columns)):
            return None
        numbers, *values = columns
        if not _are_e164(numbers) or not self._are_new(numbers):
            return None
        text = self._frame * len(records)
        for place, column in enumerate([numbers, *map(_escaped, values)]):
            if column is None:
                return None
            text[2 * place + 1 :: len(self._frame)] = column
        try:
            return CleanChunk(numbers, "".join(text).encode())
        except UnicodeEncodeError:
            return None

    def _are_new(self, numbers: list[str]) -> bool:
        unique = set(numbers)
        return len(unique) == len(numbers) and all(taken.isdisjoint(unique) for taken in self._taken)


def _frame(variables: Iterable[str]) -> list[str]:
    """Return a contact's line in parts; every other one is empty, and takes a value."""
    frame = ['{"to_phone_number":"', "", '","prompt_variables":{']
    for variable in variables:
        frame[-1] += f'{_quoted(variable)}:"'
        frame += ["", '",']
    frame[-1] = frame[-1].removesuffix(",") + "}}\n"
    return frame


def _are_e164(numbers: list[str]) -> bool:
    lines = "\n".join([*numbers, ""])
    return lines.count("\n") == len(numbers) and _plain_lines(lines) is not None and not _unplain(lines)


def _escaped(column: list[str]) -> list[str] | None:
    """Escape the texts of a column as JSON wants it, all at once; ``None`` if they can't be told apart."""
    text = _MARK.join(column)
    escaped = _quoted(text)
    if len(escaped) == len(text) + 2:
        return column
    cells = escaped[1:-1].split(_MARK)
    return cells if len(cells) == len(column) else None
