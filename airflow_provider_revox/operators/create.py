"""The operator that creates a campaign and launches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import (
    XCOM_RETURN_KEY,
    AirflowFailException,
    AirflowSkipException,
    AirflowTaskTimeout,
)

from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.exceptions import RevoxRefusedError, airflow_error
from airflow_provider_revox.launch.errors import CampaignWasCancelledError
from airflow_provider_revox.launch.tag import LaunchTag
from airflow_provider_revox.links.revox import CAMPAIGN_URL_KEY, CampaignLink
from airflow_provider_revox.operators._contacts_argument import ContactsOperator, is_mapped
from airflow_provider_revox.operators._waiting_operator import WaitingOperator, positive_seconds
from airflow_provider_revox.templating import read_integer, read_literal, read_retry_config
from airflow_provider_revox.units import contacts_in_words

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client import ClientConfig
    from airflow_provider_revox.client.requests import CampaignCreate
    from airflow_provider_revox.launch.steps import Launch

LAUNCH_KEY = "launch"
DEFAULT_LAUNCH_KEY = "{{ ti.run_id }}/{{ ti.map_index }}"


class CreateCampaignOperator(ContactsOperator, WaitingOperator):
    """
    Create a Revox campaign and launch it: the people in ``contacts`` are called.

    A retry, a crash or a lost answer launches nothing twice: the campaign's name ends with a tag made from
    ``launch_key``, and a campaign that carries the tag is adopted instead of being launched again.

    Returns the campaign's id, which is in XCom as soon as it is known, so also where the task fails after
    that. Pushes the XComs ``campaign_url``, ``launch`` (``{"outcome": "created" or
    "adopted", "try_number": this try, "launched_by_try": the try that made the campaign}``) and, when it
    waits, ``row_stats``. Contacts are never shown: not in rendered fields, logs, exceptions or XComs.
    (Literals in the DAG file are shown as code; in ``partial()`` and ``expand()`` Airflow also stores them
    with the DAG.)

    :param assistant_id: The assistant that makes the calls.
    :param contacts: The people to call: a list of records, an ``XComArg`` or a template that renders to one.
        Either the API's own shape, ``{"to_phone_number": "+14155550100", "prompt_variables": {"k": "v"}}``,
        or flat records together with ``phone_field``. Or the path or URL of a CSV, JSON Lines or Parquet file
        (``s3://…/due.csv``), which is read through Airflow's ``ObjectStoragePath``. Every record is accounted
        for in the XCom ``contact_report``.
    :param name: The campaign's name; the launch tag is added at its end.
    :param phone_field: Which field of a flat record holds the number.
    :param variable_fields: Which fields of a flat record become the call's prompt variables: their names, or
        ``{variable: field}``. Whole numbers are sent as digits, booleans as ``true`` and ``false``, dates and
        times in ISO 8601.
    :param variable_default: What the assistant is told where a value is missing. Default: that is an error.
    :param default_region: The region (``FR``) of numbers that are not international.
    :param region_field: Which field of a flat record holds the region of its number.
    :param check_numbers: Whether numbers that had to be put into E.164 format must be ``"valid"`` or
        ``"possible"``; ``"none"`` leaves that out.
    :param on_duplicate: Which of several records with one number counts, ``"first"`` or ``"last"``, or
        ``"error"``.
    :param on_invalid: ``"fail"`` while a record can't be called, or ``"skip"`` it.
    :param suppress: Numbers that must not be called: a list, a task's output, a template, or the path or URL
        of a file. An entry that can't be read is an error.
    :param skip_do_not_contact: Whether people who asked for no calls, as Revox's phone history says, are left
        out. Default: yes where the API has a phone history. ``True``: an error where it has none.
    :param not_called_within: Leave out who was called in so many seconds (or a ``timedelta``), by any
        campaign of the organization. Needs an API that has a phone history.
    :param encoding: Of the text files that ``contacts`` and ``suppress`` name, where they have no byte order
        mark: ``cp1252``, for example. Default: UTF-8.
    :param delimiter: Between the columns of the CSV files that they name. Default: what the header shows.
    :param max_contacts: Refuse to call more people than this.
    :param report_path: Path or URL of a CSV or JSON Lines file for the records that are not called: row
        number, field and reason, nothing personal.
    :param call_retry_config: Calling windows and attempts: ``{"calling_windows":
        [{"calling_window_start_time": "09:00", "calling_window_end_time": "6pm", "retry_delay_seconds":
        7200}], "max_retry_attempts": 3, "timezone": "Europe/Paris"}``, and where Revox knows them
        ``allowed_days`` and ``call_twice_in_a_row``. Default: the assistant's.
    :param from_phone_number: The caller's number in E.164 format.
    :param max_concurrent_calls: How many calls may run at once, at least 1.
    :param scheduled_at: When the calls start: an aware datetime or ISO 8601 text with an offset. Without it
        they start at once.
    :param launch_key: What makes this launch the same launch, within this DAG and task. Default: run id and
        map index, so one campaign per run. ``"{{ ds }}"``, for example, means one campaign a day. A key of
        your own replaces the map index too: in a mapped task give every list its own. ``None`` turns looking
        up off: then a retry calls everybody again.
    :param reconcile_timeout: Seconds (or a ``timedelta``) to look for the campaign when the answer to its
        create was lost.
    :param on_empty: ``"skip"`` or ``"fail"`` when there are no contacts.
    :param dry_run: Do everything but the launch: check, count, report, log.
    :param wait_for_completion: Whether the task waits until the campaign is completed.
    :param deferrable: Wait in the triggerer, without a worker slot. Default: Airflow's
        ``[operators] default_deferrable``.
    :param cancel_on_kill: Whether the campaign is cancelled when somebody marks the waiting task failed or
        succeeded, or clears it, and also when its worker is shut down. Default: yes where the task waits. A
        deferred task notices since Airflow 3.3, and does not mind workers that are shut down.
    :param poll_interval: Seconds (or a ``timedelta``) between two looks at the campaign.
    :param timeout: Seconds (or a ``timedelta``) after which waiting ends with an error.
        ``execution_timeout``, where it is shorter, counts for the whole wait, deferred or not.
    :param outage_budget: Seconds (or a ``timedelta``) for which Revox may not answer before the wait gives
        up, with an error that Airflow retries.
    :param max_failed_ratio: Which part of the contacts may have failed, 0 to 1, for the completed campaign to
        be a success. Default: all of them.
    :param on_paused: ``"wait"`` for a paused campaign, or ``"fail"``.
    :param on_timeout: ``"leave"`` the campaign alone when the time is up, or ``"cancel"`` it.
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
    template_fields_renderers = {"call_retry_config": "json"}
    operator_extra_links = (CampaignLink(),)
    ui_color = "#e7e4fd"

    def __init__(
        self,
        *,
        assistant_id: str,
        name: str,
        call_retry_config: Mapping[str, Any] | str | None = None,
        from_phone_number: str | None = None,
        max_concurrent_calls: int | str | None = None,
        scheduled_at: datetime | str | None = None,
        launch_key: str | None = DEFAULT_LAUNCH_KEY,
        reconcile_timeout: float | timedelta = 60,
        dry_run: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.assistant_id = assistant_id
        self.name = name
        self.call_retry_config = call_retry_config
        self.from_phone_number = from_phone_number
        self.max_concurrent_calls = max_concurrent_calls
        self.scheduled_at = scheduled_at
        self.launch_key = launch_key
        self.reconcile_timeout = positive_seconds(reconcile_timeout, "reconcile_timeout")
        self._dry_run = dry_run  # Airflow's operators have a method dry_run
        self._to_cancel: tuple[ClientConfig, str] | None = None
        self._killed = False
        self._looks_up = launch_key is not None

    def execute(self, context: Context) -> str | None:
        """Launch, and wait if told to."""
        try:
            campaign_id = self._launch(context)
            if campaign_id is None or not self.wait_for_completion:
                return campaign_id
            return self.wait(context, campaign_id)
        except CampaignWasCancelledError as error:
            raise RevoxRefusedError(f"{error} {self._way_out(error.campaign_id)}") from None
        except RevoxError as error:
            raise airflow_error(error) from None
        except AirflowTaskTimeout:
            # Airflow kills a task whose time is up. The campaign goes on, as if the task were deferred.
            self._to_cancel = None
            raise

    def on_kill(self) -> None:
        """Launch nothing any more, and cancel what was launched, if that is wanted."""
        self._killed = True
        if self._to_cancel is not None:
            from airflow_provider_revox.client import RevoxClient
            from airflow_provider_revox.waiting.on_kill import cancelled, in_a_hurry, not_cancelled

            config, campaign_id = self._to_cancel
            try:
                # The task's own client may be in the middle of a request: this runs in a signal handler.
                with RevoxClient(in_a_hurry(config)) as client:
                    self.log.warning(cancelled(campaign_id, client.cancel_campaign(campaign_id)))
            except Exception as error:  # an error here would pass for one of whatever the signal interrupted
                self.log.error(not_cancelled(campaign_id, error))

    def _launch(self, context: Context) -> str | None:
        from airflow_provider_revox.launch.carry_out import difference, run

        ti, tag = context["ti"], self._tag(context)
        campaign, must_adopt = self._campaign(context, tag)
        if self._dry_run:
            options = campaign.model_dump_json(exclude={"contacts"}, exclude_none=True)
            self.log.info(
                "dry_run: %s would be called by the campaign %s",
                contacts_in_words(len(campaign.contacts)),
                options,
            )
            return None
        client, told = self.hook.get_conn(), set[str]()

        def on_known(campaign_id: str) -> None:
            if self.cancel_on_kill:
                self._to_cancel = (client.config, campaign_id)
            if self._killed:
                self.on_kill()
            if campaign_id not in told:
                # Now, and not when the task has succeeded: if it fails, a cancel behind it needs the id.
                if self.do_xcom_push:
                    ti.xcom_push(key=XCOM_RETURN_KEY, value=campaign_id)
                ti.xcom_push(key=CAMPAIGN_URL_KEY, value=client.config.campaign_url(campaign_id))
                told.add(campaign_id)

        launched = run(
            self._steps(tag, campaign, must_adopt=must_adopt),
            client=client,
            campaign=campaign,
            tag=tag,
            log=self.log,
            is_killed=lambda: self._killed,
            on_known=on_known,
        )
        campaign_id = launched.campaign.id
        on_known(campaign_id)
        if launched.campaign.status == "paused":
            self.log.warning("Campaign %s is paused: nobody is called until it is resumed.", campaign_id)
        launched_by = tag.launched_by(launched.campaign.name) if tag else None
        if launched.adopted:
            self.log.info("Adopted campaign %s, launched by try %s", campaign_id, launched_by)
            if differs := difference(launched, campaign):
                self.log.warning(differs)
        else:
            self.log.info("Launched campaign %s: %s", campaign_id, contacts_in_words(len(campaign.contacts)))
        ti.xcom_push(
            key=LAUNCH_KEY,
            value={
                "outcome": "adopted" if launched.adopted else "created",
                "try_number": ti.try_number,
                "launched_by_try": launched_by if launched.adopted else ti.try_number,
            },
        )
        return campaign_id

    def _steps(self, tag: LaunchTag | None, campaign: CampaignCreate, *, must_adopt: bool) -> Launch:
        from airflow_provider_revox.launch.decide import launch, launch_unchecked

        config = campaign.call_retry_config
        scheduled, newer_fields = campaign.scheduled_at is not None, config.newer_fields if config else []
        if tag is None:
            return launch_unchecked(scheduled=scheduled, newer_fields=newer_fields)
        return launch(
            reconcile_seconds=self.reconcile_timeout,
            is_ours=lambda campaign: self._is_ours(tag, campaign.name),
            scheduled=scheduled,
            newer_fields=newer_fields,
            must_adopt=must_adopt,
        )

    def _way_out(self, cancelled: str | None) -> str:
        """
        Say how people can be called though the campaign of the launch key was cancelled.

        :param cancelled: The one that may have called people; ``None``: there may be several.
        """
        return "To call its people again on purpose, give the task another launch_key."

    def _is_ours(self, tag: LaunchTag, name: str | None) -> bool:
        """Whether a campaign with the tag is surely one of this launch, and no copy made by hand."""
        return tag.named(name, self.name)

    def _tag(self, context: Context) -> LaunchTag | None:
        if not self._looks_up and not is_mapped(context):
            self.log.warning("launch_key is None: a retry of this task calls everybody again.")
            return None
        if self.launch_key is None or not str(self.launch_key).strip():
            problem = "launch_key: is empty; only launch_key=None in a task that is not mapped turns it off"
            raise InvalidRequestError([problem])
        key = self.bound_to_batch(str(self.launch_key), context)
        return LaunchTag.of(context["ti"].dag_id, context["ti"].task_id, key)

    def _is_launched(self, tag: LaunchTag | None) -> bool:
        from airflow_provider_revox.client.campaign_state import shows_row_stats
        from airflow_provider_revox.client.endpoints import find_campaigns
        from airflow_provider_revox.launch.start_calls import is_launched

        if tag is None:
            return False
        client = self.hook.get_conn()
        found = client.send(find_campaigns(tag.marks))
        return is_launched([one if shows_row_stats(one) else client.get_campaign(one.id) for one in found])

    def _campaign(self, context: Context, tag: LaunchTag | None) -> tuple[CampaignCreate, bool]:
        """Return what to launch, and whether it must be there already: who may be called was not asked."""
        from airflow_provider_revox.client.requests import CampaignCreate
        from airflow_provider_revox.contacts.do_not_call.phone_history import HistoryCheck
        from airflow_provider_revox.contacts.guards import check_calling_windows, time_zone_warning

        name = tag.name(self.name, context["ti"].try_number) if tag else self.name
        history = self.contact_options().history
        check = HistoryCheck(history, self.hook.get_conn, self.log, lambda: self._is_launched(tag))
        contacts = self.call_list(context, check)
        # At a retry it may be empty because an earlier try has called them: its campaign stands.
        must_adopt = check.waived or (not contacts and self._is_launched(tag))
        if not contacts and not must_adopt:
            kind = AirflowSkipException if self.on_empty == "skip" else AirflowFailException
            raise kind("There are no contacts, so there is no campaign.")
        campaign = CampaignCreate.build(
            assistant_id=self.assistant_id,
            name=name,
            checked_contacts=contacts,
            call_retry_config=read_retry_config(read_literal(self.call_retry_config, "call_retry_config")),
            from_phone_number=self.from_phone_number,
            max_concurrent_calls=read_integer(self.max_concurrent_calls),
            scheduled_at=self.scheduled_at,
        )
        check_calling_windows(campaign.call_retry_config)
        if warning := time_zone_warning(contacts.numbers, campaign.call_retry_config):
            self.log.warning(warning)
        return campaign, must_adopt
