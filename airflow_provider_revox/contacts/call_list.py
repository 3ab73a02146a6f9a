"""Turn records into a call list and a report: no record is dropped, guessed or shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, islice
from typing import Any

from airflow_provider_revox.client.checked_contacts import CheckedContacts
from airflow_provider_revox.contacts.absent_fields import AbsentFields
from airflow_provider_revox.contacts.do_not_call.number_list import LISTED
from airflow_provider_revox.contacts.duplicates import Duplicates
from airflow_provider_revox.contacts.fast_lane import FastLane
from airflow_provider_revox.contacts.record import (
    CallListOptions,
    RejectedError,
    as_lines,
    number_of,
    read_number,
    read_variables,
    write_contact,
)
from airflow_provider_revox.contacts.report import ContactReport, Rejection, Rejections
from airflow_provider_revox.phone_numbers.people import People

CHUNK = 2_000
"""How many records the fast lane takes at once."""
SMALLEST_CHUNK = 500
"""The longest chunk that is read record by record if one is not plain. A longer one is cut in two."""


class CallList(CheckedContacts):
    """
    The contacts as a JSON array, checked already. It shows how many there are, and nothing else.

    :param contacts: The contacts as JSON, each followed by a comma; an item may hold several.
    :param numbers: The contacts' numbers.
    """

    def __init__(self, contacts: Iterable[bytes], numbers: Set[str]) -> None:
        array = bytearray(b"[")
        for item in contacts:
            array += item
        if numbers:
            array.pop()
        array += b"]"
        super().__init__(array, numbers)


class CallListBuilder:
    """
    Reads records; knows which contacts to call, and why the others are not called.

    :param options: How records become contacts.
    """

    def __init__(self, options: CallListOptions) -> None:
        self._options = options
        self._duplicates = Duplicates(options)
        self._left_out: Set[str] = frozenset()
        self._fast_lane = FastLane(options, (self._duplicates.numbers, options.suppress))
        self.variable_names = self._fast_lane.variable_names
        """The names of the prompt variables, of the records read so far."""
        self.absent_fields = AbsentFields(options.fields)
        self.report = ContactReport()
        self.rejections = Rejections()

    def take(self, records: Iterable[Any]) -> CallList:
        """Read all records; return the contacts to call, in the order of their records."""
        return self.call_list(list(self.contacts(records)))

    def call_list(self, written: Sequence[bytes]) -> CallList:
        """
        Return the contacts to call, in the order of their records.

        :param written: All contacts, as :meth:`contacts` returned them.
        """
        if not self._duplicates.keep_last and not self._left_out:
            return CallList(written, self.numbers)
        # JSON escapes all other line ends.
        written_lines = (as_lines(item).splitlines(keepends=True) for item in written)
        lines = self.lines_to_call(chain.from_iterable(written_lines))
        return CallList((line[:-1] + b"," for line in lines), self.numbers_to_call)

    def leave_out(self, suppressed: Mapping[str, str]) -> None:
        """
        Leave contacts out after all records are read.

        :param suppressed: Numbers of contacts, each with the reason why it must not be called.
        """
        self._left_out = suppressed.keys()
        self.report.to_call -= len(suppressed)
        self.report.suppressed_by_reason += Counter(suppressed.values())

    @property
    def numbers_to_call(self) -> Set[str]:
        """Return the numbers of the contacts to call, without the people who were left out."""
        return self.numbers - self._left_out if self._left_out else self.numbers

    @property
    def numbers(self) -> Set[str]:
        """The numbers to call, of the records read so far."""
        return self._duplicates.numbers

    @property
    def people(self) -> People:
        """The people to call, of the records read so far."""
        return self._duplicates.people

    def contacts(self, records: Iterable[Any]) -> Iterator[bytes]:
        """
        Read all records.

        :return: Contacts as JSON, each followed by a comma; an item may hold several contacts, or none. At
            the end :meth:`lines_to_call` says which of them to call.
        """
        source, start = iter(records), 0
        while chunk := list(islice(source, CHUNK)):
            self.absent_fields.look_at(chunk)
            yield from self._read_chunk(start, chunk)
            start += len(chunk)

    def lines_to_call(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """
        Return the lines of the contacts to call. Ask when all records are read.

        :param lines: What :meth:`contacts` returned, as lines (:func:`.record.as_lines`).
        """
        once = self._duplicates.once(lines)
        if not self._left_out:
            return once
        return (line for line in once if number_of(line) not in self._left_out)

    def _read_chunk(self, start: int, chunk: list[Any]) -> Iterator[bytes]:
        written = self._fast_lane.write(chunk)
        if written is not None:
            self._add(written.numbers)
            yield written.contacts
        elif len(chunk) > SMALLEST_CHUNK:
            half = len(chunk) // 2
            yield from self._read_chunk(start, chunk[:half])
            yield from self._read_chunk(start + half, chunk[half:])
        else:
            for row, record in enumerate(chunk, start):
                yield self._read(row, record)

    def _read(self, row: int, record: Any) -> bytes:
        """Return the contact; nothing if the record is not called."""
        try:
            if not isinstance(record, Mapping):
                problem = f"must be a record with named fields, not {type(record).__name__}"
                raise RejectedError("", "no_record", problem)
            number = read_number(record, self._options)
            if number in self._options.suppress:
                self.report.suppressed_by_reason[LISTED] += 1
                return b""
            variables = read_variables(record, self._options)
            contact = write_contact(number, variables, self._options)
            if number in self.numbers and not self._replaces_earlier(number):
                return b""
        except RejectedError as rejected:
            self.report.invalid_by_reason[rejected.reason] += 1
            self.rejections.add(Rejection(row, rejected.field, rejected.reason, rejected.problem))
            return b""
        self._add([number])
        self.variable_names.add([variables])
        return contact

    def _add(self, numbers: list[str]) -> None:
        self._duplicates.add(numbers)
        self.report.to_call += len(numbers)

    def _replaces_earlier(self, number: str) -> bool:
        """Tell whether this record replaces an earlier one with the same number."""
        replaces = self._duplicates.replaces_earlier(number)
        self.report.duplicate += 1
        self.report.to_call -= replaces
        return replaces
