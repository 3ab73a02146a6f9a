"""
Every fault at every request of a campaign that is created first and launched later, whole and in parts.

The matrix is the product: the kinds of faults x before and after the effect x every request x 1 and 3 in a
row. The launch meets every kind, a look one status of each class. Behind it: people who ask for no calls
between two tries, calls that are cancelled between two tries, tries that die or are killed between any two
steps, and tries that overlap in every order.
"""

from __future__ import annotations

import contextlib
import itertools

import pytest

from airflow_provider_revox.client import RevoxClient
from airflow_provider_revox.client.campaign_state import is_untouched
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.launch.errors import LaunchKilledError, LaunchRefusedError, LaunchUnconfirmedError
from airflow_provider_revox.launch.launch_existing import LaunchedCampaign, LaunchOrder
from airflow_provider_revox.launch.steps import Cancel, Launched
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.fault_kinds import KINDS, WHEN, says_something_new
from tests.airflow_provider_revox.launch.later_launch import ORDERS, LaterLaunch, Try, cancel_calls, everybody
from tests.airflow_provider_revox.launch.races import every_schedule
from tests.airflow_provider_revox.launch.requests_of_a_launch import CREATE, LOOK
from tests.airflow_provider_revox.launch.schedules import every_way_to_choose, without_mirrored_reads
from tests.airflow_provider_revox.launch.world import World, hurry, show_generation

pytestmark = [pytest.mark.matrix, pytest.mark.once]

LAUNCH = {
    "launch-calls": {"method": "POST", "path": "/campaigns/{id}/launch-calls"},
    "drafts": {"method": "POST", "path": "/campaigns/{id}/launch"},
}
LOOK_AT_ONE = {"method": "GET", "path": "/campaigns/{id}"}
ROWS = {"method": "GET", "path": "/campaigns/{id}/rows"}
HISTORY = {"method": "GET", "path": "/calls/phone-history"}
PLACES = {
    "first_look": LOOK_AT_ONE,
    "rows": ROWS,
    "history": HISTORY,
    "second_look": {**LOOK_AT_ONE, "skip": 1},
    "launch": None,
    "look_after_lost_launch": {**LOOK_AT_ONE, "skip": 2},
    "rows_after_lost_launch": {**ROWS, "skip": 1},
}
CELLS = [
    (generation, order, kind, when, place, times)
    for generation, order in (("launch-calls", "all"), ("launch-calls", "part"), ("drafts", "all"))
    for kind in KINDS
    for when in WHEN
    for place in PLACES
    if says_something_new(kind, when, acts=place == "launch")
    for times in (1, 3)
    if place != "rows_after_lost_launch" or order == "part"
    if times == 1 or (place == "launch" and generation == "launch-calls")
]
CREATE_PLACES = {"first_look": {**LOOK}, "create": {**CREATE}, "look_after_create": {**LOOK, "skip": 1}}
CREATE_CELLS = [
    (generation, kind, when, place)
    for generation in LAUNCH
    for kind in KINDS
    for when in WHEN
    for place in CREATE_PLACES
    if says_something_new(kind, when, acts=place == "create")
]
both = pytest.mark.parametrize("order", list(ORDERS.values()), ids=list(ORDERS))


@pytest.fixture(scope="module")
def served():
    with contextlib.ExitStack() as stack:
        yield {
            generation: stack.enter_context(Sandbox(SandboxSettings(generation=generation, speed=0)))
            for generation in LAUNCH
        }


@pytest.fixture
def generation():
    return "launch-calls"


@pytest.fixture
def sandbox(served, generation, monkeypatch):
    hurry(monkeypatch)
    monkeypatch.setattr("airflow_provider_revox.launch.start_calls.FIRST_BACKOFF", 0.001)
    served[generation].reset()
    show_generation(served[generation])
    yield served[generation]
    served[generation].wait_for(
        lambda: all(request.outcome is not None for request in served[generation].requests())
    )


@pytest.fixture
def launch(sandbox):
    return LaterLaunch(sandbox)


@pytest.fixture
def client(launch):
    with RevoxClient(launch.config) as client:
        yield client


