from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException, TaskDeferred

from airflow_provider_revox.client.requests import LaunchCalls
from airflow_provider_revox.exceptions import CampaignFailedError, RevoxRefusedError, RevoxUnavailableError
from airflow_provider_revox.operators.revox import (
    CreateCampaignOperator,
    LaunchCampaignOperator,
    RelaunchCampaignOperator,
)
from airflow_provider_revox.triggers.revox import CampaignTrigger
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.launch.later_launch import cancel_calls
from tests.airflow_provider_revox.launch.world import hurry
from tests.airflow_provider_revox.operators.launches import TaskInstance, launch
from tests.campaigns import ask, create_campaign, number

WEEK = 7 * 24 * 3600
PHONE_NUMBER = re.compile(r"\+[1-9]\d{7,14}")
later = pytest.mark.parametrize("generation", ["drafts", "launch-calls"])


@pytest.fixture
def generation():
    return "launch-calls"


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(generation=generation, speed=0, call_ends={"human": 1})


@pytest.fixture
def created(revox_sandbox, generation):
    """Return a campaign that is created and not launched."""
    options = {"launch": False} if generation == "drafts" else {"launched": False}
    return create_campaign(revox_sandbox, 20, **options)


def posts(sandbox):
    return [one.path for one in sandbox.requests() if one.method == "POST" and one.path != "/campaigns"]


@later
def test_everybody_is_launched_once_and_the_task_says_so(created, revox_sandbox):
    first, second = TaskInstance(), TaskInstance(2)
    assert launch(created, first) == launch(f" {created} ", second) == created
    told = {"try_number": 1, "launched_by_try": 1, "launched": 20, "not_launched": 0}
    assert first.xcoms["launch"] == {"outcome": "launched", **told}
    assert second.xcoms["launch"]["outcome"] == "already_launched"
    assert first.xcoms["return_value"] == created
    assert first.xcoms["campaign_url"] == f"{revox_sandbox.url}/campaigns/{created}"
    record = first.xcoms["campaign"]
    assert (record["campaign_id"], record["name"], record["role"]) == (created, "Renewals", "launch")
    assert len(posts(revox_sandbox)) == 1
    revox_sandbox.advance(WEEK)
    assert set(revox_sandbox.calls_per_person().values()) == {1}
    assert not PHONE_NUMBER.search(str([first.xcoms, second.xcoms]))


@pytest.mark.parametrize("generation", ["contract"])
def test_on_the_api_page_there_is_nothing_left_to_launch(revox_sandbox, client, capsys):
    campaign_id = create_campaign(revox_sandbox)
    ti = TaskInstance()
    assert launch(campaign_id, ti, scheduled_at="2050-01-01T00:00:00Z") == campaign_id
    assert ti.xcoms["launch"]["outcome"] == "already_launched"
    assert "its calls are launched or cancelled already, and not by this try." in capsys.readouterr().out
    with pytest.raises(RevoxRefusedError, match="up_to: this Revox launches a campaign as a whole"):
        launch(campaign_id, up_to=1)
    client.cancel_campaign(campaign_id)
    with pytest.raises(RevoxRefusedError, match="was cancelled, so this task launches nothing"):
        launch(campaign_id)
    assert posts(revox_sandbox) == [f"/campaigns/{campaign_id}/cancel"]


@pytest.mark.parametrize("nothing", [None, "", "  ", "None"])
def test_without_an_id_the_task_is_skipped(nothing):
    with pytest.raises(AirflowSkipException, match="no campaign was created, so none is launched"):
        launch(nothing)


