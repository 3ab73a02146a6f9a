"""
Remember a campaign's id from one try to the next, where Airflow has a place for it (``task_state_store``,
3.3).

The launch does not need it: the tag in the campaign's name says the same. It helps if somebody renames the
campaign, or if the server changes its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_revox.launch.identity import Remembered

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_revox.launch.tag import LaunchTag


def remember_campaign(context: Context, tag: LaunchTag, campaign_id: str) -> None:
    """Note the campaign of this launch for later tries of this task."""
    if store := context.get("task_state_store"):
        store.set(_key(tag), {"campaign_id": campaign_id, "people": tag.people})


def remembered_campaign(context: Context, tag: LaunchTag) -> Remembered | None:
    """Return the campaign that an earlier try of this task has noted for this launch."""
    store = context.get("task_state_store")
    note: Any = store.get(_key(tag)) if store else None
    return Remembered(note["campaign_id"], note["people"]) if note else None


def _key(tag: LaunchTag) -> str:
    return f"revox_campaign_{tag.launch}_{tag.place}"
