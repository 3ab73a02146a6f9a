"""
The launch as a sequence of steps. It decides, and does no I/O: :mod:`.run` carries the steps out.

1. Look the tag up. Found: adopt that campaign, send nothing.
2. Not found: send the create once. Only where it surely was not taken is it sent again, from 1 on: later, or
   at once in another form, see :mod:`.forms`.
3. No clear answer: look the tag up again, patiently. Found: adopt. Not found: an error that says so; the
   next try starts at 1.
4. A clear answer: look once more. Two campaigns with one tag (two workers raced): the earliest stays, the
   others are cancelled.
5. The campaign shows that nobody is called yet: launch it, see :mod:`.start`. Only now, so that of two
   campaigns with one tag only one is launched.
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
from airflow_provider_revox.launch.create import create
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchUncheckedError,
    LaunchUnconfirmedError,
    SecondCampaignError,
)
from airflow_provider_revox.launch.generations import Form, is_refused, possible_forms
from airflow_provider_revox.launch.start_calls import adopt_or_start, counted, start
from airflow_provider_revox.launch.steps import (
    Cancel,
    Launch,
    Launched,
    LookUp,
    Note,
    Steps,
    Wait,
)

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign

RECONCILE_SECONDS = 60.0
FIRST_LOOK_AFTER = 1.0
LOOK_EVERY_AT_MOST = 10.0
RESENDS = 3
"""How often a create that was not taken is sent again within one try."""


@dataclass(frozen=True)
class _Rules:
    limit: float
    is_ours: Callable[[Campaign], bool]
    must_adopt: bool


def launch(
    *,
    reconcile_seconds: float = RECONCILE_SECONDS,
    is_ours: Callable[[Campaign], bool] = lambda _: True,
    scheduled: bool = False,
    newer_fields: Sequence[str] = (),
    must_adopt: bool = False,
) -> Launch:
    """
    Decide step by step how to launch one campaign exactly once.

    :param reconcile_seconds: How long to look for a campaign whose create got no clear answer.
    :param is_ours: Whether a campaign with the tag is surely one of this launch, and no copy made by hand.
    :param scheduled: Whether the campaign has ``scheduled_at``.
    :param newer_fields: What it has that a server as the API page describes it may ignore.
    :param must_adopt: Whether the campaign was seen to be launched already. People who must not be called may
        be among the contacts then, so nothing is created, and nobody is called.
    :raises RevoxError: Nothing was launched, or no campaign stands.
    """
    rules = _Rules(reconcile_seconds, is_ours, must_adopt)
    forms: Sequence[Form] = []
    refusal: RevoxError | None = None
    attempt = 0
    while True:
        # Before every send, also of a create that was surely not taken: it costs little to be wrong about it.
        found = yield LookUp(patient=True)
        if isinstance(found, RevoxError):
            raise found
        if found:
            return (yield from _adopt(found, rules))
        if must_adopt:
            raise LaunchUnconfirmedError(
                "The campaign of this launch key was there when the contacts were read, and is not found any "
                "more. Nothing was sent. The next try looks again, and reads them anew."
            )
        forms = forms or (
            yield from possible_forms(
                counts_not_launched=found.counts_not_launched, scheduled=scheduled, newer_fields=newer_fields
            )
        )
        created = yield from create(forms[0], scheduled=scheduled, refusal=refusal)
        if is_refused(created) and len(forms) > 1:
            refusal, forms = created, forms[1:]
            continue
        pause = None
        if isinstance(created, RevoxError):
            pause = retry_pause(created, repeatable=False, attempt=attempt, retries=RESENDS)
        if pause is None:
            break
        yield Wait(pause)
        attempt += 1
    if not isinstance(created, RevoxError):
        return (yield from _settle(created, rules))
    if surely_not_taken(created):
        raise created
    yield Note(
        f"The answer to the create was lost ({created}). Looking for the campaign, not sending it again."
    )
    return (yield from _reconcile(created, rules))


def launch_unchecked(*, scheduled: bool = False, newer_fields: Sequence[str] = ()) -> Launch:
    """
    Launch without a launch key: no campaign is looked for, so a retry launches again.

    :param scheduled: As in :func:`launch`.
    :param newer_fields: As in :func:`launch`.
    :raises RevoxError: As :func:`launch` does.
    """
    listed = yield LookUp(patient=True)  # not for a campaign: for what the list shows of the server
    if isinstance(listed, RevoxError):
        raise listed
    refusal: RevoxError | None = None
    forms = yield from possible_forms(
        counts_not_launched=listed.counts_not_launched, scheduled=scheduled, newer_fields=newer_fields
    )
    for form in forms:
        created = yield from create(form, scheduled=scheduled, refusal=refusal)
        if not is_refused(created):
            break
        refusal = created
    if not isinstance(created, RevoxError):
        try:
            campaign = yield from start((yield from counted(created)), [], fresh=True)
        except LaunchUnconfirmedError as error:
            raise LaunchUncheckedError(
                f"{error} Without a launch_key there is no next try: look for the campaign in Revox before "
                "you run this task again. That would call everybody again."
            ) from None
        return Launched(campaign, adopted=False)
    if surely_not_taken(created):
        raise created
    raise LaunchUncheckedError(
        f"The campaign may or may not have been launched ({created}), and without a launch_key it can't be "
        "looked up. Look for it in Revox before you run this task again: that would call everybody again."
    )


def surely_not_taken(error: RevoxError) -> bool:
    """Whether the server has surely not acted on the create."""
    return isinstance(error, (InvalidRequestError, NotSentError, RateLimitedError, RejectedError))


def _reconcile(lost: RevoxError, rules: _Rules) -> Launch:
    found = yield from _look_until(bool, rules.limit)
    if found:
        return (yield from _adopt(found, rules))
    finding = "the campaigns could not be looked up" if found is None else "no campaign with its tag appeared"
    raise LaunchUnconfirmedError(
        f"No campaign is confirmed: the create got no clear answer ({lost}), and within {rules.limit:g} s "
        f"{finding}. The next try looks again before it sends anything."
    )


def _settle(created: Campaign, rules: _Rules) -> Launch:
    """Look whether another worker launched at the same time."""

    def is_listed(found: Sequence[Campaign]) -> bool:
        return any(campaign.id == created.id for campaign in found)

    found = yield LookUp(patient=True)
    if isinstance(found, RevoxError):
        found = yield from _look_until(lambda _: True, rules.limit)
    if found is not None and not is_listed(found) and (found or has_calls_to_launch(created)):
        # The other worker knows ours from the list alone: two lists that differ would cancel both. And what
        # calls nobody yet has time until it is sure that a retry finds it.
        found = yield from _look_until(is_listed, rules.limit)
        if found is not None and not is_listed(found):
            found = None
    if found is None:
        state = "is created and calls nobody yet" if has_calls_to_launch(created) else "is launched"
        raise SecondCampaignError(
            f"Campaign {created.id} {state}, but whether another worker has launched it, too, could not be "
            "seen. The next try adopts it and looks again. If that does not help, Revox may have changed its "
            "name: try a shorter one."
        )
    if not found:
        yield Note(
            f"Campaign {created.id} is not found by its tag, so a retry would call everybody again. Either "
            "the list of campaigns lags behind, or Revox has changed the campaign's name: try a shorter one."
        )
        return Launched(created, adopted=False)
    return (yield from _adopt(found, rules, mine=created.id))


def _look_until(enough: Callable[[Sequence[Campaign]], bool], limit: float) -> Steps[list[Campaign] | None]:
    """Look until it is enough or the time is up; ``None``: no look succeeded."""
    began = passed = yield Wait(0)
    pause, last = FIRST_LOOK_AFTER, None
    while passed - began < limit:
        passed = yield Wait(min(pause, limit - (passed - began)))
        pause = min(pause * 2, LOOK_EVERY_AT_MOST)
        found = yield LookUp(patient=False)
        if not isinstance(found, RevoxError):
            last = found
            if enough(found):
                break
        elif not found.transient:
            break
        elif isinstance(found, AnswerError):
            pause = max(pause, found.retry_after or 0)
    return last


def _adopt(found: Sequence[Campaign], rules: _Rules, mine: str | None = None) -> Launch:
    first, *later = _live(found)
    cancelled = 0
    for campaign in later:
        if campaign.id != mine and not rules.is_ours(campaign):
            yield Note(
                f"Campaign {campaign.id} carries the tag of {first.id}, but its name is not just as the "
                "launch made it: left alone."
            )
            continue
        outcome = yield Cancel(campaign.id)
        if isinstance(outcome, RevoxError):
            raise SecondCampaignError(
                f"Two workers have launched this task's campaign. {first.id} was first and stays; "
                f"{campaign.id} could not be cancelled: {outcome}"
            )
        cancelled += 1
        ending = "could not be cancelled any more: people may have been called twice"
        if outcome:
            ending = "is cancelled"
        elif is_untouched(campaign):
            ending = "could not be cancelled and calls nobody so far: cancel it in Revox"
        yield Note(
            f"Two workers have launched this task's campaign. {first.id} was first and stays; "
            f"{campaign.id} {ending}."
        )
    first = yield from counted(first)
    if has_calls_to_launch(first) and cancelled:
        # What was cancelled may have been launched since it was seen; then the first must not be.
        found = yield LookUp(patient=True)
        if isinstance(found, RevoxError) or _live(found)[0].id != first.id:
            raise SecondCampaignError(
                f"Two workers have created this task's campaign. {first.id} was first, but could not be seen "
                "alone. The next try looks again."
            )
        first = yield from counted(_live(found)[0])
    if first.id == mine:
        return Launched((yield from start(first, found, fresh=True)), adopted=False)
    ours = rules.is_ours(first)
    return Launched(
        (yield from adopt_or_start(first, found, ours=ours, was_launched=rules.must_adopt)), adopted=True
    )


def _live(found: Sequence[Campaign]) -> list[Campaign]:
    """Return what is not cancelled, what stays first."""
    live = sorted((campaign for campaign in found if not is_cancelled(campaign)), key=_rank)
    if not live:
        first, *more = sorted(filter(may_have_called, found), key=_rank) or sorted(found, key=_rank)
        raise CampaignWasCancelledError(
            f"Campaign {first.id} of this launch key was cancelled, and part of its people may have been "
            "called already.",
            None if more else first.id,
        )
    return live


def _rank(campaign: Campaign) -> tuple[bool, float, str]:
    """Order campaigns: those that call people, then by age; every worker must come to the same order."""
    moment = seconds_since_1970(campaign.created_at)
    return (is_untouched(campaign), float("inf") if moment is None else moment, campaign.id)