def test_what_a_person_has_decided_stands(created, client, revox_sandbox):
    client.pause_campaign(created)
    with pytest.raises(RevoxRefusedError, match="is paused, and this task neither resumes nor launches"):
        launch(created)
    client.cancel_campaign(created)
    with pytest.raises(
        RevoxRefusedError, match=r"was cancelled.*give the task that created this one another"
    ):
        launch(created)
    with pytest.raises(RevoxRefusedError, match="answered 404"):
        launch("unknown")
    assert not any("launch" in path for path in posts(revox_sandbox))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"suppress": ["(415) 555-0003"], "default_region": "US"}, "1 listed"),
        ({"suppress": [{"id": 7, "tel": number(3)}, {"id": 8, "tel": number(4)}], "phone_field": "tel"},
         "2 listed"),
        ({"suppress": f'[{{"phone": "{number(3)}"}}]'}, "1 listed"),
        ({"not_called_within": timedelta(days=30)}, "3 called_recently"),
    ],
)  # fmt: skip
def test_people_who_must_not_be_called_by_now_stop_the_launch(created, revox_sandbox, options, reason):
    create_campaign(revox_sandbox, 3)  # another campaign calls three of them
    revox_sandbox.advance(3600)
    called = revox_sandbox.calls_per_person()
    operator = LaunchCampaignOperator(task_id="launch", campaign_id=created, **options)
    with pytest.raises(RevoxRefusedError, match=reason) as caught:
        operator.execute({"ti": TaskInstance()})
    assert "of the 20 contacts to launch must not be called any more" in str(caught.value)
    assert "Take them out with CancelCallsOperator" in str(caught.value)
    assert not PHONE_NUMBER.search(str(caught.value))
    revox_sandbox.advance(WEEK)
    assert revox_sandbox.calls_per_person() == called


def test_people_who_are_taken_out_do_not_stop_it_any_more(created, client, revox_sandbox):
    revox_sandbox.do_not_contact(number(1), number(2))
    with pytest.raises(RevoxRefusedError, match="2 do_not_contact"):
        launch(created)
    cancel_calls(client, created, [number(1), number(2)])
    ti = TaskInstance()
    launch(created, ti)
    assert ti.xcoms["launch"]["launched"] == 18
    revox_sandbox.advance(WEEK)
    assert set(revox_sandbox.calls_per_person()) == {number(index) for index in range(20)} - {
        number(1), number(2),
    }  # fmt: skip
    launch(created, skip_do_not_contact=True)


def test_a_person_who_is_cancelled_while_the_task_asks_does_not_count_as_launched(
    created, client, revox_sandbox, monkeypatch
):
    def cancel_one(*_):
        cancel_calls(client, created, [number(1)])
        return {}

    monkeypatch.setattr(
        "airflow_provider_revox.operators._people_to_launch.PeopleToLaunch.count_not_to_call", cancel_one
    )
    ti = TaskInstance()
    launch(created, ti)
    assert ti.xcoms["launch"]["launched"] == 19
    revox_sandbox.advance(WEEK)
    assert len(revox_sandbox.calls_per_person()) == 19


@pytest.mark.parametrize("generation", ["drafts"])
def test_a_draft_takes_no_time_and_no_part(created, revox_sandbox):
    with pytest.raises(RevoxRefusedError, match="scheduled_at: this campaign is a draft"):
        launch(created, scheduled_at="2050-01-01T00:00:00Z")
    with pytest.raises(RevoxRefusedError, match="up_to: this Revox launches a campaign as a whole"):
        launch(created, up_to="0.5")
    revox_sandbox.do_not_contact(number(1))
    with pytest.raises(RevoxRefusedError, match="A draft's people can't be taken out: delete it in Revox"):
        launch(created)
    assert posts(revox_sandbox) == []


def test_a_start_is_kept_and_one_in_the_past_is_refused(created, revox_sandbox):
    with pytest.raises(RevoxRefusedError, match=r"scheduled_at: .* is in the past"):
        launch(created, scheduled_at=datetime.now(UTC) - timedelta(minutes=1))
    assert posts(revox_sandbox) == []
    launch(created, scheduled_at=datetime.now(UTC) + timedelta(days=1))
    revox_sandbox.advance(WEEK / 14)
    assert revox_sandbox.calls_per_person() == {}
    revox_sandbox.advance(WEEK / 7)
    assert len(revox_sandbox.calls_per_person()) == 20


def test_a_history_that_cannot_be_read_launches_nobody(created, revox_sandbox, monkeypatch):
    hurry(monkeypatch)
    revox_sandbox.faults.add(Fault(path="/calls/phone-history", kind="truncate", times=None))
    with pytest.raises(RevoxUnavailableError, match="GET /calls/phone-history"):
        launch(created)
    assert posts(revox_sandbox) == []
    launch(created, skip_do_not_contact=False)


