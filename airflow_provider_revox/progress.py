"""
What a campaign's state means: one answer for sensor, trigger and operator, in every mode.

Success is ``completed`` and not cancelled; everything that is not understood waits or fails, it never
succeeds.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.contacts.counts import count
from airflow_provider_revox.exceptions import CampaignFailedError, CampaignTimeoutError, RevoxRefusedError

if TYPE_CHECKING:
    from airflow_provider_revox.client import AsyncRevoxClient
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.hooks.revox import RevoxHook
    from airflow_provider_revox.logger import Logger


MARGIN = 5.0


class State(StrEnum):
    """Where the wait for a campaign stands."""

    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True)
class Progress:
    """
    One look at a campaign.

    :param state: What it means for the wait.
    :param summary: One line for the log.
    :param warning: What a person should look at, though the wait goes on.
    :param row_stats: How many contacts are where.
    """

    state: State
    summary: str
    warning: str = ""
    row_stats: dict[str, Any] = field(default_factory=dict)

    def to_event(self) -> dict[str, Any]:
        """Return the payload of a trigger event."""
        return {"state": self.state.value, "summary": self.summary, "row_stats": self.row_stats}

    @classmethod
    def from_event(cls, event: Mapping[str, Any] | None) -> Progress:
        """Read the payload of a trigger event; one that can't be read is a failure."""
        try:
            return cls(
                State((event or {})["state"]),
                str((event or {}).get("summary", "")),
                row_stats=dict((event or {}).get("row_stats") or {}),
            )
        except (KeyError, TypeError, ValueError):
            return cls(State.FAILED, "The trigger sent an event that can't be understood.")

    def result(self) -> dict[str, Any]:
        """
        Return the final ``row_stats``.

        :raises CampaignFailedError: The campaign ended, but not well.
        :raises RevoxRefusedError: The API refuses to tell.
        :raises CampaignTimeoutError: The time was up.
        """
        match self.state:
            case State.SUCCEEDED:
                return self.row_stats
            case State.TIMED_OUT:
                raise CampaignTimeoutError(self.summary)
            case State.REFUSED:
                raise RevoxRefusedError(self.summary)
            case _:
                raise CampaignFailedError(self.summary)


def look(hook: RevoxHook, campaign_id: str) -> Progress:
    """Look at a campaign once."""
    try:
        return judge(hook.get_campaign(campaign_id))
    except RevoxError as error:
        return judge_error(campaign_id, error)


async def look_async(client: AsyncRevoxClient, campaign_id: str) -> Progress:
    """Look at a campaign once, in an event loop."""
    try:
        return judge(await client.get_campaign(campaign_id))
    except RevoxError as error:
        return judge_error(campaign_id, error)


def deadline_after(timeout: float, execution_timeout: timedelta | None, started: datetime) -> float:
    """
    Return when waiting ends, in seconds since the epoch.

    Airflow 3 does not enforce the execution timeout while a task is deferred, and Airflow 2 does so without a
    last look. So the deadline observes it, a little early.

    :param timeout: Seconds from now.
    :param execution_timeout: Airflow's limit for the task.
    :param started: When the task started.
    """
    deadline = time.time() + timeout
    if execution_timeout is None:
        return deadline
    limit = execution_timeout.total_seconds()
    return min(deadline, started.timestamp() + limit - min(MARGIN, limit / 10))


def judge(campaign: Campaign) -> Progress:
    """Decide what the state of a campaign means."""
    row_stats = campaign.row_stats.to_dict() if campaign.row_stats else {}
    cancelled = f"Campaign {campaign.id} was cancelled, so not everybody was called: {describe(row_stats)}"
    if campaign.is_cancelled:
        return Progress(State.FAILED, cancelled, row_stats=row_stats)
    summary = f"Campaign {campaign.id} is {campaign.status}: {describe(row_stats)}"
    if campaign.status == "completed":
        if campaign.is_cancelled is None:
            reason = "but the API does not say whether it was cancelled, so it does not count as a success"
            return Progress(State.FAILED, f"{summary}, {reason}", row_stats=row_stats)
        return Progress(State.SUCCEEDED, summary, row_stats=row_stats)
    return Progress(State.WAITING, summary, warning=_warning(campaign), row_stats=row_stats)


def _warning(campaign: Campaign) -> str:
    match campaign.status:
        case "running":
            return ""
        case "paused":
            return f"Campaign {campaign.id} is paused: nobody is called until it is resumed in Revox."
        case "draft":
            return f"Campaign {campaign.id} is a draft: nobody is called until it is launched in Revox."
        case _:
            return f"Campaign {campaign.id} has the status {campaign.status!r}, which is not known: waiting."


def judge_error(campaign_id: str, error: RevoxError) -> Progress:
    """Decide what a failed look means: an outage is waited out, a refusal is final."""
    text = f"Can't see campaign {campaign_id}: {error}"
    if error.transient:
        return Progress(State.WAITING, "", warning=f"{text} Waiting until Revox answers again.")
    return Progress(State.REFUSED, text)


def timed_out(campaign_id: str, last: Progress) -> Progress:
    """Decide what it means that the time is up while the campaign still runs."""
    summary = f"Campaign {campaign_id} was not completed in time. {last.summary or last.warning}".rstrip()
    return Progress(State.TIMED_OUT, summary, row_stats=last.row_stats)


def describe(row_stats: Mapping[str, Any]) -> str:
    """Say where the contacts are: ``1,204 contacts: 310 completed, 12 failed, 882 pending``."""
    if not row_stats:
        return "no counts"
    order = ("completed", "failed", "calling", "retry", "pending")
    names = [*order, *sorted(name for name in row_stats if name not in order and name != "total")]
    counts = {name: row_stats.get(name) for name in names}
    parts = [
        f"{number:,} {name.replace('_', ' ')}"
        for name, number in counts.items()
        if isinstance(number, int) and not isinstance(number, bool) and number
    ]
    total = row_stats.get("total")
    if not isinstance(total, int):
        return ", ".join(parts) or "no counts"
    return f"{count(total)}: {', '.join(parts)}" if parts else count(total)


class ProgressLog:
    """
    Logs progress when it changes, not at every look.

    :param log: Where to.
    """

    def __init__(self, log: Logger) -> None:
        self._log = log
        self._summary = self._warning = ""

    def tell(self, progress: Progress) -> None:
        """Log what is new in one look."""
        if progress.summary and progress.summary != self._summary:
            self._log.info(progress.summary)
            self._summary = progress.summary
        if progress.warning and progress.warning != self._warning:
            self._log.warning(progress.warning)
        self._warning = progress.warning
