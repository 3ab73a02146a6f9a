"""
Ask Revox once for a campaign, and cancel a campaign that is late.

No request for a campaign is repeated here: the wait polls again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import AuthenticationError, RevoxError
from airflow_provider_revox.metrics import FAILED_POLLS, POLLS
from airflow_provider_revox.waiting.verdict import State, Verdict, verdict_of_campaign

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.client.shared_client import SharedClient
    from airflow_provider_revox.hooks.revox import RevoxHook
    from airflow_provider_revox.metrics import Metrics
    from airflow_provider_revox.waiting.policy import WaitPolicy


def poll(hook: RevoxHook, campaign_id: str, metrics: Metrics) -> Campaign | RevoxError:
    """
    Read a campaign once, or return the error.

    If Revox refuses the API key, and the connection has a new one meanwhile, read again with the new key.
    """
    answer = _poll(hook, campaign_id, metrics)
    try:
        if isinstance(answer, AuthenticationError) and hook.reconnect():
            return _poll(hook, campaign_id, metrics)
    except RevoxError as error:
        return error
    return answer


async def poll_async(client: SharedClient, campaign_id: str, metrics: Metrics) -> Campaign | RevoxError:
    """Read a campaign once in an event loop, or return the error."""
    from airflow_provider_revox.client import endpoints

    answer: Campaign | RevoxError
    try:
        answer = await client.send(endpoints.get_campaign(campaign_id))
    except RevoxError as error:
        answer = error
    count_poll(metrics, answer)
    return answer


def count_poll(metrics: Metrics, answer: object) -> None:
    """
    Count a poll, and whether Revox gave no answer that can be read.

    :param answer: What the poll returned.
    """
    metrics.count(POLLS)
    if isinstance(answer, RevoxError) and answer.transient:
        metrics.count(FAILED_POLLS)


def cancel_late(
    hook: RevoxHook, campaign_id: str, policy: WaitPolicy, verdict: Verdict, metrics: Metrics
) -> Verdict:
    """
    Cancel a campaign whose time is up, unless it has ended meanwhile; return the new verdict.

    :param verdict: What the last poll meant. The trigger may have made it a while ago.
    """
    answer = poll(hook, campaign_id, metrics)
    if not isinstance(answer, RevoxError):
        now = verdict_of_campaign(answer, policy)
        if now.state is not State.WAITING:
            return now
    state = verdict.state
    try:
        if hook.cancel_campaign(campaign_id):
            state, text = State.CANCELLED_LATE, "The task has cancelled it."
        else:
            text = "Revox did not cancel it. It may have ended by now: check it in Revox."
    except RevoxError as error:
        text = f"The task could not cancel it, so it goes on: {error}. Cancel it in Revox."
    return replace(verdict, state=state, summary=f"{verdict.summary}. {text}")


def _poll(hook: RevoxHook, campaign_id: str, metrics: Metrics) -> Campaign | RevoxError:
    from airflow_provider_revox.client import endpoints

    answer: Campaign | RevoxError
    try:
        answer = hook.get_conn().send(endpoints.get_campaign(campaign_id), retries=0)
    except RevoxError as error:
        answer = error
    count_poll(metrics, answer)
    return answer
