"""What is done to a campaign whose time is up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.waiting.polling import look
from airflow_provider_revox.waiting.verdict import Progress, State, judge

if TYPE_CHECKING:
    from airflow_provider_revox.hooks.revox import RevoxHook
    from airflow_provider_revox.waiting.policy import WaitPolicy


def cancel_late(
    hook: RevoxHook, campaign_id: str, policy: WaitPolicy, progress: Progress
) -> tuple[Progress, bool]:
    """
    Cancel a campaign that was not completed in time, unless it has ended since.

    :param progress: What was seen of it when the time was up, which may be a while ago.
    :return: What is to be said of the wait now, and whether the campaign was cancelled.
    """
    found = look(hook, campaign_id)
    if not isinstance(found, RevoxError):
        seen = judge(found, policy)
        if seen.state is not State.WAITING:
            return seen, False
    done = False
    try:
        done = hook.cancel_campaign(campaign_id)
    except RevoxError as error:
        text = f"It could not be cancelled and goes on: {error}. Cancel it in Revox."
    else:
        text = "It is cancelled." if done else "It could not be cancelled; it may have ended by now."
    return replace(progress, summary=f"{progress.summary}. {text}"), done
