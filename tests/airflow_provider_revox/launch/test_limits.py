"""How many campaigns of one launch a try looks at, and for how long, whatever a server lists."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import RevoxError, UnexpectedAnswerError
from airflow_provider_revox.client.models import Campaign, FoundCampaigns
from airflow_provider_revox.launch.decide import launch
from airflow_provider_revox.launch.errors import LaunchUnconfirmedError
from airflow_provider_revox.launch.identity import LaunchIdentity
from airflow_provider_revox.launch.limits import MOST_OF_LIST
from airflow_provider_revox.launch.racing_tries import Rules
from airflow_provider_revox.launch.steps import (
    AskAuthStatus,
    Cancel,
    Create,
    GetCampaign,
    HasOtherPeople,
    LaunchCalls,
    LaunchDraft,
    Launched,
    LookUp,
    SharePeople,
    Wait,
)
from airflow_provider_revox.launch.tag import LaunchTag

ASKS = (GetCampaign, HasOtherPeople, SharePeople)
LOST = UnexpectedAnswerError(500, "POST", "/campaigns")


def tag(place=-1, people="aaaaaaaa"):
    return LaunchTag.of("dag", "task", "run", map_index=place, people=people)


def people(number):
    return "".join("abcdefgh"[int(digit)] for digit in f"{number:08o}")


def campaigns(number, of, **fields):
    """Return campaigns with ids of their own, and the tag that ``of`` makes of their number."""
    shown = {"status": "running", "is_cancelled": False, "row_stats": {"total": 1, "pending": 1}, **fields}
    return FoundCampaigns(
        Campaign.model_validate({"id": f"c{n}", "name": of(n).name("Renewals", 1), **shown})
        for n in range(number)
    )


def play(looks, *, own=None, seconds_each=0.0, created=LOST, try_number=1, reconcile_seconds=20.0):
    """Answer every step; return what was asked, what it came to, and how long it took."""
    own = own or tag()
    steps = launch(
        Rules(
            identity=LaunchIdentity(own, try_number=try_number),
            reconcile_seconds=reconcile_seconds,
            has_own_name=lambda one: own.is_exactly(one.name, "Renewals"),
        )
    )
    asked, passed, result, left = [], 0.0, None, list(looks)
    try:
        while True:
            step = steps.throw(result) if isinstance(result, RevoxError) else steps.send(result)
            match step:
                case Wait(seconds):
                    passed += seconds
                    result = passed
                    continue
                case LookUp():
                    result = FoundCampaigns(left.pop(0) if len(left) > 1 else left[0])
                case Create():
                    result = created
                case AskAuthStatus():
                    result = True
                case HasOtherPeople() | Cancel():
                    result = False
                case SharePeople():
                    result = (0, 0)
                case GetCampaign(campaign_id):
                    result = Campaign(id=campaign_id, name=own.name("Renewals", 1), status="running")
                case _:
                    result = None
                    continue
            asked.append(step)
            passed += seconds_each
    except StopIteration as end:
        return asked, end.value, passed
    except RevoxError as error:
        return asked, error, passed


LISTS = {
    "one list": lambda n: tag(),
    "one list, wherever": lambda n: tag(n),
    "one place": lambda n: tag(people=people(n)),
    "one place of a mapped task": lambda n: tag(3, people(n)),
    "another list": lambda n: tag(people="bbbbbbbb"),
}


@pytest.mark.parametrize("of", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("when", ["before the create", "after a lost create", "after a create"])
@pytest.mark.parametrize("row_stats", [None, {"total": 1}], ids=["no counts", "counts"])
def test_more_campaigns_than_a_try_looks_at_are_told_at_once(of, when, row_stats):
    many = campaigns(MOST_OF_LIST + 1, of, row_stats=row_stats)
    created = LOST if when == "after a lost create" else Campaign(id="c0", name=many[0].name)
    if when == "after a lost create":
        many.append(Campaign(id="own", name=tag().name("Renewals", 1)))
    looks = [many] if when == "before the create" else [[], many]
    asked, outcome, _ = play(looks, created=created)
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert "In Revox, remove the tag ([af-...])" in str(outcome)
    assert not any(isinstance(step, (*ASKS, Cancel, LaunchCalls, LaunchDraft)) for step in asked)
    assert sum(isinstance(step, Create) for step in asked) == (when != "before the create")


def test_a_mapped_task_may_have_a_thousand_campaigns():
    many = campaigns(1000, lambda n: tag(n, people(n)))
    _, outcome, _ = play([many], own=tag(7, people(7)))
    assert isinstance(outcome, Launched)
    assert outcome.campaign.id == "c7"


@pytest.mark.parametrize("created", [LOST, Campaign(id="c0", name=tag().name("Renewals", 1))])
def test_copies_are_looked_at_until_the_time_is_up(created):
    many = campaigns(MOST_OF_LIST, lambda n: tag())
    for looks in ([many], [[], many]):
        asked, outcome, passed = play(looks, created=created, seconds_each=5.0)
        assert isinstance(outcome, LaunchUnconfirmedError)
        assert "in 20 s" in str(outcome)
        assert passed < 60
        assert not any(isinstance(step, Cancel) for step in asked)


def test_two_campaigns_are_compared_however_short_the_time_is():
    _, outcome, _ = play([campaigns(2, lambda n: tag())], seconds_each=9.0, reconcile_seconds=0.01)
    assert isinstance(outcome, Launched)


@pytest.mark.parametrize("try_number", [1, 2])
@pytest.mark.parametrize("row_stats", [None, {"total": 1}], ids=["no counts", "counts"])
def test_the_campaigns_of_a_mapped_task_are_looked_at_until_the_time_is_up(row_stats, try_number):
    many = campaigns(1000, lambda n: tag(n + 1, people(n + 1)), row_stats=row_stats)
    asked, outcome, passed = play(
        [many, many], own=tag(0, people(0)), seconds_each=5.0, try_number=try_number
    )
    if row_stats and try_number == 1:
        assert any(isinstance(step, Create) for step in asked)  # nothing of the others is asked
        return
    assert isinstance(outcome, LaunchUnconfirmedError)
    assert "in 600 s" in str(outcome)
    assert passed < 660
    assert not any(isinstance(step, (Create, Cancel)) for step in asked)