def test_without_a_rule_nobody_is_asked_about(created, revox_sandbox):
    launch(created, skip_do_not_contact=False)
    assert "/calls/phone-history" not in [one.path for one in revox_sandbox.requests()]


def test_a_person_whose_number_cannot_be_read_stops_a_launch_with_a_rule(revox_sandbox):
    people = [{"to_phone_number": text, "prompt_variables": {}} for text in ("+14155550100", "+1415555")]
    body = {"assistant_id": "a", "name": "x", "contacts": people[:1]}
    campaign_id = ask(revox_sandbox, "POST", "/campaigns", body)["campaign"]["id"]
    rows = [
        {"id": "r1", "phone_number": None, "call": {"id": "c1", "status": "not_launched"}},
    ]
    revox_sandbox.faults.add(Fault(path="/campaigns/{id}/rows", kind="broken_json", body={"rows": rows}))
    with pytest.raises(RevoxRefusedError, match="1 number_not_readable"):
        launch(campaign_id)
    revox_sandbox.faults.add(Fault(path="/campaigns/{id}/rows", kind="broken_json", body={"rows": rows}))
    launch(campaign_id, skip_do_not_contact=False)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"up_to": 0}, "up_to: must be"),
        ({"up_to": 1.0}, "up_to: must be"),
        ({"up_to": True}, "up_to: must be"),
        ({"max_failed_ratio": 2}, "max_failed_ratio"),
        ({"check_numbers": "maybe"}, "check_numbers"),
        ({"not_called_within": 0}, "not_called_within"),
        ({"poll_interval": 0}, "poll_interval"),
        ({"on_timeout": "explode"}, "on_timeout"),
    ],
)
def test_a_wrong_value_is_an_error_of_the_dag_file(options, problem):
    with pytest.raises(ValueError, match=problem):
        LaunchCampaignOperator(task_id="launch", campaign_id="c", **options)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"up_to": "{{ none }}"}, "up_to: must be"),
        ({"up_to": "half"}, "up_to: must be"),
        ({"scheduled_at": "soon"}, "scheduled_at"),
        ({"suppress": ["nobody"]}, r"suppress\[0\]"),
        ({"suppress": "{{ none }}"}, "suppress"),
        ({"encoding": "cp1252"}, "encoding and delimiter"),
        ({"default_region": "Mars"}, "default_region"),
    ],
)
def test_a_wrong_value_of_a_template_sends_nothing(created, revox_sandbox, options, problem):
    operator = LaunchCampaignOperator(task_id="launch", campaign_id=created, **options)
    for name, value in options.items():
        if value == "{{ none }}":
            setattr(operator, name, "None" if name == "up_to" else None)
    before = len(revox_sandbox.requests())
    with pytest.raises(RevoxRefusedError, match=problem):
        operator.execute({"ti": TaskInstance()})
    assert len(revox_sandbox.requests()) == before


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"wait_for_completion": True}, "wait_for_completion=True needs launch=True"),
        ({"scheduled_at": "2050-01-01T00:00:00Z"}, "scheduled_at needs launch=True"),
        ({"launch": "False"}, "launch must be True or False"),
        ({"launch": None}, "launch must be True or False"),
    ],
)
def test_what_a_campaign_that_is_not_launched_cannot_have_is_an_error_of_the_dag_file(options, problem):
    common = {"task_id": "t", "assistant_id": "a1", "name": "x", "launch": False, **options}
    with pytest.raises(ValueError, match=problem):
        CreateCampaignOperator(contacts=[], **common)
    with pytest.raises(ValueError, match=problem):
        RelaunchCampaignOperator(campaign_id="c", **common)


def test_without_a_launch_key_a_campaign_that_is_not_launched_is_an_error_of_the_dag_file():
    with pytest.raises(ValueError, match="launch=False needs a launch_key"):
        CreateCampaignOperator(
            task_id="t", assistant_id="a1", name="x", contacts=[], launch=False, launch_key=None
        )