def end_well(launch, order, wanted, outcome):
    """Everybody of the part is called, nobody else, and the rest later: nobody twice."""
    assert isinstance(outcome, LaunchedCampaign), outcome
    assert launch.attempt(order).launched == 0, "a retry launches nobody else"
    assert launch.called() == wanted
    launch.attempt(LaunchOrder())
    assert launch.called() == everybody()


@pytest.mark.parametrize(("generation", "order", "kind", "when", "place", "times"), CELLS)
def test_no_fault_at_any_request_calls_twice_or_the_wrong_people(
    sandbox, launch, generation, order, kind, when, place, times
):
    order = ORDERS[order]
    wanted = launch.wanted(order)
    if place.endswith("_after_lost_launch"):
        sandbox.faults.add(Fault(**LAUNCH[generation], kind="reset", when="after"))
    where = PLACES[place] or LAUNCH[generation]
    sandbox.faults.add(Fault(**KINDS[kind], **where, when=when, times=times))

    outcome, tried = launch.tries(order)

    assert sandbox.faults.fired >= 1, "the fault has struck nothing"
    sandbox.faults.clear()
    if isinstance(outcome, RevoxError):
        assert not outcome.transient
        assert launch.called() <= wanted
        outcome, _ = launch.tries(order, 1)  # somebody has mended it, and clears the task
    assert tried <= times + 1
    end_well(launch, order, wanted, outcome)


