"""
Check and write many records at once, at the speed of C.

The fast lane takes a chunk only if all its records are plain: the usual types, numbers in E.164 format, no
number twice. It gives up on every other chunk, and :mod:`.record` reads that one record by record. Both ways
write the same contacts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from itertools import chain
from json import JSONEncoder
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from pydantic_core import PydanticSerializationError, SchemaSerializer
from pydantic_core.core_schema import (
    dict_schema,
    list_schema,
    str_schema,
    typed_dict_field,
    typed_dict_schema,
)

from airflow_provider_revox.contacts.record import BEFORE_NUMBER, NEXT_CONTACT, CallListOptions
from airflow_provider_revox.contacts.variable_names import VariableNames
from airflow_provider_revox.files.blank import BLANKS
from airflow_provider_revox.phone_numbers.already_e164 import are_plainly_e164

_Record = dict[Any, Any]
_NOT_PLAIN: tuple[list[str], list[Any]] = ([], [])


class WrittenChunk(NamedTuple):
    """
    A chunk of records, each of which became a contact.

    :param numbers: In the order of the records.
    :param contacts: The contacts as JSON, each followed by a comma.
    """

    numbers: list[str]
    contacts: bytes


class FastLane:
    """
    Writes the contacts of chunks in which every record is plain.

    :param options: How records become contacts.
    :param taken: Sets of numbers that need a decision: those that came before, those that must not be called.
    """

    def __init__(self, options: CallListOptions, taken: Iterable[Set[str]]) -> None:
        self.variable_names = VariableNames(None if options.phone_field is None else options.variables.keys())
        """The names of the prompt variables of the chunks that it has read."""
        self._shape: _Shape = _OwnShape(self.variable_names)
        if options.phone_field is not None:
            self._shape = _FlatRecords(options.phone_field, options.variables)
        self._taken = list(taken)

    def write(self, records: list[Any]) -> WrittenChunk | None:
        """
        Write the contacts of a chunk.

        :return: ``None`` if any record in it is not plain.
        """
        # A subclass of dict may do anything when it is asked for a field.
        if set(map(type, records)) != {dict}:
            return None
        numbers, rest = self._shape.read(records)
        if not numbers or not are_plainly_e164(numbers) or not self._are_new(numbers):
            return None
        contacts = self._shape.contacts(numbers, rest)
        return None if contacts is None else WrittenChunk(numbers, contacts)

    def _are_new(self, numbers: list[str]) -> bool:
        unique = set(numbers)
        return len(unique) == len(numbers) and all(taken.isdisjoint(unique) for taken in self._taken)


class _Shape(Protocol):
    """How records of one shape are read and written."""

    def read(self, records: list[_Record]) -> tuple[list[str], list[Any]]:
        """Return the numbers, and what :meth:`contacts` needs besides; no numbers: a record is not plain."""

    def contacts(self, numbers: list[str], rest: list[Any]) -> bytes | None:
        """Write the contacts; ``None`` if a record is not plain."""


class _FlatRecords:
    """Flat records: the number and each variable have a field."""

    def __init__(self, phone_field: str, variables: Mapping[str, str]) -> None:
        self._fields = [itemgetter(field) for field in (phone_field, *variables.values())]
        self._template = _template(variables)

    def read(self, records: list[_Record]) -> tuple[list[str], list[Any]]:
        try:
            numbers, *columns = [list(map(field, records)) for field in self._fields]
        except KeyError:
            return _NOT_PLAIN
        # A subclass of str may have another text than it shows.
        if set(map(type, chain(numbers, *columns))) != {str} or not all(map(_are_plain, columns)):
            return _NOT_PLAIN
        return numbers, columns

    def contacts(self, numbers: list[str], columns: list[list[str]]) -> bytes | None:
        text = self._template * len(numbers)
        for place, column in enumerate([numbers, *map(_escaped, columns)]):
            if column is None:
                return None
            text[2 * place + 1 :: len(self._template)] = column
        try:
            return "".join(text).encode()
        except UnicodeEncodeError:
            return None


_contact = {
    "to_phone_number": typed_dict_field(str_schema()),
    "prompt_variables": typed_dict_field(dict_schema(str_schema(), str_schema())),
}
_contacts = SchemaSerializer(list_schema(typed_dict_schema(_contact)))
"""Writes contacts, and fails if a value is not text. It would take longer to look at each value before."""

_has_null = re.compile(b":null").search  # faster than "in"


class _OwnShape:
    """Records in the API's own shape, ``{"to_phone_number": ..., "prompt_variables": {...}}``."""

    _fields = itemgetter("to_phone_number"), itemgetter("prompt_variables")

    def __init__(self, names: VariableNames) -> None:
        self._names = names

    def read(self, records: list[_Record]) -> tuple[list[str], list[Any]]:
        if set(map(len, records)) != {2}:
            return _NOT_PLAIN
        try:
            numbers, variables = [list(map(field, records)) for field in self._fields]
        except KeyError:
            return _NOT_PLAIN
        if set(map(type, numbers)) != {str} or set(map(type, variables)) != {dict}:
            return _NOT_PLAIN
        try:
            # The serializer accepts a name that is None, or that UTF-8 can't hold.
            names = set().union(*variables)
            "".join(names).encode()
        except (TypeError, UnicodeEncodeError):
            return _NOT_PLAIN
        self._names.add(variables, names)
        return numbers, records

    def contacts(self, numbers: list[str], records: list[_Record]) -> bytes | None:
        try:
            array = _contacts.to_json(records, warnings="error")
        except PydanticSerializationError:
            return None
        if _has_null(array):  # the serializer takes None for text
            return None
        # A record with its fields in the other order does not have this text.
        if array.count(NEXT_CONTACT) != len(numbers) - 1 or not array.startswith(b"[" + BEFORE_NUMBER):
            return None
        return array[1:-1] + b","


_quoted = JSONEncoder(ensure_ascii=False).encode
_MARK = "\x7f"  # a character that JSON does not escape, and that texts hardly ever have


_has_blank_cell = re.compile(f"{_MARK}[{re.escape(BLANKS)}]*{_MARK}").search


def _are_plain(column: list[str]) -> bool:
    """Return whether every text shows something, and none is a formula that wraps text."""
    text = f"{_MARK}{_MARK.join(column)}{_MARK}"  # to look at each text takes longer
    return not (_has_blank_cell(text) or ("=" in text and '"' in text))


def _template(variables: Iterable[str]) -> list[str]:
    """Return a contact in parts. Every second part is empty and takes a value."""
    parts = ['{"to_phone_number":"', "", '","prompt_variables":{']
    for variable in variables:
        parts[-1] += f'{_quoted(variable)}:"'
        parts += ["", '",']
    parts[-1] = parts[-1].removesuffix(",") + "}},"
    return parts


def _escaped(column: list[str]) -> list[str] | None:
    """Escape the texts of a column as JSON wants it, all at once; ``None`` if a text has the mark in it."""
    text = _MARK.join(column)
    escaped = _quoted(text)
    if len(escaped) == len(text) + 2:
        return column
    cells = escaped[1:-1].split(_MARK)
    return cells if len(cells) == len(column) else None
