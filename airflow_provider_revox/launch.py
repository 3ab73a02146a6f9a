"""
Launch exactly once.

The API has no idempotency key, so the campaign's name carries one: a short tag at its end. :func:`launch`
is the protocol as a sequence of steps; it decides, and does no I/O. :func:`run` carries the steps out.

1. Look the tag up. Found: adopt that campaign, send nothing.
2. Not found: send the create once. Only where it surely was not taken is it sent again.
3. No clear answer: look the tag up again, patiently. Found: adopt. Not found: an error that says so; the
   next try starts at 1.
4. Two campaigns with one tag (two workers raced): the earliest stays, the others are cancelled.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    NotSentError,
    RateLimitedError,
    RejectedError,
    RevoxError,
)
from airflow_provider_revox.contacts import count

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import Campaign, CampaignCreate
    from airflow_provider_revox.logger import Logger

MAX_NAME = 120
"""Characters of a name, tag included. The API states no limit; a name cut by it would lose its tag."""

RECONCILE_SECONDS = 60.0
FIRST_LOOKUP_AFTER = 1.0
LOOKUP_EVERY_AT_MOST = 10.0


class LaunchError(RevoxError):
    """The launch ended without a campaign that stands."""


class LaunchUnconfirmedError(LaunchError):
    """Whether the campaign was launched is not known, and it was not found."""

    transient = True


class CampaignWasCancelledError(LaunchError):
    """The campaign of this launch key was cancelled."""


@dataclass(frozen=True)
class LookUp:
    """Step: find the campaigns that carry the tag. Result: a list of them, or a :class:`RevoxError`."""


@dataclass(frozen=True)
class Create:
    """Step: create and launch. Result: the campaign, or a :class:`RevoxError`."""


@dataclass(frozen=True)
class Cancel:
    """Step: cancel a campaign. Result: ``None``, or a :class:`RevoxError`."""

    campaign_id: str


@dataclass(frozen=True)
class Wait:
    """Step: wait. Result: seconds that passed since the launch began."""

    seconds: float


@dataclass(frozen=True)
class Note:
    """Step: tell the user. Result: ``None``."""

    text: str
    level: Literal["info", "warning", "error"] = "info"


@dataclass(frozen=True)
class Launched:
    """
    The campaign that stands.

    :param campaign: As the API showed it.
    :param adopted: Whether it was there already.
    """

    campaign: Campaign
    adopted: bool


Step = LookUp | Create | Cancel | Wait | Note


def launch_tag(dag_id: str, task_id: str, *key: str | int) -> str:
    """
    Return the tag that marks the campaign of one launch: 12 characters from a hash of what identifies it.

    :param dag_id: The DAG.
    :param task_id: The task.
    :param key: The rest of the identity: run id and map index, or the user's own launch key.
    """
    identity = json.dumps([dag_id, task_id, *key], ensure_ascii=True, separators=(",", ":"))
    digest = hashlib.sha256(identity.encode()).digest()
    return f"[af-{base64.b32encode(digest)[:12].decode().lower()}]"


def tagged_name(name: str, tag: str) -> str:
    """
    Return ``name`` with the tag at its end, cut so that the tag stays whole.

    :raises InvalidRequestError: There is no name.
    """
    if not name:
        raise InvalidRequestError(["name: must have at least one character"])
    return f"{name[: MAX_NAME - len(tag) - 1].rstrip()} {tag}"


def launch(*, reconcile_seconds: float = RECONCILE_SECONDS) -> Generator[Step, Any, Launched]:
    """
    Decide step by step how to launch one campaign exactly once.

    :param reconcile_seconds: How long to look for a campaign whose create got no clear answer.
    :raises RevoxError: Nothing was launched, or the campaign of this tag does not stand.
    """
    found = yield LookUp()
    if isinstance(found, RevoxError):
        raise found
    if found:
        return (yield from _adopt(found))
    created = yield Create()
    if not isinstance(created, RevoxError):
        return (yield from _settle(created))
    if isinstance(created, (NotSentError, RateLimitedError, RejectedError)):
        raise created
    yield Note(
        f"The answer to the create was lost ({created}). "
        "Looking for the campaign instead of sending it again.",
        "warning",
    )
    return (yield from _reconcile(created, reconcile_seconds))


def _reconcile(lost: RevoxError, limit: float) -> Generator[Step, Any, Launched]:
    pause, passed, looked = FIRST_LOOKUP_AFTER, 0.0, False
    while passed < limit:
        passed = yield Wait(min(pause, limit - passed))
        pause = min(pause * 2, LOOKUP_EVERY_AT_MOST)
        found = yield LookUp()
        if isinstance(found, RevoxError):
            if not found.transient:
                break
            continue
        looked = True
        if found:
            return (yield from _adopt(found))
    finding = "no campaign with its tag appeared" if looked else "the campaigns could not be looked up"
    raise LaunchUnconfirmedError(
        f"No campaign is confirmed: the create got no clear answer ({lost}), and within {limit:g} s "
        f"{finding}. The next try looks again before it sends anything."
    )


def _settle(created: Campaign) -> Generator[Step, Any, Launched]:
    """Look whether another worker launched at the same time."""
    found = yield LookUp()
    if isinstance(found, RevoxError):
        yield Note(f"Could not check for a second launch of the same task: {found}", "warning")
        return Launched(created, adopted=False)
    rivals = [campaign for campaign in found if campaign.id != created.id]
    if not rivals:
        return Launched(created, adopted=False)
    return (yield from _adopt([created, *rivals], mine=created.id))


def _adopt(found: Sequence[Campaign], mine: str | None = None) -> Generator[Step, Any, Launched]:
    live = sorted((campaign for campaign in found if campaign.is_cancelled is not True), key=_age)
    if not live:
        raise CampaignWasCancelledError(
            f"Campaign {min(found, key=_age).id} of this launch key was cancelled, and part of its people "
            "may have been called already. To call them again on purpose, give the task another launch_key."
        )
    first, *later = live
    for campaign in later:
        if campaign.status == "completed":
            continue
        failure = yield Cancel(campaign.id)
        if failure is None:
            yield Note(
                f"Two workers launched this task's campaign: {first.id} was first and stays, "
                f"{campaign.id} is cancelled.",
                "warning",
            )
        else:
            yield Note(f"Campaign {campaign.id} must be cancelled by hand: {failure}", "error")
    if first.id == mine:
        return Launched(first, adopted=False)
    yield Note(f"Adopted campaign {first.id}, which was launched for this task before.")
    return Launched(first, adopted=True)


def difference(launched: Launched, campaign: CampaignCreate) -> str:
    """Say how this try's campaign differs from the one it adopted; the first launch stands."""
    stats = launched.campaign.row_stats
    if stats is None or stats.total is None or stats.total == len(campaign.contacts):
        return ""
    return (
        f"Campaign {launched.campaign.id} has {count(stats.total)}, but this try was given "
        f"{count(len(campaign.contacts))}. The first launch stands: nobody else is called. "
        "Another list needs another launch_key."
    )


