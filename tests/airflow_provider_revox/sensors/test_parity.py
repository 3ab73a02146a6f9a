"""A wait ends alike in every mode, on every version of Airflow: outcome x mode x soft_fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import airflow
import pytest

from airflow_provider_revox.client import RevoxClient
from airflow_provider_revox.client.requests import CampaignCreate
from revox_sandbox import Fault, Sandbox, SandboxSettings

REMEMBERS_OUTAGES = tuple(map(int, airflow.__version__.split(".")[:2])) >= (3, 3)
"""Whether a look that is a process of its own can know since when Revox has not answered."""
MODES: dict[str, dict[str, Any]] = {
    "poke": {"mode": "poke"},
    "reschedule": {"mode": "reschedule"},
    "deferrable": {"deferrable": True},
}
ROW_STATS = {"total": 1, "pending": 0, "calling": 0, "retry": 0, "completed": 0, "failed": 1}


@dataclass(frozen=True)
class End:
    """How a task ended, and what became of its campaign."""

    state: str
    error: str | None = None
    tries: int = 1
    xcom: dict[str, int] | None = None
    cancelled: bool = False


SUCCESS = End("success", xcom=ROW_STATS)
LEFT_OUT = {"total": 2, "completed": 1, "not_launched": 1}
TIMED_OUT = End("failed", "AirflowSensorTimeout")
UNAVAILABLE = End("failed", "RevoxUnavailableError", tries=2)


@dataclass(frozen=True)
class Outcome:
    """
    What happens to a campaign while a sensor waits for it.

    :param end: How the sensor ends. With ``soft_fail`` it is skipped where it would have failed.
    :param options: Of the sensor.
    :param ends: Whether the campaign has ended by the time it is looked at.
    :param known: Whether there is such a campaign.
    :param faults: What the looks meet, one after the other.
    :param end_in: How the sensor ends instead in one mode.
    """

    end: End
    options: dict[str, Any] = field(default_factory=dict)
    ends: bool = True
    known: bool = True
    faults: tuple[dict[str, Any], ...] = ()
    end_in: dict[str, End] = field(default_factory=dict)


def shows(**fields: Any) -> dict[str, Any]:
    """An answer that shows a campaign as the sandbox never does."""
    return {"kind": "broken_json", "body": {"campaign": {"id": "c1", "is_cancelled": False, **fields}}}


DOWN = {"kind": "status", "status": 503}
OUTCOMES = {
    "completed": Outcome(SUCCESS),
    "enough_reached": Outcome(SUCCESS, {"max_failed_ratio": 1.0}),
    "some_never_launched": Outcome(
        End("success", xcom=LEFT_OUT), faults=(shows(status="completed", row_stats=LEFT_OUT),)
    ),
    "too_many_failed": Outcome(End("failed", "CampaignFailedError"), {"max_failed_ratio": 0.5}),
    "cancelled": Outcome(End("failed", "CampaignFailedError", cancelled=True), ends=False),
    "cancelled_by_status": Outcome(End("failed", "CampaignFailedError"), faults=(shows(status="cancelled"),)),
    "paused": Outcome(SUCCESS, faults=(shows(status="paused"),)),
    "paused_fails": Outcome(
        End("failed", "CampaignFailedError"), {"on_paused": "fail"}, faults=(shows(status="paused"),)
    ),
    "unknown_status": Outcome(SUCCESS, faults=(shows(status="resting"),)),
    "unknown_campaign": Outcome(End("failed", "RevoxRefusedError"), known=False),
    "wrong_key": Outcome(End("failed", "RevoxRefusedError"), {"revox_conn_id": "revox_wrong_key"}),
    "late": Outcome(TIMED_OUT, {"timeout": 0.5, "poke_interval": 60}, ends=False),
    "late_cancelled": Outcome(
        End("failed", "AirflowSensorTimeout", cancelled=True),
        # The second look comes at the deadline, so Airflow's own deadline can't end a look before it.
        {"timeout": 2, "on_timeout": "cancel", "poke_interval": 60},
        ends=False,
    ),
    "short_outage": Outcome(
        SUCCESS, faults=(DOWN, {"kind": "reset"}, {"kind": "status", "status": 429, "retry_after": 0})
    ),
    "no_outage_allowed": Outcome(UNAVAILABLE, {"outage_budget": 0}, faults=({**DOWN, "times": None},)),
    "long_outage": Outcome(
        UNAVAILABLE,
        {"outage_budget": 0.3, "timeout": 600 if REMEMBERS_OUTAGES else 4},
        faults=({**DOWN, "times": None},),
        end_in={} if REMEMBERS_OUTAGES else {"reschedule": TIMED_OUT},
    ),
}


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, call_ends={"busy": 1})


def tasks(soft_fail: bool, first: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """
    Return the outcome and the mode of each task.

    Where a sensor succeeds, ``soft_fail`` is not looked at, so one outcome is enough. A sensor that keeps its
    worker does the same at every look, so it need not end at the first one.
    """
    return [
        (name, mode)
        for name, outcome in OUTCOMES.items()
        for mode in MODES
        if not soft_fail or outcome.end.state != "success" or name == "completed"
        if first or mode != "poke"
    ]


def launch_all(
    sandbox: Sandbox, client: RevoxClient, planned: list[tuple[str, str]], first: list[dict[str, Any]]
) -> dict[str, str]:
    """Launch a campaign for each task and plan what happens to it; return their ids by task."""
    contacts = [{"to_phone_number": "+33612345678", "prompt_variables": {}}]
    campaign = CampaignCreate.build(assistant_id="a1", name="x", contacts=contacts)
    ids = {}
    for ended in (True, False):
        for name, mode in planned:
            if OUTCOMES[name].ends is ended:
                ids[f"{name}.{mode}"] = client.create_campaign(campaign).id
        if ended:
            sandbox.advance(7 * 24 * 3600)
    for name, mode in planned:
        campaign_id = ids[f"{name}.{mode}"]
        path, faults = f"/campaigns/{campaign_id}", [*first, *OUTCOMES[name].faults]
        sandbox.faults.add(*[Fault(method="GET", path=path, **fault) for fault in faults])
        if not OUTCOMES[name].known:
            client.delete_campaign(campaign_id)
        if name == "cancelled":
            client.cancel_campaign(campaign_id)
    return ids


def dag_of(ids: dict[str, str], planned: list[tuple[str, str]], soft_fail: bool, notes: Path) -> str:
    lines = [
        "def note(context):",
        f"    with open({str(notes)!r}, 'a') as file:",
        "        print(context['ti'].task_id, type(context['exception']).__name__, file=file)",
        "retrying = dict(retries=1, retry_delay=timedelta(0))",
        "noting = dict(on_failure_callback=note, on_retry_callback=note)",
    ]
    for name, mode in planned:
        task_id = f"{name}.{mode}"
        options = {"campaign_id": ids[task_id], "poke_interval": 0.05, "timeout": 600}
        options |= {**OUTCOMES[name].options, **MODES[mode], "task_id": task_id, "soft_fail": soft_fail}
        lines.append(f"CampaignSensor(**retrying, **noting, **{options!r})")
    return "\n".join(lines)


# A deferred sensor looks once in the worker: what it sees there goes another way than what the trigger sees.
@pytest.mark.parametrize("first", [[], [shows(status="running")]], ids=["at the first look", "later"])
@pytest.mark.parametrize("soft_fail", [False, True], ids=["hard", "soft_fail"])
def test_every_mode_ends_alike(
    run_dag: Callable[..., Any],
    revox_sandbox: Sandbox,
    client: RevoxClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    soft_fail: bool,
    first: list[dict[str, Any]],
) -> None:
    wrong_key = {**json.loads(revox_sandbox.conn_json()), "password": "wrong"}
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_WRONG_KEY", json.dumps(wrong_key))
    planned, notes = tasks(soft_fail, first), tmp_path / "notes"
    ids = launch_all(revox_sandbox, client, planned, first)
    notes.touch()
    result = run_dag(dag_of(ids, planned, soft_fail, notes))
    errors = dict(line.split() for line in notes.read_text().splitlines())
    revox_sandbox.faults.clear()
    cancelled = {campaign.id for campaign in client.list_campaigns() if campaign.is_cancelled}
    ends = {
        task_id: End(
            result.tasks[task_id],
            errors.get(task_id),
            result.tries[task_id],
            result.xcom(task_id),
            campaign_id in cancelled,
        )
        for task_id, campaign_id in ids.items()
    }
    expected = {
        f"{name}.{mode}": OUTCOMES[name].end_in.get(mode, OUTCOMES[name].end) for name, mode in planned
    }
    if soft_fail:
        expected = {
            task_id: end if end.state == "success" else End("skipped", cancelled=end.cancelled)
            for task_id, end in expected.items()
        }
    assert ends == expected
    # At least: the output has both the console and the log records.
    warned = sum(name == "some_never_launched" for name, _ in planned)
    assert result.output.count("is completed, but the calls of 1 contact were never launched") >= warned
