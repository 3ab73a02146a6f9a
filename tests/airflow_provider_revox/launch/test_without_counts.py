"""A campaign whose counts don't show whether it is launched: when is the task green all the same?"""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import PermissionDeniedError
from airflow_provider_revox.launch.choose_form import CreateRules
from airflow_provider_revox.launch.errors import (
    LaunchUncheckedError,
    LaunchUnconfirmedError,
    SecondCampaignError,
)
from airflow_provider_revox.launch.steps import AskAuthStatus, GetCampaign, ReadUnlaunched
from airflow_provider_revox.launch.unlaunched import UnlaunchedCalls
from airflow_provider_revox.launch.without_key import launch_without_key
from tests.airflow_provider_revox.launch.step_by_step import LOOK, OF_THE_PAGE, OUTAGE, campaign, found, play

ROWS = ReadUnlaunched("cmp_1")
LAUNCHED = UnlaunchedCalls([], range(2))
NO_COUNTS = [
    None,
    {},
    {"total": 2},
    {"total": 2, "not_launched": "many"},
    {"total": 2, "not_launched": 0, "pending": 0},
    {"total": 2, "pending": 1},
    {"pending": 2},
    {"total": 0},
    {"total": 0, "not_launched": 0, "pending": 0},  # its rows may not be made yet
]
no_counts = pytest.mark.parametrize("row_stats", NO_COUNTS)


def adopt(row_stats, *rows, status="running", newer=True, **options):
    """Adopt a campaign with such counts; return what was asked of its rows, and what came of it."""
    listed = campaign(row_stats=row_stats, status=status)
    seen = [listed, listed] if row_stats is None else []
    answer = campaign() if newer is True else newer
    taken, outcome = play([listed], *seen, *rows, newer=answer, **options)
    return taken[1:], outcome


@no_counts
def test_on_the_api_page_a_create_calls_people_so_the_campaign_is_adopted_without_a_look(row_stats):
    taken, outcome = adopt(row_stats, newer=OF_THE_PAGE)
    assert ROWS not in taken
    assert outcome.campaign.id == "cmp_1"


@no_counts
@pytest.mark.parametrize("launch", [True, False])
def test_where_a_create_calls_nobody_its_rows_show_that_it_is_launched(row_stats, launch):
    taken, outcome = adopt(row_stats, LAUNCHED, launch=launch)
    assert taken[-1] == ROWS
    assert outcome.adopted


@no_counts
@pytest.mark.parametrize("launch", [True, False])
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (UnlaunchedCalls([(0, "x", None), (1, "y", None)], range(2)), "its rows have 2 calls that are not"),
        (UnlaunchedCalls([(0, "x", None)], range(2)), "its rows have 1 call that is not launched"),
        (UnlaunchedCalls([], []), "it has no rows"),
        (OUTAGE, "this try could not see more"),
    ],
)
def test_otherwise_the_task_is_not_green_and_a_retry_looks_again(row_stats, launch, rows, words):
    taken, outcome = adopt(row_stats, rows, launch=launch)
    assert taken[-1] == ROWS
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert words in str(outcome)


def test_what_the_list_or_the_phone_history_shows_of_the_server_is_enough():
    some = UnlaunchedCalls([(0, "x", None)], range(2))
    for options in ({"has_phone_history": True}, {}):
        listed = found(campaign(row_stats={"total": 2}), counts_not_launched=not options)
        taken, outcome = play(listed, some, newer=OF_THE_PAGE, **options)
        assert taken == [LOOK, ROWS]
        assert isinstance(outcome, LaunchUnconfirmedError)


@pytest.mark.parametrize(
    ("status", "is_green"), [("running", True), ("completed", True), (None, False), ("archived", False)]
)
def test_rows_without_calls_may_be_those_of_a_draft_unless_it_is_running(status, is_green):
    rows = UnlaunchedCalls([(0, None, None)], range(2))
    _, outcome = adopt({"total": 2}, rows, status=status)
    assert isinstance(outcome, LaunchUnconfirmedError) is not is_green


def test_an_outage_of_the_question_which_server_it_is_is_no_page():
    _, outcome = adopt({"total": 2}, newer=OUTAGE)
    assert isinstance(outcome, LaunchUnconfirmedError)
    refused = PermissionDeniedError(403, "GET", "/auth-status")
    _, outcome = adopt({"total": 2}, newer=refused)
    assert outcome.adopted


def test_a_campaign_that_this_try_created_is_looked_at_too():
    bare = campaign(row_stats=None)
    some = UnlaunchedCalls([(0, "x", None)], range(2))
    taken, outcome = play(found(), bare, found(bare), bare, some)
    assert taken[-2:] == [GetCampaign("cmp_1"), ROWS]
    assert isinstance(outcome, LaunchUnconfirmedError)


def test_a_campaign_that_the_list_does_not_show_is_looked_at_too():
    bare, some = campaign(row_stats=None), UnlaunchedCalls([(0, "x", None)], range(2))
    taken, outcome = play(found(), bare, *[found()] * 4, bare, bare, some, reconcile_seconds=5)
    assert taken[-1] == ROWS
    assert isinstance(outcome, LaunchUnconfirmedError)


def test_a_campaign_that_the_list_does_not_show_and_that_waits_for_its_launch_is_not_green():
    waits = campaign(row_stats={"total": 2, "not_launched": 2})
    taken, outcome = play(
        found(), campaign(row_stats=None), *[found()] * 4, waits, waits, reconcile_seconds=5
    )
    assert taken[-1] == GetCampaign("cmp_1")
    assert isinstance(outcome, SecondCampaignError)
    assert "was created and calls nobody yet" in str(outcome)


@pytest.mark.parametrize("row_stats", [{"total": 2}, {"total": 0}])
@pytest.mark.parametrize("with_key", [True, False])
def test_a_try_asks_a_server_of_the_api_page_once_what_it_is(row_stats, with_key):
    bare = campaign(row_stats=row_stats)
    listed = [[bare]] if with_key else []
    steps = None if with_key else launch_without_key(CreateRules())
    taken, outcome = play([], bare, *listed, steps=steps, newer=OF_THE_PAGE)
    assert taken.count(AskAuthStatus()) == 1
    assert outcome.campaign == bare


def test_without_a_launch_key_nobody_is_called_again():
    bare = campaign(row_stats=None)
    taken, outcome = play(found(), bare, bare, OUTAGE, steps=launch_without_key(CreateRules()))
    assert taken[-1] == ROWS
    assert isinstance(outcome, LaunchUncheckedError)
    assert not outcome.transient