@later
def test_the_people_whom_a_campaign_missed_are_put_into_one_that_is_not_launched(
    revox_sandbox, client, generation
):
    old = create_campaign(
        revox_sandbox, 3, launched=False, **({"launch": False} if generation == "drafts" else {})
    )
    client.cancel_campaign(old)
    ti = TaskInstance()
    relaunch = RelaunchCampaignOperator(
        task_id="again", campaign_id=old, assistant_id="a1", name="Rest", launch=False
    )
    campaign_id = relaunch.execute({"ti": ti})
    assert ti.xcoms["launch"]["outcome"] == "created_not_launched"
    launch(campaign_id)
    revox_sandbox.advance(WEEK)
    assert list(revox_sandbox.calls_per_person().values()) == [1, 1, 1]


class TestWaits:
    """A part of 5 people out of 20: one of them fails."""

    @pytest.fixture
    def revox_sandbox_settings(self, generation):
        return SandboxSettings(generation=generation, speed=0, call_ends={"no_answer": 1}, seed=3)

    def trigger(self, created, **options):
        """Return what the operator hands to its trigger."""
        operator = LaunchCampaignOperator(
            task_id="launch", campaign_id=created, wait_for_completion=True, deferrable=True, **options
        )
        with pytest.raises(TaskDeferred) as caught:
            operator.execute({"ti": TaskInstance()})
        return caught.value.trigger

    @pytest.mark.parametrize("limit", [None, 0.2])
    async def test_poke_and_deferred_end_alike_when_the_part_is_done(
        self, created, revox_sandbox, monkeypatch, limit
    ):
        monkeypatch.setattr("airflow_provider_revox.triggers.revox.FIRST_PAUSE", 0.0)
        trigger = self.trigger(created, up_to=0.25, max_failed_ratio=limit, poll_interval=0.05)
        arguments = trigger.serialize()[1]
        assert arguments["not_launched"] == 15
        assert arguments["carried"]["not_launched"] == 15
        revox_sandbox.advance(WEEK)
        outcomes = []
        (event,) = [one.payload async for one in CampaignTrigger(**arguments).run()]
        fresh = LaunchCampaignOperator(
            task_id="launch",
            campaign_id=created,
            wait_for_completion=True,
            up_to=0.25,
            max_failed_ratio=limit,
        )
        for end in (
            lambda: fresh.execute_complete({"ti": TaskInstance()}, event),
            lambda: launch(
                created, up_to=0.25, wait_for_completion=True, deferrable=False, max_failed_ratio=limit
            ),
        ):
            try:
                outcomes.append(end())
            except CampaignFailedError as error:
                outcomes.append(str(error))
        assert outcomes[0] == outcomes[1]
        if limit is None:
            assert outcomes == [created] * 2
        else:
            assert "100.0% of the contacts failed, more than max_failed_ratio=0.2" in outcomes[0]
        assert len(revox_sandbox.calls_per_person()) == 5

    def test_a_part_that_ended_before_a_late_cancel_is_a_success(self, created, revox_sandbox, client):
        trigger = self.trigger(created, up_to=5, on_timeout="cancel")
        revox_sandbox.advance(WEEK)
        event = {"campaign_id": created, "state": "timed_out", "summary": "late", "row_stats": {},
                 "carried": trigger.serialize()[1]["carried"]}  # fmt: skip
        fresh = LaunchCampaignOperator(task_id="launch", campaign_id=created, up_to=5, on_timeout="cancel")
        assert fresh.execute_complete({"ti": TaskInstance()}, event) == created
        assert client.get_campaign(created).is_cancelled is False

    def test_a_wait_for_everybody_does_not_end_with_a_part(self, created, revox_sandbox):
        launch(created, up_to=5)
        revox_sandbox.advance(WEEK)
        trigger = self.trigger(created)
        assert trigger.serialize()[1]["not_launched"] == 0

    def test_a_retry_of_a_part_waits_for_it_again(self, created, revox_sandbox):
        launch(created, up_to=5)
        revox_sandbox.advance(WEEK)
        ti = TaskInstance(2)
        assert launch(created, ti, up_to=5, wait_for_completion=True, deferrable=False) == created
        assert ti.xcoms["launch"]["outcome"] == "already_launched"
        assert ti.xcoms["row_stats"]["not_launched"] == 15


