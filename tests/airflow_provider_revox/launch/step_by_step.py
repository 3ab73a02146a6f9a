"""Answer the steps of a launch one by one, and write down which it takes."""

from __future__ import annotations

from airflow_provider_revox.client.errors import NotFoundError, RevoxError, UnexpectedAnswerError
from airflow_provider_revox.client.models import Campaign, FoundCampaigns, LaunchedCalls
from airflow_provider_revox.launch.create_form import CreateForm
from airflow_provider_revox.launch.decide import launch
from airflow_provider_revox.launch.identity import LaunchIdentity
from airflow_provider_revox.launch.racing_tries import Rules
from airflow_provider_revox.launch.steps import (
    AskAuthStatus,
    ComparePeople,
    Create,
    HasOtherPeople,
    LaunchCalls,
    LookUp,
    Note,
    Prepare,
    Wait,
)
from airflow_provider_revox.launch.tag import LaunchTag

TAG = LaunchTag.of("dag", "task", "run", people="aaaaaaaa")
NAME = TAG.name("Renewals", 1)
LOOK, LOOK_AGAIN = LookUp(patient=True), LookUp(patient=False)
ASK, CREATE = AskAuthStatus(), Create(CreateForm.PAGE)
CREATED = LaunchCalls("a", created_by_this_try=True)
SAME = ComparePeople("a", 2)
OF_THE_PAGE = NotFoundError(404, "GET", "/auth-status")
LATER = "2026-11-24T10:00:01Z"
OUTAGE = UnexpectedAnswerError(503, "GET", "/campaigns")


def campaign(campaign_id="cmp_1", created_at="2026-11-24T10:00:00Z", **fields):
    shown = {
        "name": NAME,
        "is_cancelled": False,
        "status": "running",
        "row_stats": {"total": 2, "pending": 2},
    }
    fields = {**shown, **fields}
    return Campaign.model_validate({"id": campaign_id, "created_at": created_at, **fields})


def play(*results, steps=None, newer=OF_THE_PAGE, other_people=frozenset(), **options):
    """
    Answer the steps of a launch in order; return the steps that were taken and what it came to.

    :param newer: The answer to the question whether the server is newer than the API page.
    :param other_people: The campaigns that have people of another list, or the error of all their rows.
    """
    steps, taken, outcome = steps or launch(rules(**options)), [], None
    answers, passed, result = list(results), 0.0, None
    try:
        while True:
            step = steps.throw(result) if isinstance(result, RevoxError) else steps.send(result)
            match step:
                case Wait(seconds):
                    passed += seconds
                    result = passed
                case Note() | Prepare():
                    result = None
                case AskAuthStatus():
                    taken.append(step)
                    result = newer
                case HasOtherPeople(campaign_id):
                    is_error = isinstance(other_people, RevoxError)
                    result = other_people if is_error else campaign_id in other_people
                case _:
                    taken.append(step)
                    result = answers.pop(0)
                    if isinstance(result, list) and not isinstance(result, FoundCampaigns):
                        result = FoundCampaigns(result)
    except StopIteration as end:
        outcome = end.value
    except Exception as error:
        outcome = error
    assert not answers, "not every answer was asked for"
    return taken, outcome


def rules(*, try_number=1, tag=TAG, **options):
    """Return the rules of a launch by the tag."""
    options.setdefault("has_own_name", lambda one: tag.is_exactly(one.name, "Renewals"))
    return Rules(identity=LaunchIdentity(tag, try_number=try_number), **options)


def at_the_create(**options):
    """Return the steps of a launch that has just yielded its create."""
    steps = launch(rules(**options))
    next(steps)
    assert steps.send(FoundCampaigns()) == Prepare(history_applies=True)
    assert next(steps) == ASK
    assert steps.throw(OF_THE_PAGE) == CREATE
    return steps


def waiting(campaign_id="a", created_at="2026-11-24T10:00:00Z", *, left=2, **fields):
    stats = {"total": 2, "not_launched": left, "pending": 2 - left}
    return campaign(campaign_id, created_at, **{"row_stats": stats, **fields})


def done(campaign_id="a", *created_at, **fields):
    return waiting(campaign_id, *created_at, left=0, **fields)


def launched(number=2):
    return LaunchedCalls.model_validate({"launched": number})


def found(*campaigns, counts_not_launched=True):
    return FoundCampaigns(campaigns, counts_not_launched=counts_not_launched)
