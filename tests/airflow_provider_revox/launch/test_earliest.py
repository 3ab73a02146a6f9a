"""Of two campaigns that call nobody yet, one may have people who were taken out one by one."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.campaign_state import has_launched_nothing
from airflow_provider_revox.launch.errors import PartlyLaunchedError, SecondCampaignError
from airflow_provider_revox.launch.steps import Cancel, LaunchCalls
from tests.airflow_provider_revox.launch.test_decide import LATER, campaign, play
from tests.airflow_provider_revox.launch.test_start_calls import done, found, launched, waiting

both_ways = pytest.mark.parametrize("launch", [True, False])
OPTED_OUT = [
    {"total": 2, "not_launched": 1, "skipped": 1},
    {"total": 2, "not_launched": 1},  # calls that are cancelled are in no count
    {"total": 2, "not_launched": 0, "skipped": 2},
]
opted_out = pytest.mark.parametrize("row_stats", OPTED_OUT)


def changes(taken):
    return [step for step in taken if isinstance(step, (Cancel, LaunchCalls))]


@both_ways
@opted_out
def test_an_opt_out_in_the_later_one_does_not_make_it_the_first(launch, row_stats):
    younger = waiting("b", LATER, row_stats=row_stats)
    for order in ([waiting(), younger], [younger, waiting()]):
        taken, outcome = play(found(*order), launch=launch)
        assert changes(taken) == []
        assert isinstance(outcome, SecondCampaignError)
        assert "a was first. Calls of b were cancelled one by one" in str(outcome)


@both_ways
@opted_out
def test_the_try_that_created_the_later_one_decides_alike(launch, row_stats):
    younger = waiting("b", LATER, row_stats=row_stats)
    taken, outcome = play(found(), waiting("b", LATER), found(waiting(), younger), launch=launch)
    assert changes(taken) == []
    assert isinstance(outcome, SecondCampaignError)


@pytest.mark.parametrize("row_stats", OPTED_OUT[:2])
def test_an_opt_out_in_the_first_one_stays_and_the_later_one_is_cancelled(row_stats):
    first = waiting(row_stats=row_stats)
    both, alone = found(first, waiting("b", LATER)), found(first, done("b", is_cancelled=True))
    taken, outcome = play(both, True, alone, launch=False)
    assert changes(taken) == [Cancel("b")]
    assert outcome.campaign == first
    taken, outcome = play(both, True, alone)
    assert changes(taken) == [Cancel("b")]
    assert isinstance(outcome, PartlyLaunchedError)


def test_beside_a_first_one_that_is_launched_the_later_one_is_cancelled_all_the_same():
    younger = waiting("b", LATER, row_stats=OPTED_OUT[0])
    taken, outcome = play(found(done(), younger), True)
    assert changes(taken) == [Cancel("b")]
    assert outcome.campaign.id == "a"


def test_a_later_one_that_calls_people_stays_and_the_first_is_cancelled():
    busy = waiting("b", LATER, row_stats={"total": 2, "not_launched": 0, "skipped": 1, "calling": 1})
    taken, outcome = play(found(waiting(), busy), True)
    assert changes(taken) == [Cancel("a")]
    assert outcome.campaign.id == "b"


def test_a_campaign_of_other_people_that_calls_nobody_yet_does_not_stop_the_first():
    other = waiting("b", LATER, row_stats={"total": 3, "not_launched": 2, "skipped": 1})
    taken, outcome = play(found(), waiting(), found(waiting(), other), launched())
    assert changes(taken) == [LaunchCalls("a", created_by_this_try=True)]
    assert outcome.campaign.id == "a"


@pytest.mark.parametrize(
    ("row_stats", "nothing"),
    [
        *((stats, True) for stats in OPTED_OUT),
        ({"total": 2, "not_launched": 2}, True),
        ({"total": 2, "not_launched": 1, "pending": 1}, False),
        ({"total": 2, "not_launched": 1, "completed": 1}, False),
        ({"total": 2, "not_launched": 1, "retry": 1}, False),
        ({"total": 2, "not_launched": 0}, False),
        ({"total": 2, "skipped": 1, "failed": 1}, False),
        ({"total": 2}, False),
        ({}, False),
        (None, False),
    ],
)
def test_what_has_launched_nothing(row_stats, nothing):
    assert has_launched_nothing(campaign(row_stats=row_stats)) is nothing
