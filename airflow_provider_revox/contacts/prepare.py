"""What is done to contacts, and what is said of it: the same for an operator and for batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.do_not_call.phone_history import nobody
from airflow_provider_revox.contacts.options import NOT_GIVEN, ContactOptions
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.templating import read_integer, read_literal

if TYPE_CHECKING:
    from airflow_provider_revox.contacts.call_list import CallList, CallListBuilder, Suppressed
    from airflow_provider_revox.contacts.record import CallListOptions
    from airflow_provider_revox.logger import Logger

REPORT_KEY = "contact_report"


class Intake:
    """
    Takes the contacts of one task in.

    :param contacts: As they came.
    :param options: What is to be done to them.
    :param check: Says whom else not to call, once it is known whom to call.
    :raises InvalidRequestError: An option can't be, or the list of who must not be called can't be read.
    """

    def __init__(self, contacts: ContactSource, options: ContactOptions, check: Suppressed = nobody) -> None:
        from airflow_provider_revox.contacts.call_list import CallListBuilder

        suppress = options.suppress
        if suppress is NOT_GIVEN:
            suppress = None
        elif not isinstance(suppress, ContactSource):
            suppress = ContactSource(suppress, rendered=True)
        declared = options.encoding is not None or options.delimiter is not None
        if declared and not (contacts.is_file or (suppress and suppress.is_file)):
            raise InvalidRequestError(
                ["encoding and delimiter: are about files, and neither contacts nor suppress names one"]
            )
        if options.report_path and any(
            source and source.is_file and str(source.value) == options.report_path
            for source in (contacts, suppress)
        ):
            raise InvalidRequestError(["report_path: is a file that is read; it would be overwritten"])
        self._contacts, self._options, self._check = contacts, options, check
        self.builder: CallListBuilder = CallListBuilder(_call_list_options(options, suppress))

    def call_list(self) -> CallList:
        """Take the records; return whom to call."""
        return self.builder.take(self._records(), self._suppressed)

    def lines(self) -> Iterable[bytes]:
        """Take the records one by one; return whom to call as the builder's ``lines`` does."""
        yield from self.builder.lines(self._records())
        self.builder.leave_out(self._suppressed(self.builder.numbers))

    def _records(self) -> Iterable[Any]:
        options = self._options
        return self._contacts.records(encoding=options.encoding, delimiter=options.delimiter)

    def _suppressed(self, numbers: Set[str]) -> Mapping[str, str]:
        # A list that is refused for itself needs nobody's history.
        return {} if self.builder.rejections.refused(self._options.on_invalid) else self._check(numbers)

    def account(self, push: Callable[..., object], log: Logger) -> None:
        """
        Account for the records once all are taken: in an XCom, the log and ``report_path``.

        :param push: Pushes an XCom.
        :raises InvalidRequestError: A record can't be called, and ``on_invalid`` is ``"fail"``; or there are
            more than ``max_contacts``.
        """
        from airflow_provider_revox.contacts.guards import check_count

        report, rejections = self.builder.report, self.builder.rejections
        push(key=REPORT_KEY, value=report.to_dict())
        log.info("Contacts: %s", report)
        if self._options.report_path:
            rejections.write(self._options.report_path)
        rejections.refuse(self._options.on_invalid)
        check_count(report.to_call, read_integer(self._options.max_contacts))


def _call_list_options(options: ContactOptions, suppress: ContactSource | None) -> CallListOptions:
    from airflow_provider_revox.contacts.do_not_call.number_list import suppressed_numbers
    from airflow_provider_revox.contacts.record import CallListOptions
    from airflow_provider_revox.contacts.variables import variable_map
    from airflow_provider_revox.phone_numbers.problems import NumberError
    from airflow_provider_revox.phone_numbers.reader import NumberReader

    check = None if options.check_numbers == "none" else options.check_numbers
    numbers, problem = NumberReader(check=check), ""
    try:
        numbers = NumberReader(options.default_region, check=check)
    except NumberError as error:
        problem = f"default_region: {error}"
    if problem:
        raise InvalidRequestError([problem])
    text_options = {"encoding": options.encoding, "delimiter": options.delimiter}
    entries = suppress.records("suppress", **text_options) if suppress else ()
    return CallListOptions(
        phone_field=options.phone_field,
        variables=variable_map(read_literal(options.variable_fields, "variable_fields")),
        variable_default=options.variable_default,
        numbers=numbers,
        region_field=options.region_field,
        on_duplicate=options.on_duplicate,
        suppress=suppressed_numbers(entries, numbers, options.phone_field, options.region_field),
    )
