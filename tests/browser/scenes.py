"""What the pictures of the docs show: campaigns of a usual day."""

from __future__ import annotations

from typing import Any

from tests.browser.answers import before, campaign, details

REASONS = {"not_valid": 361, "no_number": 69, "suppressed": 402, "do_not_contact": 196}


def usual_day() -> list[dict[str, Any]]:
    """Return campaigns in several states."""
    return [
        _of_the_day("Renewals of November", "renewals", "running", 2, _counts(4120, 212, 36, 508, 5124)),
        _of_the_day("Appointments of next week", "appointments", "paused", 3, _counts(140, 12, 0, 30, 151)),
        _of_the_day("Win back, Lyon", "win_back", "completed", 26, _counts(380, 24)),
        _of_the_day("Win back, Nantes", "win_back", "cancelled", 27, _counts(97, 11, 0, 0, 192), tried=2),
    ]


def long_campaign() -> dict[str, Any]:
    """Return a campaign that has called for two hours, with a pause for lunch."""
    [running, *_] = usual_day()
    progress = []
    for minute in range(0, 121, 4):
        called = min(minute, 50) + max(0, minute - 70)
        share = (called / 100) ** 0.8
        counts = {name: int(running["counts"][name] * share) for name in ("completed", "failed", "retry")}
        counts["calling"] = 0 if 50 < minute < 70 else 36
        counts["pending"] = 10_000 - sum(counts.values())
        progress.append({"at": before(minutes=121 - minute), "state": "running", "counts": counts})
    progress[-1]["counts"] = running["counts"]
    report = {
        "received": 11_240,
        "to_call": 10_000,
        "invalid": 430,
        "invalid_by_reason": {"not_valid": 361, "no_number": 69},
        "duplicate": 212,
        "suppressed": 598,
        "suppressed_by_reason": {"suppressed": 402, "do_not_contact": 196},
    }
    return details(**running, now=before(), progress=progress, report=report, people_left=5668)


def _counts(
    completed: int, failed: int, calling: int = 0, retry: int = 0, pending: int = 0
) -> dict[str, int]:
    parts = {"completed": completed, "failed": failed, "calling": calling, "retry": retry, "pending": pending}
    return {"total": sum(parts.values()), **parts}


def _of_ten_thousand(parts: dict[str, int], total: int) -> dict[str, int]:
    return {name: part * total // 10_000 for name, part in parts.items()}


def _of_the_day(
    name: str, dag_id: str, state: str, hours: int, counts: dict[str, int], tried: int = 1
) -> dict[str, Any]:
    since = before(hours=hours)
    run_id = f"scheduled__{since[:10]}"
    url = f"/dags/{dag_id}"
    urls = {"dag": url, "run": f"{url}/runs/{run_id}", "task": f"{url}/runs/{run_id}/tasks/call"}
    task = {"dag_id": dag_id, "run_id": run_id, "task_id": "call", "map_index": -1, "role": "launch"}
    left = _of_ten_thousand({"invalid": 430, "duplicate": 212, "suppressed": 598}, counts["total"])
    reasons = _of_ten_thousand(REASONS, counts["total"])
    outcome = "created" if tried == 1 else "adopted"
    return campaign(
        campaign_id=dag_id + name[-4:],
        name=name,
        state=state,
        counts=counts,
        since=since,
        left_out={"total": sum(left.values()), **left, "reasons": reasons},
        launch={"outcome": outcome, "launched_by_try": tried, "reason": "this try created it"},
        tasks=[{**task, "state": "success", "urls": urls}],
        actions={"running": ["pause", "cancel"], "paused": ["resume", "cancel"]}.get(state, []),
    )
