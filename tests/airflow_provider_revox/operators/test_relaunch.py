"""The rest of a campaign, called in a real Airflow."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowException

from airflow_provider_revox.client.errors import RejectedError
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from airflow_provider_revox.launch.tag import SealedTag, people_digest
from airflow_provider_revox.operators.relaunch import RelaunchCampaignOperator
from airflow_provider_revox.phone_numbers.people import People
from revox_sandbox import Fault, SandboxSettings

PEOPLE = [f"+3361234{number:04}" for number in range(600)]  # more than a page
PERSONAL = re.compile(r"\+?3361234\d{4}|Zoltan")
DAY = 24 * 3600
RETRIED = "retries=1, retry_delay=timedelta(0), reconcile_timeout=0.01"


@pytest.fixture
def revox_sandbox_settings(request) -> SandboxSettings:
    return SandboxSettings(**{"speed": 0, "max_concurrent_calls": 100, **getattr(request, "param", {})})


def generations(*names, **settings):
    given = [{"generation": name, **settings} for name in names]
    return pytest.mark.parametrize("revox_sandbox_settings", given, ids=names, indirect=True)


every_generation = generations("contract", "drafts", "launch-calls")
with_history_and_nobody_answers = generations("drafts", "launch-calls", call_ends={"no_answer": 1.0})


def launched(client, people=PEOPLE):
    contacts = [{"to_phone_number": number, "prompt_variables": {"who": "Zoltan"}} for number in people]
    body = CampaignCreate.build(assistant_id="a1", name="first", contacts=contacts)
    try:
        campaign = client.create_campaign(body)
    except RejectedError:  # where drafts are an option
        campaign = client.create_campaign(body.changed(launch=True, type="regular"))
    if campaign.row_stats.not_launched:
        client.launch_calls(campaign.id, LaunchCalls())
    return campaign.id


def broken_off(client, sandbox, people=PEOPLE):
    """A campaign that was cancelled when a part of its people were called, once or more often."""
    campaign_id = launched(client, people)
    sandbox.advance(400)
    client.cancel_campaign(campaign_id)
    sandbox.advance(DAY)
    return campaign_id


def answered(client, campaign_id):
    rows = client.get_rows(campaign_id, page=1, page_size=len(PEOPLE)).rows
    return {row.phone_number for row in rows for one in row.call["call_attempts"] if one["answered_at"]}


def others(client, campaign_id):
    return [campaign for campaign in client.list_campaigns() if campaign.id != campaign_id]


def nothing_shows(result):
    logs = Path(os.environ["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]).rglob("*.log")
    left = [result.output, str(result.rendered), str(result.xcoms)]
    left += [path.read_text(errors="replace") for path in logs]
    return not any(map(PERSONAL.search, left))


def relaunch(campaign_id, more=RETRIED):
    return (
        "from airflow_provider_revox.operators.relaunch import RelaunchCampaignOperator\n"
        f'RelaunchCampaignOperator(task_id="rest", campaign_id="{campaign_id}", assistant_id="a1",\n'
        f'                         name="rest", {more})'
    )


@every_generation
def test_those_are_called_whom_no_attempt_has_reached_with_what_was_known_of_them(
    run_dag, revox_sandbox, client
):
    campaign_id = broken_off(client, revox_sandbox)
    reached, called = answered(client, campaign_id), set(revox_sandbox.calls_per_person())
    assert 0 < len(reached) < len(called) < len(PEOPLE)
    result = run_dag(relaunch(campaign_id))
    assert result.state == "success"
    (rest,) = others(client, campaign_id)
    assert result.xcom("rest") == rest.id
    assert rest.row_stats.total == len(PEOPLE) - len(reached)
    (first_page, *_) = client.get_rows(rest.id, page=1, page_size=500).rows
    assert first_page.input_data == {"who": "Zoltan"}
    report = result.xcom("rest", "contact_report")
    assert (report["received"], report["to_call"]) == (len(PEOPLE), len(PEOPLE) - len(reached))
    assert report["suppressed_by_reason"] == {"reached": len(reached)}
    revox_sandbox.advance(7 * DAY)
    calls = revox_sandbox.calls_per_person()
    assert set(calls) == set(PEOPLE)
    assert {number for number, campaigns in calls.items() if campaigns == 2} == called - reached
    assert revox_sandbox.calls_after_an_answer() == {}
    assert nothing_shows(result)


@with_history_and_nobody_answers
def test_who_wants_no_calls_or_is_suppressed_is_not_called_though_no_attempt_has_reached_them(
    run_dag, revox_sandbox, client
):
    asked, suppressed, *called = people = PEOPLE[:4]
    campaign_id = broken_off(client, revox_sandbox, people)
    assert revox_sandbox.calls_per_person() == dict.fromkeys(people, 1)
    revox_sandbox.do_not_contact(asked)
    spaced = f"{suppressed[:3]} {suppressed[3]} {suppressed[4:8]} {suppressed[8:]}"
    result = run_dag(relaunch(campaign_id, f'{RETRIED}, suppress=["{spaced}"]'))
    assert result.state == "success"
    report = result.xcom("rest", "contact_report")
    assert (report["received"], report["to_call"]) == (4, 2)
    assert report["suppressed_by_reason"] == {"do_not_contact": 1, "listed": 1}
    revox_sandbox.advance(7 * DAY)
    assert revox_sandbox.calls_per_person() == {asked: 1, suppressed: 1} | dict.fromkeys(called, 2)
    assert nothing_shows(result)


@generations("launch-calls")
def test_a_try_that_ends_between_the_create_and_the_launch_leaves_the_launch_to_the_next(
    run_dag, revox_sandbox, client
):
    campaign_id = broken_off(client, revox_sandbox)
    reached, called = answered(client, campaign_id), set(revox_sandbox.calls_per_person())
    revox_sandbox.faults.add(
        # Longer than a try waits.
        Fault(path="/campaigns/{id}/launch-calls", kind="status", status=503, retry_after=3600)
    )
    result = run_dag(relaunch(campaign_id))
    assert (result.state, result.tries["rest"]) == ("success", 2)
    assert "could not see whether its calls are launched" in result.output
    (rest,) = others(client, campaign_id)
    assert result.xcom("rest") == rest.id
    assert result.xcom("rest", "launch") == {
        "outcome": "adopted",
        "try_number": 2,
        "launched_by_try": 1,
        "reason": "it is of this launch and has this list",
        "not_in_campaign": 0,
    }
    revox_sandbox.advance(7 * DAY)
    calls = revox_sandbox.calls_per_person()
    assert set(calls) == set(PEOPLE)
    assert {number for number, campaigns in calls.items() if campaigns > 1} == called - reached
    assert revox_sandbox.calls_after_an_answer() == {}
    assert nothing_shows(result)


@generations("launch-calls")
def test_of_cancelled_relaunches_that_is_named_which_has_called_people(run_dag, revox_sandbox, client):
    campaign_id = broken_off(client, revox_sandbox, PEOPLE[:3])
    people = people_digest(People.of(PEOPLE[:3]), "a1")
    tag = SealedTag.of("relaunch of", campaign_id, "once", people=people)
    contacts = [{"to_phone_number": number, "prompt_variables": {}} for number in PEOPLE[:3]]
    body = CampaignCreate.build(assistant_id="a1", name=tag.name("rest", 1), contacts=contacts)
    first, second, third = (client.create_campaign(body).id for _ in range(3))
    client.launch_calls(second, LaunchCalls())
    for one in (first, second, third):
        client.cancel_campaign(one)
    named = run_dag(relaunch(campaign_id))
    assert (named.state, named.tries["rest"]) == ("failed", 1)
    assert f"Campaign {second} of this launch was cancelled" in named.output
    assert f"To call the people whom it did not reach, give campaign_id {second}." in named.output
    fourth = client.create_campaign(body).id
    client.launch_calls(fourth, LaunchCalls())
    client.cancel_campaign(fourth)
    several = run_dag(relaunch(campaign_id))
    assert several.state == "failed"
    assert "More than one campaign of this relaunch may have called people" in several.output
    assert "another launch_key" not in named.output + several.output


def test_a_lost_answer_another_run_and_another_dag_relaunch_nothing_twice(run_dag, revox_sandbox, client):
    campaign_id = broken_off(client, revox_sandbox)
    revox_sandbox.faults.add(Fault(method="POST", path="/campaigns", when="after", kind="reset"))
    revox_sandbox.faults.add(
        Fault(method="GET", path="/campaigns", kind="status", status=503, retry_after=0, skip=1, times=1)
    )
    first = run_dag(relaunch(campaign_id))
    assert (first.state, first.tries["rest"]) == ("success", 2)
    revox_sandbox.advance(7 * DAY)
    second = run_dag(relaunch(campaign_id))
    (rest,) = others(client, campaign_id)
    assert first.xcom("rest") == second.xcom("rest") == rest.id
    assert second.xcom("rest", "launch")["outcome"] == "adopted"


def test_another_tasks_relaunch_is_the_same_launch_whatever_its_name_and_a_copy_is_not(
    revox_sandbox, client, monkeypatch
):
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", revox_sandbox.conn_json())
    campaign_id = launched(client, PEOPLE[:1])
    # A Revox that does not mind how an id is written.
    answer = f'{{"campaign": {{"id": "{campaign_id}"}}}}'
    path = f"/campaigns/{campaign_id.upper()}"
    revox_sandbox.faults.add(Fault(path=path, kind="broken_json", body=answer))
    ours, theirs = (
        RelaunchCampaignOperator(task_id=name, campaign_id=id_, assistant_id="a1", name=name)
        for name, id_ in (("Rest", campaign_id), ("Others", f" {campaign_id.upper()}\n"))
    )
    context = {"ti": SimpleNamespace(try_number=1)}
    tag = ours.launch_identity(context, People.of(PEOPLE[:1])).tag
    assert tag == theirs.launch_identity(context, People.of(PEOPLE[:1])).tag
    made = tag.name(theirs.name, 1)
    assert ours.has_own_name(tag, made)
    assert not ours.has_own_name(tag, f"{made} (copy)")
    assert not ours.has_own_name(tag, f"Copy of {made}")


def test_the_rest_of_the_rest_is_a_launch_of_its_own(run_dag, revox_sandbox, client):
    first = broken_off(client, revox_sandbox)
    second = run_dag(relaunch(first)).xcom("rest")
    revox_sandbox.advance(7 * DAY)
    third = run_dag(relaunch(second)).xcom("rest")
    assert len({first, second, third}) == 3
    total = client.get_campaign(third).row_stats.total
    assert total == client.get_campaign(second).row_stats.total - len(answered(client, second))


@every_generation
def test_a_campaign_that_may_still_call_is_refused(run_dag, revox_sandbox, client):
    campaign_id = launched(client)
    revox_sandbox.advance(100)
    running = run_dag(relaunch(campaign_id, "retries=0"))
    assert running.state == "failed"
    assert f"Campaign {campaign_id} is running: it may still call its people." in running.output
    client.cancel_campaign(campaign_id)
    ending = run_dag(relaunch(campaign_id, "retries=0"))
    assert ending.state == "failed"
    assert f"Campaign {campaign_id} has ended, but " in ending.output
    assert others(client, campaign_id) == []


def test_with_everybody_reached_the_task_is_skipped(run_dag, revox_sandbox, client):
    campaign_id = launched(client, PEOPLE[:3])
    rows = f"/campaigns/{campaign_id}/rows"
    revox_sandbox.advance(DAY * 7)
    answer = (
        '{"page": 1, "page_size": 500, "total": 3, "rows": ['
        + ", ".join(f'{{"id": "r{n}", "phone_number": "{PEOPLE[n]}", "call": "gone"}}' for n in range(3))
        + "]}"
    )
    revox_sandbox.faults.add(Fault(path=rows, kind="broken_json", body=answer, times=None))
    result = run_dag(relaunch(campaign_id))
    assert result.tasks["rest"] == "skipped"
    assert result.xcom("rest", "contact_report")["suppressed_by_reason"] == {"unreadable": 3}


def test_rows_that_are_missing_stop_the_relaunch(run_dag, revox_sandbox, client):
    campaign_id = broken_off(client, revox_sandbox)
    answer = '{"page": 2, "page_size": 500, "total": 600, "rows": []}'
    rows = f"/campaigns/{campaign_id}/rows"
    revox_sandbox.faults.add(Fault(path=rows, kind="broken_json", body=answer, skip=1, times=None))
    result = run_dag(relaunch(campaign_id, "retries=0"))
    assert result.state == "failed"
    assert (
        f"The rows of campaign {campaign_id} do not add up: 500 rows came, and the API counts 600."
        in result.output
    )
    assert others(client, campaign_id) == []


def test_it_can_be_mapped_over_the_campaigns_of_a_task(run_dag, revox_sandbox, client):
    ids = [broken_off(client, revox_sandbox), broken_off(client, revox_sandbox)]
    result = run_dag(f"""
from airflow_provider_revox.operators.relaunch import RelaunchCampaignOperator

@task
def campaigns():
    return {ids!r}

RelaunchCampaignOperator.partial(task_id="rest", assistant_id="a1", name="rest").expand(
    campaign_id=campaigns())
""")
    assert result.state == "success"
    assert len({result.xcom("rest", map_index=index) for index in (0, 1)} | set(ids)) == 4


@pytest.mark.parametrize(
    "name",
    [
        "contacts",
        "phone_field",
        "variable_fields",
        "variable_default",
        "default_region",
        "region_field",
        "encoding",
        "delimiter",
        "launch_key",
    ],
)
def test_the_people_and_the_launch_key_come_from_the_campaign_and_are_no_arguments(name):
    with pytest.raises((TypeError, AirflowException), match=name):
        RelaunchCampaignOperator(
            task_id="rest", campaign_id="c", assistant_id="a1", name="rest", **{name: "x"}
        )
    assert not hasattr(RelaunchCampaignOperator, name)
