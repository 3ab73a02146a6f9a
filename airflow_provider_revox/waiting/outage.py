"""Decide which failed polls a wait tolerates, for how long, and when it polls again meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import AnswerError, RevoxError
from airflow_provider_revox.client.ids import id_problem
from airflow_provider_revox.metrics import OUTAGES
from airflow_provider_revox.units import duration_in_words
from airflow_provider_revox.waiting.verdict import State, Verdict

if TYPE_CHECKING:
    from airflow_provider_revox.logger import Logger
    from airflow_provider_revox.metrics import Metrics

POLLS_PER_BUDGET = 10
"""At least this often the wait polls within the budget, so that one error does not end it."""


def verdict_of_error(campaign_id: str, error: RevoxError) -> Verdict:
    """
    Return what a failed poll means: the wait goes on in an outage, and ends at a refusal.

    :param error: It says itself whether it is an outage: :attr:`.RevoxError.transient`.
    """
    # The user may have given a person's number as the id.
    shown = "the campaign" if id_problem(campaign_id) else f"campaign {campaign_id}"
    text = f"Can't see {shown}: {error}"
    if not error.transient:
        return Verdict(State.REFUSED, text)
    retry_after = error.retry_after if isinstance(error, AnswerError) else None
    return Verdict(State.WAITING, "", outage=text, retry_after=retry_after or 0.0)


class Outage:
    """
    The time in which no poll gets an answer that can be read. It is over with the first answer.

    :param budget: Seconds that it may last before the wait gives up.
    :param began: When it began, if an earlier wait saw that, in seconds since 1970. Else ``None``.
    :param log: Where it is logged.
    :param metrics: Where it is counted.
    """

    def __init__(self, budget: float, began: float | None, log: Logger, metrics: Metrics) -> None:
        self.began = began
        self._budget = budget
        self._log = log
        self._metrics = metrics
        self._retry_after = 0.0

    def note_failed_poll(self, verdict: Verdict, now: float) -> Verdict:
        """
        Log and count an outage when it begins; return a final verdict when its budget is used up.

        :param verdict: What the failed poll means, from :func:`verdict_of_error`.
        :param now: Seconds since 1970.
        """
        self._retry_after = verdict.retry_after
        if self.began is None:
            self.began = now
            self._metrics.count(OUTAGES)
            budget = duration_in_words(self._budget)
            self._log.warning(f"{verdict.outage}. Waiting up to {budget} until Revox answers again.")
        lasted = now - self.began
        if lasted < self._budget:
            return verdict
        summary = f"Revox has not answered for {duration_in_words(lasted)}. {verdict.outage}"
        return replace(verdict, state=State.UNREACHABLE, summary=summary)

    def note_answer(self, now: float) -> None:
        """Log the end of the outage, if there was one."""
        if self.began is not None:
            self._log.info(f"Revox answers again, after {duration_in_words(now - self.began)}.")
            self.began = None

    def pause(self, seconds: float, now: float) -> float:
        """
        Return how many seconds to pause before the next poll.

        :param seconds: The pause without an outage. It is returned if there is none.
        :param now: Seconds since 1970.
        """
        if self.began is None:
            return seconds
        seconds = max(min(seconds, self._budget / POLLS_PER_BUDGET), self._retry_after)
        # The last poll comes when the budget is used up, even if Retry-After is longer.
        return min(seconds, self.began + self._budget - now)
