"""The operator that creates a campaign and launches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.launch.identity import LaunchIdentity
from airflow_provider_revox.launch.tag import LaunchTag, people_digest
from airflow_provider_revox.operators._contact_fields import ContactField, contact_source, is_mapped
from airflow_provider_revox.operators._launch_operator import LaunchOperator
from airflow_provider_revox.operators._second_memory import remembered_campaign

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.contacts.options import ContactOptions
    from airflow_provider_revox.contacts.prepare import PreparedContacts
    from airflow_provider_revox.phone_numbers.people import People

DEFAULT_LAUNCH_KEY = "{{ ti.run_id }}"


class CreateCampaignOperator(LaunchOperator):
    """
    Creates a Revox campaign and launches it: Revox calls the people in ``contacts``.

    A retry, a crash or a lost answer launches nothing twice. The campaign's name carries a tag that names
    the launch, the place in a mapped task and the list. If the campaign of this launch is there already, the
    task adopts it instead of launching another.

    Returns the campaign's id. The id is in XCom as soon as it is known, also if the task fails after that.
    Pushes the XComs ``campaign_url``, ``contact_report``, ``launch`` (what this try did) and, if the task
    waits, ``row_stats``. Contacts are never shown: not in rendered fields, logs, exceptions or XComs. (The
    code view shows literals in the DAG file. In ``partial()`` and ``expand()`` Airflow also stores them with
    the DAG.)

    :param assistant_id: The assistant that makes the calls.
    :param contacts: The people to call: a list of records, the output of a task, or a template that renders
        to a list. Records have the API's own shape, ``{"to_phone_number": "+14155550100",
        "prompt_variables": {"k": "v"}}``, or they are flat and ``phone_field`` is set. Or the path or URL of
        a CSV, JSON Lines or Parquet file (``s3://…/due.csv``; a ``Path`` or an ``ObjectStoragePath``, too),
        read through Airflow's ``ObjectStoragePath``.
        The XCom ``contact_report`` accounts for every record.
    :param name: The campaign's name. The launch tag is added at its end, or in front of a long name.
    :param phone_field: The field of a flat record that holds the number.
    :param variable_fields: The fields of a flat record that become prompt variables: their names, or
        ``{variable: field}``. Whole numbers are sent as digits, booleans as ``true`` and ``false``, dates and
        times in ISO 8601.
    :param variable_default: The text to send for a value that is missing. Default: a missing value is an
        error.
    :param default_region: The region (``FR``) of numbers without a country code.
    :param region_field: The field of a flat record that holds the region of its number.
    :param check_numbers: How strictly to check numbers that are not in E.164 format: ``"valid"`` (a number of
        its country), ``"possible"`` (the right length), or ``"none"``.
    :param on_duplicate: Which record to use if several have the same number: ``"first"`` or ``"last"``.
        ``"error"``: fail.
    :param on_invalid: What to do if a record can't be called: ``"fail"`` the task, or ``"skip"`` the record.
    :param suppress: Numbers that must not be called: a list, the output of a task, a template, or the path or
        URL of a file. An entry that can't be read is an error.
    :param skip_do_not_contact: Whether to leave out people who asked for no calls, as Revox's phone history
        says. Default: yes, if the API has a phone history. ``True``: fail if it has none.
    :param not_called_within: Leave out people who were called within this time (seconds or a
        ``timedelta``), by any campaign of the organization. Needs an API that has a phone history.
    :param encoding: The encoding of the text files in ``contacts`` and ``suppress``, such as ``cp1252``. A
        byte order mark in the file wins. Default: UTF-8.
    :param delimiter: The character between the columns of these CSV files. Default: the file's header shows
        it.
    :param max_contacts: Fail if there are more contacts than this.
    :param report_path: Path or URL of a CSV or JSON Lines file. The task writes the records that can't
        be called to it: row number, field and reason, nothing personal.
    :param call_retry_config: Calling windows and attempts: ``{"calling_windows":
        [{"calling_window_start_time": "09:00", "calling_window_end_time": "6pm", "retry_delay_seconds":
        7200}], "max_retry_attempts": 3, "timezone": "Europe/Paris"}``. If Revox knows them, also
        ``allowed_days`` and ``call_twice_in_a_row``. Default: the assistant's.
    :param from_phone_number: The caller's number in E.164 format.
    :param max_concurrent_calls: How many calls may run at the same time, at least 1.
    :param scheduled_at: When the calls start: an aware datetime or ISO 8601 text with an offset. Default: at
        once.
    :param launch_key: What tells one launch of this task from another. Default: the run id, so one campaign
        per run, and in a mapped task one per list. ``"{{ ds }}"``, for example, means one campaign a day:
        the first launch stands. In a mapped task give every list its own key. ``None``: no campaign is
        looked up, and a retry calls everybody again.
    :param reconcile_timeout: How long to look for the campaign if the answer to its create was lost, or if
        the list does not show it yet (seconds or a ``timedelta``).
    :param preflight: What to do if assistant, prompt variables or ``from_phone_number`` do not fit, as far as
        Revox tells: ``"warn"``, or ``"error"``: create nothing.
    :param on_empty: What to do if there are no contacts: ``"skip"`` or ``"fail"``.
    :param dry_run: Do everything except the launch: read, check, count, report, log. The task ends as
        skipped.
    :param launch: Whether to launch the campaign. ``False``: create it and call nobody;
        :class:`~airflow_provider_revox.operators.revox.LaunchCampaignOperator` launches it later. Needs a
        Revox that can do so. It goes with neither ``wait_for_completion`` nor ``scheduled_at``.
    :param wait_for_completion: Whether the task waits until the campaign is completed.
    :param deferrable: Whether the task waits in the triggerer, without a worker slot. Default: Airflow's
        ``[operators] default_deferrable``.
    :param cancel_on_kill: Whether the campaign is cancelled if a person marks the waiting task failed or
        succeeded, or clears it. Nothing else cancels it. Default: yes, if the task waits. A deferred task
        notices this since Airflow 3.3.
    :param poll_interval: Time between two looks at the campaign (seconds or a ``timedelta``).
    :param timeout: Time after which the wait ends with an error (seconds or a ``timedelta``). If
        ``execution_timeout`` is shorter, it limits the whole wait, deferred or not.
    :param outage_budget: How long Revox may not answer before the wait gives up with an error that Airflow
        retries (seconds or a ``timedelta``).
    :param max_failed_ratio: The largest share of failed contacts (0 to 1) that still counts as success.
        Default: any share does.
    :param on_paused: What to do if the campaign is paused: ``"wait"`` or ``"fail"``.
    :param on_timeout: What to do with the campaign if the wait times out: ``"leave"`` it or ``"cancel"`` it.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = (
        "assistant_id",
        "contacts",
        "name",
        "phone_field",
        "variable_fields",
        "variable_default",
        "default_region",
        "region_field",
        "suppress",
        "encoding",
        "delimiter",
        "max_contacts",
        "report_path",
        "call_retry_config",
        "from_phone_number",
        "max_concurrent_calls",
        "scheduled_at",
        "launch_key",
        "revox_conn_id",
    )

    contacts = ContactField()

    def __init__(
        self,
        *,
        contacts: Any,
        phone_field: str | None = None,
        variable_fields: Sequence[str] | Mapping[str, str] | str | None = None,
        variable_default: str | None = None,
        default_region: str | None = None,
        region_field: str | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
        launch_key: str | None = DEFAULT_LAUNCH_KEY,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.contacts = contact_source(contacts, "contacts")
        self.phone_field = phone_field
        self.variable_fields = variable_fields
        self.variable_default = variable_default
        self.default_region = default_region
        self.region_field = region_field
        self.encoding = encoding
        self.delimiter = delimiter
        self.launch_key = launch_key
        self._looks_up = launch_key is not None
        self._has_own_key = launch_key != DEFAULT_LAUNCH_KEY
        if not self.launch and not self._looks_up:
            raise ValueError(
                "launch=False needs a launch_key: without one a retry creates another campaign with the "
                "same people, and both can be launched"
            )
        self.contact_options()  # an option that can't be used is an error of the DAG file

    def contact_options(self, **more: Any) -> ContactOptions:
        """Return the options about contacts."""
        return super().contact_options(
            phone_field=self.phone_field,
            variable_fields=self.variable_fields,
            variable_default=self.variable_default,
            default_region=self.default_region,
            region_field=self.region_field,
            encoding=self.encoding,
            delimiter=self.delimiter,
            **more,
        )

    def read_contacts(self, context: Context) -> PreparedContacts:
        """Return the contacts, read from their source."""
        from airflow_provider_revox.contacts.prepare import PreparedContacts

        contacts = PreparedContacts(self.contacts, self.contact_options())
        contacts.read()
        return contacts

    def launch_identity(self, context: Context, people: People) -> LaunchIdentity | None:
        """Return what tells the campaigns of this launch from others; ``None``: a retry launches again."""
        from airflow_provider_revox.batches.batch_folder import batch_of

        if not self._looks_up and not is_mapped(context):
            self.log.warning("launch_key is None: a retry of this task calls everybody again.")
            return None
        key, ti = str(self.launch_key or "").strip(), context["ti"]
        if not key:
            problem = "launch_key: is empty; only launch_key=None in a task that is not mapped turns it off"
            raise InvalidRequestError([problem])
        batch, has_own_key = batch_of(self.contacts.value), self._has_own_key
        if batch:
            # The batch names its run, or the key that made it. It replaces the place in a mapped task.
            key, has_own_key = f"{key}/{batch}" if has_own_key else batch, True
        tag = LaunchTag.of(
            ti.dag_id,
            ti.task_id,
            key,
            namespace=self.hook.get_conn().config.namespace,
            map_index=-1 if batch or ti.map_index is None else ti.map_index,
            people=people_digest(people, self.assistant_id),
        )
        return LaunchIdentity(
            tag,
            try_number=ti.try_number,
            has_own_key=has_own_key,
            is_empty=people.count == 0,
            remembered=remembered_campaign(context, tag, self.log),
        )

    def has_own_name(self, tag: LaunchTag, name: str | None) -> bool:
        """Return whether a campaign's name is exactly what this launch makes."""
        return tag.is_exactly(name, self.name)

    def way_out(self, cancelled: str | None) -> str:
        """Return how people can be called although the campaign of this launch was cancelled."""
        return "To call its people again on purpose, give the task another launch_key."
