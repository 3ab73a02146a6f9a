"""Whether a campaign would call just those whom it is to call, read from its rows on every generation."""

from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client import RevoxClient, all_rows
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.launch.errors import LaunchUnconfirmedError
from airflow_provider_revox.launch.same_people import has_other_people, has_people
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.launch.world import GENERATIONS, World, hurry

ADA, BOB, CLEO = "+33612345678", "+14155550100", "+447400123456"
ROWS = {"method": "GET", "path": "/campaigns/{id}/rows"}
every = pytest.mark.parametrize("generation", GENERATIONS)
paged = pytest.mark.parametrize("generation", ["contract"])
whole = pytest.mark.parametrize("generation", ["launch-calls"])


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(generation=generation, speed=0)


@pytest.fixture
def compare(revox_sandbox, monkeypatch):
    """Compare the people of a campaign of Ada, Bob and Bob with others."""
    hurry(monkeypatch)
    monkeypatch.setattr(all_rows, "PAGE_SIZE", 2)
    world = World(revox_sandbox, people=(ADA, BOB, BOB))
    campaign_id = world.put()

    def go(*numbers, total=None):
        with RevoxClient(world.config) as client:
            return has_people(client, campaign_id, numbers, total=total)

    return go


@pytest.fixture
def has_others(revox_sandbox, monkeypatch):
    """Look for people of a campaign of Ada, Bob and Bob who are not on a list."""
    hurry(monkeypatch)
    monkeypatch.setattr(all_rows, "PAGE_SIZE", 3)
    world = World(revox_sandbox, people=(ADA, BOB, BOB))
    campaign_id = world.put()

    def go(*numbers):
        with RevoxClient(world.config) as client:
            return has_other_people(client, campaign_id, set(numbers))

    return go


def answer(*numbers, **more):
    rows = [{"id": str(index), "phone_number": number} for index, number in enumerate(numbers)]
    return Fault(**ROWS, kind="broken_json", times=None, body=json.dumps({"rows": rows, **more}))


@every
@pytest.mark.parametrize("total", [None, 3])
def test_the_same_people_are_the_same_in_any_order_and_way_of_writing(compare, total):
    assert compare(BOB, ADA, BOB, total=total)
    assert compare("+1 415-555-0100", BOB, "+33 06 12 34 56 78", total=total)


@every
def test_other_people_are_others_even_if_they_are_as_many(compare):
    assert not compare(CLEO, BOB, BOB, total=3)
    assert not compare(ADA, ADA, BOB, total=3)
    assert not compare(ADA, BOB)
    assert not compare(ADA, BOB, BOB, CLEO)
    assert not compare(total=3)


@whole
def test_a_campaign_of_more_people_is_not_read(compare, revox_sandbox):
    before = len(revox_sandbox.requests())
    assert not compare(ADA, BOB, total=3)
    assert len(revox_sandbox.requests()) == before


@whole
@pytest.mark.parametrize("number", [None, "", "anonymous", "0612345678", 33612345678])
def test_who_cannot_be_read_is_nobody_of_this_try(compare, revox_sandbox, number):
    revox_sandbox.faults.add(answer(ADA, number))
    assert not compare(ADA, BOB)


@whole
def test_numbers_are_compared_and_not_their_text(compare, revox_sandbox):
    revox_sandbox.faults.add(answer("+33 6 12 34 56 78", "0014155550100"))
    assert compare(ADA, BOB)


@every
@pytest.mark.parametrize("kind", ["truncate", "broken_json", "reset"])
def test_rows_of_an_answer_that_broke_off_do_not_count(compare, revox_sandbox, kind):
    revox_sandbox.faults.add(Fault(**ROWS, kind=kind, when="after"))
    assert compare(ADA, BOB, BOB, total=3)
    revox_sandbox.faults.add(Fault(**ROWS, kind=kind, when="after", times=None))
    with pytest.raises(RevoxError) as caught:
        compare(ADA, BOB, BOB, total=3)
    assert caught.value.transient
    assert ADA not in str(caught.value)


@whole
@pytest.mark.parametrize(
    "fault",
    [
        answer(ADA, BOB),
        answer(ADA, BOB, BOB, BOB),
        answer(),
        answer(ADA, BOB, page=1, page_size=2, total=3),
        Fault(
            **ROWS,
            kind="broken_json",
            body=json.dumps({"rows": [{"id": "a", "phone_number": number} for number in (ADA, BOB, BOB)]}),
        ),
    ],
    ids=["too few", "too many", "none", "the same page again", "a row twice"],
)
def test_rows_that_do_not_add_up_say_nothing(compare, revox_sandbox, fault):
    revox_sandbox.faults.add(fault)
    with pytest.raises(LaunchUnconfirmedError):
        compare(ADA, BOB, BOB, total=3)


@paged
def test_pages_that_end_before_their_total_say_nothing(compare, revox_sandbox):
    revox_sandbox.faults.add(answer(page=2, page_size=2, total=3))
    with pytest.raises(LaunchUnconfirmedError):
        compare(ADA, BOB, BOB)


@every
def test_people_who_are_not_on_the_list_are_seen(has_others):
    assert not has_others(ADA, BOB)
    assert not has_others(ADA, BOB, CLEO)
    assert has_others(ADA)
    assert has_others(CLEO)


@paged
def test_numbers_that_can_not_be_read_are_no_other_people(has_others, revox_sandbox):
    revox_sandbox.faults.add(answer("+33 6 12 34 56 78", "hidden", None))
    assert not has_others(ADA)


@paged
def test_only_the_first_page_of_rows_is_read(has_others, revox_sandbox):
    revox_sandbox.faults.add(answer(ADA, total=100_000))
    before = len(revox_sandbox.requests())
    assert not has_others(ADA)
    assert len(revox_sandbox.requests()) == before + 1
