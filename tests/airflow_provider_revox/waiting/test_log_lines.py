"""A whole wait logs each change once, whichever processes it goes through, and its end once."""

from __future__ import annotations

import re
from collections import Counter

import airflow
import pytest

from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(
        airflow.__version__.startswith("2."), reason="Airflow 2 prints each line of dag.test twice"
    ),
]

REMEMBERS = tuple(map(int, airflow.__version__.split(".")[:2])) >= (3, 3)
"""Whether a poke that is a process of its own can know what an earlier one has logged."""
SENSOR = "CampaignSensor(task_id='wait', campaign_id='{id}', poke_interval=0.05, {options})"
OPERATOR = (
    "CreateCampaignOperator(task_id='wait', assistant_id='a', name='n', poll_interval=0.05, "
    "wait_for_completion=True, contacts=[{{'to_phone_number': '+14155550100'}}], {options})"
)
WAITS = {
    "sensor, poke": (SENSOR, "mode='poke'"),
    "sensor, reschedule": (SENSOR, "mode='reschedule'"),
    "sensor, deferrable": (SENSOR, "deferrable=True"),
    "operator, in the worker": (OPERATOR, ""),
    "operator, deferrable": (OPERATOR, "deferrable=True"),
}


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


def shown(status: str, *, cancelled: bool = False, **row_stats: int) -> Fault:
    campaign = {"id": "c1", "is_cancelled": cancelled, "status": status, "row_stats": row_stats}
    return Fault(
        kind="broken_json", method="GET", path="/campaigns/{id}", body={"campaign": campaign}, times=1
    )


def lines_of(output: str) -> Counter[str]:
    """Count what was logged of the campaign. Color codes, and what comes before the sentence, are cut off."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    found = re.findall(r"(?:Campaign c1 |Can't see campaign |Revox answers again)[^\n]*", plain)
    return Counter(re.sub(r"\s+\[[\w.]+\].*$|\s{2,}.*$", "", line).strip() for line in found)


@pytest.fixture
def wait_for(run_dag, revox_sandbox):
    """Return a function that waits for a campaign that Revox shows like this, one answer after the other."""

    def wait_for(wait: str, answers: list[Fault], more: str = ""):
        template, options = WAITS[wait]
        campaign_id = create_campaign(revox_sandbox, 1)
        revox_sandbox.faults.add(*answers)
        return run_dag(template.format(id=campaign_id, options=f"{options}, {more}".strip(", ")))

    return wait_for


@pytest.mark.parametrize("wait", WAITS)
def test_each_change_is_one_line(wait_for, wait):
    if wait == "sensor, reschedule" and not REMEMBERS:
        pytest.skip("before Airflow 3.3 a poke knows nothing of the poke before it")
    running = [shown("running", total=2, pending=2), shown("running", total=2, pending=2)]
    paused = [
        shown("paused", total=2, completed=1, pending=1),
        shown("paused", total=2, completed=1, pending=1),
    ]
    result = wait_for(wait, [*running, *paused, shown("completed", total=2, completed=2)])
    assert result.state == "success"
    assert lines_of(result.output) == {
        "Campaign c1 is running: 2 contacts: 2 pending": 1,
        "Campaign c1 is paused: 2 contacts: 1 completed, 1 pending": 1,
        "Campaign c1 is paused. It calls nobody until you resume it in Revox.": 1,
        "Campaign c1 is completed: 2 contacts: 2 completed": 1,
    }


@pytest.mark.parametrize("wait", WAITS)
def test_an_end_at_the_first_look_is_one_line(wait_for, wait):
    result = wait_for(wait, [shown("completed", total=1, completed=1)])
    assert lines_of(result.output) == {"Campaign c1 is completed: 1 contact: 1 completed": 1}


@pytest.mark.parametrize("wait", WAITS)
def test_a_failure_is_the_error_and_no_line_besides(wait_for, wait):
    result = wait_for(wait, [shown("running", total=1, pending=1), shown("running", cancelled=True, total=1)])
    assert result.state == "failed"
    text = "Campaign c1 was cancelled, so not everybody was called: 1 contact"
    assert text in result.output
    assert not re.search(
        rf"\[info[^\n]*{text}|INFO[^\n]*{text}", re.sub(r"\x1b\[[0-9;]*m", "", result.output)
    )


@pytest.mark.parametrize("wait", [wait for wait in WAITS if wait.startswith("sensor")])
def test_a_failure_that_skips_is_a_line(wait_for, wait):
    result = wait_for(wait, [shown("running", cancelled=True, total=1)], "soft_fail=True")
    assert result.tasks == {"wait": "skipped"}
    assert "Campaign c1 was cancelled, so not everybody was called: 1 contact" in result.output
