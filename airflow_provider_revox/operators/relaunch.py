"""The operator that calls the people whom an ended campaign did not reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.launch.identity import LaunchIdentity
from airflow_provider_revox.launch.tag import LaunchTag, SealedTag, people_digest
from airflow_provider_revox.operators._launch_operator import LaunchOperator
from airflow_provider_revox.operators._second_memory import remembered_campaign
from airflow_provider_revox.templating import read_campaign_id

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.contacts.prepare import PreparedContacts
    from airflow_provider_revox.phone_numbers.people import People


class RelaunchCampaignOperator(LaunchOperator):
    """
    Calls the people whom a campaign has not reached, in a new campaign.

    The campaign must have ended: it is cancelled or completed, and none of its calls is in progress. Its rows
    say who was reached. A person counts as reached if somebody or something answered, a mailbox too, and if
    the row can't be read. The other people are called with the variables they had. They never leave the
    worker.

    **A campaign is relaunched once**, whichever DAG, run or try does it: its id is the launch key. To call
    the people whom the new campaign has not reached, relaunch the new campaign.

    It accepts the arguments of :class:`~airflow_provider_revox.operators.revox.CreateCampaignOperator`,
    except ``launch_key`` and those that say what contacts look like: ``contacts``, ``phone_field``,
    ``variable_fields``, ``variable_default``, ``default_region``, ``region_field``, ``encoding``,
    ``delimiter``.

    Returns the new campaign's id, and pushes the same XComs. ``contact_report`` accounts for every row of the
    campaign; people who were reached count as suppressed.

    :param campaign_id: The campaign that has ended.
    """

    template_fields: Sequence[str] = (
        "campaign_id",
        "assistant_id",
        "name",
        "suppress",
        "max_contacts",
        "report_path",
        "call_retry_config",
        "from_phone_number",
        "max_concurrent_calls",
        "scheduled_at",
        "revox_conn_id",
    )

    def __init__(self, *, campaign_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.campaign_id = campaign_id
        self.contact_options()  # an option that can't be used is an error of the DAG file

    def read_contacts(self, context: Context) -> PreparedContacts:
        """Return the people whom the campaign did not reach. The report accounts for all of its rows."""
        from airflow_provider_revox.contacts.prepare import PreparedContacts
        from airflow_provider_revox.contacts.source import ContactSource
        from airflow_provider_revox.results.unreached import read_unreached

        left_out: Counter[str] = Counter()

        def people() -> Iterator[dict[str, Any]]:
            unreached = read_unreached(self.hook.get_conn(), read_campaign_id(self.campaign_id, self))
            left_out.update(unreached.left_out)
            yield from unreached.contacts

        # The options are checked first, so that the rows of a whole campaign are not read in vain.
        contacts = PreparedContacts(ContactSource(people(), rendered=True), self.contact_options())
        contacts.read()
        contacts.builder.report.suppressed_by_reason.update(left_out)
        return contacts

    def launch_identity(self, context: Context, people: People) -> LaunchIdentity:
        """Return the identity of this relaunch, which every task that relaunches the campaign shares."""
        client = self.hook.get_conn()
        # The id as Revox writes it: another spelling would be another launch.
        campaign_id = client.get_campaign(read_campaign_id(self.campaign_id, self)).id
        tag = SealedTag.of(
            "relaunch of",  # no DAG has an id with a space in it, so this is not the tag of another launch
            campaign_id,
            "once",
            people=people_digest(people, self.assistant_id),
        )
        return LaunchIdentity(
            tag,
            try_number=context["ti"].try_number,
            has_own_key=True,
            remembered=remembered_campaign(context, tag, self.log),
        )

    def has_own_name(self, tag: LaunchTag, name: str | None) -> bool:
        """Return whether a campaign's name is unaltered. Another task may have given it another name."""
        return tag.is_unaltered(name)

    def way_out(self, cancelled: str | None) -> str:
        """Return how people can be called although the campaign of this relaunch was cancelled."""
        if cancelled is None:
            return (
                "More than one campaign of this relaunch may have called people. Write their rows to files "
                "with CampaignResultsOperator, and give the people you decide to call to "
                "CreateCampaignOperator."
            )
        return f"To call the people whom it did not reach, give campaign_id {cancelled}."
