from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.exceptions import RevoxRefusedError, RevoxUnavailableError
from airflow_provider_revox.operators.revox import (
    CancelCampaignOperator,
    PauseCampaignOperator,
    ResumeCampaignOperator,
)
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign

WEEK = 7 * 24 * 3600
CANCEL, PAUSE, RESUME = CancelCampaignOperator, PauseCampaignOperator, ResumeCampaignOperator
ALL = [CANCEL, PAUSE, RESUME]


@pytest.fixture(params=["contract", "drafts", "launch-calls"])
def generation(request):
    return request.param


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(speed=0, generation=generation)


later = pytest.mark.parametrize("generation", ["drafts", "launch-calls"], indirect=True)
contract = pytest.mark.parametrize("generation", ["contract"], indirect=True)
today = pytest.mark.parametrize("generation", ["launch-calls"], indirect=True)


def carry_out(operator, campaign_id):
    return operator(task_id="control", campaign_id=campaign_id).execute({})


def client_of(sandbox):
    return RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url))


def posts(sandbox):
    paths = [request.path for request in sandbox.requests() if request.method == "POST"]
    return [path.rpartition("/")[2] for path in paths if not path.endswith(("/campaigns", "launch-calls"))]


def test_a_campaign_is_cancelled_once(revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, 60, max_concurrent_calls=2)
    first, second = carry_out(CANCEL, campaign_id), carry_out(CANCEL, campaign_id)
    assert (first["outcome"], second["outcome"]) == ("cancelled", "already_cancelled")
    assert first["campaign_id"] == campaign_id
    assert first["is_cancelled"] is second["is_cancelled"] is True
    assert (first["row_stats"]["total"], first["row_stats"]["pending"]) == (60, 0)
    assert posts(revox_sandbox) == ["cancel"]


@later
def test_a_campaign_is_paused_and_resumed_once(revox_sandbox):
    campaign_id = create_campaign(revox_sandbox)
    outcomes = [carry_out(operator, campaign_id) for operator in (RESUME, PAUSE, PAUSE, RESUME, RESUME)]
    assert [(each["outcome"], each["status"]) for each in outcomes] == [
        ("already_running", "running"),
        ("paused", "paused"),
        ("already_paused", "paused"),
        ("resumed", "running"),
        ("already_running", "running"),
    ]
    assert posts(revox_sandbox) == ["pause", "resume"]


@pytest.mark.parametrize("operator", ALL)
def test_a_campaign_that_has_ended_is_left_alone(revox_sandbox, operator):
    campaign_id = create_campaign(revox_sandbox)
    revox_sandbox.advance(WEEK)
    state = carry_out(operator, campaign_id)
    assert (state["outcome"], state["status"], state["is_cancelled"]) == (
        "already_finished", "completed", False,
    )  # fmt: skip
    assert posts(revox_sandbox) == []


@pytest.mark.parametrize("generation", ["drafts"], indirect=True)
def test_a_draft_is_cancelled_and_neither_paused_nor_resumed(revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, launch=False)
    for operator in (PAUSE, RESUME):
        with pytest.raises(RevoxUnavailableError, match=f"did not {operator.verb} .* which is draft"):
            carry_out(operator, campaign_id)
    assert carry_out(CANCEL, campaign_id)["outcome"] == "cancelled"
    assert carry_out(CANCEL, campaign_id)["outcome"] == "already_cancelled"


@today
def test_a_campaign_that_is_not_launched_yet_is_cancelled(revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, launched=False)
    assert carry_out(CANCEL, campaign_id)["outcome"] == "cancelled"
    revox_sandbox.advance(WEEK)
    assert revox_sandbox.calls_per_person() == {}


@pytest.mark.parametrize("operator", [PAUSE, RESUME])
def test_a_cancelled_campaign_has_ended(revox_sandbox, operator):
    campaign_id = create_campaign(revox_sandbox)
    carry_out(CANCEL, campaign_id)
    assert carry_out(operator, campaign_id)["outcome"] == "already_finished"


@contract
@pytest.mark.parametrize("status", ["cancelled", "canceled"])
@pytest.mark.parametrize("flag", [{}, {"is_cancelled": False}])
@pytest.mark.parametrize(
    ("operator", "outcome"),
    [(CANCEL, "already_cancelled"), (PAUSE, "already_finished"), (RESUME, "already_finished")],
)
def test_a_campaign_with_the_status_cancelled_is_cancelled(revox_sandbox, operator, outcome, status, flag):
    shown = {"campaign": {"id": "c", "status": status, **flag}}
    revox_sandbox.faults.add(Fault(kind="broken_json", method="GET", path="/campaigns/{id}", body=shown))
    state = carry_out(operator, "c")
    assert (state["outcome"], state["status"], state["is_cancelled"]) == (outcome, status, True)
    assert posts(revox_sandbox) == []


