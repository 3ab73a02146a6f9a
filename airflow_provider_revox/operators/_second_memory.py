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
    from airflow_provider_revox.logger import Logger


def remember_campaign(
    context: Context, tag: LaunchTag, campaign_id: str, found: FoundTag, log: Logger
) -> None:
    """
    Note the campaign of this launch for later tries of this task.

    :param tag: The tag of this try.
    :param found: The tag of the campaign, which may have another list.
    """
    store = context.get("task_state_store")
    if store is None:
        return
    note: Any = {"campaign_id": campaign_id, "people": found.people, "try_number": found.try_number}
    try:
        store.set(_key(tag), note)
    except Exception as error:  # whatever went wrong, the launch does not need this memory
        log.warning("Airflow did not note campaign %s (%s).", campaign_id, type(error).__name__)


def remembered_campaign(context: Context, tag: LaunchTag, log: Logger) -> Remembered | None:
    """Return the campaign that an earlier try of this task has noted for this launch."""
    store = context.get("task_state_store")
    if store is None:
        return None
    try:
        note: Any = store.get(_key(tag))
        if not note:
            return None
        return Remembered(str(note["campaign_id"]), str(note["people"]), int(note["try_number"]))
    except Exception as error:  # whatever went wrong, the launch does not need this memory
        log.warning("The note of an earlier try can't be read (%s).", type(error).__name__)
        return None


def _key(tag: LaunchTag) -> str:
    return f"revox_campaign_{tag.launch}_{tag.place}"
