"""Who must not be called by what Revox itself knows of people: its phone history."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    NotFoundError,
    RevoxError,
    UnexpectedAnswerError,
)

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.logger import Logger

PATH = "/calls/phone-history"


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
        self.waived = False
        """Whether the history did not count, because the campaign is there already."""

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
            if self._waive():
                return {}
            raise
        if found and self._waive():
            self._log.info("The campaign is launched already, so the phone history does not count.")
            return {}
        return found

    def _waive(self) -> bool:
        self.waived = self._is_launched()
        return self.waived

    def _read(self, numbers: Set[str]) -> Mapping[str, str]:
        from airflow_provider_revox.client.endpoints import scan_phone_history
        from airflow_provider_revox.contacts.do_not_call.history_record import Judge

        judge = Judge(numbers, self._rules, now=time.time())
        try:
            self._client().send(scan_phone_history(judge.wants, begin_attempt=judge.start))
        except NotFoundError as missing:
            self._check_missing(missing)
            if needed := self._rules.needed:
                raise InvalidRequestError(
                    [f"{needed}: can't be done, because this API has no phone history (GET {PATH} is 404)"]
                ) from None
            self._log.info("This API has no phone history: people who want no calls are not known to it.")
            return {}
        return judge.left_out()

    def _check_missing(self, missing: NotFoundError) -> None:
        """
        Make sure that there is no history: Revox has had ``/auth-status`` for as long as one.

        :raises UnexpectedAnswerError: There must be one, so the 404 is a mistake, of a proxy perhaps.
        """
        try:
            self._client().get_auth_status()
        except NotFoundError:
            return
        problem = "but GET /auth-status is there, and with it a Revox that has a phone history"
        raise UnexpectedAnswerError(missing.status, "GET", PATH, problem)
