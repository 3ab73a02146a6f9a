"""Records in, call list and report out: nothing is dropped, guessed or shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from itertools import chain, compress, count, islice
from typing import Any

from airflow_provider_revox.client.requests import CheckedContacts
from airflow_provider_revox.contacts.do_not_call.number_list import LISTED
from airflow_provider_revox.contacts.fast_lane import FastLane
from airflow_provider_revox.contacts.record import (
    CallListOptions,
    RejectedError,
    number_of,
    read_number,
    read_variables,
    write_contact,
)
from airflow_provider_revox.contacts.report import DUPLICATE_NUMBER, ContactReport, Rejection, Rejections

Suppressed = Callable[[Set[str]], Mapping[str, str]]
"""Is given numbers; returns those of them that must not be called, and why."""

CHUNK = 500
"""Records taken at once. One that is not clean costs its whole chunk the fast way."""


class CallList(CheckedContacts):
    """
    The API's contacts, known to be right. Shows their number only.

    :param lines: Lines of JSON, one for each contact; an item may hold several.
    :param numbers: The contacts' numbers.
    """

    def __init__(self, lines: Iterable[bytes], numbers: Set[str]) -> None:
        array = bytearray(b"[")
        for item in lines:
            # The only line ends are those between contacts: JSON escapes all others.
            array += item.replace(b"\n", b",")
        if numbers:
            array.pop()
        array += b"]"
        super().__init__(array, numbers)


class CallListBuilder:
    """
    Takes records one by one; holds who is to be called, and what became of the rest.

    :param options: How records become contacts.
    """

    def __init__(self, options: CallListOptions) -> None:
        self._options = options
        self._last_counts = options.on_duplicate == "last"
        # Whom to call; and where they are, which takes more memory, if a later record may take their place.
        self._seen: set[str] = set()
        self._place_of: dict[str, int] = {}
        self._numbers: Set[str] = self._place_of.keys() if self._last_counts else self._seen
        self._stands = bytearray()  # for each line whether it still counts
        self._left_out: Set[str] = frozenset()
        self._fast_lane = FastLane(options, (self._numbers, options.suppress))
        self.report = ContactReport()
        self.rejections = Rejections()

    def take(self, records: Iterable[Any], suppressed: Suppressed | None = None) -> CallList:
        """
        Take all records; return whom to call, in the order in which they came.

        :param suppressed: Says at the end who of them must not be called after all, and why.
        """
        written, numbers = list(self.lines(records)), self._numbers
        if suppressed:
            self.leave_out(suppressed(numbers))
        if not self._last_counts and not self._left_out:
            return CallList(written, numbers)
        # JSON escapes all other line ends.
        lines = chain.from_iterable(item.splitlines(keepends=True) for item in written)
        return CallList(self.standing(lines), numbers - self._left_out)

    def leave_out(self, suppressed: Mapping[str, str]) -> None:
        """
        Leave people out once all records are taken.

        :param suppressed: Why they must not be called, by number; all of them were to be called.
        """
        self._left_out = suppressed.keys()
        self.report.to_call -= len(suppressed)
        self.report.suppressed_by_reason += Counter(suppressed.values())

    @property
    def numbers(self) -> Set[str]:
        """Who is to be called by the records taken so far."""
        return self._numbers

    def lines(self, records: Iterable[Any]) -> Iterator[bytes]:
        """
        Take all records.

        :return: The contacts as lines of JSON, some at once. Which of them count :meth:`standing` tells at
            the end.
        """
        source, start = iter(records), 0
        while chunk := list(islice(source, CHUNK)):
            written = self._fast_lane.write(chunk)
            if written is not None:
                self._called(written.numbers)
                yield written.lines
            else:
                for row, record in enumerate(chunk, start):
                    yield self._take(row, record)
            start += len(chunk)

    def standing(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Return those of all lines that count, which is known at the end."""
        standing = compress(lines, self._stands)
        if not self._left_out:
            return standing
        return (line for line in standing if number_of(line) not in self._left_out)

    def _take(self, row: int, record: Any) -> bytes:
        """Return the contact's line; of one that is not called, nothing."""
        try:
            if not isinstance(record, Mapping):
                problem = f"must be a record with named fields, not {type(record).__name__}"
                raise RejectedError("", "no_record", problem)
            number = read_number(record, self._options)
            if number in self._options.suppress:
                self.report.suppressed_by_reason[LISTED] += 1
                return b""
            line = write_contact(number, read_variables(record, self._options), self._options)
            if number in self._numbers and not self._takes_over(number):
                return b""
        except RejectedError as rejected:
            self.report.invalid_by_reason[rejected.reason] += 1
            self.rejections.add(Rejection(row, rejected.field, rejected.reason, rejected.problem))
            return b""
        self._called([number])
        return line

    def _called(self, numbers: list[str]) -> None:
        """Account for the contacts that come next."""
        if self._last_counts:
            self._place_of.update(zip(numbers, count(len(self._stands)), strict=False))
        else:
            self._seen.update(numbers)
        self._stands += b"\1" * len(numbers)
        self.report.to_call += len(numbers)

    def _takes_over(self, number: str) -> bool:
        """Whether a number's second record is called instead of its first."""
        if self._options.on_duplicate == "error":
            problem = "is a number that came before: it would be called twice"
            field = self._options.phone_field or "to_phone_number"
            raise RejectedError(field, DUPLICATE_NUMBER, problem)
        self.report.duplicate += 1
        if not self._last_counts:
            return False
        self._stands[self._place_of[number]] = 0
        self.report.to_call -= 1
        return True
