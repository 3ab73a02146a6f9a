"""
Every fault at every request of an opt-out, kills, two tasks at once, and Airflow's retries behind them.

The matrix is the product: the kinds of faults x before and after the effect x every request (the question
whether this API can cancel calls, the looks at each campaign and at its rows before and after the cancels,
the cancel of a call) x 1 and 5 in a row. The first cancel meets every kind, also a refusal after the call was
cancelled; the other requests meet one status of each class. The generations that can cancel calls have the
same requests here, so one of them gets the cancels alone. Behind the matrix, seeded plans mix the faults,
while people are called and hang up between any two requests.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading

import pytest

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.metrics import Metrics
from airflow_provider_revox.opt_outs import take_out
from airflow_provider_revox.opt_outs.account import Account
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.fault_kinds import KINDS as ALL_KINDS
from tests.airflow_provider_revox.fault_kinds import REFUSALS, WHEN, says_something_new
from tests.airflow_provider_revox.launch.patience import Patience
from tests.airflow_provider_revox.launch.world import airflow_tries_again
from tests.airflow_provider_revox.opt_outs.campaigns import (
    LATER,
    MINUTE,
    WEEK,
    attempts,
    cancels,
    client_of,
    people,
    running,
    statuses,
)

pytestmark = [pytest.mark.matrix, pytest.mark.once]

LOG = logging.getLogger(__name__)
TRIES = 8
KINDS = {**ALL_KINDS, "no_success": {"kind": "broken_json", "body": {"success": False}}}
AUTH = {"method": "GET", "path": "/auth-status"}
CAMPAIGN = {"method": "GET", "path": "/campaigns/{id}"}
ROWS = {"method": "GET", "path": "/campaigns/{id}/rows"}
CANCEL = {"method": "POST", "path": "/call/{id}/cancel"}
PLACES = {
    "auth_status": AUTH,
    "first_campaign": CAMPAIGN,
    "second_campaign": {**CAMPAIGN, "skip": 1},
    "first_rows": ROWS,
    "second_rows": {**ROWS, "skip": 1},
    "cancel": CANCEL,
    "second_cancel": {**CANCEL, "skip": 1},
    "campaign_after_cancels": {**CAMPAIGN, "skip": 2},
    "rows_after_cancels": {**ROWS, "skip": 2},
}
CELLS = [
    (generation, kind, when, place, times)
    for generation in LATER
    for kind in KINDS
    for when in WHEN
    for place in PLACES
    if place == "cancel" or kind == "no_success" or says_something_new(kind, when, acts=False)
    for times in (1, 5)
    if generation == "launch-calls" or (place.endswith("cancel") and times == 1)
    if kind != "no_success" or place.endswith("cancel")
]
OPTED_OUT = people(0, 3, 4)
"""The first of them is being called in the first campaign."""


@pytest.fixture(scope="module")
def served():
    with contextlib.ExitStack() as stack:
        settings = {"speed": 0, "call_ends": {"no_answer": 1}}
        yield {
            generation: stack.enter_context(Sandbox(SandboxSettings(generation=generation, **settings)))
            for generation in LATER
        }


@pytest.fixture
def generation():
    return "launch-calls"


@pytest.fixture
def sandbox(served, generation, monkeypatch):
    sandbox = served[generation]
    sandbox.reset()
    monkeypatch.setattr("airflow_provider_revox.client.retry.FIRST_BACKOFF", 0.001)
    # Time passes only where a task pauses.
    monkeypatch.setattr(take_out.time, "sleep", lambda seconds: sandbox.advance(MINUTE / 2))
    yield sandbox
    # A request that is late must not act in the next test.
    sandbox.wait_for(lambda: all(request.outcome is not None for request in sandbox.requests()))


class World:
    """Two campaigns, and the tries of a task that takes people out of them."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.ids = [running(sandbox, 6, name="one"), running(sandbox, 8, name="two")]
        self.patience = Patience(sandbox)

    def attempt(self, wrap=lambda client: None):
        """Run one try."""
        with client_of(self.sandbox, retries=2) as client:
            self.patience.apply(client)
            wrap(client)
            return take_out.take_out(client, self.ids, frozenset(OPTED_OUT), LOG, Metrics())

    def tries(self, most=TRIES):
        """Run tries as Airflow does; return the account or the last error, and how many tries there were."""
        for tried in range(1, most + 1):
            try:
                return self.attempt(), tried
            except RevoxError as error:
                outcome = error
                if not airflow_tries_again(error):
                    return error, tried
                self.sandbox.advance(MINUTE)
        return outcome, tried

    def end_well(self):
        """Nobody who opted out is called from now on, and everybody else is."""
        # A request that a fault has held back may still act.
        self.sandbox.wait_for(lambda: all(one.outcome is not None for one in self.sandbox.requests()))
        self.sandbox.faults.clear()
        for campaign_id in self.ids:
            shown = statuses(self.sandbox, campaign_id)
            assert {shown[number] for number in OPTED_OUT} <= {"cancelled", "errored", "completed"}
        before = attempts(self.sandbox, *self.ids)
        self.sandbox.advance(WEEK)
        after = attempts(self.sandbox, *self.ids)
        assert {number: after[number] - before[number] for number in OPTED_OUT} == dict.fromkeys(OPTED_OUT, 0)
        assert all(count > 1 for number, count in after.items() if number not in OPTED_OUT)


