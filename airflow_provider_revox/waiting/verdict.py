"""
What a campaign's state means: one answer for sensor, trigger and operator, in every mode.

Success is ``completed`` and not cancelled; everything that is not understood waits or fails, it never
succeeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import AnswerError, RevoxError
from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.exceptions import (
    CampaignFailedError,
    CampaignTimeoutError,
    RevoxRefusedError,
    RevoxUnavailableError,
)
from airflow_provider_revox.units import contacts_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.waiting.policy import WaitPolicy


_ROUNDING = 1e-9


class State(StrEnum):
    """Where the wait for a campaign stands."""

    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True)
class Progress:
    """
    One look at a campaign.

    :param state: What it means for the wait.
    :param summary: One line for the log.
    :param warning: What a person should look at, though it is no failure.
    :param row_stats: How many contacts are where.
    :param starts_at: When the calls start, in seconds since 1970, where none has started yet.
    :param outage: Why nothing was seen, where nothing was.
    :param retry_after: Seconds the server asks to wait before the next look.
    """

    state: State
    summary: str
    warning: str = ""
    row_stats: dict[str, Any] = field(default_factory=dict)
    starts_at: float | None = None
    outage: str = ""
    retry_after: float = 0.0

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
        :raises RevoxUnavailableError: The API could not be reached for too long.
        :raises CampaignTimeoutError: The time was up.
        """
        match self.state:
            case State.SUCCEEDED:
                return self.row_stats
            case State.TIMED_OUT:
                raise CampaignTimeoutError(self.summary)
            case State.UNREACHABLE:
                raise RevoxUnavailableError(self.summary)
            case State.REFUSED:
                raise RevoxRefusedError(self.summary)
            case _:
                raise CampaignFailedError(self.summary)


def judge(campaign: Campaign, policy: WaitPolicy) -> Progress:
    """Decide what the state of a campaign means."""
    row_stats = campaign.row_stats.to_dict() if campaign.row_stats else {}
    state, summary, warning = _judge(campaign, policy, row_stats)
    return Progress(state, summary, warning, row_stats, _starts_at(campaign, row_stats))


def _judge(campaign: Campaign, policy: WaitPolicy, row_stats: Mapping[str, Any]) -> tuple[State, str, str]:
    name, counts = f"Campaign {campaign.id}", describe(row_stats)
    if campaign.is_cancelled:
        return State.FAILED, f"{name} was cancelled, so not everybody was called: {counts}", ""
    summary = f"{name} is {campaign.shown_status}: {counts}"
    match campaign.status:
        case "completed" if campaign.is_cancelled is None:
            reason = "but the API does not say whether it was cancelled, so it does not count as a success"
            return State.FAILED, f"{summary}, {reason}", ""
        case "completed":
            problem = _too_many_failed(row_stats, policy.max_failed_ratio)
            state = State.FAILED if problem else State.SUCCEEDED
            return state, summary + problem, _never_launched(name, row_stats)
        case "running":
            return State.WAITING, summary, _not_launched(name, row_stats)
        case "paused" if policy.on_paused == "fail":
            return State.FAILED, f"{summary}, and on_paused is 'fail'", ""
        case "paused":
            return State.WAITING, summary, f"{name} is paused: nobody is called until it is resumed in Revox."
        case "draft":
            return (
                State.WAITING,
                summary,
                f"{name} is a draft: nobody is called until it is launched in Revox.",
            )
        case _:
            warning = f"{name} is {campaign.shown_status}, which is not known: waiting."
            return State.WAITING, summary, warning


def _not_launched(name: str, row_stats: Mapping[str, Any]) -> str:
    left = row_stats.get("not_launched")
    if not left:
        return ""
    return f"{name} has {left:,} calls that are not launched: nobody is called until they are, in Revox."


def _never_launched(name: str, row_stats: Mapping[str, Any]) -> str:
    left = row_stats.get("not_launched")
    return (
        f"{name} is completed without {contacts_in_words(left)}: their calls were not launched."
        if left
        else ""
    )


def _too_many_failed(row_stats: Mapping[str, Any], limit: float | None) -> str:
    if limit is None:
        return ""
    failed, total = row_stats.get("failed"), row_stats.get("total")
    if failed is None or total is None:
        return ", but the API does not count who failed, and max_failed_ratio is set"
    if not failed or (total and failed / total <= limit + _ROUNDING):
        return ""
    if not total:
        return ", but the API counts people who failed among none, and max_failed_ratio is set"
    return f", of which {failed / total:.1%} failed: more than max_failed_ratio={limit:g}"


def _starts_at(campaign: Campaign, row_stats: Mapping[str, Any]) -> float | None:
    """Return when the calls start; a campaign that has calls has started, whatever its schedule says."""
    if any(row_stats.get(name) for name in ("calling", "retry", "completed", "failed")):
        return None
    return seconds_since_1970(campaign.scheduled_at)


def judge_error(campaign_id: str, error: RevoxError) -> Progress:
    """Decide what a failed look means: an outage is waited out, a refusal is final."""
    text = f"Can't see campaign {campaign_id}: {error}"
    if not error.transient:
        return Progress(State.REFUSED, text)
    retry_after = error.retry_after if isinstance(error, AnswerError) else None
    return Progress(State.WAITING, "", outage=text, retry_after=retry_after or 0.0)


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
    return f"{contacts_in_words(total)}: {', '.join(parts)}" if parts else contacts_in_words(total)
