from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_provider_revox.client.errors import (
    MalformedAnswerError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.models import FoundCampaigns, LaunchedCalls
from airflow_provider_revox.launch.choose_form import CreateRules
from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.decide import launch
from airflow_provider_revox.launch.errors import (
    CampaignWasCancelledError,
    LaunchRefusedError,
    LaunchUncheckedError,
    LaunchUnconfirmedError,
    OtherListError,
    SecondCampaignError,
    TagLostError,
)
from airflow_provider_revox.launch.identity import LaunchIdentity, Reason, Remembered
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
from airflow_provider_revox.launch.without_key import launch_without_key
from tests.airflow_provider_revox.launch.step_by_step import (
    ASK,
    CREATE,
    LATER,
    LOOK,
    LOOK_AGAIN,
    NAME,
    OF_THE_PAGE,
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


def test_a_copy_of_a_renamed_campaign_is_left_alone_although_it_has_the_same_people():
    both = [campaign("a", name=f"Ours {NAME}"), campaign("b", LATER, name=f"Copy of Ours {NAME}")]
    taken, outcome = play(both)
    assert taken == [LOOK]
    assert outcome.campaign.id == "a"


def test_a_campaign_with_another_name_whose_rows_can_not_be_read_is_left_to_the_next_try():
    taken, outcome = play([campaign("a", name=f"Copy of {NAME}")], other_people=OUTAGE)
    assert taken == [LOOK]
    assert isinstance(outcome, LaunchUnconfirmedError)
    taken, outcome = play([campaign("a", name=f"Copy of {NAME}")], other_people=OF_THE_PAGE)
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK], "a")


def test_a_campaign_that_the_list_shows_twice_is_not_its_own_twin():
    taken, outcome = play([campaign("a"), campaign("a")])
    assert isinstance(outcome, Launched)
    assert (taken, outcome.campaign.id) == ([LOOK], "a")
    taken, outcome = play([], campaign("a"), [campaign("a"), campaign("a")])
    assert isinstance(outcome, Launched)
    assert (taken[-1], outcome.campaign.id) == (LOOK, "a")


def test_a_copy_with_other_people_does_not_stand_for_a_campaign_that_was_cancelled():
    taken, outcome = play([campaign("a", is_cancelled=True), campaign("b")], other_people={"b"})
    assert taken == [LOOK]
    assert isinstance(outcome, CampaignWasCancelledError)


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


def test_a_worker_that_was_later_cancels_its_own_campaign_whatever_the_names():
    mine, rival = campaign("b", name=f"{NAME} (x)"), campaign("a", "2026-11-24T09:59:59Z")
    taken, outcome = play([], mine, [mine, rival], True)
    assert taken[-1] == Cancel("b")
    assert outcome.campaign.id == "a"


def test_looks_get_rarer_up_to_ten_seconds():
    steps = at_the_create(reconcile_seconds=60)
    steps.throw(LOST)
    assert next(steps) == Wait(0)
    pauses, passed = [], 0.0
    step = steps.send(0.0)
    while len(pauses) < 7:
        pauses.append(step.seconds)
        passed += step.seconds
        steps.send(passed)
        step = steps.send(FoundCampaigns())
    assert pauses == [1, 2, 4, 8, 10, 10, 10]


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


# --- whose campaign it is ---

OTHER_LIST = TAG.name("Renewals", 1).replace("aaaaaaaa", "bbbbbbbb")
OTHER_PLACE = TAG.name("Renewals", 1).replace("-s-", "-m3-")


def test_a_campaign_with_another_list_stands_if_an_earlier_try_can_have_launched_it():
    taken, outcome = play([campaign(name=OTHER_LIST)], try_number=2)
    assert taken == [LOOK]
    assert (outcome.adopted, outcome.reason) == (True, Reason.FIRST_STANDS)


def test_a_campaign_with_another_list_at_a_first_try_is_of_another_airflow():
    taken, outcome = play([campaign(name=OTHER_LIST)])
    assert taken == [LOOK]
    assert isinstance(outcome, OtherListError)
    assert "another Airflow" in str(outcome)
    assert not outcome.transient


