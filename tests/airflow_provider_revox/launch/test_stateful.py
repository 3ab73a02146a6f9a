"""
Random sequences of tries, deaths, faults, cancels, renames, copies, deletes and overlaps: nobody is called by
two campaigns of the task.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from airflow_provider_revox.client import RevoxClient
from airflow_provider_revox.client.campaign_state import is_untouched
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.launch.errors import CampaignWasCancelledError
from airflow_provider_revox.launch.identity import Remembered
from airflow_provider_revox.launch.steps import Cancel, Create, LaunchCalls, Launched
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.launch.world import Worker, World, list_campaigns
from tests.campaigns import ask

pytestmark = [pytest.mark.matrix, pytest.mark.once]

MAX_KEYS, MAX_OVERLAP = 4, 3
HONEST = [400, 401, 403, 404, 422]
UNCLEAR = [408, 409, 429, 500, 502, 503, 504]
BREAKS = ["reset", "close", "truncate", "broken_json"]


def _faults(method, path):
    fields = {"method": st.just(method), "path": st.just(path), "times": st.integers(1, 2)}
    when = st.sampled_from(["before", "after"])
    status = st.just("status")
    return st.one_of(
        st.builds(Fault, kind=st.sampled_from(BREAKS), when=when, **fields),
        st.builds(Fault, kind=status, status=st.sampled_from(UNCLEAR), when=when, **fields),
        # A refusal is honest: what is refused was not carried out.
        st.builds(Fault, kind=status, status=st.sampled_from(HONEST), **fields),
    )


FAULTS = st.one_of(
    _faults("POST", "/campaigns"), _faults("GET", "/campaigns"), _faults("POST", "/campaigns/{id}/cancel")
)
LATER_FAULTS = st.one_of(
    FAULTS, _faults("POST", "/campaigns/{id}/launch-calls"), _faults("GET", "/campaigns/{id}")
)
ROWS = "/campaigns/{id}/rows"
MORE_FAULTS = st.one_of(LATER_FAULTS, _faults("GET", ROWS))
EXAMPLES = {"contract": 60, "drafts": 10, "launch-calls": 35}


class Key:
    """A launch key, and what is known of it beside what the API shows."""

    def __init__(self, world, listed):
        self.world, self.listed = world, listed
        self.tried = 0
        self.alive = []
        self.has_raced = False
        self.was_cancelled = False
        self.off_the_list = []
        self.renamed, self.copies = set(), set()

    def campaigns(self):
        """Return the campaigns that tries of this key have created, whatever their names are by now."""
        listed = self.listed()
        own = {one.id for one in self.world.campaigns(listed)} | self.renamed
        own_first = sorted(listed, key=lambda one: (one.created_at, one.id))
        return [one for one in own_first if one.id in own - self.copies]

    def is_at_rest(self):
        """Return whether no try runs or has raced, so that a person may change the campaign."""
        return not self.alive and not self.has_raced

    def remember(self, worker, result):
        """Note the campaign as the operator does where Airflow has a place for it."""
        campaign = result.campaign if isinstance(result, Launched) else result
        if isinstance(campaign, Campaign):
            people = self.world.tag.people
            self.world.remembered = Remembered(campaign.id, people, worker.try_number)

    def standing(self):
        """What is not cancelled, but for later campaigns that had called everybody before they could be."""
        left = [campaign for campaign in self.campaigns() if not campaign.is_cancelled]
        later = [campaign for campaign in left[1:] if campaign.status != "completed"]
        return [campaign.id for campaign in [*left[:1], *later]]

    def start(self, client):
        self.tried += 1
        worker = Worker(self.world, client, self.tried, limit=4.0)
        worker.try_number = self.tried
        worker.began_after_a_cancel = self.was_cancelled
        self.alive.append(worker)
        self.has_raced |= len(self.alive) > 1
        return worker


class Launches(RuleBasedStateMachine):
    sandbox: Sandbox
    client: RevoxClient

    def __init__(self):
        super().__init__()
        self.sandbox.reset()
        self.planned = []
        self.rows_are_readable = False
        self.keys = []
        self._listed = None
        self.new_key()

    def listed(self):
        """Return all campaigns; they are asked for again once something may have changed them."""
        if self._listed is None:
            self._listed = list_campaigns(self.sandbox)
        return self._listed

    def take(self, key, worker):
        """Let a worker take its next step, with the faults that are planned; nobody else meets them."""
        step, there = worker.step, len(key.campaigns())
        self.sandbox.faults.add(*self.planned)
        result = worker.carry_out()
        if isinstance(step, Create):
            key.remember(worker, result)
        key.remember(worker, worker.outcome)
        self._listed = None
        self.planned = self.sandbox.faults.waiting
        self.sandbox.faults.clear()
        if there and not key.has_raced:
            assert len(key.campaigns()) == there, "a second campaign beside an earlier one"
            assert not isinstance(step, Cancel)
        if worker.step is None:
            key.alive.remove(worker)
            self.judge(key, worker)

    def judge(self, key, worker):
        """A try has ended."""
        if isinstance(worker.outcome, Launched):
            if not key.alive:
                standing = key.standing()
                assert standing == [worker.outcome.campaign.id] or (key.was_cancelled and not standing)
                if not key.was_cancelled:
                    assert standing == [key.campaigns()[0].id], "the earliest stays"
            if not key.has_raced:
                assert not worker.began_after_a_cancel, "a cancelled key was launched"
        if isinstance(worker.outcome, CampaignWasCancelledError):
            assert key.was_cancelled

    @precondition(lambda self: len(self.keys) < MAX_KEYS)
    @rule()
    def new_key(self):
        number = len(self.keys)
        people = [f"+1415555{number:02}{person:02}" for person in range(2)]
        world = World(self.sandbox, key=f"run-{number}", people=people, retries=1)
        self.keys.append(Key(world, self.listed))

    @rule(data=st.data())
    def plan_faults(self, data):
        faults = FAULTS
        if self.creating_calls_nobody():
            faults = LATER_FAULTS if self.rows_are_readable else MORE_FAULTS
        self.planned += data.draw(st.lists(faults, min_size=1, max_size=3), "faults")

    def creating_calls_nobody(self):
        return self.sandbox.settings.generation == "launch-calls"

    @rule()
    def the_faults_end(self):
        self.planned = []

    @rule(data=st.data())
    def a_try_runs_alone_to_its_end(self, data):
        key = data.draw(st.sampled_from(self.keys), "key")
        key.alive.clear()  # whoever still lived is dead for good
        worker = key.start(self.client)
        while worker.step is not None:
            self.take(key, worker)

    @rule(data=st.data(), steps=st.integers(0, 4))
    def a_try_dies_after_some_steps(self, data, steps):
        key = data.draw(st.sampled_from(self.keys), "key")
        key.alive.clear()
        worker = key.start(self.client)
        for _ in range(steps):
            if worker.step is not None:
                self.take(key, worker)
        key.alive.clear()

    @rule(data=st.data())
    def a_try_starts_while_others_may_still_live(self, data):
        key = data.draw(st.sampled_from(self.keys), "key")
        if len(key.alive) < MAX_OVERLAP:
            key.start(self.client)
        assert 1 <= len(key.alive) <= MAX_OVERLAP

    @precondition(lambda self: any(key.alive for key in self.keys))
    @rule(data=st.data())
    def a_try_that_lives_takes_a_step(self, data):
        key = data.draw(st.sampled_from([key for key in self.keys if key.alive]), "key")
        self.take(key, data.draw(st.sampled_from(key.alive), "worker"))

    @rule(data=st.data())
    def two_tries_overlap_to_their_ends(self, data):
        key = data.draw(st.sampled_from(self.keys), "key")
        key.alive.clear()
        key.start(self.client)
        key.start(self.client)
        while key.alive:
            self.take(key, data.draw(st.sampled_from(key.alive), "worker"))

    @rule(data=st.data())
    def somebody_cancels_the_campaign_in_revox(self, data):
        key = data.draw(st.sampled_from(self.keys), "key")
        for campaign_id in [campaign.id for campaign in key.campaigns() if not campaign.is_cancelled]:
            key.was_cancelled |= self.client.cancel_campaign(campaign_id)
        self._listed = None

    @precondition(lambda self: self.sandbox.settings.generation != "contract")  # the API page has no update
    @rule(data=st.data(), name=st.sampled_from(["Ours", "{} (Ada's)"]))
    def somebody_renames_the_campaign(self, data, name):
        """Give it another name. The task finds it by its id, if the name has lost the tag."""
        key = data.draw(st.sampled_from(self.keys), "key")
        noted = key.world.remembered
        campaigns = key.campaigns()
        if not key.is_at_rest() or len(campaigns) != 1 or not noted or noted.campaign_id != campaigns[0].id:
            return
        update = CampaignUpdate.build(name=name.format(campaigns[0].name))
        self.client.update_campaign(campaigns[0].id, update)
        key.renamed.add(campaigns[0].id)
        self._listed = None

    @rule(data=st.data(), name=st.sampled_from(["{}", "Copy of {}"]))
    def somebody_copies_the_campaign_for_other_people(self, data, name):
        key = data.draw(st.sampled_from(self.keys), "key")
        campaigns = key.campaigns()
        if not campaigns or not key.world.tag.is_in(campaigns[0].name):
            return
        number = f"+14155559{len(key.copies):02}{self.keys.index(key):02}"
        body = {
            "assistant_id": "a",
            "name": name.format(campaigns[0].name),
            "contacts": [{"to_phone_number": number, "prompt_variables": {}}],
        }
        if self.sandbox.settings.generation == "drafts":
            body |= {"launch": True, "type": "regular"}
        if name == "{}":  # only its rows tell that it is a copy
            self.rows_are_readable = True
            self.planned = [fault for fault in self.planned if fault.path != ROWS]
        key.copies.add(ask(self.sandbox, "POST", "/campaigns", body)["campaign"]["id"])
        self._listed = None

    @rule(data=st.data())
    def somebody_deletes_what_has_called_nobody(self, data):
        """Delete the campaign and its copies. Then another try launches anew."""
        key = data.draw(st.sampled_from(self.keys), "key")
        calls = self.sandbox.calls_per_person()
        if not key.is_at_rest() or any(calls.get(number) for number in key.world.people):
            return
        for campaign_id in [*key.copies, *(campaign.id for campaign in key.campaigns())]:
            self.client.delete_campaign(campaign_id)
        key.copies.clear()
        key.renamed.clear()
        key.was_cancelled = False
        self._listed = None

    @precondition(lambda self: self.creating_calls_nobody())
    @rule(data=st.data())
    def a_try_dies_before_its_launch_and_somebody_is_taken_off_the_list(self, data):
        key = data.draw(st.sampled_from(self.keys), "key")
        key.alive.clear()  # a try that lives on has read the list before
        worker = key.start(self.client)
        while worker.step is not None and not isinstance(worker.step, LaunchCalls):
            self.take(key, worker)
        key.alive.clear()
        if all(map(is_untouched, key.campaigns())):
            off, stays = key.world.people
            key.world.people = [stays, f"{off[:-2]}{len(key.off_the_list) + 2:02}"]
            key.off_the_list.append(off)

    @rule(seconds=st.sampled_from([1, 60, 3600, 86400]))
    def time_passes(self, seconds):
        self.sandbox.advance(seconds)
        self._listed = None

    @invariant()
    def nobody_cancels_a_copy(self):
        copies = set().union(*(key.copies for key in self.keys))
        assert not any(one.is_cancelled for one in self.listed() if one.id in copies)

    @invariant()
    def nobody_is_called_by_two_campaigns_unless_two_tries_raced(self):
        calls = self.sandbox.calls_per_person()
        for key in self.keys:
            campaigns = key.campaigns()
            if not key.has_raced:
                assert len(campaigns) <= 1
            if not key.has_raced or self.creating_calls_nobody():
                assert all(calls.get(number, 0) <= 1 for number in key.world.people)
            assert all(calls.get(number, 0) <= len(campaigns) for number in key.world.people)
        assert self.sandbox.calls_after_an_answer() == {}

    def teardown(self):
        """Whatever has happened, the next undisturbed try leaves one campaign uncancelled at most."""
        self.planned = []
        for key in self.keys:
            key.alive.clear()
            worker = Worker(key.world, self.client, key.tried + 1)
            before = key.campaigns()
            worker.finish()
            self._listed = None
            assert len(key.standing()) == (0 if isinstance(worker.outcome, CampaignWasCancelledError) else 1)
            assert len(key.campaigns()) == max(1, len(before))
        self.sandbox.advance(86400)
        calls = self.sandbox.calls_per_person()
        assert not any(calls.get(number) for key in self.keys for number in key.off_the_list)


@pytest.fixture(scope="module", params=EXAMPLES)
def machine(request):
    with Sandbox(SandboxSettings(generation=request.param, speed=0)) as sandbox:
        world = World(sandbox, retries=1)
        with RevoxClient(world.config) as client:
            yield type("LaunchesHere", (Launches,), {"sandbox": sandbox, "client": client})


def test_no_sequence_of_tries_deaths_and_faults_launches_twice(machine, monkeypatch):
    monkeypatch.setattr("airflow_provider_revox.client.retry.FIRST_BACKOFF", 0.0)
    examples, wanted = [], EXAMPLES[machine.sandbox.settings.generation]

    class Counted(machine):
        def __init__(self):
            super().__init__()
            examples.append(1)

    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=wanted,
            stateful_step_count=30,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(examples) >= wanted
