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

    from airflow_provider_revox.launch.tag import FoundTag, LaunchTag


def remember_campaign(context: Context, tag: LaunchTag, campaign_id: str, found: FoundTag) -> None:
    """
    Note the campaign of this launch for later tries of this task.

    :param tag: The tag of this try.
    :param found: The tag of the campaign, which may have another list.
    """
    if store := context.get("task_state_store"):
        note: Any = {"campaign_id": campaign_id, "people": found.people, "try_number": found.try_number}
        store.set(_key(tag), note)


def remembered_campaign(context: Context, tag: LaunchTag) -> Remembered | None:
    """Return the campaign that an earlier try of this task has noted for this launch."""
    store = context.get("task_state_store")
    note: Any = store.get(_key(tag)) if store else None
    return Remembered(**note) if note else None


def _key(tag: LaunchTag) -> str:
    return f"revox_campaign_{tag.launch}_{tag.place}"
