"""The example ``hubspot_sync`` over five data intervals, with a failure at each task and request."""

from __future__ import annotations

import re

import pytest

from dev.hubspot import CONTACTS
from revox_sandbox import Fault
from tests.dags.sync_world import DAYS, SUCCESS, TASKS, check_each_is_called_and_told_once

pytestmark = pytest.mark.matrix

OF_HUBSPOT = ["search", "search", "batch/read", "batch/update", "batch/read", "batch/read", "batch/update"]
OF_REVOX = {
    "contract": [
        *("GET /calls/phone-history", "GET /auth-status", "GET /campaigns", "GET /auth-status"),
        *("GET /assistants/a", "POST /campaigns", "GET /campaigns", "GET /campaigns/{id}"),
        *("GET /campaigns/{id}", "GET /campaigns/{id}/rows"),
    ],
    "launch-calls": [
        *("GET /calls/phone-history", "GET /campaigns", "GET /assistants/a"),
        *("POST /campaigns", "GET /campaigns"),
        *("POST /campaigns/{id}/launch-calls", "GET /campaigns/{id}", "GET /campaigns/{id}"),
        "GET /campaigns/{id}/rows",
    ],
}
"""The requests of one run, in their order, by the generation of Revox."""
SOME_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
LOSSES = [
    Fault(kind="close", when="after"),  # sent again by the request itself
    Fault(kind="truncate", when="after"),  # sent again by the next try of the task
    Fault(kind="status", status=429, retry_after=3),
]


def places(requests: list[str]) -> list[tuple[str, int]]:
    """Return each request with how many equal ones come before it."""
    return [(request, requests[:index].count(request)) for index, request in enumerate(requests)]


@pytest.mark.parametrize("generation", OF_REVOX, indirect=True)
def test_a_run_sends_the_requests_that_the_matrix_strikes(world, generation):
    for day in world.days():
        sent = len(world.hubspot.requests), len(world.sandbox.requests())
        assert world.run(day) == SUCCESS
        if day:  # the first run may have to find out which Revox it is
            of_hubspot = [path for path, _ in world.hubspot.requests[sent[0] :]]
            of_revox = [f"{one.method} {one.path}" for one in world.sandbox.requests()[sent[1] :]]
            assert of_hubspot == OF_HUBSPOT
            assert [SOME_ID.sub("{id}", request) for request in of_revox] == OF_REVOX[generation]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("task_id", TASKS)
def test_a_worker_dies_at_each_task(world, task_id, moment):
    for day in world.days():
        world.deaths.append((task_id, moment))
        assert world.run(day) == SUCCESS
        assert not world.deaths
    check_each_is_called_and_told_once(world.crm, world.sandbox)


@pytest.mark.parametrize("fault", LOSSES, ids=lambda fault: fault.kind)
@pytest.mark.parametrize(("path", "nth"), places(OF_HUBSPOT))
def test_hubspots_answer_is_lost(world, path, nth, fault):
    for day in world.days():
        world.hubspot.faults.add(fault.model_copy(update={"path": f"{CONTACTS}/{path}", "skip": nth}))
        assert world.run(day) == SUCCESS
    assert world.hubspot.faults.fired == DAYS
    check_each_is_called_and_told_once(world.crm, world.sandbox)


@pytest.mark.parametrize(
    ("generation", "request_", "nth"),
    [(name, *place) for name, requests in OF_REVOX.items() for place in places(requests)],
    indirect=["generation"],
)
def test_the_answer_of_revox_is_lost(world, request_, nth):
    method, path = request_.split()
    for day in world.days():
        world.sandbox.faults.add(Fault(kind="close", method=method, path=path, skip=nth, when="after"))
        assert world.run(day) == SUCCESS
    assert world.sandbox.faults.fired == DAYS
    check_each_is_called_and_told_once(world.crm, world.sandbox)