@pytest.mark.parametrize("facts", [{"has_own_key": True}, {"is_empty": True, "try_number": 2}])
def test_with_a_key_of_the_user_or_an_empty_list_at_a_retry_the_first_launch_stands(facts):
    steps = launch(Rules(identity=LaunchIdentity(TAG, **facts)))
    _, outcome = play([campaign(name=OTHER_LIST)], steps=steps)
    assert outcome.reason is Reason.FIRST_STANDS


@pytest.mark.parametrize("try_number", [1, 2])
def test_a_mapped_list_that_changed_place_is_adopted_and_one_whose_place_is_taken_is_an_error(try_number):
    tag = replace(TAG, place="m1")
    steps = launch(Rules(identity=LaunchIdentity(tag, try_number=try_number)))
    _, outcome = play([campaign(name=OTHER_PLACE)], steps=steps)
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


def test_a_campaign_whose_people_differ_is_never_cancelled():
    mine, other = campaign("b"), campaign("a", "2026-11-24T09:59:59Z", name=OTHER_LIST)
    taken, outcome = play([], mine, [other, mine])
    assert taken == [LOOK, ASK, CREATE, LOOK]
    assert (outcome.campaign.id, outcome.adopted) == ("b", False)


def test_of_two_other_lists_the_first_launch_stands_and_none_is_cancelled():
    first = campaign("a", name=OTHER_LIST)
    second = campaign("b", "2026-11-24T10:00:01Z", name=OTHER_LIST.replace("bbbbbbbb", "cccccccc"))
    taken, outcome = play([second, first], try_number=2, has_own_name=lambda _: True)
    assert taken == [LOOK]
    assert isinstance(outcome, Launched)
    assert outcome.campaign.id == "a"


@pytest.mark.parametrize("prefix", ["[ACME] ", "org/"])
def test_twins_are_known_by_their_names_whatever_the_server_puts_before_them(prefix):
    mine = campaign("b", name=f"{prefix}{TAG.name('Renewals', 2)}")
    rival = campaign("a", "2026-11-24T09:59:59Z", name=f"{prefix}{NAME}")
    taken, outcome = play([], mine, [mine, rival], True)
    assert taken[-1] == Cancel("b")
    assert outcome.campaign.id == "a"
    taken, outcome = play([mine, rival], True)
    assert taken[-1] == Cancel("b")


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


def test_a_status_that_says_cancelled_counts_even_without_the_flag():
    _, outcome = play([campaign(status="cancelled", is_cancelled=None)])
    assert isinstance(outcome, CampaignWasCancelledError)


def test_a_look_waits_as_long_as_the_server_asks():
    steps = at_the_create(reconcile_seconds=60)
    steps.throw(LOST)
    next(steps)
    steps.send(0.0)
    steps.send(1.0)
    assert steps.throw(RateLimitedError(429, "GET", "/campaigns", retry_after=30)) == Wait(30)


def test_the_time_the_create_took_does_not_count_for_the_search():
    steps = at_the_create(reconcile_seconds=60)
    steps.throw(LOST)  # the note
    assert next(steps) == Wait(0)
    assert steps.send(300.0) == Wait(1.0)
    assert steps.send(301.0) == LOOK_AGAIN
    assert steps.send(FoundCampaigns()) == Wait(2.0)


def test_without_a_launch_key_a_lost_answer_is_final():
    taken, outcome = play([], LOST, steps=launch_without_key(CreateRules()))
    assert taken == [LOOK, ASK, CREATE]
    assert isinstance(outcome, LaunchUncheckedError)
    assert not outcome.transient
    assert play([], campaign(), steps=launch_without_key(CreateRules()))[1].adopted is False
    refused = NotSentError("POST", "/campaigns", "refused")
    assert play([], refused, steps=launch_without_key(CreateRules()))[1] is refused
