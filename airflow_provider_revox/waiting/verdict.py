"""
Say what a campaign's state means for a wait: one answer for sensor, trigger and operator, in every mode.

Only a campaign that is ``completed`` and surely not cancelled is a success. An unknown state never is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.campaign_state import (
    calls_not_launched,
    has_called,
    is_cancelled,
    is_running,
    launched_calls_are_done,
    shows_open_calls,
)
from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.exceptions import (
    CampaignFailedError,
    CampaignTimeoutError,
    RevoxRefusedError,
    RevoxUnavailableError,
)
from airflow_provider_revox.units import contacts_in_words, unlaunched_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.waiting.policy import WaitPolicy
    from airflow_provider_revox.waiting.progress import Point

ROUNDING = 1e-9
"""``failed / total`` may exceed an equal ratio by this much, because floating-point numbers are rounded."""
COUNTS_IN_ORDER = ("completed", "failed", "calling", "retry", "pending")


class State(StrEnum):
    """Where the wait for a campaign stands. Only ``WAITING`` goes on; all others end it."""

    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CANCELLED_LATE = "cancelled_late"


@dataclass(frozen=True)
class Verdict:
    """
    What one poll means for the wait.

    :param state: Where the wait stands.
    :param summary: One line for the log.
    :param warning: A line for the log about something that a person should look at.
    :param row_stats: The number of contacts in each state.
    :param starts_at: When the calls start, in seconds since 1970. ``None`` if they have started, or if Revox
        does not say it.
    :param outage: Why Revox could not be read; empty if it could.
    :param retry_after: Seconds that Revox asks to wait before the next poll.
    :param if_it_stays: How the wait ends if the counts stay as they are: they may be older than the launch.
        ``None`` if they are clear.
    """

    state: State
    summary: str
    warning: str = ""
    row_stats: dict[str, Any] = field(default_factory=dict)
    starts_at: float | None = None
    outage: str = ""
    retry_after: float = 0.0
    if_it_stays: Verdict | None = None

    def to_event(
        self, campaign_id: str, carried: Mapping[str, Any], progress: Sequence[Point] = ()
    ) -> dict[str, Any]:
        """
        Return the payload of a trigger event: campaign id, state, summary, counts and progress.

        :param carried: What the task gave to the trigger and wants back.
        :param progress: The points that are not pushed yet.
        """
        return {
            "campaign_id": campaign_id,
            "state": self.state.value,
            "summary": self.summary,
            "row_stats": self.row_stats,
            "carried": dict(carried),
            "progress": list(progress),
        }

    @classmethod
    def from_event(cls, event: Mapping[str, Any] | None) -> Verdict:
        """Read the payload of a trigger event. A payload that can't be read is a failure."""
        if isinstance(event, dict) and event.get("campaign_id") and isinstance(event["campaign_id"], str):
            with suppress(KeyError, TypeError, ValueError):
                return cls(
                    State(event["state"]),
                    str(event.get("summary", "")),
                    row_stats=dict(event.get("row_stats") or {}),
                )
        return cls(State.FAILED, "The trigger sent an event that the task can't read. Clear the task.")

    def result(self) -> dict[str, Any]:
        """
        Return the final ``row_stats`` of a success.

        :raises CampaignFailedError: The campaign ended without success, or the wait cancelled it.
        :raises RevoxRefusedError: Revox refuses to show the campaign.
        :raises RevoxUnavailableError: Revox did not answer for too long.
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
                # Also CANCELLED_LATE: a retry would only find a cancelled campaign.
                raise CampaignFailedError(self.summary)


def verdict_of_campaign(campaign: Campaign, policy: WaitPolicy) -> Verdict:
    """Return what the state of a campaign means for the wait."""
    row_stats = campaign.row_stats.to_dict() if campaign.row_stats else {}
    state, summary, warning = _state_and_lines(campaign, policy, row_stats)
    # Once it has called somebody, its schedule no longer says when to poll.
    starts_at = None if has_called(campaign) else seconds_since_1970(campaign.scheduled_at)
    end = _end_if_it_stays(campaign, policy, state, summary)
    if end is None:
        return Verdict(state, summary, warning, row_stats, starts_at)
    end = replace(end, row_stats=row_stats)
    return Verdict(State.WAITING, summary, warning, row_stats, starts_at, if_it_stays=end)


def row_stats_in_words(row_stats: Mapping[str, Any]) -> str:
    """Return the counts in words: ``1,204 contacts: 310 completed, 12 failed, 882 pending``."""
    if not row_stats:
        return "no counts"
    others = sorted(name for name in row_stats if name not in COUNTS_IN_ORDER and name != "total")
    counts = {name: row_stats.get(name) for name in (*COUNTS_IN_ORDER, *others)}
    parts = [
        f"{number:,} {name.replace('_', ' ')}"
        for name, number in counts.items()
        if isinstance(number, int) and not isinstance(number, bool) and number
    ]
    total = row_stats.get("total")
    if not isinstance(total, int):
        return ", ".join(parts) or "no counts"
    return f"{contacts_in_words(total)}: {', '.join(parts)}" if parts else contacts_in_words(total)


def _state_and_lines(
    campaign: Campaign, policy: WaitPolicy, row_stats: Mapping[str, Any]
) -> tuple[State, str, str]:
    """Return the state, the summary and the warning."""
    name, counts = f"Campaign {campaign.id}", row_stats_in_words(row_stats)
    if is_cancelled(campaign):
        return State.FAILED, f"{name} was cancelled, so not everybody was called: {counts}", ""
    summary = f"{name} is {campaign.shown_status}: {counts}"
    left, status = calls_not_launched(campaign), campaign.status
    allowed = policy.not_launched or 0
    if is_running(campaign) and 0 < left <= allowed and launched_calls_are_done(campaign):
        summary, status = f"{summary}. All calls that are launched are done", "completed"
    match status:
        case "completed" if campaign.is_cancelled is None:
            reason = "Revox does not say whether it was cancelled, so it does not count as a success"
            return State.FAILED, f"{summary}. {reason}", ""
        case "completed":
            problem = _too_many_failed(row_stats, policy)
            warning = (
                f"{name} is completed, but the calls of {contacts_in_words(left)} were never launched."
                if left > allowed
                else ""
            )
            return (State.FAILED if problem else State.SUCCEEDED), summary + problem, warning
        case "running":
            warning = (
                f"{name} has {unlaunched_in_words(left)}. Launch what is left with "
                "LaunchCampaignOperator, or in Revox."
                if left > allowed
                else ""
            )
            return State.WAITING, summary, warning
        case "paused" if policy.on_paused == "fail":
            return State.FAILED, f"{summary}. The task fails because on_paused is 'fail'", ""
        case "paused":
            return State.WAITING, summary, f"{name} is paused. It calls nobody until you resume it in Revox."
        case "draft":
            return State.WAITING, summary, f"{name} is a draft. It calls nobody until it is launched."
        case _:
            warning = f"{name} is {campaign.shown_status}. The provider does not know this status and waits."
            return State.WAITING, summary, warning


def _end_if_it_stays(campaign: Campaign, policy: WaitPolicy, state: State, summary: str) -> Verdict | None:
    """Return how the wait ends if its unclear or contradictory counts stay."""
    left, allowed = calls_not_launched(campaign), policy.not_launched or 0
    if state is State.SUCCEEDED and policy.not_launched is not None and left > allowed:
        # A task that has launched its people must not be green if some of them were never called.
        but = f", {allowed:,} of them as planned" if allowed else ""
        problem = f"The calls of {contacts_in_words(left)} were never launched{but}"
        way_out = "Launch them with LaunchCampaignOperator or in Revox, or cancel them"
        return Verdict(State.FAILED, f"{summary}. {problem}. {way_out}")
    if state is State.WAITING and _counts_are_unclear(campaign, policy):
        return Verdict(
            State.UNREACHABLE, f"{summary}. These counts don't show whether the launched calls are done"
        )
    return None


def _counts_are_unclear(campaign: Campaign, policy: WaitPolicy) -> bool:
    """
    Return whether the counts do not show if the launched part is done. Nothing else shows it.

    Calls that were cancelled may be in no count. Then nothing is open, and the counts never add up.
    """
    everybody_is_launched = campaign.row_stats is not None and campaign.row_stats.not_launched == 0
    is_running_part = bool(policy.not_launched) and is_running(campaign)
    return is_running_part and not everybody_is_launched and not shows_open_calls(campaign)


def _too_many_failed(row_stats: Mapping[str, Any], policy: WaitPolicy) -> str:
    """
    Return why ``max_failed_ratio`` makes a campaign that has ended a failure; empty if it does not.

    It is a share of all contacts. Of a part it is a share of the people who were called.
    """
    limit = policy.max_failed_ratio
    if limit is None:
        return ""
    failed, total = row_stats.get("failed"), row_stats.get("total")
    if policy.is_part and failed is not None:
        total = failed + row_stats.get("completed", 0)
    if failed is None or total is None:
        return ". Revox does not count the failed contacts, so max_failed_ratio can't be checked"
    if not failed or (total and failed / total <= limit + ROUNDING):
        return ""
    if not total:
        return ". Revox counts failed contacts but no contacts, so max_failed_ratio can't be checked"
    return f". {failed / total:.1%} of the contacts failed, more than max_failed_ratio={limit:g} allows"
