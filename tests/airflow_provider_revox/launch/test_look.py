"""What does the look before the create find, and does the phone history apply then? Step by step."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import NotFoundError
from airflow_provider_revox.client.models import FoundCampaigns
from airflow_provider_revox.launch.decide import launch
from airflow_provider_revox.launch.identity import LaunchIdentity, Reason, Remembered
from airflow_provider_revox.launch.racing_tries import Rules
from airflow_provider_revox.launch.steps import GetCampaign, HasOtherPeople, Prepare
from tests.airflow_provider_revox.launch.step_by_step import (
    ASK,
    CREATE,
    LOOK,
    OUTAGE,
    TAG,
    campaign,
    done,
    play,
    rules,
    waiting,
)


def test_a_campaign_that_was_renamed_is_found_by_the_id_that_an_earlier_try_noted():
    note = Remembered("cmp_1", TAG.people)
    steps = launch(Rules(identity=LaunchIdentity(TAG, try_number=2, remembered=note)))
    taken, outcome = play([], campaign(name="My renewals"), steps=steps)
    assert taken == [LOOK, GetCampaign("cmp_1")]
    assert (outcome.adopted, outcome.campaign.id) == (True, "cmp_1")


def test_a_noted_campaign_that_was_deleted_is_created_anew_and_one_that_can_not_be_seen_sends_nothing():
    identity = LaunchIdentity(TAG, try_number=2, remembered=Remembered("cmp_0", TAG.people))
    missing = NotFoundError(404, "GET", "/campaigns/cmp_0")
    taken, outcome = play([], missing, campaign(), [campaign()], steps=launch(Rules(identity=identity)))
    assert taken == [LOOK, GetCampaign("cmp_0"), ASK, CREATE, LOOK]
    assert outcome.reason is Reason.CREATED
    taken, outcome = play([], OUTAGE, steps=launch(Rules(identity=identity)))
    assert taken == [LOOK, GetCampaign("cmp_0")]
    assert outcome is OUTAGE


@pytest.mark.parametrize(
    ("found", "history_applies"),
    [
        ([], True),
        ([waiting()], True),
        ([campaign("a", status="draft")], True),
        ([waiting(left=1)], False),
        ([done()], False),
        ([done(is_cancelled=True)], False),
    ],
)
def test_the_history_applies_unless_a_campaign_of_the_launch_stands(found, history_applies):
    steps = launch(rules())
    next(steps)
    step = steps.send(FoundCampaigns(found))
    if step == HasOtherPeople("a"):
        step = steps.send(False)
    assert step == Prepare(history_applies)


def test_a_campaign_that_does_not_show_its_counts_is_asked_before_the_history_applies():
    steps = launch(rules())
    next(steps)
    assert steps.send(FoundCampaigns([waiting(row_stats=None)])) == GetCampaign("a")
    assert steps.send(done()) == HasOtherPeople("a")
    assert steps.send(False) == Prepare(history_applies=False)
