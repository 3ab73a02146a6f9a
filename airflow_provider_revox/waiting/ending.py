"""What is done to a campaign whose time is up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.waiting.progress import Progress, State

if TYPE_CHECKING:
    from airflow_provider_revox.hooks.revox import RevoxHook


def cancel_late(hook: RevoxHook, campaign_id: str, progress: Progress) -> Progress:
    """
    Cancel a campaign that was not completed in time.

    :param progress: What was seen of it when the time was up.
    :return: The same, with what came of the cancel. Where it was cancelled it has failed: another try can't
        help.
    """
    try:
        done = hook.cancel_campaign(campaign_id)
    except RevoxError as error:
        text = f"It could not be cancelled and goes on: {error}. Cancel it in Revox."
    else:
        if done:
            return replace(progress, state=State.FAILED, summary=f"{progress.summary}. It is cancelled.")
        text = "It could not be cancelled; it may have ended by now."
    return replace(progress, summary=f"{progress.summary}. {text}")