@both
@pytest.mark.parametrize("kind", ["hang", "reset", "status_500", "status_502"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_who_asks_for_no_calls_between_two_tries_is_not_called(sandbox, launch, order, kind, when):
    wanted = launch.wanted(order)
    sandbox.faults.add(Fault(**LAUNCH["launch-calls"], **KINDS[kind], when=when))
    sandbox.faults.add(Fault(**LOOK_AT_ONE, kind="status", status=503, skip=2))
    with pytest.raises(LaunchUnconfirmedError):
        launch.attempt(order)
    sandbox.faults.clear()
    sandbox.do_not_contact(min(wanted))
    if when == "after":  # they were launched before anybody asked
        assert launch.attempt(order).launched == 0
        assert launch.called() == wanted
        return
    with pytest.raises(LaunchRefusedError, match="1 do_not_contact"):
        launch.attempt(order)
    assert launch.called() == set()


@pytest.mark.parametrize("when", ["before", "after"])
def test_of_a_part_whose_people_are_taken_out_between_two_tries_nobody_else_is_called(
    sandbox, launch, client, when
):
    order = ORDERS["part"]
    wanted = launch.wanted(order)
    out = min(wanted)
    sandbox.faults.add(Fault(**LAUNCH["launch-calls"], kind="reset", when=when))
    sandbox.faults.add(Fault(**ROWS, kind="status", status=503, skip=1))
    with pytest.raises(LaunchUnconfirmedError):
        launch.attempt(order)
    sandbox.faults.clear()
    cancel_calls(client, launch.campaign_id, [out, *sorted(everybody() - wanted)[:1]])
    launch.attempt(order)
    assert launch.called() == (wanted if when == "after" else wanted - {out})


@both
def test_the_calls_of_the_campaign_itself_do_not_count_against_it(sandbox, launch, order):
    wanted = launch.wanted(order)
    launch.attempt(order)
    assert launch.called() == wanted
    launch.attempt(LaunchOrder())  # not_called_within is an hour, and the first part was called just now
    assert launch.called() == everybody()


@pytest.mark.parametrize(
    ("generation", "order"), [("drafts", "all"), ("launch-calls", "all"), ("launch-calls", "part")]
)
@pytest.mark.parametrize("dies_after", range(5))
def test_a_try_that_dies_between_two_steps_leaves_the_rest_to_its_retry(
    launch, client, generation, order, dies_after
):
    order = ORDERS[order]
    wanted = launch.wanted(order)
    dying = Try(launch, client, order)
    for _ in range(dies_after):
        if dying.step is not None:
            dying.carry_out()
    end_well(launch, order, wanted, launch.attempt(order))


@both
@pytest.mark.parametrize("killed_after", range(3))
def test_a_try_that_is_killed_before_its_launch_launches_nobody(sandbox, launch, order, killed_after):
    wanted = launch.wanted(order)
    asked = len(sandbox.requests())
    with pytest.raises(LaunchKilledError, match="launches no more calls of campaign"):
        launch.attempt(order, is_killed=lambda: len(sandbox.requests()) > asked + killed_after)
    assert launch.called() == set()
    end_well(launch, order, wanted, launch.attempt(order))


@pytest.mark.parametrize(
    ("generation", "orders"),
    [("drafts", ("all", "all"))] + [("launch-calls", two) for two in itertools.product(ORDERS, repeat=2)],
)
@pytest.mark.parametrize("struck", [None, "before", "after"])
def test_every_interleaving_of_two_tries_launches_everybody_once(served, generation, orders, struck):
    sandbox = served[generation]
    first, second = (ORDERS[order] for order in orders)
    played = 0
    for choose in every_way_to_choose():
        sandbox.reset()
        show_generation(sandbox)
        launch = LaterLaunch(sandbox)
        with RevoxClient(launch.config) as client:
            wanted = [launch.wanted(first), launch.wanted(second)]
            tries = [Try(launch, client, first), Try(launch, client, second)]
            if struck:
                sandbox.faults.add(Fault(**LAUNCH[generation], kind="reset", when=struck))
            last = None
            while running := [index for index in (0, 1) if tries[index].step is not None]:
                if not (left := without_mirrored_reads(running, tries[0].step, last)):
                    break
                turn = choose(left)
                last = turn, tries[turn].step
                tries[turn].carry_out()
            if running:
                continue
            left = launch.wanted(LaunchOrder())
            for one, people in zip(tries, wanted, strict=True):
                # What a try could not tell apart from a launch beside it, it leaves to the next try.
                is_green = isinstance(one.outcome, LaunchedCampaign)
                assert not left & people if is_green else one.outcome.transient
            sandbox.faults.clear()
            for order in (first, second):
                launch.attempt(order)
        assert launch.called() == wanted[0] | wanted[1]
        played += 1
    assert played > 5


@pytest.mark.parametrize(("generation", "kind", "when", "place"), CREATE_CELLS)
def test_no_fault_at_a_create_that_is_not_launched_makes_two_campaigns_or_calls_anybody(
    sandbox, generation, kind, when, place
):
    world = World(sandbox)
    world.launch = False
    sandbox.faults.add(Fault(**KINDS[kind], **CREATE_PLACES[place], when=when))
    search = 10.0 if (kind, place) == ("late", "create") else 0.06

    outcome, _ = world.tries(8, reconcile_seconds=search)

    assert sandbox.faults.fired == 1
    sandbox.faults.clear()
    assert len(world.campaigns()) <= 1
    if isinstance(outcome, RevoxError):
        assert not outcome.transient
        outcome, _ = world.tries(1)
    assert isinstance(outcome, Launched)
    assert world.not_cancelled() == [outcome.campaign.id]
    assert is_untouched(world.campaigns()[0])
    assert world.calls() == [0, 0]
    later = LaterLaunch(sandbox)
    later.campaign_id = outcome.campaign.id
    later.attempt(LaunchOrder())
    assert world.calls() == [1, 1]


@pytest.mark.parametrize("kind", [None, "reset", "status_502"])
def test_every_interleaving_of_two_creates_ends_with_one_campaign_that_calls_nobody(served, kind):
    world = World(served["launch-calls"], retries=0)
    world.launch = False
    fault = Fault(**CREATE, **KINDS[kind], when="after") if kind else None
    raced = played = 0
    with RevoxClient(world.config) as one, RevoxClient(world.config) as two:
        for workers, trace in every_schedule(world, [one, two], fault=fault):
            campaigns = world.campaigns()
            assert [each.id for each in campaigns if not each.is_cancelled] == [campaigns[0].id]
            assert is_untouched(campaigns[0])
            for worker in workers:
                if isinstance(worker.outcome, Launched):
                    assert worker.outcome.campaign.id == campaigns[0].id
            assert isinstance(workers[1].outcome, Launched)
            assert world.calls() == [0, 0]
            raced += any(isinstance(step, Cancel) for _, step in trace)
            played += 1
    assert played > 10
    assert raced > 2 or kind
