"""
Take people out of campaigns: read the rows, cancel each open call of theirs, and read again.

The state of the calls decides, and never the answer to a cancel. The answer may be lost. It may also say that
a call was not cancelled because the person is just hanging up. So a campaign is done when a read shows no
open call.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_provider_revox.client import call_endpoints
from airflow_provider_revox.client.campaign_state import is_cancelled, is_done, is_draft
from airflow_provider_revox.client.errors import AnswerError, NotFoundError, RevoxError
from airflow_provider_revox.client.frames import forgetful
from airflow_provider_revox.metrics import OPT_OUTS
from airflow_provider_revox.opt_outs.account import Account
from airflow_provider_revox.opt_outs.calls import Call, FoundCalls, Searched, read_calls
from airflow_provider_revox.opt_outs.errors import (
    AGAIN,
    CallsCantBeCancelledError,
    PeopleLeftError,
    PeopleStayError,
)
from airflow_provider_revox.units import contacts_in_words, duration_in_words

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.logger import Logger
    from airflow_provider_revox.metrics import Metrics

PAUSES = (0, 1, 2, 4, 8, 15, 30)
"""Seconds before each further read. The first one comes at once: most calls are cancelled then."""
FAILURES_IN_A_ROW = 3
"""After so many failed cancels in a row, Revox is in trouble. Fewer may be about single calls."""


@forgetful
def take_out(
    client: RevoxClient, campaign_ids: Iterable[str], numbers: Set[str], log: Logger, metrics: Metrics
) -> Account:
    """
    Cancel the open calls of people, until none of them is open in these campaigns.

    A problem with one call or one campaign does not keep the task from taking people out of the others.

    :param campaign_ids: The campaigns.
    :param numbers: The numbers of the people, in E.164.
    :raises CallsCantBeCancelledError: This API can't cancel single calls. Nothing was changed.
    :raises PeopleLeftError: Somebody may still be called.
    :raises PeopleStayError: The same, and no other try can help.
    :raises RevoxError: It is not known whether this API can cancel single calls. Nothing was changed.
    """
    _check_api(client)
    account, searched = Account(len(numbers)), Searched(numbers)
    watched = [_Watched(campaign_id) for campaign_id in campaign_ids] if numbers else []
    left = [one for one in watched if _look_and_cancel(client, one, searched, account)]
    for pause in PAUSES:
        if not left:
            break
        if pause:
            log.info("Calls are still in progress or open; looking again in %s.", duration_in_words(pause))
            time.sleep(pause)
        left = [one for one in left if _look_and_cancel(client, one, searched, account)]
    metrics.count_each(OPT_OUTS, account.of_everybody())
    problems = [(one, problem) for one in watched for problem in one.problems()]
    if problems:
        texts = [f"Campaign {one.campaign_id}: {problem.text}" for one, problem in problems]
        may_end_well = any(problem.transient for _, problem in problems)
        raise (PeopleLeftError if may_end_well else PeopleStayError)(str(account), texts)
    return account


def _check_api(client: RevoxClient) -> None:
    """
    Check that this API can cancel single calls, before anything is changed.

    The cancel of a call came with the same release as ``/auth-status`` (official client 0.3).
    """
    try:
        client.get_auth_status()
    except NotFoundError:
        pass
    else:
        return
    raise CallsCantBeCancelledError


@dataclass(frozen=True)
class _Problem:
    text: str
    transient: bool


@dataclass
class _Watched:
    """
    Holds what is known of a campaign.

    :param campaign: As the last read showed it.
    :param found: What the rows showed at the last read.
    :param read_failure: Why the campaign could not be read.
    :param failed: Why the cancel of a call failed, by its id.
    :param accepted: The calls whose cancel Revox has accepted.
    """

    campaign_id: str
    campaign: Campaign | None = None
    found: FoundCalls = field(default_factory=lambda: FoundCalls([]), repr=False)
    read_failure: RevoxError | None = None
    failed: dict[str, RevoxError] = field(default_factory=dict, repr=False)
    accepted: set[str] = field(default_factory=set, repr=False)

    @property
    def open_calls(self) -> list[Call]:
        """The calls that the last read showed as open, those in progress behind the others."""
        left = [call for call in self.found.calls if call.look in ("open", "in_progress")]
        return sorted(left, key=lambda call: call.look == "in_progress")

    @property
    def has_failed_for_good(self) -> bool:
        """Whether a call is still open after its cancel failed. The client has sent it several times."""
        return any(call.look == "open" and call.call_id in self.failed for call in self.open_calls)

    def problems(self) -> Iterator[_Problem]:
        """Yield why people in this campaign may still be called."""
        if self.read_failure is not None:
            yield _Problem(str(self.read_failure), self.read_failure.transient)
            return
        without_call = [call for call in self.open_calls if not call.call_id]
        if without_call and self.campaign and is_draft(self.campaign):
            yield _Problem(
                f"it is a draft, and {contacts_in_words(len(without_call))} of it opted out. A draft has no "
                "calls to cancel. Cancel the campaign, and create it again without these people.",
                transient=False,
            )
        elif without_call:
            yield _Problem(
                f"it shows no call to cancel yet in {len(without_call):,} of its rows.", transient=True
            )
        settled = [call for call in self.open_calls if self.is_settled(call)]
        if uncancelled := [call for call in self.open_calls if call.call_id and not self.is_settled(call)]:
            yield self._not_cancelled(uncancelled)
        if settled:
            text = (
                f"Revox has cancelled {len(settled):,} of its calls, and in each of them the last attempt is "
                "still in progress."
            )
            yield _Problem(text, transient=True)
        if self.found.unreadable:
            yield _Problem(
                f"the number can't be read in {self.found.unreadable:,} of its open calls. Such a call may "
                "be that of somebody who opted out: cancel it in Revox.",
                transient=False,
            )
        if self.found.drift:
            yield _Problem(str(self.found.drift), transient=True)

    def is_settled(self, call: Call) -> bool:
        """Return whether an attempt is in progress, and Revox has accepted that no other one follows."""
        return call.look == "in_progress" and call.call_id in self.accepted

    def _not_cancelled(self, calls: list[Call]) -> _Problem:
        failures = [self.failed[call.call_id] for call in calls if call.call_id in self.failed]
        text = f"Revox has not cancelled {len(calls):,} of its calls"
        if not failures:
            return _Problem(f"{text}, although it was asked to.", transient=True)
        # The error names the id of a call, and an id may contain anything.
        statuses = {failure.status for failure in failures if isinstance(failure, AnswerError)}
        answers = f"answered {', '.join(map(str, sorted(statuses)))}" if statuses else "gave no answer"
        transient = any(failure.transient for failure in failures)
        return _Problem(f"{text}: it {answers}.{'' if transient else ' ' + AGAIN}", transient)


def _look_and_cancel(client: RevoxClient, watched: _Watched, searched: Searched, account: Account) -> bool:
    """Read a campaign, and cancel what is open; return whether another look may help."""
    try:
        watched.campaign = client.get_campaign(watched.campaign_id)
        if not account.has_seen(watched.campaign_id) and _is_surely_over(watched.campaign):
            account.ended_campaigns += 1
            return False
        watched.found = read_calls(client, watched.campaign, searched)
    except RevoxError as error:
        watched.read_failure = error
        return False
    account.note(watched.campaign_id, watched.found.calls)
    if watched.has_failed_for_good:
        return False
    if not watched.open_calls:
        return watched.found.drift is not None
    _cancel(client, watched)
    return not is_draft(watched.campaign) or any(call.call_id for call in watched.open_calls)


def _is_surely_over(campaign: Campaign) -> bool:
    """Return whether a campaign has ended, and its counts say that no call is in progress or waits."""
    stats = campaign.row_stats
    if stats is None or not is_done(campaign):
        return False
    waiting = (stats.pending, stats.retry, stats.not_launched or 0)
    return stats.calling == 0 and (is_cancelled(campaign) or not any(count != 0 for count in waiting))


def _cancel(client: RevoxClient, watched: _Watched) -> None:
    """Cancel the open calls. Stop only after several failures in a row."""
    failures = 0
    watched.failed.clear()
    for call in watched.open_calls:
        if not call.call_id or watched.is_settled(call):
            continue
        try:
            accepted = client.send(call_endpoints.cancel_call(call.call_id))
        except RevoxError as error:
            watched.failed[call.call_id] = error
            failures += 1
            if failures == FAILURES_IN_A_ROW:
                return
        else:
            failures = 0
            if accepted:
                watched.accepted.add(call.call_id)
