"""The operator that launches a campaign that exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowSkipException

from airflow_provider_revox.campaign_record import shown_name
from airflow_provider_revox.client.campaign_state import is_paused
from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.contacts.options import NOT_GIVEN, ContactOptions, NumberCheck, one_of
from airflow_provider_revox.exceptions import RevoxRefusedError, airflow_error
from airflow_provider_revox.launch.errors import CampaignWasCancelledError
from airflow_provider_revox.launch.tag import without_tag
from airflow_provider_revox.launch.unlaunched import read_part
from airflow_provider_revox.metrics import ADOPTED, FAILED_REQUESTS, LAUNCHED, Metrics
from airflow_provider_revox.operators._contact_fields import (
    ContactField,
    ContactFieldsOperator,
    contact_source,
)
from airflow_provider_revox.operators._known_campaign import KnownCampaign
from airflow_provider_revox.operators._launch_outcome import counted_failures
from airflow_provider_revox.operators._limits import check_limits, given_limits
from airflow_provider_revox.operators._people_to_launch import PeopleToLaunch
from airflow_provider_revox.operators._waiting_operator import WaitingOperator
from airflow_provider_revox.templating import is_missing, read_campaign_id
from airflow_provider_revox.units import contacts_in_words
from airflow_provider_revox.waiting.on_kill import LAUNCH_KEY
from airflow_provider_revox.waiting.task import carried_of

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client.requests import LaunchCalls
    from airflow_provider_revox.launch.launch_existing import LaunchedCampaign, LaunchOrder
    from airflow_provider_revox.waiting.policy import OnTimeout, WaitPolicy


class LaunchCampaignOperator(ContactFieldsOperator, WaitingOperator):
    """
    Launches a campaign that ``CreateCampaignOperator(launch=False)`` has created: Revox calls its people.

    A retry, a crash or a lost answer launches nothing twice. Before the launch, the task asks Revox's phone
    history and ``suppress`` again. If somebody must not be called any more, it launches nobody, and the
    error says how many people that are. If all calls are launched already, the task leaves them alone and
    succeeds. If the campaign is cancelled or paused, the task fails and leaves it alone.

    The launch names the calls whose people were asked about, so it launches nobody who is added meanwhile. A
    draft, more than 500 calls, and calls without an id are launched as a whole: then a person who is added
    in the last second before the launch is called without being asked about.

    If no campaign was created, there is no id, and the task is skipped.

    Returns the campaign's id. Pushes the XComs ``campaign_url``, ``launch`` (what this try did) and, if the
    task waits, ``row_stats``.

    :param campaign_id: The id of one campaign, usually the output of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`.
    :param up_to: Launch only a part of the people: up to this many (a whole number), or up to this share of
        all people of the campaign (more than 0, less than 1), rounded up. People who are launched already
        count, so a retry launches nobody else, and a later task with a larger part, or without ``up_to``,
        launches the next ones. With ``wait_for_completion`` the wait ends when all launched calls are done.
        Needs a Revox that counts calls that are not launched. Default: everybody.
    :param scheduled_at: When the calls start: an aware datetime or ISO 8601 text with an offset. Default: at
        once. A draft takes no time.
    :param suppress: Numbers that must not be called: a list, the output of a task, a template, or the path or
        URL of a file. An entry that can't be read is an error.
    :param phone_field: The field of a record in ``suppress`` that holds the number, if the record has
        several fields.
    :param default_region: The region (``FR``) of numbers in ``suppress`` without a country code.
    :param check_numbers: How strictly to check numbers in ``suppress`` that are not in E.164 format:
        ``"valid"``, ``"possible"`` or ``"none"``.
    :param encoding: The encoding of the text file in ``suppress``. Default: UTF-8.
    :param delimiter: The character between the columns of a CSV file in ``suppress``. Default: the file's
        header shows it.
    :param skip_do_not_contact: Whether people who asked for no calls stop the launch, as Revox's phone
        history says. Default: yes, if the API has a phone history. ``True``: fail if it has none.
    :param not_called_within: People who were called within this time (seconds or a ``timedelta``), by another
        campaign of the organization, stop the launch. Needs an API that has a phone history.
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
        With ``up_to`` it is a share of the people who were called so far. Default: any share does.
    :param on_paused: What to do if the campaign is paused while the task waits: ``"wait"`` or ``"fail"``.
    :param on_timeout: What to do with the campaign if the wait times out: ``"leave"`` it or ``"cancel"`` it.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = (
        "campaign_id",
        "up_to",
        "scheduled_at",
        "suppress",
        "phone_field",
        "default_region",
        "encoding",
        "delimiter",
        "revox_conn_id",
    )
    ui_color = "#e7e4fd"

    _stays_not_launched = 0
    _is_part = False
    _starts_at: float | None = None
    suppress = ContactField()

    def __init__(
        self,
        *,
        campaign_id: str,
        up_to: int | float | str | None = None,
        scheduled_at: datetime | str | None = None,
        suppress: Any = NOT_GIVEN,
        phone_field: str | None = None,
        default_region: str | None = None,
        check_numbers: NumberCheck = "valid",
        encoding: str | None = None,
        delimiter: str | None = None,
        skip_do_not_contact: bool | None = None,
        not_called_within: float | timedelta | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.campaign_id = campaign_id
        self.up_to = up_to
        self._is_part = up_to is not None
        self.scheduled_at = scheduled_at
        self.suppress = None if suppress is NOT_GIVEN else contact_source(suppress, "suppress")
        self.phone_field = phone_field
        self.default_region = default_region
        self.check_numbers = one_of(NumberCheck, check_numbers, "check_numbers")
        self.encoding = encoding
        self.delimiter = delimiter
        self.skip_do_not_contact = skip_do_not_contact
        self.not_called_within = not_called_within
        self._given = given_limits(self)
        if not isinstance(up_to, str) and not hasattr(up_to, "iter_references"):
            read_part(up_to)
        self._contact_options()  # an option that can't be used is an error of the DAG file

    def execute(self, context: Context) -> str:
        """Launch the campaign, and wait for it if the task waits. Skip the task if there is no campaign."""
        if is_missing(self.campaign_id):
            raise AirflowSkipException("campaign_id is empty: no campaign was created, so none is launched.")
        try:
            with self.killable(context["ti"]), self.collecting_lineage():
                with counted_failures(context["ti"]):
                    campaign_id = self._launch(context)
                return self.wait(context, campaign_id) if self.wait_for_completion else campaign_id
        except CampaignWasCancelledError as error:
            raise RevoxRefusedError(
                f"{error} To call its people on purpose, create another campaign: give the task that created "
                "this one another launch_key."
            ) from None
        except RevoxError as error:
            raise airflow_error(error) from None

    def wait_policy(self) -> WaitPolicy:
        """Return what the user decided about the wait, and how many calls may stay not launched."""
        policy = super().wait_policy()
        return replace(
            policy,
            not_launched=self._stays_not_launched,
            is_part=self._is_part,
            starts_at=self._starts_at,
        )

    def carried(self) -> dict[str, Any]:
        """Return what the process that ends this wait must know of it."""
        return {**super().carried(), "not_launched": self._stays_not_launched}

    def execute_complete(
        self, context: Context, event: dict[str, Any] | None = None, on_timeout: OnTimeout | None = None
    ) -> Any:
        """End the wait after the triggerer has waited."""
        left = carried_of(event).get("not_launched")
        if type(left) is int:
            self._stays_not_launched = left
        else:  # without this count a part that is done looks unfinished, and would be cancelled as late
            on_timeout = "leave"
        return super().execute_complete(context, event, on_timeout)

    def _launch(self, context: Context) -> str:
        from airflow_provider_revox.launch.carry_out import run
        from airflow_provider_revox.launch.launch_existing import launch_existing

        # Before anything is sent, so that a wrong option stops the launch.
        order, request = self._order(), self._request()
        self._starts_at = request.scheduled_at.timestamp() if request.scheduled_at else None
        people = PeopleToLaunch(self._contact_options())
        client = self.hook.get_conn()
        campaign = client.get_campaign(read_campaign_id(self.campaign_id, self))
        name = self.lineage.campaign["name"] = shown_name(without_tag(campaign.name or ""))
        known = KnownCampaign(self, context, client.config, None, name=name)

        def on_known(campaign_id: str, _: bool) -> None:
            self.lineage.campaign["campaign_id"] = campaign_id
            self.cancel_on_kill_from_now(client.config, campaign_id)
            known.tell(campaign_id)

        launched = run(
            launch_existing(campaign, order),
            client=client,
            prepare=lambda _: request,
            tag=None,
            log=self.log,
            check_people=partial(people.count_not_to_call, self.hook.get_conn, self.log),
            is_killed=self.act_on_kill,
            on_known=on_known,
            on_failed_request=partial(Metrics(context["ti"]).count, FAILED_REQUESTS),
            ended_by_a_kill=self.ended_by_a_kill_if_known,
        )
        on_known(launched.campaign.id, False)
        self._stays_not_launched = launched.not_launched
        self._tell(context, launched)
        return launched.campaign.id

    def _order(self) -> LaunchOrder:
        """
        Return what the task is to launch.

        :raises InvalidRequestError: An option can't be used.
        """
        from airflow_provider_revox.launch.launch_existing import LaunchOrder

        check_limits(self, self._given)
        problem = ""
        try:
            up_to = read_part(self.up_to)
        except ValueError as error:
            problem = str(error)
        if problem:
            raise InvalidRequestError([problem])
        return LaunchOrder(scheduled=self.scheduled_at is not None, up_to=up_to)

    def _request(self) -> LaunchCalls:
        """
        Return how the calls are launched.

        :raises InvalidRequestError: ``scheduled_at`` breaks a rule of the API.
        """
        from airflow_provider_revox.client.requests import LaunchCalls

        return LaunchCalls.build(scheduled_at=self.scheduled_at)

    def _contact_options(self) -> ContactOptions:
        """
        Return the options about who must not be called.

        :raises ValueError: An option can't be used.
        """
        return ContactOptions(
            phone_field=self.phone_field,
            default_region=self.default_region,
            check_numbers=self.check_numbers,
            on_invalid="skip",
            suppress=NOT_GIVEN if self.suppress is None else self.suppress,
            skip_do_not_contact=self.skip_do_not_contact,
            not_called_within=self.not_called_within,
            encoding=self.encoding,
            delimiter=self.delimiter,
        )

    def _tell(self, context: Context, launched: LaunchedCampaign) -> None:
        """Log, count and push the result of the launch."""
        ti, campaign = context["ti"], launched.campaign
        outcome = "launched" if launched.launched else "already_launched"
        Metrics(ti).count(LAUNCHED if launched.launched else ADOPTED)
        if launched.launched:
            self.log.info("Launched campaign %s: %s", campaign.id, contacts_in_words(launched.launched))
        else:
            self.log.info(
                "Campaign %s: its calls are launched or cancelled already, and not by this try.", campaign.id
            )
        if launched.not_launched:
            self.log.info("Not launched: %s.", contacts_in_words(launched.not_launched))
        if is_paused(campaign):
            self.log.warning("Campaign %s is paused: nobody is called until it is resumed.", campaign.id)
        ti.xcom_push(
            key=LAUNCH_KEY,
            value={
                "outcome": outcome,
                "try_number": ti.try_number,
                "launched_by_try": ti.try_number if launched.launched else None,
                "launched": launched.launched,
                "not_launched": launched.not_launched,
            },
        )
        self.lineage.campaign["outcome"] = outcome
