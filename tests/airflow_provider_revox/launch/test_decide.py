from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_provider_revox.client.errors import (
    MalformedAnswerError,
    NoAnswerError,
    NotSentError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.models import FoundCampaigns, LaunchedCalls
from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.decide import launch
from airflow_provider_revox.launch.errors import (
    LaunchRefusedError,
    LaunchUnconfirmedError,
    OtherListError,
    SecondCampaignError,
)
from airflow_provider_revox.launch.identity import LaunchIdentity, Reason
from airflow_provider_revox.launch.racing_tries import Rules
from airflow_provider_revox.launch.steps import (
    Cancel,
    ComparePeople,
    Create,
    GetCampaign,
    HasOtherPeople,
    LaunchCalls,
    Launched,
    Prepare,
    Wait,
)
from airflow_provider_revox.launch.tag import LaunchTag
from tests.airflow_provider_revox.launch.step_by_step import (
    ASK,
    CREATE,
    LATER,
    LOOK,
    LOOK_AGAIN,
    OUTAGE,
    TAG,
    at_the_create,
    campaign,
    play,
    rules,
)

LOST = NoAnswerError("POST", "/campaigns", "ReadTimeout")


def test_nothing_with_the_tag_there_creates_once_and_looks_for_a_rival():
    taken, outcome = play([], campaign(), [campaign()])
    assert taken == [LOOK, ASK, CREATE, LOOK]
    assert (outcome.campaign.id, outcome.adopted) == ("cmp_1", False)


def test_a_campaign_with_the_tag_is_adopted_and_nothing_is_sent():
    taken, outcome = play([campaign()])
    assert taken == [LOOK]
    assert (outcome.campaign.id, outcome.adopted) == ("cmp_1", True)


def test_without_a_look_up_nothing_is_sent():
    taken, outcome = play(OUTAGE)
    assert taken == [LOOK]
    assert outcome is OUTAGE


@pytest.mark.parametrize(
    "lost",
    [
        LOST,
        UnexpectedAnswerError(500, "POST", "/campaigns"),
        MalformedAnswerError(200, "POST", "/campaigns", "not JSON"),
    ],
)
def test_a_create_without_a_clear_answer_is_looked_for_and_never_sent_again(lost):
    taken, outcome = play([], lost, [], OUTAGE, [campaign()])
    assert taken == [LOOK, ASK, CREATE, LOOK_AGAIN, LOOK_AGAIN, LOOK_AGAIN]
    assert (outcome.campaign.id, outcome.adopted) == ("cmp_1", True)


def test_a_campaign_that_does_not_appear_in_time_is_unconfirmed_and_may_be_retried():
    taken, outcome = play([], LOST, *[[]] * 3, reconcile_seconds=5)
    assert taken.count(CREATE) == 1
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert outcome.transient
    assert "no campaign with its tag appeared" in str(outcome)


def test_an_outage_of_all_look_ups_is_unconfirmed_too():
    _, outcome = play([], LOST, *[OUTAGE] * 3, reconcile_seconds=5)
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert "could not be looked up" in str(outcome)


def test_a_create_that_was_refused_in_each_form_is_final():
    refusal = RejectedError(422, "POST", "/campaigns", "no such assistant")
    taken, outcome = play([], RejectedError(400, "POST", "/campaigns"), [], refusal)
    assert taken == [LOOK, ASK, CREATE, LOOK, Create(CreateForm.DRAFT)]
    assert isinstance(outcome, LaunchRefusedError)
    assert not outcome.transient
    assert "answered 400" in str(outcome)
    assert "no such assistant" in str(outcome)


def test_a_create_that_is_forbidden_is_final():
    forbidden = PermissionDeniedError(403, "POST", "/campaigns")
    taken, outcome = play([], forbidden)
    assert taken == [LOOK, ASK, CREATE]
    assert outcome is forbidden


NOT_TAKEN = [
    RateLimitedError(429, "POST", "/campaigns", retry_after=7),
    NotSentError("POST", "/campaigns", "refused"),
]


@pytest.mark.parametrize("not_taken", NOT_TAKEN)
def test_a_create_that_was_not_taken_is_sent_again_after_another_look(not_taken):
    taken, outcome = play([], not_taken, [], not_taken, [], campaign(), [campaign()])
    assert taken == [LOOK, ASK, CREATE, *[LOOK, CREATE] * 2, LOOK]
    assert outcome.adopted is False


@pytest.mark.parametrize("not_taken", NOT_TAKEN)
def test_a_create_that_was_taken_against_all_appearance_is_found_before_it_is_sent_again(not_taken):
    taken, outcome = play([], not_taken, [campaign()])
    assert taken == [LOOK, ASK, CREATE, LOOK]
    assert outcome.adopted is True


@pytest.mark.parametrize("not_taken", NOT_TAKEN)
def test_a_create_that_is_never_taken_ends_with_the_last_error(not_taken):
    taken, outcome = play(*[[], not_taken] * 4)
    assert taken == [LOOK, ASK, CREATE, *[LOOK, CREATE] * 3]
    assert outcome is not_taken


def test_the_pause_a_server_asks_for_is_made_before_the_create_is_sent_again():
    assert at_the_create().throw(NOT_TAKEN[0]) == Wait(7)


# --- two lists of one launch ---

OTHER_LIST = LaunchTag.of("dag", "task", "run", people="bbbbbbbb")
MAPPED = LaunchTag.of("dag", "task", "run", people="aaaaaaaa", map_index=3)
UNTOUCHED = {"row_stats": {"total": 2, "not_launched": 2}}


def of_another_list(
    campaign_id, created_at="2026-11-24T10:00:00Z", *, try_number=1, tag=OTHER_LIST, **fields
):
    return campaign(campaign_id, created_at, name=tag.name("Renewals", try_number), **fields)


def test_a_retry_leaves_the_launch_to_an_earlier_list_that_was_listed_late():
    second = campaign("b", LATER, name=TAG.name("Renewals", 2), **UNTOUCHED)
    taken, outcome = play([of_another_list("a"), second], True, try_number=3)
    assert isinstance(outcome, Launched)
    assert taken == [LOOK, Cancel("b")]
    assert (outcome.campaign.id, outcome.reason) == ("a", Reason.FIRST_STANDS)


def test_two_campaigns_of_the_first_list_end_with_the_earlier_one():
    both = [of_another_list("a"), of_another_list("b", LATER)]
    taken, outcome = play(both, True, try_number=2)
    assert taken == [LOOK, Cancel("b")]
    assert outcome.reason is Reason.FIRST_STANDS
    taken, outcome = play(both, try_number=2, other_people={"a", "b"})  # b is a copy that somebody has made
    assert (taken, outcome.campaign.id) == ([LOOK], "a")


def test_a_retry_that_can_not_leave_the_launch_to_an_earlier_list_is_tried_again():
    second = campaign("b", LATER, name=TAG.name("Renewals", 2), **UNTOUCHED)
    _, outcome = play([of_another_list("a"), second], OUTAGE, try_number=3)
    assert isinstance(outcome, SecondCampaignError)


def test_a_campaign_that_calls_people_is_not_cancelled_for_an_earlier_list_but_told():
    second = campaign("b", LATER, name=TAG.name("Renewals", 2))
    taken, outcome = play([of_another_list("a"), second], try_number=3)
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id, outcome.reason) == ([LOOK], "b", Reason.SAME_LIST)


