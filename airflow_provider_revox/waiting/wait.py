"""Whether a wait goes on after a look, and when to look again."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.units import duration_in_words
from airflow_provider_revox.waiting.verdict import Progress, State, judge, judge_error

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.logger import Logger
    from airflow_provider_revox.waiting.policy import WaitPolicy

JITTER = 0.1
LOOKS_IN_OUTAGE = 10
"""How often Revox is asked within the outage budget, at least: one blip must not end a wait."""


class Wait:
    """
    The wait for one campaign. Logs what changes, not every look. Does no I/O, and reads no clock.

    :param campaign_id: The campaign.
    :param policy: What the user decides about it.
    :param deadline: When it ends, in seconds since 1970. The campaign is looked at first, the clock after.
    :param log: Where to.
    :param outage_began: Since when Revox has not answered, where that was before this wait.
    :param spread: Whether looks are spread by chance, so that many waits don't fall into step.
    """

    def __init__(
        self,
        campaign_id: str,
        policy: WaitPolicy,
        deadline: float,
        log: Logger,
        *,
        outage_began: float | None = None,
        spread: bool = False,
    ) -> None:
        self.deadline = deadline
        self.outage_began = outage_began
        self._campaign_id = campaign_id
        self._policy = policy
        self._log = log
        self._spread = spread
        self._last = Progress(State.WAITING, "")
        self._summary = ""
        self._warned: set[str] = set()

    def take(self, found: Campaign | RevoxError, now: float) -> Progress:
        """
        Decide what a look means for the wait.

        :param found: What was seen.
        :param now: When, in seconds since 1970.
        """
        if isinstance(found, RevoxError):
            progress = judge_error(self._campaign_id, found)
        else:
            progress = judge(found, self._policy)
        if progress.outage:
            progress = self._go_without(progress, now)
        else:
            self._tell(progress, now)
        self._last = progress
        if progress.state is State.WAITING and now >= self.deadline:
            seen = progress.summary or progress.outage
            summary = f"Campaign {self._campaign_id} was not completed in time. {seen}"
            return replace(progress, state=State.TIMED_OUT, summary=summary)
        return progress

    def pause(self, now: float) -> float:
        """
        Return how many seconds to wait before the next look: never past the deadline.

        :param now: Seconds since 1970.
        """
        interval = self._policy.poll_interval
        seconds = self._chosen(interval, 1 - JITTER, 1 + JITTER)
        if self.outage_began is not None:
            seconds = min(seconds, self._policy.outage_budget / LOOKS_IN_OUTAGE)
            seconds = max(seconds, self._last.retry_after)
            # A last look when the budget is used up, whatever Retry-After says.
            seconds = min(seconds, self.outage_began + self._policy.outage_budget - now)
        elif self._last.starts_at is not None and now < self._last.starts_at:
            # Many campaigns may be due at the same minute.
            seconds = max(seconds, self._last.starts_at - now + self._chosen(interval, 0, 1))
        return max(0.0, min(seconds, self.deadline - now))

    def _chosen(self, interval: float, least: float, most: float) -> float:
        return interval * random.uniform(least, most) if self._spread else interval  # noqa: S311

    def _go_without(self, progress: Progress, now: float) -> Progress:
        budget = self._policy.outage_budget
        if self.outage_began is None:
            self.outage_began = now
            self._log.warning(
                f"{progress.outage}. Waiting up to {duration_in_words(budget)} until Revox answers again."
            )
        if now - self.outage_began < budget:
            return progress
        summary = (
            f"Revox has not answered for {duration_in_words(now - self.outage_began)}. {progress.outage}"
        )
        return replace(progress, state=State.UNREACHABLE, summary=summary)

    def _tell(self, progress: Progress, now: float) -> None:
        if self.outage_began is not None:
            self._log.info(f"Revox answers again, after {duration_in_words(now - self.outage_began)}.")
            self.outage_began = None
        if progress.summary != self._summary:
            self._log.info(progress.summary)
            self._summary = progress.summary
        if progress.warning and progress.warning not in self._warned:
            self._log.warning(progress.warning)
            self._warned.add(progress.warning)