def test_a_larger_part_and_the_rest_come_later(created, revox_sandbox):
    sizes, people = [], set()
    for up_to in (0.05, "0.25", 5, 7, None):
        launch(created, up_to=up_to)
        revox_sandbox.advance(WEEK)
        called = set(revox_sandbox.calls_per_person())
        assert people <= called
        people = called
        sizes.append(len(called))
    assert sizes == [1, 5, 5, 7, 20]
    assert revox_sandbox.calls_after_an_answer() == {}
    assert set(revox_sandbox.calls_per_person().values()) == {1}


def test_a_task_that_a_person_ends_while_it_waits_cancels_the_campaign(created, client, monkeypatch):
    monkeypatch.setattr("airflow_provider_revox.waiting.on_kill.task_state", lambda ti: "failed")
    monkeypatch.setattr("airflow_provider_revox.waiting.on_kill.SECONDS_UNTIL_THE_END", 0.0)
    operator = LaunchCampaignOperator(
        task_id="launch", campaign_id=created, up_to=5, wait_for_completion=True, deferrable=False
    )
    monkeypatch.setattr(time, "sleep", lambda _: operator.on_kill())
    with pytest.raises(Exception, match="Airflow has killed the task"):
        operator.execute({"ti": TaskInstance()})
    assert client.get_campaign(created).is_cancelled


def test_calls_that_somebody_has_launched_are_not_launched_again(created, client, revox_sandbox):
    client.launch_calls(created, LaunchCalls())
    ti = TaskInstance()
    launch(created, ti, up_to=3)
    assert ti.xcoms["launch"]["outcome"] == "already_launched"
    assert len(posts(revox_sandbox)) == 1


class TestInAirflow:
    @pytest.fixture
    def revox_sandbox_settings(self, generation):
        return SandboxSettings(generation=generation, speed=1_000_000)

    def test_a_part_and_then_the_rest_are_launched_and_everybody_is_called_once(self, run_dag, revox_sandbox):
        result = run_dag(
            """
            from airflow_provider_revox.operators.revox import LaunchCampaignOperator

            @task
            def opted_out():
                return []

            create = CreateCampaignOperator(
                task_id="create", assistant_id="a1", name="Renewals", phone_field="phone", launch=False,
                contacts=[{"phone": f"+141555501{index:02}"} for index in range(40)])
            common = dict(campaign_id=create.output, suppress=opted_out(), wait_for_completion=True,
                          poll_interval=0.05)
            first = LaunchCampaignOperator(task_id="first", up_to="{{ 0.05 }}", deferrable=True, **common)
            rest = LaunchCampaignOperator(task_id="rest", **common)
            first >> rest
            """
        )
        assert result.state == "success", result.output
        assert result.xcom("create", "launch")["outcome"] == "created_not_launched"
        assert result.xcom("first", "launch")["launched"] == 2
        assert result.xcom("rest", "launch")["launched"] == 38
        assert result.xcom("first") == result.xcom("rest") == result.xcom("create")
        assert set(revox_sandbox.calls_per_person().values()) == {1}
        assert len(revox_sandbox.calls_per_person()) == 40
        assert result.rendered["first"]["suppress"] == "0 contacts"
        assert not PHONE_NUMBER.search(result.output + str(result.rendered) + str(result.xcoms))

    @pytest.mark.usefixtures("revox_sandbox")
    def test_without_contacts_the_launch_is_skipped_too(self, run_dag):
        result = run_dag(
            """
            from airflow_provider_revox.operators.revox import LaunchCampaignOperator

            create = CreateCampaignOperator(
                task_id="create", assistant_id="a1", name="x", contacts=[], launch=False)
            LaunchCampaignOperator(task_id="launch", campaign_id=create.output)
            LaunchCampaignOperator(task_id="always", campaign_id=create.output, trigger_rule="all_done")
            """
        )
        assert set(result.tasks.values()) == {"skipped"}

    @pytest.mark.parametrize("generation", ["contract"])
    def test_on_the_api_page_nothing_is_created(self, run_dag, revox_sandbox):
        result = run_dag(
            """
            CreateCampaignOperator(task_id="create", assistant_id="a1", name="x", launch=False,
                                   contacts=[{"to_phone_number": "+33612345678"}])
            """
        )
        assert result.tasks["create"] == "failed"
        assert "launch: False needs a Revox that can create a campaign" in result.output
        assert {one.method for one in revox_sandbox.requests()} == {"GET"}
