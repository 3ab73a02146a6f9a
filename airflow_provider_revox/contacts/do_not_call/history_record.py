"""What a record of the phone history means for whoever it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any

from pydantic import ValidationError

from airflow_provider_revox.client.errors import MalformedAnswerError
from airflow_provider_revox.client.models import PhoneRecord
from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.contacts.do_not_call.phone_history import PATH, HistoryRules
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader
from airflow_provider_revox.units import contacts_in_words

DO_NOT_CONTACT = "do_not_contact"
CALLED_RECENTLY = "called_recently"


class Judge:
    """
    Judges the records of the phone history as they come; holds only who must not be called, and why.

    :param numbers: Of those who are to be called.
    :param rules: What counts.
    :param now: Seconds since 1970.
    """

    def __init__(self, numbers: Set[str], rules: HistoryRules, *, now: float) -> None:
        self._numbers, self._rules, self._now = numbers, rules, now
        self._nobodys_rules = HistoryRules(rules.skip_do_not_contact)
        self._reader = NumberReader(check=None)
        self.start()

    def start(self) -> Callable[[str, Any], None]:
        """Begin anew; return what takes the records."""
        self._found: dict[str, str] = {}
        self._unknown = self._nobodys = 0
        return self._take

    def wants(self, key: str) -> bool:
        """Whether the record of a number matters: it is a contact's, or can't be read and may be."""
        number = self._number(key)
        if number is None:
            return self._rules.skip_do_not_contact is not False
        return number in self._numbers

    def left_out(self) -> Mapping[str, str]:
        """
        Return who must not be called, and why.

        :raises MalformedAnswerError: It does not say so of somebody, or not of whom.
        """
        problem = ""
        if self._unknown:
            problem = f"of {contacts_in_words(self._unknown)} it does not say what is asked"
        elif self._nobodys:
            problem = f"{self._nobodys:,} of its numbers can't be read, and their people may want no calls"
        if problem:
            raise MalformedAnswerError(200, "GET", PATH, f"the answer can't be used: {problem}")
        return self._found

    def _take(self, key: str, record: Any) -> None:
        number = self._number(key)
        if number is None:
            # Whoever withholds their number has called, too: only who wants no calls is in the way.
            self._nobodys += _reason(record, self._nobodys_rules, self._now) != ""
            return
        reason = _reason(record, self._rules, self._now)
        if reason is None:
            self._unknown += 1
        elif reason and self._found.get(number) != DO_NOT_CONTACT:  # it may be there in two ways of writing
            self._found[number] = reason

    def _number(self, key: str) -> str | None:
        try:
            return self._reader.read(key)
        except NumberError:
            return None


def _reason(content: Any, rules: HistoryRules, now: float) -> str | None:
    """Return why somebody must not be called; empty: no reason; ``None``: not known."""
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
