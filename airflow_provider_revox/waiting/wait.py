"""Say whether a wait goes on after a poll, and when to poll again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.units import duration_in_words
from airflow_provider_revox.waiting.outage import Outage, verdict_of_error
from airflow_provider_revox.waiting.progress import MOST_POINTS, Point, Progress
from airflow_provider_revox.waiting.verdict import State, Verdict, verdict_of_campaign

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.logger import Logger
    from airflow_provider_revox.metrics import Metrics
    from airflow_provider_revox.waiting.policy import WaitPolicy

JITTER = 0.1
UNCLEAR_SECONDS = 3600.0
"""
How long the wait goes on while the counts are unclear or contradictory. They may be older than the launch, or
a person may hold calls.
"""


class Wait:
    """
    The wait for one campaign. It logs changes, not every poll. It sends no request and reads no clock.

    :param campaign_id: The campaign.
    :param policy: What the user decides about the wait.
    :param deadline: When the wait ends, in seconds since 1970. A poll that shows the end of the campaign wins
        over the deadline.
    :param log: Where the wait logs.
    :param metrics: Where the wait counts outages.
    :param outage_began: When an outage began that an earlier wait has seen, in seconds since 1970.
    :param logged: What an earlier wait has logged: its :attr:`logged`.
    :param last_point: The last point of the campaign's progress that an earlier wait has seen.
    :param most_new_points: How many points to keep that are not pushed.
    :param jitter: Whether to vary the pauses at random, so that many waits don't poll at the same moment.
    """

    def __init__(
        self,
        campaign_id: str,
        policy: WaitPolicy,
        deadline: float,
        log: Logger,
        metrics: Metrics,
        *,
        outage_began: float | None = None,
        logged: Sequence[str] = (),
        last_point: Point | None = None,
        most_new_points: int = MOST_POINTS,
        jitter: bool = False,
    ) -> None:
        self.campaign_id = campaign_id
        self.policy = policy
        self.deadline = deadline
        self.progress = Progress(last_point, most_new_points)
        self._outage = Outage(policy.outage_budget, outage_began, log, metrics)
        self._log = log
        self._jitter = jitter
        self._last = Verdict(State.WAITING, "")
        self._unclear_since: float | None = None
        self._logged_summary = logged[0] if logged else ""
        self._logged_warnings = set(logged[1:])

    @property
    def outage_began(self) -> float | None:
        """When the present outage began, in seconds since 1970. ``None``: there is none."""
        return self._outage.began

    @property
    def logged(self) -> list[str]:
        """The last summary and the warnings in the log. A wait that goes on from here omits them."""
        return [self._logged_summary, *sorted(self._logged_warnings)]

    def observe(self, answer: Campaign | RevoxError, now: float) -> Verdict:
        """
        Return what a poll means for the wait.

        :param answer: What the poll returned.
        :param now: When, in seconds since 1970.
        """
        if isinstance(answer, RevoxError):
            verdict = verdict_of_error(self.campaign_id, answer)
        else:
            verdict = verdict_of_campaign(answer, self.policy)
            self.progress.observe(answer, now)
        if verdict.outage:
            self._unclear_since = None
            verdict = self._outage.note_failed_poll(verdict, now)
        else:
            self._outage.note_answer(now)
            self._log_changes(verdict)
            verdict = self._end_if_unclear(verdict, now)
        self._last = verdict
        if verdict.state is State.WAITING and now >= self.deadline:
            seen = verdict.summary or verdict.outage
            summary = f"Campaign {self.campaign_id} was not completed in time. {seen}"
            return replace(verdict, state=State.TIMED_OUT, summary=summary)
        return verdict

    def pause(self, now: float) -> float:
        """
        Return how many seconds to pause before the next poll. The pause ends at the deadline at the latest.

        :param now: Seconds since 1970.
        """
        interval = self.policy.poll_interval
        seconds = self._random(interval, 1 - JITTER, 1 + JITTER)
        seconds = self._outage.pause(seconds, now)
        if self.outage_began is None and self._last.starts_at is not None and now < self._last.starts_at:
            # Many campaigns may start at the same minute.
            seconds = max(seconds, self._last.starts_at - now + self._random(interval, 0, 1))
        return max(0.0, min(seconds, self.deadline - now))

    def _random(self, interval: float, least: float, most: float) -> float:
        return interval * random.uniform(least, most) if self._jitter else interval  # noqa: S311

    def _end_if_unclear(self, verdict: Verdict, now: float) -> Verdict:
        """Return a final verdict when the counts have been unclear for too long."""
        end = verdict.if_it_stays
        # Before they start, scheduled calls may be in no count.
        if end is None or now < max(verdict.starts_at or 0.0, self.policy.starts_at or 0.0):
            self._unclear_since = None
            return verdict
        if self._unclear_since is None:
            self._unclear_since = now
            budget = duration_in_words(UNCLEAR_SECONDS)
            self._log.warning(f"{end.summary}. Waiting up to {budget} for other counts.")
        return end if now - self._unclear_since >= UNCLEAR_SECONDS else verdict

    def _log_changes(self, verdict: Verdict) -> None:
        # A failure is not logged here: the exception of the task says it.
        if verdict.state is not State.FAILED and verdict.summary != self._logged_summary:
            self._log.info(verdict.summary)
            self._logged_summary = verdict.summary
        if verdict.warning and verdict.warning not in self._logged_warnings:
            self._log.warning(verdict.warning)
            self._logged_warnings.add(verdict.warning)