def _age(campaign: Campaign) -> tuple[float, str]:
    """Order campaigns by when they were made; every worker must come to the same order."""
    moment = campaign.created_at
    if isinstance(moment, str):
        try:
            parsed = datetime.fromisoformat(moment)
        except ValueError:
            return (float("inf"), campaign.id)
        return ((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp(), campaign.id)
    if isinstance(moment, (int, float)) and not isinstance(moment, bool):
        return (float(moment), campaign.id)
    return (float("inf"), campaign.id)


def run(
    steps: Generator[Step, Any, Launched],
    *,
    client: RevoxClient,
    campaign: CampaignCreate,
    tag: str,
    log: Logger,
) -> Launched:
    """
    Carry out a launch.

    :param steps: From :func:`launch`.
    :param campaign: What to launch; its name carries ``tag``.
    :raises RevoxError: As :func:`launch` does.
    """
    began = time.monotonic()
    result: Any = None
    while True:
        try:
            step = steps.send(result)
        except StopIteration as end:
            launched: Launched = end.value
            if launched.adopted and (differs := difference(launched, campaign)):
                log.warning(differs)
            return launched
        try:
            match step:
                case LookUp():
                    result = [one for one in client.list_campaigns() if one.name and tag in one.name]
                case Create():
                    result = client.create_campaign(campaign)
                case Cancel(campaign_id):
                    client.cancel_campaign(campaign_id)
                    result = None
                case Wait(seconds):
                    time.sleep(seconds)
                    result = time.monotonic() - began
                case Note(text, level):
                    getattr(log, level)(text)
                    result = None
        except RevoxError as error:
            result = error
