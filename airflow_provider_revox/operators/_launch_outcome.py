"""Tell the user what came of a launch: in the log and in the XCom ``launch``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException

from airflow_provider_revox.campaign_record import NOT_LAUNCHED
from airflow_provider_revox.client.campaign_state import has_calls_to_launch, is_paused, is_untouched
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.launch.identity import Reason
from airflow_provider_revox.metrics import ADOPTED, CREATED, FAILED, LAUNCHED, REFUSED, Metrics
from airflow_provider_revox.operators._contact_fields import is_mapped
from airflow_provider_revox.units import contacts_in_words
from airflow_provider_revox.waiting.on_kill import LAUNCH_KEY

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.launch.steps import Launched
    from airflow_provider_revox.launch.tag import LaunchTag
    from airflow_provider_revox.logger import Logger


@contextmanager
def counted_failures(ti: Any) -> Iterator[None]:
    """Count a launch that ends with an error: Airflow retries it, or not. A skip is no error."""
    try:
        yield
    except AirflowSkipException:
        raise
    except Exception as error:
        is_retried = (
            error.transient if isinstance(error, RevoxError) else not isinstance(error, AirflowFailException)
        )
        Metrics(ti).count(FAILED if is_retried else REFUSED)
        raise


def end_without_contacts(context: Context, *, fails: bool) -> NoReturn:
    """
    End the task of a launch without contacts.

    :param fails: Whether the task fails; otherwise it is skipped.
    """
    text = "There are no contacts, so there is no campaign."
    if fails:
        raise AirflowFailException(text)
    if is_mapped(context):
        text += (
            " Tasks behind a mapped task skip if one of its instances is skipped; give them "
            'trigger_rule="none_failed".'
        )
    raise AirflowSkipException(text)


def tell_outcome(
    context: Context,
    log: Logger,
    client: RevoxClient,
    tag: LaunchTag | None,
    launched: Launched,
    numbers: Collection[str],
    *,
    launch: bool,
) -> str:
    """
    Log, count and push the result of a launch.

    :param numbers: The people whom this try would call.
    :param launch: Whether the campaign was to be launched.
    :return: ``adopted`` or ``created``, with ``_not_launched`` if the campaign calls nobody yet.
    """
    ti, campaign = context["ti"], launched.campaign
    # With launch=True an untouched campaign is launched by now, or an error was raised.
    calls_nobody = not launch and is_untouched(campaign)
    Metrics(ti).count(ADOPTED if launched.adopted else CREATED if calls_nobody else LAUNCHED)
    outcome = ("adopted" if launched.adopted else "created") + NOT_LAUNCHED * calls_nobody
    missing: int | None = 0
    launched_by = tag.launched_by(campaign.name) if tag else None
    if is_paused(campaign):
        log.warning("Campaign %s is paused: nobody is called until it is resumed.", campaign.id)
    if launched.adopted:
        text = f"Adopted campaign %s, {'created' if calls_nobody else 'launched'} by try %s: %s"
        log.info(text, campaign.id, launched_by or "unknown", launched.reason.value)
        missing = count_not_in_campaign(client, launched, numbers)
        if missing != 0 or launched.reason is Reason.FIRST_STANDS:
            log.warning(difference(launched, len(numbers), missing))
    elif launch:
        log.info("Launched campaign %s: %s", campaign.id, contacts_in_words(len(numbers)))
    if calls_nobody:
        text = "Campaign %s is created and not launched: %s. LaunchCampaignOperator launches it."
        log.info(text, campaign.id, contacts_in_words(len(numbers)))
    elif not launch:
        state = "some of its calls are" if has_calls_to_launch(campaign) else "its calls are"
        log.warning(
            "Campaign %s: %s launched or cancelled already, and not by this task.", campaign.id, state
        )
    ti.xcom_push(
        key=LAUNCH_KEY,
        value={
            "outcome": outcome,
            "try_number": ti.try_number,
            "launched_by_try": launched_by if launched.adopted else ti.try_number,
            "reason": launched.reason.value,
            "not_in_campaign": missing,
        },
    )
    return outcome


def count_not_in_campaign(client: RevoxClient, launched: Launched, numbers: Collection[str]) -> int | None:
    """
    Return how many people of this try the adopted campaign does not have.

    :param numbers: The people whom this try would call.
    :return: ``None``: its rows can't be read.
    """
    from airflow_provider_revox.launch.same_people import count_missing

    campaign = launched.campaign
    total = campaign.row_stats.total if campaign.row_stats else None
    may_be_whole = total is None or total >= len(numbers)
    if not numbers or (launched.reason is not Reason.FIRST_STANDS and may_be_whole):
        return 0
    try:
        return count_missing(client, campaign.id, numbers, total=total)
    except RevoxError:  # the campaign stands all the same
        return None


def difference(launched: Launched, given: int, missing: int | None) -> str:
    """
    Return how the adopted campaign differs from the list of this try.

    :param given: How many people this try would call.
    :param missing: How many of them the campaign does not have; ``None``: it is not known.
    """
    campaign = launched.campaign
    total = campaign.row_stats.total if campaign.row_stats else None
    has = f"has {contacts_in_words(total)}" if total is not None else "has another list"
    if missing is None:
        lacks = "It is not known whether they are in the campaign"
    else:
        lacks = f"The campaign lacks {missing:,} of them"
    people = f"{contacts_in_words(given)}. {lacks}" if given else "no contacts"
    text = f"Campaign {campaign.id} {has}. This try was given {people}. "
    if launched.reason is not Reason.FIRST_STANDS:
        return f"{text}The campaign stays as it is: nobody else is called."
    return (
        f"{text}The first launch stands: nobody else is called. "
        "To call another list, give the task another launch_key."
    )