@contract
def test_without_a_flag_the_outcome_does_not_say_that_the_campaign_is_not_cancelled(revox_sandbox):
    shown = {"campaign": {"id": "c", "status": "completed"}}
    revox_sandbox.faults.add(Fault(kind="broken_json", method="GET", path="/campaigns/{id}", body=shown))
    assert carry_out(CANCEL, "c")["is_cancelled"] is None


@pytest.mark.parametrize("operator", ALL)
def test_a_campaign_that_does_not_exist_is_an_error(revox_sandbox, operator):
    with pytest.raises(RevoxRefusedError, match="answered 404"):
        carry_out(operator, "unknown")


@contract
@pytest.mark.parametrize(("operator", "verb"), [(PAUSE, "pause"), (RESUME, "resume")])
def test_an_older_api_gives_another_error_than_an_unknown_campaign(revox_sandbox, operator, verb):
    campaign_id = create_campaign(revox_sandbox)
    if operator is RESUME:
        # Somebody paused it elsewhere.
        revox_sandbox.faults.add(
            Fault(
                kind="broken_json", method="GET", path="/campaigns/{id}",
                body={"campaign": {"id": campaign_id, "status": "paused", "is_cancelled": False}},
            )
        )  # fmt: skip
    with pytest.raises(RevoxRefusedError, match=f"exists, but .* can't {verb} campaigns") as caught:
        carry_out(operator, campaign_id)
    assert "answered 404" not in str(caught.value)


@pytest.mark.parametrize("operator", [CANCEL, PAUSE])
def test_a_campaign_that_vanishes_meanwhile_is_not_found(revox_sandbox, operator):
    campaign_id = create_campaign(revox_sandbox)
    revox_sandbox.faults.add(Fault(kind="status", status=404, path="/campaigns/{id}", skip=1))
    path = f"/campaigns/{{id}}/{operator.verb}"
    revox_sandbox.faults.add(Fault(kind="status", status=404, path=path))
    with pytest.raises(RevoxRefusedError, match="answered 404"):
        carry_out(operator, campaign_id)


@today
@pytest.mark.parametrize(("operator", "outcome"), [(CANCEL, "cancelled"), (PAUSE, "paused")])
@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_a_lost_answer_changes_nothing(revox_sandbox, operator, outcome, kind):
    campaign_id = create_campaign(revox_sandbox, 60, max_concurrent_calls=2)
    path = f"/campaigns/{{id}}/{operator.verb}"
    revox_sandbox.faults.add(Fault(kind=kind, method="POST", path=path, when="after"))
    assert carry_out(operator, campaign_id)["outcome"] in (outcome, f"already_{outcome}")


def refused(campaign_id, verb):
    return Fault(kind="broken_json", method="POST", path=f"/campaigns/{{id}}/{verb}", body={"success": False})


@today
@pytest.mark.parametrize("operator", [CANCEL, PAUSE])
def test_a_request_that_revox_does_not_carry_out_is_an_error_that_airflow_retries(revox_sandbox, operator):
    campaign_id = create_campaign(revox_sandbox)
    revox_sandbox.faults.add(refused(campaign_id, operator.verb))
    with pytest.raises(RevoxUnavailableError, match=f"did not {operator.verb} .* which is running"):
        carry_out(operator, campaign_id)


@today
def test_a_campaign_that_ends_between_the_look_and_the_cancel_has_ended(revox_sandbox):
    campaign_id = create_campaign(revox_sandbox)
    revox_sandbox.faults.add(refused(campaign_id, "cancel"))
    ended = {"campaign": {"id": campaign_id, "status": "completed", "is_cancelled": False}}
    revox_sandbox.faults.add(
        Fault(kind="broken_json", method="GET", path="/campaigns/{id}", body=ended, skip=1)
    )
    assert carry_out(CANCEL, campaign_id)["outcome"] == "already_finished"


@contract
@pytest.mark.parametrize("nothing", [None, "", "  ", "None"])
def test_without_an_id_the_cancel_is_skipped_and_the_others_fail(revox_sandbox, nothing):
    with pytest.raises(AirflowSkipException):
        carry_out(CANCEL, nothing)
    for operator in (PAUSE, RESUME):
        with pytest.raises(RevoxRefusedError, match="must be the id of one campaign"):
            carry_out(operator, nothing)
    assert revox_sandbox.requests() == []