@pytest.mark.parametrize(("generation", "kind", "when", "place", "times"), CELLS)
def test_nobody_who_opted_out_is_called_after_the_task_was_green(sandbox, kind, when, place, times):
    world = World(sandbox)
    sandbox.faults.add(Fault(**KINDS[kind], **PLACES[place], when=when, times=times))

    outcome, tried = world.tries()

    assert sandbox.faults.fired >= 1, "the fault has struck nothing"
    if isinstance(outcome, RevoxError):
        assert KINDS[kind].get("status") in REFUSALS, f"not final: {outcome!r}"
        assert "/call/" not in str(outcome)
        sandbox.faults.clear()
        sandbox.advance(MINUTE)
        outcome, _ = world.tries()  # somebody has mended it, and clears the task
    assert tried <= times + 1
    assert outcome.to_dict()["found"] == len(OPTED_OUT)
    world.end_well()
    sent = cancels(sandbox)
    assert world.attempt().counts()["open"] == 0
    assert cancels(sandbox) == sent


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("generation", LATER)
@pytest.mark.parametrize("is_sent", [False, True])
@pytest.mark.parametrize("place", range(1, 17))
def test_a_task_that_is_killed_at_any_request_is_finished_by_its_retry(sandbox, is_sent, place):
    world = World(sandbox)

    def kill(client):
        send, sent = client._send_once, []

        def send_once(endpoint):
            sent.append(endpoint)
            if len(sent) == place and not is_sent:
                raise Killed
            answer = send(endpoint)
            if len(sent) == place:
                raise Killed
            return answer

        client._send_once = send_once

    with pytest.raises(Killed):
        world.attempt(kill)
    outcome, _ = world.tries()
    assert outcome.to_dict()["found"] == len(OPTED_OUT)
    world.end_well()


def passing(sandbox, draw, most):
    """Let a random time pass at every request: people are called, and hang up."""

    def wrap(client):
        send = client._send_once

        def send_once(endpoint):
            sandbox.advance(draw.uniform(0, most))
            return send(endpoint)

        client._send_once = send_once

    return wrap


@pytest.mark.parametrize("generation", LATER)
@pytest.mark.parametrize("seed", range(40))
def test_faults_of_all_kinds_mixed_while_people_are_called(sandbox, seed):
    draw = random.Random(seed)
    world = World(sandbox)
    quick = [name for name in KINDS if name != "late"]
    for _ in range(draw.randint(1, 6)):
        where = dict(draw.choice([AUTH, CAMPAIGN, ROWS, CANCEL, CANCEL]))
        kind = KINDS[draw.choice(quick)]
        if kind is KINDS["no_success"]:
            where = CANCEL
        often = {"times": draw.randint(1, 3), "skip": draw.randint(0, 4)}
        sandbox.faults.add(Fault(**kind, **where, when=draw.choice(["before", "after"]), **often))
    attempt, most = world.attempt, draw.choice([1.0, 20.0, 200.0])
    world.attempt = lambda: attempt(passing(sandbox, draw, most))

    for _ in range(6):
        outcome, _ = world.tries()
        if not isinstance(outcome, RevoxError):
            break
        assert not airflow_tries_again(outcome)  # somebody clears the task
    assert outcome.to_dict()["found"] <= len(OPTED_OUT)
    world.end_well()


def ended(world, wrap):
    try:
        return world.attempt(wrap)
    except RevoxError as error:
        return error


@pytest.mark.parametrize("generation", LATER)
@pytest.mark.parametrize("seed", range(10))
def test_two_tasks_at_once_are_both_green_and_cancel_for_the_same_people(sandbox, seed):
    world, draw = World(sandbox), random.Random(seed)
    outcomes, gate = [], threading.Barrier(2)

    def run():
        wrap = passing(sandbox, random.Random(draw.random()), 5.0)
        gate.wait()
        for _ in range(TRIES):
            outcome = ended(world, wrap)
            if not (isinstance(outcome, RevoxError) and airflow_tries_again(outcome)):
                break
        outcomes.append(outcome)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(outcome) for outcome in outcomes] == [Account, Account]
    world.end_well()


@pytest.mark.parametrize("kind", ["hang", "reset", "status_500", "status_429"])
def test_an_outage_that_outlasts_all_tries_is_never_green_and_the_next_try_finishes(sandbox, kind):
    world = World(sandbox)
    sandbox.faults.add(Fault(**KINDS[kind], **CANCEL, skip=1, times=None))
    outcome, tried = world.tries(3)
    assert isinstance(outcome, RevoxError)
    assert tried == 3
    sandbox.faults.clear()
    sandbox.advance(MINUTE)
    outcome, _ = world.tries()
    assert outcome.to_dict()["found"] == len(OPTED_OUT)
    world.end_well()
