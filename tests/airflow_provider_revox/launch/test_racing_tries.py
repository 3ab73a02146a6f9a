"""Of several campaigns of one launch: which stays, and which is cancelled? Step by step."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.models import FoundCampaigns
from airflow_provider_revox.launch.decide import launch
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    SecondCampaignError,
)
from airflow_provider_revox.launch.steps import Cancel, HasOtherPeople, Launched, Prepare, Wait
from tests.airflow_provider_revox.launch.step_by_step import (
    ASK,
    CREATE,
    LATER,
    LOOK,
    NAME,
    OUTAGE,
    TAG,
    campaign,
    play,
    rules,
)

OTHER_LIST = NAME.replace("aaaaaaaa", "bbbbbbbb")


def test_of_two_launches_the_earliest_stays_and_the_later_is_cancelled():
    mine, rival = campaign("b"), campaign("a", "2026-11-24T09:59:59Z")
    taken, outcome = play([], mine, [mine, rival], True)
    assert taken[-1] == Cancel("b")
    assert (outcome.campaign.id, outcome.adopted) == ("a", True)


def test_the_first_of_two_workers_cancels_the_later_campaign_and_keeps_its_own():
    mine, rival = campaign("b"), campaign("a", "2026-11-24T10:00:01Z")
    taken, outcome = play([], mine, [rival, mine], True)
    assert taken[-1] == Cancel("a")
    assert (outcome.campaign.id, outcome.adopted) == ("b", False)


@pytest.mark.parametrize(
    "times",
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T11:30:00+01:00"),
        ("2026-11-24T10:00:00", "2026-11-24T10:00:01Z"),
        (1764000000, 1764000001.5),
        ({}, {}),
        (None, "yesterday"),
        ("2026-11-24T10:00:00Z", {}),
    ],
)
def test_every_worker_keeps_the_same_campaign_whatever_the_type_of_the_times(times):
    first, second = campaign("a", times[0]), campaign("b", times[1])
    for found in ([first, second], [second, first]):
        taken, outcome = play(found, True)
        assert outcome.campaign.id == "a"
        assert taken == [LOOK, Cancel("b")]


def test_a_cancelled_campaign_is_not_launched_again():
    taken, outcome = play([campaign(is_cancelled=True)])
    assert taken == [LOOK]
    assert isinstance(outcome, CampaignWasCancelledError)
    assert not outcome.transient
    assert (outcome.campaign_id, "Campaign cmp_1 of" in str(outcome)) == ("cmp_1", True)


CALLED, NOBODY = {"total": 2, "completed": 1}, {"total": 2, "completed": 0}


@pytest.mark.parametrize(
    ("stats", "named"),
    [((NOBODY, CALLED), "b"), ((NOBODY, None), "b"), ((CALLED, CALLED), None), ((NOBODY, NOBODY), None)],
)
def test_of_cancelled_campaigns_that_is_named_which_alone_may_have_called_people(stats, named):
    ages = ("2026-11-24T10:00:00Z", "2026-11-24T10:00:01Z")
    both = [
        campaign(id_, age, is_cancelled=True, row_stats=one)
        for id_, age, one in zip("ab", ages, stats, strict=True)
    ]
    _, outcome = play(both, *[one for one in both if one.row_stats is None])
    assert outcome.campaign_id == named
    assert f"Campaign {named or 'a'} of this launch" in str(outcome)


def test_a_later_campaign_that_cannot_be_cancelled_is_an_error_that_may_be_retried():
    first, second = campaign("a"), campaign("b", "2026-11-24T10:00:01Z")
    taken, outcome = play([first, second], OUTAGE)
    assert taken == [LOOK, Cancel("b")]
    assert isinstance(outcome, SecondCampaignError)
    assert outcome.transient
    assert "a was first and stays. b could not be cancelled" in str(outcome)


def test_a_later_campaign_that_has_ended_is_told():
    steps = launch(rules())
    next(steps)
    both = [campaign("a"), campaign("b", "2026-11-24T10:00:01Z", status="completed")]
    assert steps.send(FoundCampaigns(both)) == HasOtherPeople("a")
    assert steps.send(False) == Wait(0)
    assert steps.send(0.0) == HasOtherPeople("b")
    assert steps.send(False) == Prepare(history_applies=False)
    assert next(steps) == Cancel("b")
    assert "people may have been called twice" in steps.send(False).text


def test_both_workers_judge_by_the_list_even_if_the_answer_to_the_create_shows_other_times():
    older, newer = campaign("a"), campaign("b", "2026-11-24T10:00:01Z")
    for mine in ("a", "b"):
        _, outcome = play([], campaign(mine, {}), [older, newer], True)
        assert outcome.campaign.id == "a"


def test_a_copy_for_a_part_of_the_people_is_left_alone():
    part = campaign("b", LATER, row_stats={"total": 1})
    taken, outcome = play([campaign("a"), part])
    assert taken == [LOOK]
    assert outcome.campaign.id == "a"


def test_a_second_campaign_without_the_people_whom_the_phone_history_left_out_is_cancelled():
    fewer = campaign("b", LATER, row_stats={"total": 1})
    taken, outcome = play([campaign("a"), fewer], True, has_phone_history=True)
    assert taken == [LOOK, Cancel("b")]
    assert outcome.campaign.id == "a"


def test_a_copy_of_a_renamed_campaign_is_left_alone_although_it_has_the_same_people():
    both = [campaign("a", name=f"Ours {NAME}"), campaign("b", LATER, name=f"Copy of Ours {NAME}")]
    taken, outcome = play(both)
    assert taken == [LOOK]
    assert outcome.campaign.id == "a"


def test_a_campaign_that_the_list_shows_twice_is_not_its_own_twin():
    taken, outcome = play([campaign("a"), campaign("a")])
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK], "a")
    taken, outcome = play([], campaign("a"), [campaign("a"), campaign("a")])
    assert isinstance(outcome, Launched)
    assert (taken[-1], outcome.campaign.id) == (LOOK, "a")


def test_a_worker_that_was_later_cancels_its_own_campaign_whatever_the_names():
    mine, rival = campaign("b", name=f"{NAME} (x)"), campaign("a", "2026-11-24T09:59:59Z")
    taken, outcome = play([], mine, [mine, rival], True)
    assert taken[-1] == Cancel("b")
    assert outcome.campaign.id == "a"


def test_a_campaign_whose_people_differ_is_never_cancelled():
    mine, other = campaign("b"), campaign("a", "2026-11-24T09:59:59Z", name=OTHER_LIST)
    taken, outcome = play([], mine, [other, mine])
    assert taken == [LOOK, ASK, CREATE, LOOK]
    assert (outcome.campaign.id, outcome.adopted) == ("b", False)


@pytest.mark.parametrize("prefix", ["[ACME] ", "org/"])
def test_twins_are_known_by_their_names_whatever_the_server_puts_before_them(prefix):
    mine = campaign("b", name=f"{prefix}{TAG.name('Renewals', 2)}")
    rival = campaign("a", "2026-11-24T09:59:59Z", name=f"{prefix}{NAME}")
    taken, outcome = play([], mine, [mine, rival], True)
    assert taken[-1] == Cancel("b")
    assert outcome.campaign.id == "a"
    taken, outcome = play([mine, rival], True)
    assert taken[-1] == Cancel("b")


def test_a_status_that_says_cancelled_counts_even_without_the_flag():
    _, outcome = play([campaign(status="cancelled", is_cancelled=None)])
    assert isinstance(outcome, CampaignWasCancelledError)


def test_of_two_other_lists_the_first_launch_stands_and_none_is_cancelled():
    first = campaign("a", name=OTHER_LIST)
    second = campaign("b", "2026-11-24T10:00:01Z", name=OTHER_LIST.replace("bbbbbbbb", "cccccccc"))
    taken, outcome = play([second, first], try_number=2, has_own_name=lambda _: True)
    assert taken == [LOOK]
    assert isinstance(outcome, Launched)
    assert outcome.campaign.id == "a"
