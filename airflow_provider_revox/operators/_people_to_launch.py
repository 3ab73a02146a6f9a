"""Ask whether the people of a campaign may still be called, before its calls are launched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.contacts.options import NOT_GIVEN, ContactOptions

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.launch.unlaunched import UnlaunchedCalls
    from airflow_provider_revox.logger import Logger


class PeopleToLaunch:
    """
    The people of a campaign whose calls are to be launched. They are checked as a list of contacts is.

    :param options: Who must not be called.
    :raises InvalidRequestError: An option can't be used, or the list of ``suppress`` can't be read.
    """

    def __init__(self, options: ContactOptions) -> None:
        from airflow_provider_revox.contacts.prepare import PreparedContacts
        from airflow_provider_revox.contacts.source import ContactSource

        self._options = options
        self._calls: UnlaunchedCalls | None = None
        self._contacts = PreparedContacts(ContactSource(self._records(), rendered=True), options)

    def count_not_to_call(
        self, client: Callable[[], RevoxClient], log: Logger, calls: UnlaunchedCalls
    ) -> Mapping[str, int]:
        """
        Return how many of the people must not be called, by reason.

        :raises RevoxError: Revox's phone history can't be read.
        """
        self._calls = calls
        for _ in self._contacts.contacts():
            pass  # only the numbers matter, because no contact is sent
        self._contacts.ask_history(client, log)
        self._contacts.apply_history()
        report = self._contacts.builder.report
        reasons = dict(report.suppressed_by_reason)
        if report.invalid and (self._options.suppress is not NOT_GIVEN or self._options.history.are_wanted):
            reasons["number_not_readable"] = report.invalid
        return reasons

    def _records(self) -> Iterator[dict[str, Any]]:
        field = self._options.phone_field
        for number in self._calls.numbers() if self._calls else ():
            yield {field: number} if field else {"to_phone_number": number, "prompt_variables": {}}
