"""Prepare the contacts of a task: read the records, leave people out, account for every record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.contacts.options import NOT_GIVEN, ContactOptions
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.templating import read_integer, read_option

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.contacts.call_list import CallList, CallListBuilder
    from airflow_provider_revox.contacts.record import CallListOptions
    from airflow_provider_revox.logger import Logger
    from airflow_provider_revox.metrics import Metrics

REPORT_KEY = "contact_report"


class PreparedContacts:
    """
    The contacts of one task on their way from records to a call list.

    The order of the calls: :meth:`read` or :meth:`contacts`, :meth:`ask_history`, :meth:`apply_history`,
    :meth:`account`, :meth:`call_list`.

    :param source: The records.
    :param options: The options of the task.
    :raises InvalidRequestError: An option can't be used, or the list of ``suppress`` can't be read.
    """

    def __init__(self, source: ContactSource, options: ContactOptions) -> None:
        from airflow_provider_revox.contacts.call_list import CallListBuilder

        suppress = options.suppress
        if suppress is NOT_GIVEN:
            suppress = None
        elif not isinstance(suppress, ContactSource):
            suppress = ContactSource(suppress, rendered=True)
        _check_files(source, suppress, options)
        self._source, self._options = source, options
        call_list_options = _call_list_options(options, suppress)
        self._wanted = call_list_options.read_fields
        self.builder: CallListBuilder = CallListBuilder(call_list_options)
        self._contacts: list[bytes] = []
        self._left_out: Mapping[str, str] = {}
        self._failure: RevoxError | None = None
        self.has_phone_history = False
        """Whether Revox has answered with a phone history."""

    def read(self) -> None:
        """Read all records."""
        self._contacts = list(self.contacts())

    def contacts(self) -> Iterable[bytes]:
        """Read the records one by one; return the contacts as ``CallListBuilder.contacts`` does."""
        options = self._options
        return self.builder.contacts(
            self._source.records(encoding=options.encoding, delimiter=options.delimiter, wanted=self._wanted)
        )

    @property
    def are_refused(self) -> bool:
        """Return whether the records are no list to call, so that :meth:`account` raises an error."""
        return (
            bool(self.builder.absent_fields)
            or self.builder.report.has_only_invalid
            or self.builder.rejections.refused(self._options.on_invalid) > 0
        )

    @property
    def needs_history(self) -> bool:
        """Return whether an option can't work without Revox's phone history."""
        return bool(self._options.history.needed_by)

    def ask_history(self, client: Callable[[], RevoxClient], log: Logger) -> None:
        """Ask Revox's phone history about the people to call. Keep the answer or the error for later."""
        from airflow_provider_revox.contacts.do_not_call.fetch_history import read_phone_history

        rules = self._options.history
        if not self.builder.numbers or not rules.are_wanted:
            return
        try:
            left_out = read_phone_history(client(), self.builder.numbers, rules, log)
        except RevoxError as error:
            self._failure = error
        else:
            self.has_phone_history = left_out is not None
            self._left_out = left_out or {}

    @property
    def history_matters(self) -> bool:
        """Return whether it makes a difference if the phone history applies."""
        return bool(self._left_out) or self._failure is not None

    @property
    def numbers_to_call(self) -> Set[str]:
        """
        Return the numbers of the contacts to call, in E.164, without the people whom the phone history leaves
        out. They are left out here even if a campaign stands, so that the history does not apply.
        """
        numbers = self.builder.numbers
        return numbers - self._left_out.keys() if self._left_out else numbers

    def apply_history(self) -> None:
        """
        Leave out the people who must not be called, as the phone history says.

        :raises RevoxError: The phone history could not be read.
        """
        if self._failure is not None:
            raise self._failure
        self.builder.leave_out(self._left_out)

    def account(self, push: Callable[..., object], log: Logger, metrics: Metrics) -> None:
        """
        Account for every record: in an XCom, the log, the metrics and ``report_path``.

        :param push: Pushes an XCom.
        :raises InvalidRequestError: No record has a field that the task asks for, a record can't be called
            and ``on_invalid`` is ``"fail"``, every record is invalid, or there are more contacts than
            ``max_contacts``.
        """
        from airflow_provider_revox.contacts.guards import check_count

        report, rejections = self.builder.report, self.builder.rejections
        push(key=REPORT_KEY, value=report.to_dict())
        metrics.count_contacts(report.to_dict())
        log.info("Contacts: %s", report)
        if self._options.report_path:
            rejections.write(self._options.report_path)
        self.builder.absent_fields.refuse()
        rejections.refuse(self._options.on_invalid)
        if report.has_only_invalid:
            rejections.refuse_all()
        check_count(report.to_call, read_integer(self._options.max_contacts))

    def call_list(self) -> CallList:
        """Return the contacts to call, once: their text is not kept twice."""
        contacts, self._contacts = self._contacts, []
        return self.builder.call_list(contacts)


def _check_files(source: ContactSource, suppress: ContactSource | None, options: ContactOptions) -> None:
    from airflow_provider_revox.files.formats import file_format
    from airflow_provider_revox.files.same_file import may_be_one_file
    from airflow_provider_revox.files.storage import storage_path

    declared = options.encoding is not None or options.delimiter is not None
    if declared and not (source.is_file or (suppress and suppress.is_file)):
        raise InvalidRequestError(
            ["encoding and delimiter: are about files, and neither contacts nor suppress names one"]
        )
    if not options.report_path:
        return
    storage_path(
        options.report_path, file_format(options.report_path).name
    )  # written only after the last record
    if any(
        one and one.is_file and may_be_one_file(one.value, options.report_path) for one in (source, suppress)
    ):
        raise InvalidRequestError(["report_path: is a file that this task reads; it would be overwritten"])


def _call_list_options(options: ContactOptions, suppress: ContactSource | None) -> CallListOptions:
    from airflow_provider_revox.contacts.do_not_call.number_list import number_reader, read_number_list
    from airflow_provider_revox.contacts.record import CallListOptions
    from airflow_provider_revox.contacts.variables import variable_map
    from airflow_provider_revox.files.field_names import composed

    numbers = number_reader(options.default_region, options.check_numbers)
    variables = variable_map(read_option(options.variable_fields, "variable_fields"))
    suppressed: frozenset[str] = frozenset()
    if suppress:
        suppressed = read_number_list(
            suppress,
            "suppress",
            numbers,
            phone_field=options.phone_field,
            region_field=options.region_field,
            encoding=options.encoding,
            delimiter=options.delimiter,
        )
    phone_field, region_field = (
        None if name is None else composed(name) for name in (options.phone_field, options.region_field)
    )
    return CallListOptions(
        phone_field=phone_field,
        variables=variables,
        variable_default=options.variable_default,
        numbers=numbers,
        region_field=region_field,
        on_duplicate=options.on_duplicate,
        suppress=suppressed,
    )
