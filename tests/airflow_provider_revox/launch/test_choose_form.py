"""Which form a create has: decided by what the server shows, before anybody is called."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import (
    AuthenticationError,
    InvalidRequestError,
    MalformedAnswerError,
    NoAnswerError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
)
from airflow_provider_revox.launch.choose_form import CreateRules
from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.errors import LaunchRefusedError, TagLostError
from airflow_provider_revox.launch.steps import Cancel, Create, LaunchDraft
from airflow_provider_revox.launch.without_key import launch_without_key
from tests.airflow_provider_revox.launch.step_by_step import (
    ASK,
    CREATE,
    CREATED,
    LOOK,
    NAME,
    OF_THE_PAGE,
    OUTAGE,
    campaign,
    found,
    launched,
    play,
    waiting,
)

REFUSED = RejectedError(400, "POST", "/campaigns", "launch: unknown")
LAST = RejectedError(422, "POST", "/campaigns", "no such assistant")
LOST = NoAnswerError("POST", "/campaigns", "ReadTimeout")
HTML = MalformedAnswerError(200, "GET", "/auth-status", "not JSON")
DENIED = PermissionDeniedError(403, "GET", "/auth-status")
FIELDS = {"newer_fields": ["allowed_days"]}
DRAFT, UNSCHEDULED, CALLS = (
    Create(CreateForm.DRAFT),
    Create(CreateForm.DRAFT_UNSCHEDULED),
    Create(CreateForm.CALLS),
)


def test_where_the_list_counts_calls_that_are_not_launched_nothing_is_asked():
    for options in ({}, {"scheduled": True}, FIELDS):
        taken, _ = play(found(), waiting(), [waiting()], launched(), **options)
        assert taken == [LOOK, CALLS, LOOK, CREATED]


@pytest.mark.parametrize("answer", [OF_THE_PAGE, DENIED])
def test_a_server_that_does_not_show_that_it_is_newer_gets_what_the_page_has(answer):
    taken, _ = play([], campaign(), [campaign()], newer=answer, scheduled=True)
    assert taken == [LOOK, ASK, CREATE, LOOK]
    taken, outcome = play([], REFUSED, [], LAST, newer=answer)
    assert taken == [LOOK, ASK, CREATE, LOOK, DRAFT]
    assert isinstance(outcome, LaunchRefusedError)
    assert all(refused.message in str(outcome) for refused in (REFUSED, LAST))


def test_a_server_that_needs_launch_and_type_and_shows_nothing_gets_a_draft_after_its_refusal():
    draft = campaign("a", status="draft")
    answers = ([], REFUSED, [], draft, [draft], draft, campaign("a"))
    taken, outcome = play(*answers, newer=OF_THE_PAGE, scheduled=True)
    launch_draft = LaunchDraft("a", created_by_this_try=True)
    assert taken[:-1] == [LOOK, ASK, CREATE, LOOK, DRAFT, LOOK, launch_draft]
    assert outcome.campaign.status == "running"


@pytest.mark.parametrize("error", [HTML, OUTAGE])
def test_a_broken_answer_shows_nothing(error):
    taken, outcome = play([], newer=error)
    assert (taken, outcome) == ([LOOK, ASK], error)
    assert outcome.transient


def test_a_phone_history_shows_that_a_server_is_newer_and_nothing_is_asked():
    draft = campaign("a", status="draft")
    answers = ([], draft, [draft], draft, campaign("a"))
    taken, _ = play(*answers, newer=HTML, has_phone_history=True, **FIELDS)
    assert taken[:-1] == [LOOK, DRAFT, LOOK, LaunchDraft("a", created_by_this_try=True)]


def test_without_an_answer_nothing_is_sent():
    taken, outcome = play([], newer=OUTAGE)
    assert (taken, outcome) == ([LOOK, ASK], OUTAGE)


def test_a_field_that_the_server_may_ignore_is_refused_before_anything_is_sent():
    taken, outcome = play([], newer=OF_THE_PAGE, **FIELDS)
    assert taken == [LOOK, ASK]
    assert isinstance(outcome, InvalidRequestError)
    assert outcome.problems[0].startswith("call_retry_config.allowed_days: this Revox does not show")
    for error in (OUTAGE, HTML, DENIED):
        taken, outcome = play([], newer=error, **FIELDS)
        assert (taken, outcome) == ([LOOK, ASK], error)
    taken, _ = play([], campaign(), [campaign()], newer=True, **FIELDS)
    assert taken == [LOOK, ASK, DRAFT, LOOK]


def test_a_newer_server_is_asked_for_a_draft_which_is_launched():
    draft = campaign("a", status="draft")
    taken, outcome = play([], draft, [draft], draft, campaign("a"), newer=True, scheduled=True)
    assert taken[:-1] == [LOOK, ASK, DRAFT, LOOK, LaunchDraft("a", created_by_this_try=True)]
    assert outcome.campaign.status == "running"


def test_what_knows_no_drafts_is_looked_at_again_before_the_next_form():
    taken, outcome = play([], REFUSED, [], waiting(), [waiting()], launched(), newer=True)
    assert taken == [LOOK, ASK, DRAFT, LOOK, CREATE, LOOK, CREATED]
    assert not outcome.adopted
    taken, outcome = play([], REFUSED, [campaign()], newer=True)
    assert taken == [LOOK, ASK, DRAFT, LOOK]
    assert outcome.adopted


def test_a_schedule_is_left_out_only_where_a_draft_without_it_is_refused_too():
    answers = ([], REFUSED, [], REFUSED, [], REFUSED, [], waiting(), [waiting()], launched())
    taken, _ = play(*answers, newer=True, scheduled=True)
    assert [step for step in taken if isinstance(step, Create)] == [DRAFT, UNSCHEDULED, CREATE, CALLS]


@pytest.mark.parametrize(
    ("cancelled", "ending"), [(True, "It is cancelled"), (False, "could not"), (LOST, "could")]
)
def test_a_draft_that_is_taken_only_without_its_schedule_is_not_launched(cancelled, ending):
    draft = campaign("a", status="draft")
    taken, outcome = play([], LAST, [], draft, cancelled, newer=True, scheduled=True)
    assert taken[-2:] == [UNSCHEDULED, Cancel("a")]
    assert isinstance(outcome, LaunchRefusedError)
    assert "no such assistant" in str(outcome)
    assert ending in str(outcome)


def test_a_create_that_launches_at_once_what_was_to_be_scheduled_is_cancelled():
    taken, outcome = play(found(), campaign("a"), True, scheduled=True)
    assert taken == [LOOK, CALLS, Cancel("a")]
    assert isinstance(outcome, LaunchRefusedError)
    assert "has launched this one at once. It is cancelled" in str(outcome)


def test_what_is_refused_in_every_form_ends_with_the_last_refusal():
    taken, outcome = play([], REFUSED, [], REFUSED, [], LAST, newer=True)
    assert [step for step in taken if isinstance(step, Create)] == [DRAFT, CREATE, CALLS]
    assert isinstance(outcome, LaunchRefusedError)
    assert all(refused.message in str(outcome) for refused in (REFUSED, LAST))


@pytest.mark.parametrize("error", [AuthenticationError(401, "POST", "/campaigns"), DENIED])
def test_another_refusal_is_no_question_of_form(error):
    taken, outcome = play([], error, newer=True)
    assert (taken, outcome) == ([LOOK, ASK, DRAFT], error)


def test_a_server_that_is_busy_gets_the_same_form_again():
    busy = RateLimitedError(429, "POST", "/campaigns", retry_after=1)
    taken, _ = play([], REFUSED, [], busy, [], campaign(), [campaign()], newer=True)
    assert [step for step in taken if isinstance(step, Create)] == [DRAFT, CREATE, CREATE]


def test_an_answer_that_was_lost_is_never_followed_by_another_form():
    taken, _ = play([], LOST, [campaign()], newer=True)
    assert [step for step in taken if isinstance(step, Create)] == [DRAFT]
    taken, _ = play([], REFUSED, LOST, steps=launch_without_key(CreateRules()), newer=True)
    assert [step for step in taken if isinstance(step, Create)] == [DRAFT, CREATE]


@pytest.mark.parametrize("has_phone_history", [True, False])
def test_what_is_not_to_be_launched_is_a_draft_or_calls_and_never_has_the_form_of_the_page(has_phone_history):
    draft = campaign("a", status="draft")
    options = {"newer": True, "has_phone_history": has_phone_history, "launch": False}
    taken, outcome = play([], draft, [draft], **options)
    assert [step for step in taken if step not in (LOOK, ASK)] == [DRAFT]
    assert outcome.campaign.status == "draft"
    taken, outcome = play([], REFUSED, [], waiting(), [waiting()], **options)
    assert [step for step in taken if step not in (LOOK, ASK)] == [DRAFT, CALLS]
    assert outcome.campaign == waiting()
    taken, outcome = play([], REFUSED, [], LAST, **options)
    assert [step for step in taken if step not in (LOOK, ASK)] == [DRAFT, CALLS]
    assert isinstance(outcome, LaunchRefusedError)
    taken, outcome = play(found(), waiting(), [waiting()], newer=OUTAGE, launch=False)
    assert taken == [LOOK, CALLS, LOOK]


@pytest.mark.parametrize("answer", [OF_THE_PAGE, DENIED, HTML, OUTAGE])
def test_where_nothing_shows_that_a_create_can_call_nobody_none_is_sent(answer):
    taken, outcome = play([], newer=answer, launch=False)
    assert taken == [LOOK, ASK]
    if answer is not OF_THE_PAGE:
        assert outcome is answer
        return
    assert isinstance(outcome, InvalidRequestError)
    assert outcome.problems[0].startswith("launch: False needs a Revox that can create a campaign without")


@pytest.mark.parametrize("shown", ["Renewals", "", f"{NAME[:20]}"])
def test_a_tag_that_got_lost_is_a_loud_error_that_is_not_retried(shown):
    taken, outcome = play([], campaign(name=shown))
    assert taken == [LOOK, ASK, CREATE]
    assert isinstance(outcome, TagLostError)
    assert not outcome.transient
    assert "cmp_1 is launched and calls its people" in str(outcome)
    # The answer has the name as it was sent, and the list has another.
    taken, outcome = play([], campaign(), *[[]] * 4, campaign(name=shown), reconcile_seconds=5)
    assert isinstance(outcome, TagLostError)


@pytest.mark.parametrize(("cancelled", "ending"), [(True, "It is cancelled"), (False, "could not")])
def test_a_campaign_that_calls_nobody_and_lost_its_tag_is_cancelled(cancelled, ending):
    taken, outcome = play([], campaign(name="Renewals", status="draft"), cancelled)
    assert taken == [LOOK, ASK, CREATE, Cancel("cmp_1")]
    assert isinstance(outcome, LaunchRefusedError)
    assert ending in str(outcome)