TEARDOWNS = """
from airflow.providers.common.compat.sdk import task_group

from airflow_provider_revox.operators.revox import CancelCampaignOperator

people = [{"to_phone_number": f"+1415555{index:04}", "prompt_variables": {}} for index in range(60)]

def calls(name, contacts=people, **options):
    return CreateCampaignOperator(
        task_id=name, assistant_id="a", name=name, contacts=contacts, max_concurrent_calls=2, **options)

def cancel(name, calls):
    return CancelCampaignOperator(task_id=name, campaign_id=calls.output).as_teardown()

@task
def fail():
    raise RuntimeError

@task
def succeed(): ...

fine, broken = calls("fine"), calls("broken")
fine >> succeed() >> cancel("cancel_fine", fine)
broken >> fail() >> cancel("cancel_broken", broken)

late = calls("late", wait_for_completion=True, timeout=0.1, poll_interval=0.05)
late >> succeed.override(task_id="after_late")() >> cancel("cancel_late", late)

nobody, invalid = calls("nobody", []), calls("invalid", [{"to_phone_number": "1"}])
cancel("cancel_nobody", nobody)
nobody >> CancelCampaignOperator(
    task_id="all_done", campaign_id="{{ ti.xcom_pull('nobody') }}", trigger_rule="all_done")
cancel("cancel_invalid", invalid)

done = calls("done", people[:1])

@task_group
def region(contacts):
    one = CreateCampaignOperator(
        task_id="one", assistant_id="a", name="one", contacts=contacts, max_concurrent_calls=2,
        wait_for_completion=True, timeout=0.1, poll_interval=0.05)
    cancel("cancel_one", one)

region.expand(contacts=[people, [{"to_phone_number": "1"}]])
"""


def test_as_a_teardown_it_cancels_what_still_runs_however_the_run_went(run_dag, revox_sandbox):
    result = run_dag(TEARDOWNS)
    assert result.state == "failed"
    failed = {"fail", "late", "invalid", "region.one[0]", "region.one[1]"}
    assert {name for name, state in result.tasks.items() if state == "failed"} == failed
    skipped = {"nobody", "cancel_nobody", "all_done", "cancel_invalid", "region.cancel_one[1]"}
    assert {name for name, state in result.tasks.items() if state == "skipped"} == skipped
    ids = [result.xcom(name) for name in ("fine", "broken", "late")] + [
        result.xcom("region.one", map_index=0)
    ]
    ends = [result.xcom(f"cancel_{name}") for name in ("fine", "broken", "late")]
    ends.append(result.xcom("region.cancel_one", map_index=0))
    assert [end["campaign_id"] for end in ends] == ids
    assert {end["outcome"] for end in ends} == {"cancelled"}
    with client_of(revox_sandbox) as client:
        running = {campaign.id for campaign in client.list_campaigns() if not campaign.is_cancelled}
    assert running == {result.xcom("done")}
    assert result.xcom("late", "campaign_url").endswith(result.xcom("late"))
    assert "+1415" not in result.output + str(result.xcoms)


@today
def test_a_launch_that_breaks_off_between_create_and_launch_is_cancelled_by_the_teardown(
    run_dag, revox_sandbox
):
    revox_sandbox.faults.add(
        Fault(kind="status", status=400, method="POST", path="/campaigns/{id}/launch-calls")
    )
    result = run_dag(
        """
        from airflow_provider_revox.operators.revox import CancelCampaignOperator

        calls = CreateCampaignOperator(
            task_id="calls", assistant_id="a", name="x", contacts=[{"to_phone_number": "+14155550001"}])
        CancelCampaignOperator(task_id="cancel", campaign_id=calls.output).as_teardown()
        """
    )
    assert result.tasks == {"calls": "failed", "cancel": "success"}
    with client_of(revox_sandbox) as client:
        (campaign,) = client.list_campaigns()
    assert (campaign.is_cancelled, result.xcom("cancel")["outcome"]) == (True, "cancelled")
    revox_sandbox.advance(WEEK)
    assert revox_sandbox.calls_per_person() == {}


@contract
def test_as_a_teardown_it_leaves_a_campaign_that_has_ended(run_dag, revox_sandbox):
    revox_sandbox.faults.add(
        Fault(
            kind="broken_json", method="GET", path="/campaigns/{id}", times=2,
            body={"campaign": {"id": "c", "status": "completed"}},
        )
    )  # fmt: skip
    result = run_dag(
        """
        from airflow_provider_revox.operators.revox import CancelCampaignOperator

        calls = CreateCampaignOperator(
            task_id="calls", assistant_id="a", name="x", contacts=[{"to_phone_number": "+14155550001"}],
            wait_for_completion=True, timeout=0.1, poll_interval=0.05)
        CancelCampaignOperator(task_id="cancel", campaign_id=calls.output).as_teardown()
        """
    )
    assert result.tasks == {"calls": "failed", "cancel": "success"}
    assert result.xcom("cancel")["outcome"] == "already_finished"


@contract
def test_without_an_xcom_there_is_no_id(run_dag, revox_sandbox):
    result = run_dag(
        """
        CreateCampaignOperator(
            task_id="calls", assistant_id="a", name="x", contacts=[{"to_phone_number": "+14155550001"}],
            do_xcom_push=False)
        """
    )
    assert result.state == "success"
    assert result.xcom("calls") is None
