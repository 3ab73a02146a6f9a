"""Who must not be called by what Revox itself knows of people: its phone history."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    MalformedAnswerError,
    NotFoundError,
    RevoxError,
)
from airflow_provider_revox.client.moments import seconds_since_1970
from airflow_provider_revox.contacts.counts import count

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import PhoneHistory, PhoneRecord
    from airflow_provider_revox.logger import Logger

_PATH = "/calls/phone-history"
DO_NOT_CONTACT = "do_not_contact"
CALLED_RECENTLY = "called_recently"


def nobody(_: Set[str]) -> Mapping[str, str]:
    """Leave nobody out."""
    return {}


@dataclass(frozen=True)
class HistoryRules:
    """
    What of the phone history counts.

    :param skip_do_not_contact: Whether people who asked for no calls are left out; ``None``: where the API
        knows.
    :param not_called_within: Leave out who was called in so many seconds.
    """

    skip_do_not_contact: bool | None = None
    not_called_within: float | None = None

    @property
    def needed(self) -> str:
        """Which of the two can't be done without a phone history; empty if it is not needed."""
        if self.skip_do_not_contact:
            return "skip_do_not_contact"
        return "" if self.not_called_within is None else "not_called_within"

    @property
    def wanted(self) -> bool:
        """Whether the phone history counts at all."""
        return self.skip_do_not_contact is not False or bool(self.needed)


class HistoryCheck:
    """
    Leaves out people by the phone history.

    **The history shows the calls of this very launch, too**, once an earlier try has made it: who was called
    an hour ago was called by it. So wherever the history would change anything it is asked whether the
    campaign is there already; then the first launch stands, and the history does not count. It is asked after
    the history was read: a campaign that is not there then is not in the history either.

    :param rules: What counts.
    :param client: Returns the client.
    :param log: The task's log.
    :param is_launched: Whether the campaign is there already.
    """

    def __init__(
        self,
        rules: HistoryRules,
        client: Callable[[], RevoxClient],
        log: Logger,
        is_launched: Callable[[], bool] = lambda: False,
    ) -> None:
        self._rules, self._client, self._log, self._is_launched = rules, client, log, is_launched

    def __call__(self, numbers: Set[str]) -> Mapping[str, str]:
        """
        Return who of these people must not be called, and why.

        :raises InvalidRequestError: It was asked for, and this API has no phone history.
        :raises RevoxError: The history can't be read. Somebody may have asked not to be called, so nobody is.
        """
        if not numbers or not self._rules.wanted:
            return {}
        try:
            found = self._read(numbers)
        except RevoxError:
            if self._is_launched():
                return {}
            raise
        if found and self._is_launched():
            self._log.info("The campaign is launched already, so the phone history does not count.")
            return {}
        return found

    def _read(self, numbers: Set[str]) -> Mapping[str, str]:
        try:
            history = self._client().get_phone_history(numbers)
        except NotFoundError:
            if needed := self._rules.needed:
                raise InvalidRequestError(
                    [f"{needed}: can't be done, because this API has no phone history (GET {_PATH} is 404)"]
                ) from None
            self._log.info("This API has no phone history: people who want no calls are not known to it.")
            return {}
        return left_out(history, self._rules, now=time.time())


def left_out(history: PhoneHistory, rules: HistoryRules, *, now: float) -> dict[str, str]:
    """
    Return who must not be called, and why.

    :param history: Of those who are to be called.
    :param now: Seconds since 1970.
    :raises MalformedAnswerError: It does not say so of somebody.
    """
    found, unknown = {}, 0
    for number, record in history.items():
        reason = _reason(record, rules, now)
        if reason is None:
            unknown += 1
        elif reason:
            found[number] = reason
    if unknown:
        raise MalformedAnswerError(
            200, "GET", _PATH, f"the answer can't be used: of {count(unknown)} it does not say what is asked"
        )
    return found


def _reason(record: PhoneRecord, rules: HistoryRules, now: float) -> str | None:
    """Return why somebody must not be called; empty: no reason; ``None``: not known."""
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
