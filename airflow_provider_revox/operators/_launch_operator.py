"""The launch of a campaign as a task: the same for a list of contacts and for a relaunch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from airflow.providers.common.compat.sdk import AirflowSkipException

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.contacts.options import NOT_GIVEN, NumberCheck, OnDuplicate, OnInvalid, one_of
from airflow_provider_revox.exceptions import RevoxRefusedError, airflow_error
from airflow_provider_revox.launch.errors import CampaignWasCancelledError, PartlyLaunchedError
from airflow_provider_revox.launch.identity import Reason
from airflow_provider_revox.metrics import FAILED_REQUESTS, Metrics
from airflow_provider_revox.operators._contact_fields import (
    ContactField,
    ContactFieldsOperator,
    contact_source,
)
from airflow_provider_revox.operators._known_campaign import KnownCampaign
from airflow_provider_revox.operators._launch_outcome import (
    counted_failures,
    end_without_contacts,
    tell_outcome,
)
from airflow_provider_revox.operators._limits import check_launch, check_limits, given_limits
from airflow_provider_revox.operators._waiting_operator import WaitingOperator, positive_seconds
from airflow_provider_revox.templating import read_integer, read_literal, read_retry_config
from airflow_provider_revox.units import contacts_in_words

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.client.requests import CampaignCreate
    from airflow_provider_revox.contacts.options import ContactOptions
    from airflow_provider_revox.contacts.prepare import PreparedContacts
    from airflow_provider_revox.launch.identity import LaunchIdentity
    from airflow_provider_revox.launch.steps import Launch
    from airflow_provider_revox.launch.tag import LaunchTag
    from airflow_provider_revox.phone_numbers.people import People

OnEmpty = Literal["skip", "fail"]
OnPreflight = Literal["warn", "error"]


class LaunchOperator(ContactFieldsOperator, WaitingOperator):
    """Base of operators that launch a campaign. Each describes its arguments itself."""

    template_fields_renderers = {"call_retry_config": "json"}
    ui_color = "#e7e4fd"

    suppress = ContactField()

    def __init__(
        self,
        *,
        assistant_id: str,
        name: str,
        check_numbers: NumberCheck = "valid",
        on_duplicate: OnDuplicate = "first",
        on_invalid: OnInvalid = "fail",
        on_empty: OnEmpty = "skip",
        suppress: Any = NOT_GIVEN,
        skip_do_not_contact: bool | None = None,
        not_called_within: float | timedelta | None = None,
        max_contacts: int | str | None = None,
        report_path: str | None = None,
        call_retry_config: Mapping[str, Any] | str | None = None,
        from_phone_number: str | None = None,
        max_concurrent_calls: int | str | None = None,
        scheduled_at: datetime | str | None = None,
        reconcile_timeout: float | timedelta = 60,
        preflight: OnPreflight = "warn",
        dry_run: bool = False,
        launch: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.assistant_id = assistant_id
        self.name = name
        self.check_numbers = one_of(NumberCheck, check_numbers, "check_numbers")
        self.on_duplicate = one_of(OnDuplicate, on_duplicate, "on_duplicate")
        self.on_invalid = one_of(OnInvalid, on_invalid, "on_invalid")
        self.on_empty = one_of(OnEmpty, on_empty, "on_empty")
        self.suppress = None if suppress is NOT_GIVEN else contact_source(suppress, "suppress")
        self.skip_do_not_contact = skip_do_not_contact
        self.not_called_within = not_called_within
        self.max_contacts = max_contacts
        self.report_path = report_path
        self.call_retry_config = call_retry_config
        self.from_phone_number = from_phone_number
        self.max_concurrent_calls = max_concurrent_calls
        self.scheduled_at = scheduled_at
        self.reconcile_timeout = positive_seconds(reconcile_timeout, "reconcile_timeout")
        self.preflight = one_of(OnPreflight, preflight, "preflight")
        self._given = given_limits(self)
        self._dry_run = dry_run  # Airflow's operators have a method dry_run
        self.launch = launch
        check_launch(self)

    def launch_identity(self, context: Context, people: People) -> LaunchIdentity | None:
        """
        Return what tells the campaigns of this launch from others; ``None``: a retry launches again.

        :param people: The people on the list of this try.
        """
        raise NotImplementedError

    def read_contacts(self, context: Context) -> PreparedContacts:
        """Return the contacts, read from their source."""
        raise NotImplementedError

    def has_own_name(self, tag: LaunchTag, name: str | None) -> bool:
        """Return whether a campaign's name is exactly what this launch makes. The name of a copy is not."""
        raise NotImplementedError

    def _has_own_name(self, tag: LaunchTag | None, campaign: Campaign) -> bool:
        return tag is not None and self.has_own_name(tag, campaign.name)

    def way_out(self, cancelled: str | None) -> str:
        """
        Return how people can be called although the campaign of this launch was cancelled.

        :param cancelled: The campaign that may have called people; ``None``: there may be several.
        """
        raise NotImplementedError

    def contact_options(self, **more: Any) -> ContactOptions:
        """
        Return the options about contacts.

        :param more: The options that only some operators have.
        :raises ValueError: An option can't be used.
        """
        from airflow_provider_revox.contacts.options import ContactOptions

        if self.suppress is not None:
            more["suppress"] = self.suppress
        return ContactOptions(
            check_numbers=self.check_numbers,
            on_duplicate=self.on_duplicate,
            on_invalid=self.on_invalid,
            skip_do_not_contact=self.skip_do_not_contact,
            not_called_within=self.not_called_within,
            max_contacts=self.max_contacts,
            report_path=self.report_path,
            **more,
        )

    def execute(self, context: Context) -> str:
        """Launch the campaign, and wait for it if the task waits."""
        try:
            with self.killable(context["ti"]), self.collecting_lineage():
                with counted_failures(context["ti"]):
                    campaign_id = self._launch(context)
                return self.wait(context, campaign_id) if self.wait_for_completion else campaign_id
        except CampaignWasCancelledError as error:
            raise RevoxRefusedError(f"{error} {self.way_out(error.campaign_id)}") from None
        except RevoxError as error:
            raise airflow_error(error) from None

    def _launch(self, context: Context) -> str:
        from airflow_provider_revox.client.calling_hours import check_schedule
        from airflow_provider_revox.launch.carry_out import run
        from airflow_provider_revox.launch.preview import would_create

        self.lineage.campaign["name"] = self.name
        contacts = self.read_contacts(context)
        if contacts.are_refused:
            self._account(context, contacts)  # raises, before anything is sent
        identity = self.launch_identity(context, contacts.builder.people)
        tag = identity.tag if identity else None
        request = self._request(tag.name(self.name, context["ti"].try_number) if tag else self.name)
        contacts.ask_history(self.hook.get_conn, self.log)
        client = self.hook.get_conn()
        carry_out = partial(
            run,
            client=client,
            prepare=partial(self._campaign, context, contacts, request),
            tag=tag,
            numbers=contacts.builder.numbers,
            log=self.log,
            on_failed_request=partial(Metrics(context["ti"]).count, FAILED_REQUESTS),
        )
        before_create = partial(self._preflight, client, request, contacts)
        if self._dry_run:
            own_name = partial(self._has_own_name, tag)
            if would_create(carry_out, identity, own_name, seconds=self.reconcile_timeout):
                check_schedule(request.scheduled_at, now=datetime.now(UTC))
                before_create()
            raise AirflowSkipException("dry_run: nobody is called, so this task and those behind it skip.")
        known = KnownCampaign(self, context, client.config, identity, name=self.name)

        def on_known(campaign_id: str, is_created: bool) -> None:
            self.lineage.campaign["campaign_id"] = campaign_id
            self.cancel_on_kill_from_now(client.config, campaign_id)
            known.tell(campaign_id, is_created=is_created)

        try:
            launched = carry_out(
                self._steps(identity, request, has_phone_history=contacts.has_phone_history),
                before_create=before_create,
                is_killed=self.act_on_kill,
                on_known=on_known,
                ended_by_a_kill=self.ended_by_a_kill_if_known,
            )
        except PartlyLaunchedError as error:
            known.tell(error.campaign_id)  # it calls people, so a teardown must know it
            raise
        campaign = launched.campaign
        if identity and launched.reason is Reason.FIRST_STANDS and not identity.is_later_than(campaign):
            self.never_cancel()  # it may be of another Airflow, with people of its own
        on_known(campaign.id, False)
        known.note_adopted(campaign)
        outcome = tell_outcome(
            context, self.log, client, tag, launched, contacts.numbers_to_call, launch=self.launch
        )
        self.lineage.campaign["outcome"] = outcome
        return campaign.id

    def _account(self, context: Context, contacts: PreparedContacts) -> None:
        self.lineage.campaign["contacts"] = contacts.builder.report.to_dict()
        contacts.account(context["ti"].xcom_push, self.log, Metrics(context["ti"]))

    def _preflight(self, client: RevoxClient, request: CampaignCreate, contacts: PreparedContacts) -> None:
        from airflow_provider_revox.launch.check_before_create import check_before_create

        names, refuses = contacts.builder.variable_names, self.preflight == "error"
        check_before_create(client, request, names, self.log, refuses=refuses)

    def _request(self, name: str) -> CampaignCreate:
        """
        Return the request to create the campaign, without its contacts.

        :raises InvalidRequestError: An option breaks a rule of the API.
        """
        from airflow_provider_revox.client.checked_contacts import CheckedContacts
        from airflow_provider_revox.client.requests import CampaignCreate

        config = read_literal(self.call_retry_config, "call_retry_config")
        check_limits(self, self._given, call_retry_config=config)
        return CampaignCreate.build(
            assistant_id=self.assistant_id,
            name=name,
            checked_contacts=CheckedContacts(b"[]", ()),
            call_retry_config=read_retry_config(config),
            from_phone_number=self.from_phone_number,
            max_concurrent_calls=read_integer(self.max_concurrent_calls),
            scheduled_at=self.scheduled_at,
        )

    def _campaign(
        self, context: Context, contacts: PreparedContacts, request: CampaignCreate, history_applies: bool
    ) -> CampaignCreate:
        """Return the request with its contacts, once it is known whether the phone history applies."""
        from airflow_provider_revox.contacts.guards import time_zone_warning

        if history_applies:
            contacts.apply_history()
        elif contacts.history_matters:
            self.log.info("A campaign of this launch stands, so the phone history does not apply.")
        self._account(context, contacts)
        call_list = contacts.call_list()
        if not call_list and history_applies:
            end_without_contacts(context, fails=self.on_empty == "fail")
        if warning := time_zone_warning(call_list.numbers, request.call_retry_config):
            self.log.warning(warning)
        campaign = request.changed(contacts=call_list)
        if self._dry_run:
            options = campaign.model_dump_json(exclude={"contacts"}, exclude_none=True)
            people = contacts_in_words(len(call_list))
            self.log.info("dry_run: %s would be called by the campaign %s", people, options)
        return campaign

    def _steps(
        self, identity: LaunchIdentity | None, request: CampaignCreate, *, has_phone_history: bool
    ) -> Launch:
        from airflow_provider_revox.launch.choose_form import CreateRules
        from airflow_provider_revox.launch.decide import launch
        from airflow_provider_revox.launch.racing_tries import Rules
        from airflow_provider_revox.launch.without_key import launch_without_key

        config = request.call_retry_config
        facts: dict[str, Any] = {
            "scheduled": request.scheduled_at is not None,
            "newer_fields": config.newer_fields if config else (),
            "has_phone_history": has_phone_history,
            "launch": self.launch,
        }
        if identity is None:
            return launch_without_key(CreateRules(**facts))
        tag = identity.tag
        return launch(
            Rules(
                identity=identity,
                reconcile_seconds=self.reconcile_timeout,
                has_own_name=partial(self._has_own_name, tag),
                **facts,
            )
        )