def test_a_campaign_that_another_airflow_has_launched_at_the_same_try_ends_no_other():
    both = [of_another_list("a"), campaign("b", LATER, **UNTOUCHED)]
    launched = LaunchedCalls.model_validate({"launched": 2})
    taken, outcome = play(both, True, launched, try_number=2)
    assert taken == [LOOK, ComparePeople("b", 2), LaunchCalls("b")]
    assert outcome.campaign.id == "b"


def test_a_later_campaign_with_another_list_is_told_and_never_cancelled():
    both = [campaign("a", name=TAG.name("Renewals", 2)), of_another_list("b", LATER)]
    steps = launch(rules(try_number=3))
    next(steps)
    assert steps.send(FoundCampaigns(both)) == HasOtherPeople("a")
    assert steps.send(False) == Prepare(history_applies=False)
    assert "People on both lists are called twice unless you cancel one" in next(steps).text
    with pytest.raises(StopIteration) as ended:
        next(steps)
    assert ended.value.value.campaign.id == "a"


def test_the_list_of_another_place_is_left_alone_when_the_lists_have_changed_places():
    other_place = LaunchTag.of("dag", "task", "run", people="aaaaaaaa", map_index=4)
    other_list = LaunchTag.of("dag", "task", "run", people="bbbbbbbb", map_index=3)
    listed = [of_another_list("a", tag=other_list), of_another_list("b", LATER, tag=other_place)]
    taken, outcome = play(listed, try_number=2, tag=MAPPED)
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK], "b")


def test_a_campaign_that_a_person_has_renamed_is_not_cancelled_for_an_earlier_list():
    renamed = campaign("b", LATER, name=f"Ada's {TAG.name('Renewals', 2)}")
    taken, outcome = play([of_another_list("a"), renamed], try_number=3)
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK], "b")


# --- the look after the create ---


