"""
The launch as a sequence of steps. It decides, and does no I/O: :mod:`.run` carries the steps out.

1. Look the tag up. Found: adopt that campaign, send nothing.
2. Not found: send the create once. Only where it surely was not taken is it sent again, from 1 on.
3. No clear answer: look the tag up again, patiently. Found: adopt. Not found: an error that says so; the
   next try starts at 1.
4. A clear answer: look once more. Two campaigns with one tag (two workers raced): the earliest stays, the
   others are cancelled.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import (
    AnswerError,
    InvalidRequestError,
    NotSentError,
    RateLimitedError,
    RejectedError,
    RevoxError,
)
from airflow_provider_revox.client.moments import seconds_since_1970
from airflow_provider_revox.client.retry import retry_pause
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchUncheckedError,
    LaunchUnconfirmedError,
    SecondCampaignError,
)

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign

RECONCILE_SECONDS = 60.0
FIRST_LOOK_AFTER = 1.0
LOOK_EVERY_AT_MOST = 10.0
RESENDS = 3
"""How often a create that was not taken is sent again within one try."""


@dataclass(frozen=True)
class LookUp:
    """
    Step: find the campaigns of this launch. Result: a list of them, or a :class:`RevoxError`.

    :param patient: Whether the client sends it again when it fails; otherwise the protocol does.
    """

    patient: bool


@dataclass(frozen=True)
class Create:
    """Step: create and launch. Result: the campaign, or a :class:`RevoxError`."""


@dataclass(frozen=True)
class Cancel:
    """Step: cancel a campaign. Result: whether it could be, or a :class:`RevoxError`."""

    campaign_id: str


@dataclass(frozen=True)
class Wait:
    """Step: wait. Result: seconds that passed since the launch began."""

    seconds: float


@dataclass(frozen=True)
class Note:
    """Step: tell the user. Result: ``None``."""

    text: str


Step = LookUp | Create | Cancel | Wait | Note


@dataclass(frozen=True)
class Launched:
    """
    The campaign that stands.

    :param campaign: As the API showed it.
    :param adopted: Whether this try found it instead of getting it as the answer to its create.
    """

    campaign: Campaign
    adopted: bool


Launch = Generator[Step, Any, Launched]


def launch(
    *, reconcile_seconds: float = RECONCILE_SECONDS, may_cancel: Callable[[Campaign], bool] = lambda _: True
) -> Launch:
    """
    Decide step by step how to launch one campaign exactly once.

    :param reconcile_seconds: How long to look for a campaign whose create got no clear answer.
    :param may_cancel: Whether a campaign with the tag is surely one of this launch, and no copy made by hand.
    :raises RevoxError: Nothing was launched, or no campaign stands.
    """
    for attempt in itertools.count():
        # Before every send, also of a create that was surely not taken: it costs little to be wrong about it.
        found = yield LookUp(patient=True)
        if isinstance(found, RevoxError):
            raise found
        if found:
            return (yield from _adopt(found, may_cancel))
        created = yield Create()
        pause = None
        if isinstance(created, RevoxError):
            pause = retry_pause(created, repeatable=False, attempt=attempt, retries=RESENDS)
        if pause is None:
            break
        yield Wait(pause)
    if not isinstance(created, RevoxError):
        return (yield from _settle(created, reconcile_seconds, may_cancel))
    if surely_not_taken(created):
        raise created
    yield Note(
        f"The answer to the create was lost ({created}). Looking for the campaign, not sending it again."
    )
    return (yield from _reconcile(created, reconcile_seconds, may_cancel))


def launch_unchecked() -> Launch:
    """Launch without a launch key: nothing is looked up, so a retry launches again."""
    created = yield Create()
    if not isinstance(created, RevoxError):
        return Launched(created, adopted=False)
    if surely_not_taken(created):
        raise created
    raise LaunchUncheckedError(
        f"The campaign may or may not have been launched ({created}), and without a launch_key it can't be "
        "looked up. Look for it in Revox before you run this task again: that would call everybody again."
    )


def surely_not_taken(error: RevoxError) -> bool:
    """Whether the server has surely not acted on the create."""
    return isinstance(error, (InvalidRequestError, NotSentError, RateLimitedError, RejectedError))


def _reconcile(lost: RevoxError, limit: float, may_cancel: Callable[[Campaign], bool]) -> Launch:
    found = yield from _look_until(bool, limit)
    if found:
        return (yield from _adopt(found, may_cancel))
    finding = "the campaigns could not be looked up" if found is None else "no campaign with its tag appeared"
    raise LaunchUnconfirmedError(
        f"No campaign is confirmed: the create got no clear answer ({lost}), and within {limit:g} s "
        f"{finding}. The next try looks again before it sends anything."
    )


def _settle(created: Campaign, limit: float, may_cancel: Callable[[Campaign], bool]) -> Launch:
    """Look whether another worker launched at the same time."""

    def is_listed(found: Sequence[Campaign]) -> bool:
        return any(campaign.id == created.id for campaign in found)

    found = yield LookUp(patient=True)
    if isinstance(found, RevoxError):
        found = yield from _look_until(lambda _: True, limit)
    if found and not is_listed(found):
        # The other worker knows ours from the list alone: two lists that differ would cancel both.
        found = yield from _look_until(is_listed, limit)
        if found is not None and not is_listed(found):
            found = None
    if found is None:
        raise SecondCampaignError(
            f"Campaign {created.id} is launched, but whether another worker has launched it, too, could not "
            "be seen. The next try adopts it and looks again."
        )
    if not found:
        yield Note(
            f"Campaign {created.id} is not found by its tag, so a retry would call everybody again. Either "
            "the list of campaigns lags behind, or Revox has changed the campaign's name: try a shorter one."
        )
        return Launched(created, adopted=False)
    return (yield from _adopt(found, may_cancel, mine=created.id))


def _look_until(
    enough: Callable[[Sequence[Campaign]], bool], limit: float
) -> Generator[Step, Any, list[Campaign] | None]:
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


def _adopt(
    found: Sequence[Campaign], may_cancel: Callable[[Campaign], bool], mine: str | None = None
) -> Launch:
    live = sorted((campaign for campaign in found if not _is_cancelled(campaign)), key=_age)
    if not live:
        raise CampaignWasCancelledError(
            f"Campaign {min(found, key=_age).id} of this launch key was cancelled, and part of its people "
            "may have been called already. To call them again on purpose, give the task another launch_key."
        )
    first, *later = live
    for campaign in later:
        if campaign.id != mine and not may_cancel(campaign):
            yield Note(
                f"Campaign {campaign.id} carries the tag of {first.id}, but not at its end: left alone."
            )
            continue
        outcome = yield Cancel(campaign.id)
        if isinstance(outcome, RevoxError):
            raise SecondCampaignError(
                f"Two workers have launched this task's campaign. {first.id} was first and stays; "
                f"{campaign.id} could not be cancelled: {outcome}"
            )
        ending = (
            "is cancelled"
            if outcome
            else "could not be cancelled any more: people may have been called twice"
        )
        yield Note(
            f"Two workers have launched this task's campaign. {first.id} was first and stays; "
            f"{campaign.id} {ending}."
        )
    return Launched(first, adopted=first.id != mine)


def _is_cancelled(campaign: Campaign) -> bool:
    return campaign.is_cancelled is True or campaign.status in ("cancelled", "canceled")


def _age(campaign: Campaign) -> tuple[float, str]:
    """Order campaigns by when they were made; every worker must come to the same order."""
    moment = seconds_since_1970(campaign.created_at)
    return (float("inf") if moment is None else moment, campaign.id)
