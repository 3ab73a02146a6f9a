"""Read the records of Revox's phone history: whether the person of a record must not be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any

from pydantic import ValidationError

from airflow_provider_revox.client.errors import MalformedAnswerError
from airflow_provider_revox.client.models import PhoneRecord
from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.contacts.do_not_call.history_options import PATH, HistoryRules
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader
from airflow_provider_revox.units import contacts_in_words

DO_NOT_CONTACT = "do_not_contact"
CALLED_RECENTLY = "called_recently"


class HistoryReader:
    """
    Reads records as they come. Keeps only the people who must not be called, and why.

    :param numbers: The numbers of the people to call, in E.164.
    :param rules: The rules to apply.
    :param now: Seconds since 1970.
    """

    def __init__(self, numbers: Set[str], rules: HistoryRules, *, now: float) -> None:
        self._numbers, self._rules, self._now = numbers, rules, now
        self._rules_without_number = HistoryRules(rules.skip_do_not_contact)
        self._reader = NumberReader(check=None)
        self.begin_attempt()

    def begin_attempt(self) -> Callable[[str, Any], None]:
        """Forget the records of an attempt that failed; return a function that takes a key and its record."""
        self._found: dict[str, str] = {}
        self._undecided = self._without_number = 0
        return self._take

    def needs(self, key: str) -> bool:
        """Return whether a record is needed: its number is a contact's, or can't be read and may be one."""
        number = self._number(key)
        if number is None:
            return self._rules.skip_do_not_contact is not False
        return number in self._numbers

    def left_out(self) -> Mapping[str, str]:
        """
        Return the people who must not be called, and why.

        :raises MalformedAnswerError: A record does not say whether its person may be called, or a person who
            wants no calls has a number that can't be read.
        """
        problem = ""
        if self._undecided:
            people = contacts_in_words(self._undecided)
            problem = f"it does not say whether {people} may be called"
        elif self._without_number:
            problem = (
                f"{self._without_number:,} of its numbers can't be read, and may be of people who want no "
                "calls"
            )
        if problem:
            raise MalformedAnswerError(200, "GET", PATH, f"the answer can't be used: {problem}")
        return self._found

    def _take(self, key: str, record: Any) -> None:
        number = self._number(key)
        if number is None:
            # Records without a readable number are ignored, unless they say do-not-contact.
            self._without_number += _reason(record, self._rules_without_number, self._now) != ""
            return
        reason = _reason(record, self._rules, self._now)
        if reason is None:
            self._undecided += 1
        elif reason and self._found.get(number) != DO_NOT_CONTACT:  # one number may be written in two ways
            self._found[number] = reason

    def _number(self, key: str) -> str | None:
        try:
            return self._reader.read(key)
        except NumberError:
            return None


def _reason(content: Any, rules: HistoryRules, now: float) -> str | None:
    """Return why a person must not be called; empty: no reason; ``None``: the record does not say."""
    try:
        record = PhoneRecord.model_validate(content)
    except ValidationError:
        return None
    if rules.skip_do_not_contact is not False:
        if record.last_outcome == DO_NOT_CONTACT:
            return DO_NOT_CONTACT
        if record.do_not_contact is None:
            return None
        if record.do_not_contact:
            return DO_NOT_CONTACT
    if rules.not_called_within is not None:
        if "last_called_at" not in record.model_fields_set:
            return None
        if record.last_called_at is not None:
            last_called = seconds_since_1970(record.last_called_at)
            if last_called is None:
                return None
            if last_called > now - rules.not_called_within:
                return CALLED_RECENTLY
    return ""
