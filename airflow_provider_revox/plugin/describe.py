"""Put together what the page shows of a campaign. Only counts, plain words and ids of Airflow are in it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.api_fastapi.app import API_ROOT_PATH

from airflow_provider_revox.campaign_record import NOT_LAUNCHED
from airflow_provider_revox.client.control import possible_controls
from airflow_provider_revox.client.models import Campaign as RevoxCampaign
from airflow_provider_revox.client.timestamps import seconds_since_1970, utc_text
from airflow_provider_revox.launch.identity import Reason
from airflow_provider_revox.plugin.plain import count_of, counts_of

if TYPE_CHECKING:
    from airflow_provider_revox.plugin.campaigns import Campaign, Recorded, Task
    from airflow_provider_revox.plugin.live import Seen

REPORT_COUNTS = ("received", "to_call", "invalid", "duplicate", "suppressed")
LEFT_COUNTS = ("calling", "retry", "pending", "not_launched")
REACHED_COUNTS = ("completed", "failed", "skipped")
LAUNCH_OUTCOMES = (
    "created",
    "adopted",
    "launched",
    "already_launched",
    f"created{NOT_LAUNCHED}",
    f"adopted{NOT_LAUNCHED}",
)
ENDED_STATES = ("completed", "cancelled")


@dataclass(frozen=True)
class Standing:
    """Where a campaign stands, and who has seen it."""

    state: str
    counts: dict[str, int] | None
    seen_at: str | None
    seen_by: str | None
    controls: tuple[str, ...]

    @property
    def is_ended(self) -> bool:
        """Whether the campaign calls nobody any more."""
        return self.state in ENDED_STATES


def standing(campaign: Campaign, seen: Seen | None) -> Standing:
    """
    Return the latest that the api-server or a task has seen.

    :param seen: What the api-server has seen.
    """
    last = campaign.last
    if seen is not None and (last is None or seen.at >= (seconds_since_1970(last["at"]) or 0.0)):
        return Standing(seen.state, seen.counts, utc_text(seen.at), "revox", seen.controls)
    state = last["state"] if last else "unknown"
    controls = tuple(possible_controls(RevoxCampaign(id=campaign.campaign_id, status=state)))
    if last is None:
        return Standing(state, None, None, None, controls)
    return Standing(state, last["counts"], last["at"], "task", controls)


def listed(
    campaign: Campaign,
    recorded: Iterable[Recorded],
    now: Standing,
    *,
    problem: str | None,
    may_change: bool,
) -> dict[str, Any]:
    """
    Return a campaign as the list shows it.

    :param recorded: What its tasks have recorded besides.
    :param now: Where it stands.
    :param problem: Why Revox could not be asked.
    :param may_change: Whether the user may pause, resume and cancel it.
    """
    values = list(recorded)
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "state": now.state,
        "counts": now.counts,
        "left_out": _left_out(report(values)),
        "since": campaign.since,
        "launch": _launch(values),
        "tasks": [_task(task) for task in campaign.tasks],
        "revox_url": campaign.url,
        "seen_at": now.seen_at,
        "seen_by": now.seen_by,
        "problem": None if now.is_ended else problem,
        "actions": list(now.controls) if may_change else [],
    }


def report(recorded: Iterable[Recorded]) -> dict[str, Any] | None:
    """Return the contact report of the launch, or ``None`` if there is none."""
    for one in recorded:
        value = one.first("contact_report")
        if isinstance(value, Mapping):
            counts = {name: count_of(value.get(name)) for name in REPORT_COUNTS}
            reasons = {
                name: counts_of(value.get(name)) for name in ("invalid_by_reason", "suppressed_by_reason")
            }
            return {**counts, **reasons}
    return None


def people_left(now: Standing) -> int | None:
    """Return how many people are still to be called, or are being called; ``None``: it is not known."""
    if now.is_ended:
        return 0
    counts = now.counts or {}
    if any(name in counts for name in LEFT_COUNTS):
        return sum(counts.get(name, 0) for name in LEFT_COUNTS)
    if "total" not in counts:
        return None
    return max(0, counts["total"] - sum(counts.get(name, 0) for name in REACHED_COUNTS))


def with_log_url(attempt: Mapping[str, Any]) -> dict[str, Any]:
    """Return a try with the address of its log."""
    url = _task_url(attempt["dag_id"], attempt["run_id"], attempt["task_id"], attempt["map_index"])
    return {**attempt, "log_url": f"{url}?try_number={attempt['try_number']}"}


def text_now() -> str:
    """Return the time now."""
    return utc_text(time.time())


def _left_out(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    parts = {name: found[name] or 0 for name in ("invalid", "duplicate", "suppressed")}
    reasons: dict[str, int] = {}
    for group in ("invalid_by_reason", "suppressed_by_reason"):
        for reason, count in found[group].items():
            reasons[reason] = reasons.get(reason, 0) + count
    return {"total": sum(parts.values()), **parts, "reasons": reasons}


def _launch(recorded: Iterable[Recorded]) -> dict[str, Any] | None:
    values = [
        value
        for one in recorded
        if isinstance(value := one.first("launch"), Mapping) and value.get("outcome") in LAUNCH_OUTCOMES
    ]
    # One task may have created the campaign, and another one launched it.
    launches = [value for value in values if not value["outcome"].endswith(NOT_LAUNCHED)]
    for value in launches or values:
        known = {reason.value for reason in Reason}
        reason = value.get("reason")
        return {
            "outcome": value["outcome"],
            "launched_by_try": count_of(value.get("launched_by_try")),
            "reason": reason if reason in known else None,
        }
    return None


def _task(task: Task) -> dict[str, Any]:
    dag = f"{API_ROOT_PATH}dags/{quote(task.dag_id, safe='')}"
    return {
        "dag_id": task.dag_id,
        "run_id": task.run_id,
        "task_id": task.task_id,
        "map_index": task.map_index,
        "role": task.role,
        "state": task.state,
        "urls": {
            "dag": dag,
            "run": f"{dag}/runs/{quote(task.run_id, safe='')}",
            "task": _task_url(task.dag_id, task.run_id, task.task_id, task.map_index),
        },
    }


def _task_url(dag_id: str, run_id: str, task_id: str, map_index: int) -> str:
    dag, run, task = (quote(part, safe="") for part in (dag_id, run_id, task_id))
    mapped = f"/mapped/{map_index}" if map_index >= 0 else ""
    return f"{API_ROOT_PATH}dags/{dag}/runs/{run}/tasks/{task}{mapped}"
