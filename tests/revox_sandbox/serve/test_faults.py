from __future__ import annotations

import pytest
from pydantic import ValidationError

from revox_sandbox import Fault
from revox_sandbox.serve.faults import FaultPlan, path_matches


@pytest.mark.parametrize(
    ("template", "path", "matches"),
    [
        ("/campaigns", "/campaigns", True),
        ("/campaigns", "/campaigns/x", False),
        ("/campaigns/{id}", "/campaigns/x", True),
        ("/campaigns/{id}", "/campaigns", False),
        ("/campaigns/{id}", "/campaigns/x/cancel", False),
        ("/campaigns/{id}/cancel", "/campaigns/x/cancel", True),
        ("/campaigns/x", "/campaigns/x", True),
        ("/campaigns/x", "/campaigns/y", False),
        ("/campaigns/x.y", "/campaigns/x-y", False),
    ],
)
def test_templates_fit_paths(template, path, matches):
    assert path_matches(template, path) is matches


def strikes(plan, requests=6, method="GET", path="/campaigns"):
    return [fault.kind if fault else None for fault in (plan.take(method, path) for _ in range(requests))]


def test_a_fault_strikes_once_by_default():
    plan = FaultPlan()
    plan.add(Fault(kind="hang"))
    assert strikes(plan, 3) == ["hang", None, None]
    assert plan.fired == 1


def test_a_fault_strikes_as_often_as_told_after_those_it_skips():
    plan = FaultPlan()
    plan.add(Fault(kind="hang", times=2, skip=3))
    assert strikes(plan) == [None, None, None, "hang", "hang", None]


def test_a_fault_can_strike_for_ever():
    plan = FaultPlan()
    plan.add(Fault(kind="hang", times=None))
    assert strikes(plan, 50) == ["hang"] * 50
    assert len(plan.waiting) == 1


def test_the_first_fault_that_is_left_strikes():
    plan = FaultPlan()
    plan.add(Fault(kind="hang", method="POST"), Fault(kind="reset"), Fault(kind="close", times=2))
    assert strikes(plan) == ["reset", "close", "close", None, None, None]
    assert strikes(plan, 2, method="POST") == ["hang", None]


def test_the_request_a_fault_skips_may_be_struck_by_the_next_one():
    plan = FaultPlan()
    plan.add(Fault(kind="hang", skip=1), Fault(kind="reset", times=2))
    assert strikes(plan, 4) == ["reset", "hang", "reset", None]


def test_methods_may_be_written_in_any_case():
    assert Fault(kind="hang", method="post").matches("POST", "/campaigns")


def test_cleared_faults_strike_no_more():
    plan = FaultPlan()
    plan.add(Fault(kind="hang", times=2))
    plan.take("GET", "/campaigns")
    plan.clear()
    assert (strikes(plan, 1), plan.waiting, plan.fired) == ([None], [], 1)
    plan.reset()
    assert plan.fired == 0


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "explode"},
        {"kind": "status"},
        {"kind": "status", "status": 200},
        {"kind": "hang", "status": 500},
        {"kind": "hang", "body": "x"},
        {"kind": "hang", "seconds": 1},
        {"kind": "reset", "retry_after": 1},
        {"kind": "delay"},
        {"kind": "delay", "seconds": -1},
        {"kind": "hang", "times": 0},
        {"kind": "hang", "skip": -1},
        {"kind": "hang", "when": "during"},
        {"kind": "hang", "extra": 1},
    ],
)
def test_faults_that_make_no_sense_are_refused(options):
    with pytest.raises(ValidationError):
        Fault(**options)