def test_the_look_for_a_second_worker_is_patient():
    mine, rival = campaign("b"), campaign("a", "2026-11-24T09:59:59Z")
    taken, outcome = play([], mine, OUTAGE, OUTAGE, [mine, rival], True)
    assert taken == [LOOK, ASK, CREATE, LOOK, LOOK_AGAIN, LOOK_AGAIN, Cancel("b")]
    assert outcome.campaign.id == "a"


def test_a_look_for_a_second_worker_that_never_succeeds_is_left_to_the_next_try():
    _, outcome = play([], campaign(), *[OUTAGE] * 4, reconcile_seconds=5)
    assert isinstance(outcome, SecondCampaignError)
    assert outcome.transient
    assert "cmp_1 is launched" in str(outcome)


def test_a_list_that_shows_the_rival_but_not_ours_yet_cancels_nothing():
    mine, rival = campaign("b", {}), campaign("a")
    taken, outcome = play([], mine, [rival], [rival], [rival, campaign("b", "2026-11-24T09:00:00Z")], True)
    assert taken == [LOOK, ASK, CREATE, LOOK, LOOK_AGAIN, LOOK_AGAIN, Cancel("a")]
    assert outcome.campaign.id == "b"
    _, outcome = play([], mine, *[[rival]] * 4, mine, reconcile_seconds=5)
    assert isinstance(outcome, SecondCampaignError)


def test_a_launched_campaign_that_the_list_does_not_show_in_time_is_warned_about():
    taken, outcome = play([], campaign(), *[[]] * 4, campaign(), reconcile_seconds=5)
    assert taken == [LOOK, ASK, CREATE, LOOK, *[LOOK_AGAIN] * 3, GetCampaign("cmp_1")]
    assert (outcome.campaign.id, outcome.adopted) == ("cmp_1", False)


def test_a_list_that_lags_is_waited_for():
    taken, outcome = play([], campaign(), [], [], [campaign()])
    assert taken == [LOOK, ASK, CREATE, LOOK, LOOK_AGAIN, LOOK_AGAIN]
    assert outcome.reason is Reason.CREATED


# --- whose campaign it is ---

OTHER_LIST_NAME = TAG.name("Renewals", 1).replace("aaaaaaaa", "bbbbbbbb")
OTHER_PLACE_NAME = TAG.name("Renewals", 1).replace("-s-", "-m3-")


def test_a_campaign_with_another_list_stands_if_an_earlier_try_can_have_launched_it():
    taken, outcome = play([campaign(name=OTHER_LIST_NAME)], try_number=2)
    assert taken == [LOOK]
    assert (outcome.adopted, outcome.reason) == (True, Reason.FIRST_STANDS)


def test_a_campaign_with_another_list_at_a_first_try_is_of_another_airflow():
    taken, outcome = play([campaign(name=OTHER_LIST_NAME)])
    assert taken == [LOOK]
    assert isinstance(outcome, OtherListError)
    assert "another Airflow" in str(outcome)
    assert not outcome.transient


@pytest.mark.parametrize("facts", [{"has_own_key": True}, {"is_empty": True, "try_number": 2}])
def test_with_a_key_of_the_user_or_an_empty_list_at_a_retry_the_first_launch_stands(facts):
    steps = launch(Rules(identity=LaunchIdentity(TAG, **facts)))
    _, outcome = play([campaign(name=OTHER_LIST_NAME)], steps=steps)
    assert outcome.reason is Reason.FIRST_STANDS


@pytest.mark.parametrize("try_number", [1, 2])
def test_a_mapped_list_that_changed_place_is_adopted_and_one_whose_place_is_taken_is_an_error(try_number):
    tag = replace(TAG, place="m1")
    steps = launch(Rules(identity=LaunchIdentity(tag, try_number=try_number)))
    _, outcome = play([campaign(name=OTHER_PLACE_NAME)], steps=steps)
    assert isinstance(outcome, Launched)
    assert (outcome.adopted, outcome.reason) == (True, Reason.SAME_LIST)
    steps = launch(Rules(identity=LaunchIdentity(tag, try_number=try_number)))
    taken_place = replace(tag, people="bbbbbbbb").name("Renewals", 1)
    _, outcome = play([campaign(name=taken_place)], steps=steps)
    assert isinstance(outcome, OtherListError)
    assert "have changed places or content" in str(outcome)


def test_the_campaigns_of_other_mapped_tasks_are_no_reason_not_to_create():
    tag = replace(TAG, place="m1")
    steps = launch(Rules(identity=LaunchIdentity(tag)))
    other = campaign("x", name=replace(TAG, place="m0", people="bbbbbbbb").name("Renewals", 1))
    own = campaign(name=tag.name("Renewals", 1))
    taken, outcome = play([other], own, [other, own], steps=steps)
    assert taken == [LOOK, ASK, CREATE, LOOK]
    assert outcome.reason is Reason.CREATED
