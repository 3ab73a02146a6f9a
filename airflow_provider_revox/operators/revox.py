"""Operators for Revox."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSkipException,
    BaseOperator,
    BaseOperatorLink,
    XCom,
    XComArg,
    conf,
)

from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.contacts import Contacts, call_list, count
from airflow_provider_revox.exceptions import airflow_error
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.progress import Progress, ProgressLog, State, deadline_after, look, timed_out
from airflow_provider_revox.templating import read_integer, read_literal, read_retry_config

if TYPE_CHECKING:
    import jinja2
    from airflow.providers.common.compat.sdk import Context, TaskInstanceKey

    from airflow_provider_revox.client.models import CampaignCreate

CAMPAIGN_URL_KEY = "campaign_url"
ROW_STATS_KEY = "row_stats"
MAX_LITERAL = 1000


class CampaignLink(BaseOperatorLink):
    """The campaign in Revox. Reads the address that the task pushed, so it needs no connection."""

    name = "Open in Revox"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the campaign's address; empty as long as there is no campaign."""
        try:
            return XCom.get_value(ti_key=ti_key, key=CAMPAIGN_URL_KEY) or ""
        except Exception:  # a link must never break the page or the task that shows it
            return ""


class CreateCampaignOperator(BaseOperator):
    """
    Create a Revox campaign and launch it: the people in ``contacts`` are called.

    A retry, a crash or a lost answer launches nothing twice: the campaign's name ends with a tag made from
    ``launch_key``, and a campaign that carries the tag is adopted instead of being launched again.

    Returns the campaign's id. Pushes XCom ``campaign_url`` and, when it waits, ``row_stats``. Contacts are
    never shown: not in rendered fields, logs, exceptions or XComs. (Literals in the DAG file are shown as
    code; in ``partial()`` and ``expand()`` Airflow also stores them with the DAG.)

    :param assistant_id: The assistant that makes the calls.
    :param contacts: The people to call: a list of records, an ``XComArg`` or a template that renders to one.
        Either the API's own shape, ``{"to_phone_number": "+14155550100", "prompt_variables": {"k": "v"}}``,
        or flat records together with ``phone_field``. Numbers are in E.164 format.
    :param name: The campaign's name; the launch tag is added at its end.
    :param phone_field: Which field of a flat record holds the number.
    :param variable_fields: Which fields of a flat record become the call's prompt variables.
    :param call_retry_config: Calling windows and attempts: ``{"calling_windows":
        [{"calling_window_start_time": "09:00", "calling_window_end_time": "6pm", "retry_delay_seconds":
        7200}], "max_retry_attempts": 3, "timezone": "Europe/Paris"}``. Default: the assistant's.
    :param from_phone_number: The caller's number in E.164 format.
    :param max_concurrent_calls: How many calls may run at once, at least 1.
    :param scheduled_at: When the calls start: an aware datetime or ISO 8601 text with an offset. Without it
        they start at once.
    :param launch_key: What makes this launch the same launch, within this DAG and task. Default: run id and
        map index, so one campaign per run. ``"{{ ds }}"``, for example, means one campaign a day. A key of
        your own replaces the map index too: in a mapped task give every list its own.
    :param on_empty: ``"skip"`` or ``"fail"`` when there are no contacts.
    :param wait_for_completion: Whether the task waits until the campaign is completed.
    :param deferrable: Wait in the triggerer, without a worker slot. Default: Airflow's
        ``[operators] default_deferrable``.
    :param poll_interval: Seconds (or a ``timedelta``) between two looks at the campaign.
    :param timeout: Seconds (or a ``timedelta``) after which waiting ends with an error; the campaign goes on.
        ``execution_timeout``, where it is shorter, counts for the whole wait, deferred or not.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = (
        "assistant_id",
        "contacts",
        "name",
        "phone_field",
        "variable_fields",
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
        contacts: Any,
        name: str,
        phone_field: str | None = None,
        variable_fields: Sequence[str] | str | None = None,
        call_retry_config: Mapping[str, Any] | str | None = None,
        from_phone_number: str | None = None,
        max_concurrent_calls: int | str | None = None,
        scheduled_at: datetime | str | None = None,
        launch_key: str | None = None,
        on_empty: Literal["skip", "fail"] = "skip",
        wait_for_completion: bool = False,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        poll_interval: float | timedelta = 60,
        timeout: float | timedelta = timedelta(days=7),
        revox_conn_id: str = RevoxHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.assistant_id = assistant_id
        self._contacts = _wrap(contacts)
        self.name = name
        self.phone_field = phone_field
        self.variable_fields = variable_fields
        self.call_retry_config = call_retry_config
        self.from_phone_number = from_phone_number
        self.max_concurrent_calls = max_concurrent_calls
        self.scheduled_at = scheduled_at
        self.launch_key = launch_key
        self.on_empty = on_empty
        self.wait_for_completion = wait_for_completion
        self.deferrable = deferrable
        self.poll_interval = _seconds(poll_interval, "poll_interval")
        self.timeout = _seconds(timeout, "timeout")
        self.revox_conn_id = revox_conn_id

    @property
    def contacts(self) -> Any:
        """The contacts, in a wrapper that shows their number only."""
        return self._contacts

    @contacts.setter
    def contacts(self, value: Any) -> None:
        # Airflow sets a template field when it has rendered it: from here on this is data.
        keep = isinstance(value, Contacts) or hasattr(value, "iter_references")
        self._contacts = value if keep else Contacts(value, rendered=True)

    def render_template(
        self,
        content: Any,
        context: Context,
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Render a value; contacts stay wrapped, and those that came from another task stay as they are."""
        if not isinstance(content, Contacts):
            return super().render_template(content, context, jinja_env, seen_oids)
        # In a mapped task a list is another task's data, and a customer's name must not run as a template.
        map_index = context["ti"].map_index
        mapped_data = map_index is not None and map_index >= 0 and not isinstance(content.value, str)
        if content.rendered or mapped_data:
            return Contacts(content.value, rendered=True)
        try:
            value = super().render_template(content.value, context, jinja_env, seen_oids)
        except Exception as error:
            # The error itself may quote the template, and the template may hold a contact.
            raise AirflowFailException(
                f"contacts: the template can't be rendered: {type(error).__name__}"
            ) from None
        return Contacts(value, rendered=True)

    @cached_property
    def hook(self) -> RevoxHook:
        """The hook of this task's connection."""
        return RevoxHook(self.revox_conn_id)

    @cached_property
    def _progress_log(self) -> ProgressLog:
        return ProgressLog(self.log)

    def execute(self, context: Context) -> str:
        """Launch, and wait if told to."""
        try:
            campaign_id = self._launch(context)
        except RevoxError as error:
            raise airflow_error(error) from None
        if not self.wait_for_completion:
            return campaign_id
        deadline = deadline_after(self.timeout, self.execution_timeout)
        progress = self._look(campaign_id)
        if progress.state is State.WAITING and self.deferrable:
            from airflow_provider_revox.triggers.revox import CampaignTrigger

            self.defer(
                trigger=CampaignTrigger(
                    campaign_id=campaign_id,
                    revox_conn_id=self.revox_conn_id,
                    poll_interval=self.poll_interval,
                    deadline=deadline,
                ),
                method_name="execute_complete",
            )
        while progress.state is State.WAITING and time.time() < deadline:
            time.sleep(self.poll_interval)
            progress = self._look(campaign_id)
        if progress.state is State.WAITING:
            progress = timed_out(campaign_id, progress)
        return self._finish(context, campaign_id, progress)

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> str:
        """Go on after the triggerer has waited."""
        progress = Progress.from_event(event)
        self.log.info(progress.summary)
        return self._finish(context, (event or {}).get("campaign_id", ""), progress)

    def _launch(self, context: Context) -> str:
        from airflow_provider_revox import launch

        ti = context["ti"]
        if self.launch_key is not None and not str(self.launch_key).strip():
            raise InvalidRequestError(["launch_key: is empty, so every run would be the same launch"])
        key = (ti.run_id, ti.map_index) if self.launch_key is None else (str(self.launch_key),)
        tag = launch.launch_tag(ti.dag_id, ti.task_id, *key)
        campaign = self._campaign(launch.tagged_name(self.name, tag))
        client = self.hook.get_conn()
        launched = launch.run(launch.launch(), client=client, campaign=campaign, tag=tag, log=self.log)
        campaign_id = launched.campaign.id
        ti.xcom_push(key=CAMPAIGN_URL_KEY, value=client.config.campaign_url(campaign_id))
        if not launched.adopted:
            self.log.info("Launched campaign %s: %s", campaign_id, count(len(campaign.contacts)))
        return campaign_id

    def _campaign(self, name: str) -> CampaignCreate:
        from airflow_provider_revox.client.protocol import campaign_create

        contacts = call_list(
            self.contacts.records(),
            phone_field=self.phone_field,
            variable_fields=read_literal(self.variable_fields, "variable_fields"),
        )
        if not contacts:
            kind = AirflowSkipException if self.on_empty == "skip" else AirflowFailException
            raise kind("There are no contacts, so there is no campaign.")
        return campaign_create(
            assistant_id=self.assistant_id,
            name=name,
            contacts=contacts,
            call_retry_config=read_retry_config(read_literal(self.call_retry_config, "call_retry_config")),
            from_phone_number=self.from_phone_number,
            max_concurrent_calls=read_integer(self.max_concurrent_calls),
            scheduled_at=self.scheduled_at,
        )

    def _look(self, campaign_id: str) -> Progress:
        progress = look(self.hook, campaign_id)
        self._progress_log.tell(progress)
        return progress

    def _finish(self, context: Context, campaign_id: str, progress: Progress) -> str:
        context["ti"].xcom_push(key=ROW_STATS_KEY, value=progress.row_stats)
        progress.result()
        return campaign_id


def _wrap(contacts: Any) -> Any:
    if hasattr(contacts, "iter_references"):  # an XComArg, which Airflow must see to order the tasks
        return contacts
    # Longer lists are data; looking through them for an XComArg would take its time.
    literal = isinstance(contacts, (list, tuple)) and len(contacts) <= MAX_LITERAL
    if literal and any(True for _ in XComArg.iter_xcom_references(contacts)):
        return contacts
    return Contacts(contacts)


def _seconds(duration: float | timedelta, name: str) -> float:
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if not seconds > 0:
        raise ValueError(f"{name} must be more than 0 seconds")
    return seconds
