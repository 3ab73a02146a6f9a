"""Decide which record of a number is called if several records have it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Set
from itertools import compress

from airflow_provider_revox.contacts.record import CallListOptions, RejectedError
from airflow_provider_revox.contacts.report import DUPLICATE_NUMBER
from airflow_provider_revox.phone_numbers.people import People, checksum


class Duplicates:
    """
    Knows the numbers to call of the records read so far, and which record of each is called.

    :param options: ``on_duplicate``: ``"first"``, ``"last"`` or ``"error"``.
    """

    def __init__(self, options: CallListOptions) -> None:
        self._options = options
        self.keep_last = options.on_duplicate == "last"
        """Whether a later record replaces an earlier one."""
        # To replace an earlier record, its line must be known, which takes more memory.
        self._seen: set[str] = set()
        self._line_of: dict[str, int] = {}
        self.numbers: Set[str] = self._line_of.keys() if self.keep_last else self._seen
        """The numbers, each once."""
        self._checksum = 0
        self._is_called = bytearray()  # by line: 0 if a later record has replaced it

    @property
    def people(self) -> People:
        """The people to call."""
        return People(len(self.numbers), self._checksum)

    def add(self, numbers: list[str]) -> None:
        """Take the numbers of the next lines. None of them is called so far."""
        if self.keep_last:
            self._line_of.update(zip(numbers, itertools.count(len(self._is_called)), strict=False))
        else:
            self._seen.update(numbers)
        self._is_called += b"\1" * len(numbers)
        self._checksum += checksum(numbers)

    def replaces_earlier(self, number: str) -> bool:
        """
        Tell whether the next record replaces an earlier one with the same number.

        If it does, add its number next: the earlier record is not called any more.

        :raises RejectedError: ``on_duplicate`` is ``"error"``.
        """
        if self._options.on_duplicate == "error":
            problem = "is a number that came before; remove one of the records, or set on_duplicate"
            field = self._options.phone_field or "to_phone_number"
            raise RejectedError(field, DUPLICATE_NUMBER, problem)
        if not self.keep_last:
            return False
        self._is_called[self._line_of[number]] = 0
        self._checksum -= checksum([number])
        return True

    def once(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """
        Return the lines that are called.

        :param lines: The lines of all numbers that were added, in the same order.
        """
        return compress(lines, self._is_called)
