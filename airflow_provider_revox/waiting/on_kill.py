"""What a killed task does to its campaign: the same from a worker and from the triggerer."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_revox.client import ClientConfig


def in_a_hurry(config: ClientConfig) -> ClientConfig:
    """Return settings for the moment a killed task has left: Airflow 3 ends it for good after 5 seconds."""
    return dataclasses.replace(config, connect_timeout=1, read_timeout=2, write_timeout=1, retries=1)


def cancelled(campaign_id: str, done: bool) -> str:
    """Say what came of the cancel."""
    if done:
        return f"The task was killed: campaign {campaign_id} is cancelled."
    return (
        f"The task was killed, but campaign {campaign_id} could not be cancelled: it may have ended already."
    )


def not_cancelled(campaign_id: str, error: Exception) -> str:
    """Say that nothing came of the cancel."""
    return (
        f"The task was killed, but its campaign {campaign_id} could not be cancelled and goes on: {error}. "
        "Cancel it in Revox."
    )
