"""What the tasks count that launch nothing: in a real Airflow, at a StatsD server."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.control import ALREADY_FINISHED, CONTROLS
from airflow_provider_revox.exceptions import RevoxRefusedError
from airflow_provider_revox.opt_outs.account import OUTCOMES
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.opt_outs.campaigns import call_ids, cancel, people, running
from tests.campaigns import number
from tests.docs.pages import DOCS

DAG = """
from airflow_provider_revox.operators.revox import (
    CampaignResultsOperator, CancelCallsOperator, CancelCampaignOperator, PauseCampaignOperator,
    ResumeCampaignOperator)

common = dict(campaign_id="{campaign_id}")
(
    PauseCampaignOperator(task_id="pause", **common)
    >> PauseCampaignOperator(task_id="pause_again", **common)
    >> ResumeCampaignOperator(task_id="resume", **common)
    >> CancelCallsOperator(task_id="take_out", campaign_ids="{campaign_id}", contacts={contacts!r})
    >> CampaignResultsOperator(task_id="results", path="{path}", **common)
    >> CancelCampaignOperator(task_id="cancel", **common)
)
"""


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, generation="launch-calls")


def test_each_task_counts_what_came_of_it(run_dag, revox_sandbox, statsd, tmp_path):
    campaign_id = running(revox_sandbox)
    contacts = [*people(7, 9), "+33612345678"]
    result = run_dag(DAG.format(campaign_id=campaign_id, contacts=contacts, path=tmp_path / "calls.csv"))
    assert result.state == "success", result.output
    assert statsd.counts("task_id") == {
        ("revox.control.paused", "pause"): 1,
        ("revox.control.already_paused", "pause_again"): 1,
        ("revox.control.resumed", "resume"): 1,
        ("revox.control.cancelled", "cancel"): 1,
        ("revox.opt_outs.given", "take_out"): 3,
        ("revox.opt_outs.cancelled", "take_out"): 2,
        ("revox.opt_outs.not_found", "take_out"): 1,
        ("revox.results.rows", "results"): 10,
        ("revox.results.records", "results"): 10,
    }
    assert not any(one in str(statsd.received()) for one in (*contacts, campaign_id))


def test_people_whom_a_failed_task_has_left_in_a_campaign_are_counted_as_open(revox_sandbox, statsd):
    campaign_id = running(revox_sandbox)
    path = f"/call/{call_ids(revox_sandbox, campaign_id)[number(7)]}/cancel"
    revox_sandbox.faults.add(Fault(kind="status", status=404, method="POST", path=path, times=None))
    with pytest.raises(RevoxRefusedError, match="may still be called"):
        cancel(campaign_id, people(7, 9))
    assert statsd.counts() == {
        ("revox.opt_outs.given",): 2,
        ("revox.opt_outs.open",): 1,
        ("revox.opt_outs.cancelled",): 1,
    }


def test_the_page_names_every_outcome():
    text = (DOCS / "reference/observability.md").read_text()
    controls = {name for one in CONTROLS.values() for name in (one.outcome, one.outcome_already)}
    for group, outcomes in {
        "control": controls | {ALREADY_FINISHED},
        "opt_outs": {*OUTCOMES, "not_found"},
    }.items():
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `revox.{group}.<outcome>`")]
        assert all(f"`{outcome}`" in row for outcome in outcomes), group
