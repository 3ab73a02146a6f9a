"""A wait counts the same in every mode, in tasks and in the trigger: at a StatsD server."""

from __future__ import annotations

from collections import Counter

import pytest

from airflow_provider_revox.metrics import FAILED_POLLS, OUTAGES, POLLS, WAIT_TIME
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign

DOWN = {"kind": "status", "status": 503}
SEES_IT_RUNNING = {
    "kind": "broken_json",
    "body": {"campaign": {"id": "c1", "is_cancelled": False, "status": "running"}},
}
MODES = {"poke": {}, "reschedule": {"mode": "reschedule"}, "deferred": {"deferrable": True}}


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, call_ends={"human": 1})


def test_a_wait_counts_the_same_in_every_mode(run_dag, revox_sandbox, statsd):
    ids = {mode: create_campaign(revox_sandbox, 1) for mode in MODES}
    revox_sandbox.advance(7 * 24 * 3600)
    for campaign_id in ids.values():
        path = f"/campaigns/{campaign_id}"
        revox_sandbox.faults.add(
            *(Fault(method="GET", path=path, **fault) for fault in (DOWN, SEES_IT_RUNNING, DOWN))
        )
    body = "\n".join(
        f"CampaignSensor(task_id={mode!r}, campaign_id={ids[mode]!r}, poke_interval=0.05, **{options!r})"
        for mode, options in MODES.items()
    )
    result = run_dag(body)
    assert set(result.tasks.values()) == {"success"}, result.output

    counts = Counter()
    for (name, task_id), number in statsd.counts("task_id").items():
        counts[name, task_id or "deferred"] += number  # the trigger of dag.test() does not know its task
    assert counts == {
        (name, mode): number
        for mode in MODES
        for name, number in {POLLS: 4, FAILED_POLLS: 2, OUTAGES: 2}.items()
    }
    timed = [one for one in statsd.received() if one.name == WAIT_TIME]
    assert sorted((one.tag("task_id"), one.tag("state")) for one in timed) == [
        (mode, "succeeded") for mode in sorted(MODES)
    ]
    assert all(0 < one.value < 600_000 for one in timed)


def test_a_wait_that_times_out_and_cancels_says_so_in_every_mode(run_dag, revox_sandbox, statsd):
    body = "\n".join(
        f"CampaignSensor(task_id={mode!r}, campaign_id={create_campaign(revox_sandbox, 1)!r}, timeout=0.3, "
        f"poke_interval=0.1, on_timeout='cancel', **{options!r})"
        for mode, options in MODES.items()
    )
    result = run_dag(body)
    assert set(result.tasks.values()) == {"failed"}, result.output
    timed = [one for one in statsd.received() if one.name == WAIT_TIME]
    assert sorted((one.tag("task_id"), one.tag("state")) for one in timed) == [
        (mode, "cancelled_late") for mode in sorted(MODES)
    ]
