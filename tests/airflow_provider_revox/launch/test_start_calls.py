"""Where creating a campaign calls nobody: when is it launched, and when is it left alone? Step by step."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import NoAnswerError, NotFoundError, RateLimitedError, RejectedError
from airflow_provider_revox.client.models import Campaign, LaunchedCalls
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchRefusedError,
    LaunchUnconfirmedError,
    PartlyLaunchedError,
    SecondCampaignError,
)
from airflow_provider_revox.launch.start_calls import adopt, stands, start_calls
from airflow_provider_revox.launch.steps import (
    Cancel,
    ComparePeople,
    GetCampaign,
    LaunchCalls,
    LaunchDraft,
    Launched,
)
from tests.airflow_provider_revox.launch.step_by_step import (
    ASK,
    CREATE,
    CREATED,
    LATER,
    LOOK,
    LOOK_AGAIN,
    OUTAGE,
    SAME,
    campaign,
    done,
    found,
    launched,
    play,
    waiting,
)

LOST = NoAnswerError("POST", "/campaigns/a/launch-calls", "ReadTimeout")
REFUSED = RejectedError(400, "POST", "/campaigns/a/launch-calls", "no")


def test_what_waits_is_launched_once_it_is_settled_that_it_stays():
    taken, outcome = play([], waiting(), [waiting()], launched())
    assert taken == [LOOK, ASK, CREATE, LOOK, CREATED]
    assert (outcome.campaign.id, outcome.adopted) == ("a", False)


def test_a_rival_is_cancelled_and_seen_to_be_so_before_the_launch():
    both = [waiting(), waiting("b", LATER)]
    alone = [waiting(), done("b", is_cancelled=True)]
    taken, outcome = play([], waiting(), both, True, alone, launched())
    assert taken == [LOOK, ASK, CREATE, LOOK, Cancel("b"), LOOK, CREATED]
    assert outcome.campaign.id == "a"
    taken, outcome = play([], waiting("b", LATER), both, True, alone, True, launched())
    assert taken == [LOOK, ASK, CREATE, LOOK, Cancel("b"), LOOK, SAME, LaunchCalls("a")]
    assert (outcome.campaign.id, outcome.adopted) == ("a", True)


def test_what_calls_people_stays_even_if_it_is_the_later():
    busy = waiting("b", LATER, row_stats={"total": 2, "not_launched": 0, "calling": 2})
    taken, outcome = play([waiting(), busy], True)
    assert taken == [LOOK, Cancel("a")]
    assert outcome.campaign.id == "b"


def test_what_was_launched_before_it_could_be_cancelled_is_not_called_again():
    both = [waiting(), waiting("b", LATER)]
    called = done("b", is_cancelled=True, row_stats={"total": 2, "not_launched": 0, "calling": 1})
    taken, outcome = play([], waiting(), both, True, [waiting(), called], True)
    assert taken == [LOOK, ASK, CREATE, LOOK, Cancel("b"), LOOK, Cancel("a")]
    assert isinstance(outcome, CampaignWasCancelledError)
    assert "b of this launch calls people already" in str(outcome)
    assert outcome.campaign_id == "b"


def test_a_campaign_is_not_launched_beside_one_whose_calls_are_launched_and_wait():
    steps = start_calls(waiting(), [waiting(), done("b", LATER)], created_by_this_try=True)
    assert next(steps) == Cancel("a")
    with pytest.raises(CampaignWasCancelledError, match="b of this launch calls people already"):
        steps.send(True)


@pytest.mark.parametrize("total", [2, 3])
def test_a_campaign_is_not_launched_beside_one_of_which_somebody_was_taken_out(total):
    """It may have this person, too, who must not be called."""
    other = waiting("b", LATER, row_stats={"total": total, "not_launched": total - 1, "skipped": 1})
    taken, outcome = play(found(), waiting(), found(waiting(), other), True, found(other))
    assert not any(isinstance(step, LaunchCalls) for step in taken)
    assert isinstance(outcome, PartlyLaunchedError)


def test_a_rival_that_cannot_be_cancelled_and_calls_nobody_is_told_and_does_not_hold_the_launch_up():
    both = [waiting(), waiting("b", LATER)]
    taken, outcome = play(both, False, both, True, launched())
    assert taken == [LOOK, Cancel("b"), LOOK, SAME, LaunchCalls("a")]
    assert outcome.campaign.id == "a"


@pytest.mark.parametrize("second_look", [OUTAGE, [waiting("c", "2026-11-24T09:00:00Z"), waiting()]])
def test_without_being_seen_alone_it_is_not_launched(second_look):
    taken, outcome = play([], waiting(), [waiting(), waiting("b", LATER)], True, second_look)
    assert taken == [LOOK, ASK, CREATE, LOOK, Cancel("b"), LOOK]
    assert isinstance(outcome, SecondCampaignError)
    assert outcome.transient


def test_what_its_tag_does_not_find_is_not_launched():
    taken, outcome = play([], waiting(), *[[]] * 4, waiting(), reconcile_seconds=5)
    assert taken == [LOOK, ASK, CREATE, LOOK, *[LOOK_AGAIN] * 3, GetCampaign("a")]
    assert isinstance(outcome, SecondCampaignError)
    assert "a was created and calls nobody yet" in str(outcome)


# --- adopted ---


def test_what_an_earlier_try_left_is_launched():
    taken, outcome = play([waiting()], True, launched())
    assert taken == [LOOK, SAME, LaunchCalls("a")]
    assert outcome.adopted
    taken, outcome = play([campaign("a", status="draft")], True, campaign("a"), campaign("a"))
    assert taken == [LOOK, SAME, LaunchDraft("a"), GetCampaign("a")]
    assert outcome.campaign.status == "running"


@pytest.mark.parametrize(
    ("left", "total"), [(waiting(), 2), (campaign("a", status="draft", row_stats=None), None)]
)
def test_what_an_earlier_try_left_is_not_launched_for_other_people(left, total):
    taken, outcome = play([left], False, left, OUTAGE, left, reconcile_seconds=7)
    assert taken == [LOOK, ComparePeople("a", total), *[GetCampaign("a")] * 3]
    assert isinstance(outcome, LaunchRefusedError)
    assert not outcome.transient
    assert "a of an earlier try was created and calls nobody yet" in str(outcome)
    assert "make sure that no other try of this task runs" in str(outcome)


def test_what_an_earlier_try_is_about_to_launch_for_other_people_is_adopted_when_it_is_launched():
    taken, outcome = play([waiting()], False, waiting(), done())
    assert taken == [LOOK, SAME, GetCampaign("a"), GetCampaign("a")]
    assert (outcome.campaign, outcome.adopted) == (done(), True)


def test_what_is_cancelled_while_an_earlier_try_may_launch_it_is_no_success():
    _, outcome = play([waiting()], False, done(is_cancelled=True))
    assert isinstance(outcome, CampaignWasCancelledError)


def test_what_can_not_be_looked_at_again_is_left_to_the_next_try():
    _, outcome = play([waiting()], False, *[OUTAGE] * 3, reconcile_seconds=7)
    assert isinstance(outcome, LaunchUnconfirmedError)


@pytest.mark.parametrize("error", [OUTAGE, NotFoundError(404, "GET", "/campaigns/a/rows")])
def test_while_its_people_cannot_be_seen_it_is_left_to_the_next_try(error):
    taken, outcome = play([waiting()], error)
    assert taken == [LOOK, SAME]
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert outcome.transient


# --- what stands, and what is adopted as it is ---


@pytest.mark.parametrize("now", [waiting(), campaign("a", status="draft")])
def test_a_campaign_that_was_launched_at_the_first_look_is_not_launched_without_the_history(now):
    # Everybody is in the contacts then, so equal people prove nothing.
    steps = adopt(now, [now], has_own_name=True, history_applied=False, reconcile_seconds=1)
    with pytest.raises(LaunchUnconfirmedError, match="was launched at the first look") as caught:
        next(steps)
    assert caught.value.transient


@pytest.mark.parametrize(
    ("found", "launched"),
    [
        ([], False),
        ([waiting()], False),
        ([waiting(left=1)], True),
        ([done()], True),
        ([campaign("a", status="draft")], False),
        ([campaign("a")], True),
        ([waiting(), done("b")], True),
        ([done(is_cancelled=True)], True),
        ([done(is_cancelled=True), waiting("b")], False),
    ],
)
def test_a_campaign_stands_if_it_was_touched_and_none_replaces_it(found, launched):
    assert stands(found) is launched


@pytest.mark.parametrize(
    "left_alone",
    [
        done(),
        campaign("a"),
        waiting(left=1, status="paused"),
        waiting(left=1, status="completed"),
    ],
    ids=["done", "running", "paused in part", "completed in part"],
)
def test_what_calls_people_is_adopted_as_it_is(left_alone):
    taken, outcome = play([left_alone])
    assert taken == [LOOK]
    assert isinstance(outcome, Launched)
    assert outcome.campaign is left_alone


@pytest.mark.parametrize(
    ("nobody_called", "options"),
    [
        (waiting(status="paused"), {}),
        (waiting(status="completed"), {}),
        (waiting(), {"has_own_name": lambda campaign: False}),
        (campaign("a", status="draft"), {"has_own_name": lambda campaign: False}),
    ],
)
def test_what_calls_nobody_and_must_not_be_launched_makes_the_task_red(nobody_called, options):
    taken, outcome = play([nobody_called], **options)
    assert taken == [LOOK]
    assert isinstance(outcome, LaunchRefusedError)
    assert not outcome.transient
    assert "a of this launch calls nobody" in str(outcome)


def test_a_campaign_of_which_a_part_is_launched_is_left_to_the_next_try():
    taken, outcome = play([waiting(left=1)])
    assert taken == [LOOK]
    assert isinstance(outcome, PartlyLaunchedError)
    assert outcome.transient


@pytest.mark.parametrize(
    ("stats", "goes_on"),
    [
        ({"not_launched": 2}, True),
        ({"not_launched": 2, "pending": 2}, True),
        ({"not_launched": 1, "completed": 1}, False),
    ],
)
def test_without_a_total_what_was_called_shows_whether_it_is_untouched(stats, goes_on):
    taken, outcome = play([waiting(row_stats=stats)], *([True, launched()] if goes_on else []))
    assert (LaunchCalls("a") in taken) is goes_on
    assert isinstance(outcome, PartlyLaunchedError) is not goes_on


def test_where_the_list_does_not_count_the_campaign_itself_is_asked():
    taken, _ = play([waiting(row_stats=None)], waiting(), True, launched())
    assert taken == [LOOK, GetCampaign("a"), SAME, LaunchCalls("a")]
    taken, outcome = play([waiting(row_stats=None)], OUTAGE)
    assert taken == [LOOK, GetCampaign("a")]
    assert isinstance(outcome, LaunchUnconfirmedError)


# --- the launch itself ---


@pytest.mark.parametrize("answer", [LOST, OUTAGE, REFUSED, launched(0), launched(1), LaunchedCalls()])
def test_after_an_answer_that_is_not_clear_the_campaign_tells(answer):
    taken, outcome = play([], waiting(), [waiting()], answer, done())
    assert taken == [LOOK, ASK, CREATE, LOOK, CREATED, GetCampaign("a")]
    assert outcome.campaign.row_stats.not_launched == 0


def test_what_was_not_launched_is_launched_again():
    limited = RateLimitedError(429, "POST", "/x", retry_after=7)
    answers = (LOST, waiting(), limited, waiting(left=1), launched())
    taken, outcome = play([], waiting(), [waiting()], *answers)
    assert taken.count(CREATED) == 3
    assert outcome.campaign.id == "a"


def test_a_launch_that_is_refused_says_so():
    _, outcome = play([], waiting(), [waiting()], REFUSED, waiting())
    assert isinstance(outcome, LaunchRefusedError)
    assert not outcome.transient
    assert "Revox refuses to launch the calls of campaign a" in str(outcome)


@pytest.mark.parametrize("answers", [(LOST, OUTAGE), (LOST, waiting()) * 4, (launched(0), waiting()) * 4])
def test_a_launch_that_is_not_confirmed_is_left_to_the_next_try(answers):
    _, outcome = play([], waiting(), [waiting()], *answers)
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert outcome.transient


def test_a_campaign_that_is_cancelled_meanwhile_is_not_launched():
    _, outcome = play([], waiting(), [waiting()], launched(0), done(is_cancelled=True))
    assert isinstance(outcome, CampaignWasCancelledError)
    assert outcome.campaign_id == "a"


def test_a_namesake_that_does_not_say_whom_it_called_may_have_called_everybody():
    waiting = Campaign.model_validate(
        {"id": "c2", "status": "running", "is_cancelled": False, "row_stats": {"total": 1, "not_launched": 1}}
    )
    cancelled = Campaign.model_validate({"id": "c1", "status": "running", "is_cancelled": True})
    steps = start_calls(waiting, [cancelled, waiting], created_by_this_try=False)
    assert next(steps) == GetCampaign("c1")
    assert steps.send(cancelled) == Cancel("c2")
    with pytest.raises(CampaignWasCancelledError):
        steps.send(True)
