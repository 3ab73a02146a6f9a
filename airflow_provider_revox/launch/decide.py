"""
Decide, step by step, how to launch a campaign exactly once. Does no I/O: :mod:`.carry_out` carries the steps
out.

1. Look the tag up. A campaign of this launch stands: adopt it, and send nothing.
2. Nothing stands: send the create once. It is sent again only if Revox surely did not take it, and after
   another look: later, or in another form (:mod:`.generations`).
3. The answer is lost: look the tag up again, for a while. Found: adopt. Not found: an error that Airflow
   retries. The next try starts at 1.
4. The answer is clear: look once more. If another try has created a campaign at the same time, the earliest
   stays, and the later ones are cancelled.
5. The campaign calls nobody yet: start its calls (:mod:`.start_calls`). This comes last, so only one of two
   campaigns with the same tag is ever launched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_revox.client.campaign_state import (
    has_calls_to_launch,
    is_cancelled,
    is_untouched,
    may_have_called,
)
from airflow_provider_revox.client.errors import (
    AnswerError,
    InvalidRequestError,
    NotSentError,
    RateLimitedError,
    RejectedError,
    RevoxError,
)
from airflow_provider_revox.client.retry import retry_pause
from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchUnconfirmedError,
    SecondCampaignError,
)
from airflow_provider_revox.launch.generations import check_schedule_is_kept, is_refused, possible_forms
from airflow_provider_revox.launch.start_calls import adopt, stands, start_calls, with_row_stats
from airflow_provider_revox.launch.steps import (
    Cancel,
    Create,
    Launch,
    Launched,
    LookUp,
    Note,
    Prepare,
    Steps,
    Wait,
)

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign, FoundCampaigns
    from airflow_provider_revox.launch.create_form import CreateForm

RECONCILE_SECONDS = 60.0
FIRST_LOOK_AFTER = 1.0
LOOK_EVERY_AT_MOST = 10.0
RESENDS = 3
"""How often one try sends a create again that Revox did not take."""


@dataclass(frozen=True)
class Rules:
    """
    The facts about a launch that its decisions need.

    :param reconcile_seconds: How long to look for a campaign whose create got no clear answer.
    :param has_own_name: Whether a campaign's name is exactly what the launch makes. A copy made by hand has
        the tag, too, but another name.
    :param scheduled: Whether the campaign has ``scheduled_at``.
    :param newer_fields: The fields in use that a Revox of the API page may ignore.
    """

    reconcile_seconds: float = RECONCILE_SECONDS
    has_own_name: Callable[[Campaign], bool] = lambda _: True
    scheduled: bool = False
    newer_fields: Sequence[str] = ()


def launch(rules: Rules) -> Launch:
    """
    Launch one campaign exactly once.

    :raises RevoxError: Nothing was launched, or it is not known which campaign stands.
    """
    found, history_applied = yield from look_up_and_prepare()
    forms: Sequence[CreateForm] = []
    refusal: RevoxError | None = None
    attempt = 0
    while not found:
        forms = forms or (yield from forms_for(found, rules))
        try:
            created: Campaign = yield Create(forms[0])
        except RevoxError as error:
            failure = error
        else:
            if rules.scheduled:
                yield from check_schedule_is_kept(created, forms[0], refusal)
            return (yield from _look_for_second_campaign(created, rules))
        if is_refused(failure) and len(forms) > 1:
            refusal, forms = failure, forms[1:]
        elif (pause := retry_pause(failure, repeatable=False, attempt=attempt, retries=RESENDS)) is not None:
            yield Wait(pause)
            attempt += 1
        elif surely_not_taken(failure):
            raise failure
        else:
            return (yield from _find_created(failure, rules))
        # Before every create, also after one that was surely not taken: a look costs little.
        found = yield LookUp(patient=True)
    return (yield from _adopt_earliest(found, rules, history_applied=history_applied))


def look_up_and_prepare() -> Steps[tuple[FoundCampaigns, bool]]:
    """
    Look the tag up once, and have the contacts prepared accordingly.

    The phone history was read before this look. A campaign that the look does not find is therefore not in
    that history either.

    :return: The campaigns with the tag, and whether the phone history was applied.
    """
    found: FoundCampaigns = yield LookUp(patient=True)
    for place, campaign in enumerate(found):
        found[place] = yield from with_row_stats(campaign)
    history_applies = not stands(found)
    yield Prepare(history_applies)
    return found, history_applies


def forms_for(found: FoundCampaigns, rules: Rules) -> Steps[Sequence[CreateForm]]:
    """Return the forms of the create to try, in this order."""
    return possible_forms(
        counts_not_launched=found.counts_not_launched,
        scheduled=rules.scheduled,
        newer_fields=rules.newer_fields,
    )


def surely_not_taken(error: RevoxError) -> bool:
    """Return whether Revox has surely not acted on the create."""
    return isinstance(error, (InvalidRequestError, NotSentError, RateLimitedError, RejectedError))


def _find_created(lost: RevoxError, rules: Rules) -> Launch:
    """Find the campaign whose create got no clear answer."""
    yield Note(f"The answer to the create was lost ({lost}). Looking for the campaign, not sending it again.")
    found = yield from _look_until(bool, rules.reconcile_seconds)
    if found:
        return (yield from _adopt_earliest(found, rules))
    finding = "the campaigns could not be looked up" if found is None else "no campaign with its tag appeared"
    raise LaunchUnconfirmedError(
        f"No campaign is confirmed: the create got no clear answer ({lost}), and within "
        f"{rules.reconcile_seconds:g} s {finding}. The next try looks again before it sends anything."
    )


def _look_for_second_campaign(created: Campaign, rules: Rules) -> Launch:
    """Look whether another try has created a campaign at the same time."""

    def is_listed(found: Sequence[Campaign]) -> bool:
        return any(campaign.id == created.id for campaign in found)

    found: Sequence[Campaign] | None
    try:
        found = yield LookUp(patient=True)
    except RevoxError:
        found = yield from _look_until(lambda _: True, rules.reconcile_seconds)
    if found is not None and not is_listed(found) and (found or has_calls_to_launch(created)):
        # Both tries must judge by the same list: with two lists that differ, each could cancel the other's
        # campaign. And a campaign that calls nobody yet can wait until it is sure that a retry finds it.
        found = yield from _look_until(is_listed, rules.reconcile_seconds)
        if found is not None and not is_listed(found):
            found = None
    if found is None:
        state = "was created and calls nobody yet" if has_calls_to_launch(created) else "is launched"
        raise SecondCampaignError(
            f"Campaign {created.id} {state}. This try could not see whether another try has launched it, "
            "too. The next try adopts it and looks again. If that does not help, Revox may have changed its "
            "name: give the task a shorter name."
        )
    if not found:
        yield Note(
            f"Campaign {created.id} is not found by its tag, so a retry would call everybody again. Either "
            "the list of campaigns lags behind, or Revox has changed the campaign's name: give the task a "
            "shorter name."
        )
        return Launched(created, adopted=False)
    return (yield from _adopt_earliest(found, rules, own_id=created.id))


def _look_until(enough: Callable[[Sequence[Campaign]], bool], limit: float) -> Steps[list[Campaign] | None]:
    """Look until the campaigns are enough or the time is up. Return ``None`` if no look succeeded."""
    began = passed = yield Wait(0)
    pause, last = FIRST_LOOK_AFTER, None
    while passed - began < limit:
        passed = yield Wait(min(pause, limit - (passed - began)))
        pause = min(pause * 2, LOOK_EVERY_AT_MOST)
        try:
            last = yield LookUp(patient=False)
        except RevoxError as error:
            if not error.transient:
                break
            if isinstance(error, AnswerError):
                pause = max(pause, error.retry_after or 0)
        else:
            if enough(last):
                break
    return last


def _adopt_earliest(
    found: Sequence[Campaign], rules: Rules, *, own_id: str | None = None, history_applied: bool = True
) -> Launch:
    """
    Keep the earliest campaign, cancel the later ones, and start the calls if nobody has.

    :param found: All campaigns with the tag.
    :param own_id: The campaign that this try has created.
    :param history_applied: Whether the phone history was applied to the contacts of this try.
    """
    first, *later = _not_cancelled(found)
    cancelled = yield from _cancel_later(first, later, rules, own_id)
    first = yield from with_row_stats(first)
    if has_calls_to_launch(first) and cancelled:
        # A cancelled campaign may have been launched since it was seen. Then the first must not be launched.
        problem = ""
        try:
            found = yield LookUp(patient=True)
        except RevoxError as error:
            problem = f" ({error})"
        if problem or _not_cancelled(found)[0].id != first.id:
            raise SecondCampaignError(
                f"Two tries have created the campaign of this launch. {first.id} was first, but this try "
                f"could not see that it is the only one{problem}. The next try looks again."
            )
        first = yield from with_row_stats(_not_cancelled(found)[0])
    if first.id == own_id:
        return Launched((yield from start_calls(first, found, created_by_this_try=True)), adopted=False)
    own_name = rules.has_own_name(first)
    adopted = yield from adopt(first, found, has_own_name=own_name, history_applied=history_applied)
    return Launched(adopted, adopted=True)


def _cancel_later(first: Campaign, later: Sequence[Campaign], rules: Rules, own_id: str | None) -> Steps[int]:
    """Cancel the later campaigns of this launch. Return how many requests to cancel were answered."""
    cancelled = 0
    for campaign in later:
        if campaign.id != own_id and not rules.has_own_name(campaign):
            yield Note(
                f"Campaign {campaign.id} carries the tag of {first.id}, but its name is not exactly what the "
                "launch makes. This task leaves it alone."
            )
            continue
        problem = ""
        try:
            success = yield Cancel(campaign.id)
        except RevoxError as error:
            problem = str(error)
        if problem:
            raise SecondCampaignError(
                f"Two tries have launched the campaign of this task. {first.id} was first and stays. "
                f"{campaign.id} could not be cancelled: {problem}"
            )
        cancelled += 1
        ending = "could not be cancelled any more: people may have been called twice"
        if success:
            ending = "is cancelled"
        elif is_untouched(campaign):
            ending = "could not be cancelled and calls nobody so far: cancel it in Revox"
        yield Note(
            f"Two tries have launched the campaign of this task. {first.id} was first and stays. "
            f"{campaign.id} {ending}."
        )
    return cancelled


def _not_cancelled(found: Sequence[Campaign]) -> list[Campaign]:
    """Return the campaigns that are not cancelled, the one that stays first."""
    remaining = sorted((campaign for campaign in found if not is_cancelled(campaign)), key=_rank)
    if not remaining:
        first, *more = sorted(filter(may_have_called, found), key=_rank) or sorted(found, key=_rank)
        raise CampaignWasCancelledError(
            f"Campaign {first.id} of this launch was cancelled, and some of its people may have been called "
            "already.",
            None if more else first.id,
        )
    return remaining


def _rank(campaign: Campaign) -> tuple[bool, float, str]:
    """Order campaigns: first those that call people, then by age. Every try must get the same order."""
    created = seconds_since_1970(campaign.created_at)
    return (is_untouched(campaign), float("inf") if created is None else created, campaign.id)
