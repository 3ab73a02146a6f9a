"""A campaign that exists: when are its calls launched, and when is it left alone? Step by step."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError, NoAnswerError, RejectedError
from airflow_provider_revox.client.models import LaunchedCalls
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchRefusedError,
    LaunchUnconfirmedError,
)
from airflow_provider_revox.launch.launch_existing import LaunchOrder, launch_existing
from airflow_provider_revox.launch.steps import (
    CheckPeople,
    GetCampaign,
    LaunchCalls,
    LaunchDraft,
    Prepare,
    ReadUnlaunched,
)
from airflow_provider_revox.launch.unlaunched import UnlaunchedCalls
from tests.airflow_provider_revox.launch.step_by_step import OUTAGE, campaign, play

ALL = LaunchOrder()
PART = LaunchOrder(up_to=2)
LOOK, ROWS, ROWS_AGAIN = GetCampaign("a"), ReadUnlaunched("a", 4), ReadUnlaunched("a")
LOST = NoAnswerError("POST", "/campaigns/a/launch-calls", "ReadTimeout")
REFUSED = RejectedError(400, "POST", "/campaigns/a/launch-calls", "no")
CALLS = UnlaunchedCalls([(one, f"call-{one}", f"+3361234567{one}") for one in range(4)], range(4))
NOBODY = UnlaunchedCalls([], range(4))
FIRST_TWO = ("call-0", "call-1")
EVERYBODY = tuple(f"call-{one}" for one in range(4))


def shown(left=4, **fields):
    return campaign("a", **{"row_stats": {"total": 4, "not_launched": left, "pending": 4 - left}, **fields})


def answer(launched):
    return LaunchedCalls.model_validate({"launched": launched})


def go(before, *results, order=ALL):
    return play(*results, steps=launch_existing(before, order))


DRAFT = shown(status="draft", row_stats={"total": 4, "pending": 4})


def test_everybody_is_launched_after_the_people_were_checked_and_the_campaign_was_looked_at_again():
    taken, outcome = go(shown(), CALLS, {}, shown(), answer(4))
    assert taken == [ROWS, CheckPeople(CALLS), LOOK, LaunchCalls("a", call_ids=EVERYBODY)]
    assert (outcome.launched, outcome.not_launched) == (4, 0)


def test_a_draft_is_launched_as_a_whole():
    taken, outcome = go(DRAFT, CALLS, {}, DRAFT, campaign("a"), campaign("a"))
    assert taken == [ROWS, CheckPeople(CALLS), LOOK, LaunchDraft("a"), LOOK]
    assert outcome.launched == 4


def test_a_part_is_launched_by_the_ids_of_its_calls():
    taken, outcome = go(shown(), CALLS, {}, shown(), answer(2), order=PART)
    assert taken[1].calls.ids() == FIRST_TWO
    assert taken[2:] == [LOOK, LaunchCalls("a", call_ids=FIRST_TWO)]
    assert (outcome.launched, outcome.not_launched) == (2, 2)
    share = LaunchOrder(up_to=Decimal("0.3"))
    taken, _ = go(shown(), CALLS, {}, shown(), answer(2), order=share)
    assert taken[-1] == LaunchCalls("a", call_ids=FIRST_TWO)


def test_of_a_part_that_is_launched_or_cancelled_already_nothing_is_sent_and_nobody_is_checked_again():
    rest = UnlaunchedCalls(CALLS.calls[2:], range(4))
    taken, outcome = go(shown(2), rest, {}, shown(2), order=PART)
    assert taken == [ROWS, CheckPeople(NOBODY), LOOK]
    assert (outcome.launched, outcome.not_launched) == (0, 2)
    one_left = UnlaunchedCalls(CALLS.calls[1:], range(4))
    taken, outcome = go(shown(3), one_left, {}, shown(3), answer(1), order=PART)
    assert taken[-1] == LaunchCalls("a", call_ids=("call-1",))
    assert (outcome.launched, outcome.not_launched) == (1, 2)


def test_so_many_calls_may_stay_not_launched_as_the_rows_showed_whoever_is_cancelled_meanwhile():
    taken, outcome = go(
        shown(),
        CALLS,
        {},
        shown(2, row_stats={"total": 4, "not_launched": 2, "skipped": 2}),
        answer(0),
        campaign("a", row_stats={"total": 4, "not_launched": 2, "skipped": 2}),
        UnlaunchedCalls(CALLS.calls[2:], range(4)),
        order=PART,
    )
    assert taken[-1] == ROWS_AGAIN
    assert outcome.not_launched == 2


@pytest.mark.parametrize("order", [ALL, PART], ids=["all", "part"])
def test_what_is_launched_already_is_left_alone(order):
    for before in (shown(0), shown(0, status="completed"), shown(0, status="paused")):
        taken, outcome = go(before, order=order)
        assert (taken, outcome.campaign, outcome.launched) == ([], before, 0)
    taken, outcome = go(shown(), CALLS, {}, shown(0), order=order)
    assert taken[-1] == LOOK
    assert outcome.launched == 0


def test_on_the_api_page_the_create_has_launched_everybody():
    page = campaign("a", row_stats={"total": 4, "pending": 1, "completed": 3})
    for order in (ALL, LaunchOrder(scheduled=True)):
        taken, outcome = go(page, order=order)
        assert (taken, outcome.launched) == ([], 0)


@pytest.mark.parametrize(
    ("before", "order", "words"),
    [
        (DRAFT, LaunchOrder(scheduled=True), "scheduled_at: this campaign is a draft"),
        (DRAFT, PART, "up_to: this Revox launches a campaign as a whole"),
        (campaign("a", row_stats={"total": 4, "pending": 4}), PART, "up_to: this Revox launches a"),
    ],
)
def test_what_a_revox_cannot_do_is_refused_before_anything_is_sent(before, order, words):
    taken, outcome = go(before, order=order)
    assert taken == []
    assert isinstance(outcome, InvalidRequestError)
    assert outcome.problems[0].startswith(words)


@pytest.mark.parametrize("order", [ALL, PART], ids=["all", "part"])
@pytest.mark.parametrize(
    ("decided", "error", "words"),
    [
        ({"is_cancelled": True}, CampaignWasCancelledError, "a was cancelled, so this task launches nothing"),
        ({"status": "canceled"}, CampaignWasCancelledError, "was cancelled"),
        ({"status": "paused"}, LaunchRefusedError, "a is paused, and this task neither resumes nor launches"),
        ({"status": "completed"}, LaunchRefusedError, "calls nobody, and Revox says that it is completed"),
        ({"row_stats": None}, LaunchUnconfirmedError, "does not show whether the calls of campaign a are"),
        ({"row_stats": {}}, LaunchUnconfirmedError, "does not show whether the calls of campaign a are"),
        ({"row_stats": {"total": 4}}, LaunchUnconfirmedError, "does not show whether the calls of campaign"),
        ({"row_stats": {"total": 4, "not_launched": None, "pending": 1}}, LaunchUnconfirmedError, "not show"),
        ({"row_stats": {"total": 4, "not_launched": 0, "pending": 0}}, LaunchUnconfirmedError, "not show"),
    ],
)
def test_what_a_person_has_decided_stands_also_while_the_task_asks(decided, error, words, order):
    taken, outcome = go(shown(**decided), order=order)
    assert taken == []
    assert isinstance(outcome, error)
    assert words in str(outcome)
    taken, outcome = go(shown(), CALLS, {}, shown(**decided), order=order)
    assert taken[-1] == LOOK
    assert isinstance(outcome, error)


def test_a_rest_is_launched_also_where_revox_calls_the_campaign_completed_when_its_first_part_is():
    rest = UnlaunchedCalls(CALLS.calls[2:], range(4))
    between = shown(2, status="completed")
    taken, outcome = go(between, rest, {}, between, answer(2))
    assert taken[-1] == LaunchCalls("a", call_ids=EVERYBODY[2:])
    assert outcome.launched == 2


@pytest.mark.parametrize("order", [ALL, PART], ids=["all", "part"])
def test_people_who_must_not_be_called_stop_the_launch(order):
    reasons = {"listed": 1, "do_not_contact": 2}
    taken, outcome = go(shown(), CALLS, reasons, shown(), order=order)
    assert taken[-1] == LOOK
    assert isinstance(outcome, LaunchRefusedError)
    people = 4 if order is ALL else 2
    assert (
        f"3 of the {people} contacts to launch must not be called any more (2 do_not_contact, 1 listed)"
        in str(outcome)
    )
    assert "CancelCallsOperator" in str(outcome)
    _, outcome = go(DRAFT, CALLS, reasons, DRAFT)
    assert "A draft's people can't be taken out" in str(outcome)


def test_calls_that_were_launched_while_the_history_was_read_may_be_in_it_so_the_next_try_asks_again():
    taken, outcome = go(shown(), CALLS, {"called_recently": 1}, shown(3))
    assert taken[-1] == LOOK
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert outcome.transient


def test_people_whom_the_rows_did_not_show_are_not_launched_unchecked():
    some = UnlaunchedCalls(CALLS.calls[:3], range(4))
    taken, outcome = go(shown(), some, {}, shown())
    assert taken[-1] == LOOK
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert "counts 4 calls that are not launched, and its rows show 3" in str(outcome)


def test_an_error_before_the_launch_launches_nothing():
    for results in ([OUTAGE], [CALLS, OUTAGE], [CALLS, {}, OUTAGE]):
        taken, outcome = go(shown(), *results)
        assert outcome is OUTAGE
        assert not any(isinstance(step, LaunchCalls) for step in taken)


def test_a_lost_answer_is_followed_by_a_look_and_no_second_launch_if_it_was_carried_out():
    taken, outcome = go(shown(), CALLS, {}, shown(), LOST, shown(0), NOBODY)
    assert taken[-3:] == [LaunchCalls("a", call_ids=EVERYBODY), LOOK, ROWS_AGAIN]
    assert outcome.launched == 4
    taken, outcome = go(shown(), CALLS, {}, shown(), LOST, shown(2), _rest(2, 4), order=PART)
    assert taken[-3:] == [LaunchCalls("a", call_ids=FIRST_TWO), LOOK, ROWS_AGAIN]
    assert (outcome.launched, outcome.not_launched) == (2, 2)


def test_a_part_that_was_not_carried_out_is_sent_again_without_those_who_are_not_open_any_more():
    # Somebody has cancelled the first call, so the counts alone would look as if it were launched.
    answers = (LOST, shown(3), _rest(1, 4), answer(1))
    taken, _ = go(shown(), CALLS, {}, shown(), *answers, order=PART)
    sent = [step.call_ids for step in taken if isinstance(step, LaunchCalls)]
    assert sent == [FIRST_TWO, ("call-1",)]


@pytest.mark.parametrize(
    ("decided", "error"),
    [({"status": "paused"}, LaunchRefusedError), ({"is_cancelled": True}, CampaignWasCancelledError)],
)
def test_what_a_person_decides_while_an_answer_is_lost_stands(decided, error):
    taken, outcome = go(shown(), CALLS, {}, shown(), LOST, shown(**decided))
    assert taken[-1] == LOOK
    assert isinstance(outcome, error)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([LOST, OUTAGE], LaunchUnconfirmedError),
        ([LOST, shown(), OUTAGE], LaunchUnconfirmedError),
        ([LOST, shown(is_cancelled=True)], CampaignWasCancelledError),
        ([LOST, shown(status="paused")], LaunchRefusedError),
        ([REFUSED, shown(), CALLS], LaunchRefusedError),
        ([answer(0), shown(), CALLS] * 4, LaunchUnconfirmedError),
    ],
)
def test_a_part_that_cannot_be_launched_or_seen_is_told(answers, error):
    taken, outcome = go(shown(), CALLS, {}, shown(), *answers, order=PART)
    assert isinstance(outcome, error)
    assert all(step.call_ids == FIRST_TWO for step in taken if isinstance(step, LaunchCalls))


def _rest(first, last):
    return UnlaunchedCalls(CALLS.calls[first:last], range(4))


@pytest.mark.parametrize("order", [ALL, PART], ids=["all", "part"])
@pytest.mark.parametrize("failure", [LOST, answer(1), answer(0)], ids=["lost", "one", "none"])
@pytest.mark.parametrize("gone", [0, 1, 2])
def test_people_who_are_cancelled_between_the_look_and_the_launch_do_not_count_as_launched(
    order, failure, gone
):
    after = UnlaunchedCalls(
        [] if order is ALL else CALLS.calls[2:], range(4), frozenset(("call-0", "call-1", "x")[:gone])
    )
    _, outcome = go(shown(), CALLS, {}, shown(), failure, shown(len(after)), after, order=order)
    assert outcome.launched == (4 if order is ALL else 2) - gone


def test_people_who_are_cancelled_before_a_second_launch_do_not_count_either():
    after = UnlaunchedCalls(CALLS.calls[1:2], range(4), frozenset(["call-0"]))
    taken, outcome = go(shown(), CALLS, {}, shown(), LOST, shown(3), after, answer(1), order=PART)
    assert taken[-1] == LaunchCalls("a", call_ids=("call-1",))
    assert outcome.launched == 1


WITHOUT_IDS = UnlaunchedCalls([(one, None, f"+3361234567{one}") for one in range(4)], range(4))


def skipped(count, left=0):
    row_stats = {"total": 4, "not_launched": left, "pending": 4 - left - count, "skipped": count}
    return campaign("a", row_stats=row_stats)


@pytest.mark.parametrize(
    ("answers", "launched"),
    [
        ([shown(), answer(4)], 4),
        ([skipped(1, 3), answer(3)], 3),  # cancelled after the rows were read
        ([shown(), LOST, skipped(1)], 3),  # cancelled after the second look
        ([shown(), answer(3), skipped(1)], 3),
        ([skipped(1, 3), LOST, skipped(3)], 1),
        ([shown(), LOST, shown(0)], 4),
    ],
)
@pytest.mark.parametrize("too_many", [False, True])
def test_without_ids_or_with_too_many_the_counts_say_how_many_were_launched(
    answers, launched, too_many, monkeypatch
):
    monkeypatch.setattr("airflow_provider_revox.launch.launch_existing.MOST_NAMED", 3 if too_many else 4)
    taken, outcome = go(shown(), CALLS if too_many else WITHOUT_IDS, {}, *answers)
    assert [step for step in taken if isinstance(step, LaunchCalls)] == [LaunchCalls("a")]
    assert (outcome.launched, outcome.not_launched) == (launched, 0)


def test_the_schedule_is_prepared_before_the_launch():
    steps = launch_existing(shown(), ALL)
    assert next(steps) == ROWS
    assert isinstance(steps.send(CALLS), CheckPeople)
    steps.send({})
    assert steps.send(shown()) == Prepare(history_applies=True)
