"""A campaign that carries the tag and is a copy, made by hand: is it set aside? Step by step."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.models import FoundCampaigns
from airflow_provider_revox.launch.decide import launch
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchUnconfirmedError,
    OtherListError,
)
from airflow_provider_revox.launch.steps import Cancel, HasOtherPeople, Launched
from tests.airflow_provider_revox.launch.step_by_step import (
    ASK,
    CREATE,
    LOOK,
    NAME,
    OF_THE_PAGE,
    OUTAGE,
    campaign,
    play,
    rules,
)


def test_a_copy_made_by_hand_is_left_alone():
    first, copy = campaign("a"), campaign("b", "2026-11-24T10:00:01Z", name=f"Copy of {NAME}")
    taken, outcome = play([first, copy])
    assert taken == [LOOK]
    assert outcome.campaign.id == "a"
    steps = launch(rules())
    next(steps)
    assert steps.send(FoundCampaigns([first, copy])) == HasOtherPeople("a")
    assert "Campaign b carries the tag of this launch, but has another name or other people" in (
        steps.send(False).text
    )


def test_a_copy_with_the_same_name_and_other_people_is_left_alone():
    both = [campaign("a"), campaign("b", "2026-11-24T10:00:01Z")]
    taken, outcome = play(both, other_people={"b"})
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK], "a")
    taken, outcome = play(both, other_people={"a"})
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK], "b")
    taken, outcome = play([], campaign("b"), both, other_people={"a", "b"})
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK, ASK, CREATE, LOOK], "b")  # this try has created it


@pytest.mark.parametrize("name", [NAME, f"Copy of {NAME}"])
def test_where_only_a_copy_with_other_people_is_left_nothing_is_launched(name):
    taken, outcome = play([campaign("b", name=name)], other_people={"b"})
    assert taken == [LOOK]
    assert isinstance(outcome, OtherListError)
    assert not outcome.transient
    assert "remove the tag ([af-...]) from the campaign's name" in str(outcome)


def test_a_renamed_campaign_stays_although_a_copy_with_other_people_has_its_name():
    renamed, copy = campaign("a", name=f"Ours {NAME}"), campaign("b", "2026-11-24T10:00:01Z")
    taken, outcome = play([renamed, copy], other_people={"b"})
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK], "a")


def test_without_its_rows_the_name_of_a_second_campaign_decides():
    both = [campaign("a"), campaign("b", "2026-11-24T10:00:01Z")]
    taken, outcome = play(both, True, other_people=OUTAGE)
    assert taken == [LOOK, Cancel("b")]
    assert outcome.campaign.id == "a"


def test_a_campaign_with_another_name_whose_rows_can_not_be_read_is_left_to_the_next_try():
    taken, outcome = play([campaign("a", name=f"Copy of {NAME}")], other_people=OUTAGE)
    assert taken == [LOOK]
    assert isinstance(outcome, LaunchUnconfirmedError)
    taken, outcome = play([campaign("a", name=f"Copy of {NAME}")], other_people=OF_THE_PAGE)
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK], "a")


def test_a_copy_with_other_people_does_not_stand_for_a_campaign_that_was_cancelled():
    taken, outcome = play([campaign("a", is_cancelled=True), campaign("b")], other_people={"b"})
    assert taken == [LOOK]
    assert isinstance(outcome, CampaignWasCancelledError)
