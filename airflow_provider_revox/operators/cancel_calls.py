"""The operator that takes people out of campaigns that run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowSkipException

from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.contacts.options import NumberCheck, one_of
from airflow_provider_revox.exceptions import airflow_error
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.lineage.task import LineageTask
from airflow_provider_revox.links.revox import LinkedTask
from airflow_provider_revox.metrics import Metrics
from airflow_provider_revox.operators._contact_fields import (
    ContactField,
    ContactFieldsOperator,
    contact_source,
)
from airflow_provider_revox.templating import is_missing, read_campaign_ids

if TYPE_CHECKING:
    from collections.abc import Set

    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.contacts.source import ContactSource


class CancelCallsOperator(ContactFieldsOperator, LineageTask, LinkedTask):
    """
    Takes people out of campaigns that run: cancels their calls, and no other ones.

    The task reads the rows of each campaign, cancels every call of these people that Revox may still make,
    and reads the rows again, until none is left. **It succeeds only if no call of theirs is open in these
    campaigns.** An attempt in progress can't be stopped: the task cancels the call, so that no other attempt
    follows, and waits a minute for its end. After that it fails with an error that Airflow retries. Run
    again, it changes nothing.

    The API of some organizations can't cancel single calls. Then the task fails before it changes anything,
    and says what to do.

    Returns ``{"campaigns", "ended_campaigns", "given", "found", "in_progress", "cancelled",
    "already_reached", "already_cancelled", "already_failed", "not_found", "by_campaign"}``: how many people
    were given, and what became of them. Nobody's number is in it. The rows of a campaign that has ended are
    not read, so people who are in no other one are not found.

    :param campaign_ids: The campaigns: an id, a list of ids, the output of tasks, or a template. ``None`` in
        a list is ignored: a mapped task has it for an instance that was skipped. ``None`` alone: the task is
        skipped.
    :param contacts: The people to take out: numbers or records in a list, the output of a task, a template,
        or the path or URL of a file, as ``suppress`` of
        :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator` takes them. An entry that
        can't be read is an error, and nothing is sent.
    :param phone_field: The field of a record that holds the number. Default: its only field.
    :param default_region: The region (``FR``) of numbers without a country code.
    :param region_field: The field of a record that holds the region of its number.
    :param check_numbers: How strictly to check numbers that are not in E.164 format: ``"valid"``,
        ``"possible"`` or ``"none"``.
    :param encoding: The encoding of the text file in ``contacts``. Default: UTF-8.
    :param delimiter: The character between the columns of this CSV file. Default: the header shows it.
    :param revox_conn_id: The Airflow connection.
    """

    template_fields: Sequence[str] = (
        "campaign_ids",
        "contacts",
        "phone_field",
        "default_region",
        "region_field",
        "encoding",
        "delimiter",
        "revox_conn_id",
    )
    ui_color = "#e7e4fd"

    contacts = ContactField()

    def __init__(
        self,
        *,
        campaign_ids: Any,
        contacts: Any,
        phone_field: str | None = None,
        default_region: str | None = None,
        region_field: str | None = None,
        check_numbers: NumberCheck = "valid",
        encoding: str | None = None,
        delimiter: str | None = None,
        revox_conn_id: str = RevoxHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.campaign_ids = campaign_ids
        self.contacts = contact_source(contacts, "contacts")
        self.phone_field = phone_field
        self.default_region = default_region
        self.region_field = region_field
        self.check_numbers = one_of(NumberCheck, check_numbers, "check_numbers")
        self.encoding = encoding
        self.delimiter = delimiter
        self.revox_conn_id = revox_conn_id

    @cached_property
    def hook(self) -> RevoxHook:
        """The hook of this task's connection."""
        return RevoxHook(self.revox_conn_id)

    def execute(self, context: Context) -> dict[str, Any]:
        """Cancel the calls; return the counts."""
        if is_missing(self.campaign_ids):
            raise AirflowSkipException(
                "campaign_ids is empty: there is no campaign, so no call is cancelled."
            )
        try:
            with self.collecting_lineage():
                return self._take_out(context)
        except RevoxError as error:
            raise airflow_error(error) from None

    def _take_out(self, context: Context) -> dict[str, Any]:
        from airflow_provider_revox.opt_outs.take_out import take_out

        campaign_ids, numbers = read_campaign_ids(self.campaign_ids), self._read_numbers()
        if len(campaign_ids) == 1:  # a task can show one campaign only
            self._show_campaign(context, *campaign_ids)
        # Also without a campaign: the user learns now, and not on the day of need, that the API can't do it.
        account = take_out(self.hook.get_conn(), campaign_ids, numbers, self.log, Metrics(context.get("ti")))
        by_campaign = []
        for campaign_id in campaign_ids:
            counts = account.counts(campaign_id)
            by_campaign.append({"campaign_id": campaign_id, **counts})
            self.log.info("Campaign %s: %s", campaign_id, counts)
        self.log.info("Opted out: %s", account)
        self.lineage.campaign.update(outcome="calls_cancelled", contacts=account.to_dict())
        return {"campaigns": len(campaign_ids), **account.to_dict(), "by_campaign": by_campaign}

    def _show_campaign(self, context: Context, campaign_id: str) -> None:
        self.lineage.campaign["campaign_id"] = campaign_id
        if ti := context.get("ti"):  # a unit test may have none
            self.show_links(ti, campaign_id, self.hook.get_conn().config.campaign_url(campaign_id))

    def _read_numbers(self) -> Set[str]:
        from airflow_provider_revox.contacts.do_not_call.number_list import number_reader, read_number_list

        source: ContactSource = self.contacts
        if (self.encoding is not None or self.delimiter is not None) and not source.is_file:
            raise InvalidRequestError(["encoding and delimiter: are about a file, and contacts names none"])
        return read_number_list(
            source,
            "contacts",
            number_reader(self.default_region, self.check_numbers),
            phone_field=self.phone_field,
            region_field=self.region_field,
            encoding=self.encoding,
            delimiter=self.delimiter,
        )
