"""Who must not be called by Revox's own phone history, in a real Airflow."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from revox_sandbox import Fault, SandboxSettings

ADA, BOB, CLEO = "+33612345678", "+14155550100", "+447400123456"
PHONE_NUMBER = re.compile(r"\+[1-9]\d{7,14}|12345678|4155550100|7400123456")
HISTORY = "/calls/phone-history"

COMMON = f"""
people = [{{"to_phone_number": number}} for number in ("{ADA}", "{BOB}", "{CLEO}")]
common = dict(assistant_id="a1", contacts=people, retry_delay=timedelta(0), reconcile_timeout=0.1)
"""


@pytest.fixture
def revox_sandbox_settings(request) -> SandboxSettings:
    generation = getattr(request, "param", "drafts")
    return SandboxSettings(generation=generation, speed=1_000_000, call_ends={"human": 1.0})


LOST_LAUNCH = (
    Fault(method="POST", path="/campaigns/{id}/launch", when="after", kind="reset"),
    Fault(method="GET", path="/campaigns/{id}", kind="status", status=403),
)
contract_only = pytest.mark.parametrize("revox_sandbox_settings", ["contract"], indirect=True)


def campaigns(sandbox):
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        return client.list_campaigns()


def call(sandbox, *numbers, launch=False):
    """Have people called by somebody else's campaign, to its end."""
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        contacts = [{"to_phone_number": number, "prompt_variables": {}} for number in numbers]
        drafts = sandbox.settings.generation == "drafts"
        needed = {"launch": True, "type": "regular"} if drafts else {}
        body = CampaignCreate.build(assistant_id="a1", name="before", contacts=contacts, **needed)
        campaign_id = client.create_campaign(body).id
        if launch:
            client.launch_calls(campaign_id, LaunchCalls())
    sandbox.advance(3600)


def nothing_shows(result):
    logs = Path(os.environ["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]).rglob("*.log")
    left = [result.output, str(result.rendered), str(result.xcoms)]
    left += [path.read_text(errors="replace") for path in logs]
    return not any(map(PHONE_NUMBER.search, left))


def test_people_who_want_no_calls_are_left_out_and_counted(run_dag, revox_sandbox):
    revox_sandbox.do_not_contact(BOB)
    result = run_dag(f"""{COMMON}
CreateCampaignOperator(task_id="calls", name="calls", **common)
CreateCampaignOperator(task_id="all", name="all", skip_do_not_contact=False, **common)
""")
    assert result.state == "success"
    report = result.xcom("calls", "contact_report")
    assert report == {
        "received": 3,
        "to_call": 2,
        "invalid": 0,
        "invalid_by_reason": {},
        "duplicate": 0,
        "suppressed": 1,
        "suppressed_by_reason": {"do_not_contact": 1},
    }
    assert "3 received: 2 to call, 1 suppressed (1 do_not_contact)" in result.output
    assert result.xcom("all", "contact_report")["to_call"] == 3
    revox_sandbox.advance(3600)
    assert revox_sandbox.calls_per_person() == {ADA: 2, BOB: 1, CLEO: 2}
    assert nothing_shows(result)


def test_people_who_were_called_lately_are_left_out(run_dag, revox_sandbox):
    call(revox_sandbox, CLEO)
    result = run_dag(f"""{COMMON}
CreateCampaignOperator(task_id="calls", name="calls", not_called_within=timedelta(days=30), **common)
""")
    assert result.state == "success"
    assert result.xcom("calls", "contact_report")["suppressed_by_reason"] == {"called_recently": 1}
    revox_sandbox.advance(3600)
    assert set(revox_sandbox.calls_per_person().values()) == {1}
    assert nothing_shows(result)


def test_with_nobody_left_the_task_is_skipped(run_dag, revox_sandbox):
    revox_sandbox.do_not_contact(ADA, BOB, CLEO)
    result = run_dag(f'{COMMON}\nCreateCampaignOperator(task_id="calls", name="calls", **common)')
    assert result.tasks["calls"] == "skipped"
    assert campaigns(revox_sandbox) == []


def test_a_retry_adopts_the_campaign_whose_calls_the_history_shows_by_now(run_dag, revox_sandbox):
    # The campaign is launched, the answer is lost and cannot be looked up; until the retry all are called.
    revox_sandbox.faults.add(*LOST_LAUNCH)
    result = run_dag(f"""{COMMON}
CreateCampaignOperator(task_id="calls", name="calls", retries=1, not_called_within=timedelta(days=30),
                       **{{**common, "reconcile_timeout": 0.01}})
""")
    assert (result.state, result.tries["calls"]) == ("success", 2)
    (campaign,) = campaigns(revox_sandbox)
    assert result.xcom("calls") == campaign.id
    assert result.xcom("calls", "launch")["outcome"] == "adopted"
    assert "so the phone history does not apply" in result.output
    # The report is of the list that was launched, and not of who was called by it.
    assert result.xcom("calls", "contact_report")["to_call"] == 3
    revox_sandbox.advance(3600)
    assert revox_sandbox.calls_per_person() == {ADA: 1, BOB: 1, CLEO: 1}
    assert nothing_shows(result)


def test_a_retry_whose_history_fails_still_adopts_its_campaign(run_dag, revox_sandbox):
    revox_sandbox.faults.add(*LOST_LAUNCH)
    revox_sandbox.faults.add(Fault(path=HISTORY, kind="status", status=403, skip=1, times=1))
    result = run_dag(f"""{COMMON}
CreateCampaignOperator(task_id="calls", name="calls", retries=1, **{{**common, "reconcile_timeout": 0.01}})
""")
    assert (result.state, result.tries["calls"]) == ("success", 2)
    assert len(campaigns(revox_sandbox)) == 1


@pytest.mark.parametrize(
    ("fault", "retried"),
    [
        (Fault(path=HISTORY, kind="status", status=503, times=None), True),
        (Fault(path=HISTORY, kind="truncate", times=None), True),
        (Fault(path=HISTORY, kind="broken_json", times=None), True),
        (Fault(path=HISTORY, kind="broken_json", body='{"phone_history": []}', times=None), True),
        (
            Fault(path=HISTORY, kind="broken_json", body=f'{{"phone_history": {{"{ADA}": 7}}}}', times=None),
            True,
        ),
        (Fault(path=HISTORY, kind="status", status=403, times=None), False),
    ],
    ids=["503", "truncated", "no JSON", "no history", "no record", "403"],
)
def test_nobody_is_called_while_the_history_cannot_be_read(run_dag, revox_sandbox, fault, retried):
    revox_sandbox.faults.add(fault)
    result = run_dag(f'{COMMON}\nCreateCampaignOperator(task_id="calls", name="calls", retries=1, **common)')
    assert (result.tasks["calls"], result.tries["calls"]) == ("failed", 2 if retried else 1)
    assert campaigns(revox_sandbox) == []
    assert nothing_shows(result)


@contract_only
def test_an_api_without_a_history_is_an_error_only_where_it_was_asked_for(run_dag, revox_sandbox):
    result = run_dag(f"""{COMMON}
CreateCampaignOperator(task_id="default", name="default", **common)
CreateCampaignOperator(task_id="asked", name="asked", skip_do_not_contact=True, retries=1, **common)
CreateCampaignOperator(task_id="within", name="within", not_called_within=60, retries=1, **common)
""")
    assert result.tasks == {"default": "success", "asked": "failed", "within": "failed"}
    assert set(result.tries.values()) == {1}
    assert "This API has no phone history, so" in result.output
    assert "skip_do_not_contact: can't be done, because this API has no phone history" in result.output
    assert "not_called_within: can't be done, because this API has no phone history" in result.output
    assert len(campaigns(revox_sandbox)) == 1


def test_batches_are_checked_when_they_are_made_if_asked_and_when_they_are_launched(
    run_dag, revox_sandbox, tmp_path
):
    call(revox_sandbox, CLEO)
    revox_sandbox.do_not_contact(BOB)
    result = run_dag(f"""{COMMON}
from airflow_provider_revox.batches import contact_batches

@task
def lately():
    return contact_batches(
        people, to="{tmp_path}", batch_size=1, skip_do_not_contact=False, not_called_within=86400 * 30
    )

@task
def unchecked():
    return contact_batches(people, to="{tmp_path}", batch_size=2)

CreateCampaignOperator.partial(task_id="call", name="call", assistant_id="a1").expand(contacts=lately())
unchecked()
""")
    assert result.tasks == {
        "lately": "success",
        "unchecked": "success",
        "call[0]": "success",
        "call[1]": "skipped",
    }
    assert result.xcom("lately", "contact_report")["suppressed_by_reason"] == {"called_recently": 1}
    assert result.xcom("unchecked", "contact_report")["to_call"] == 3
    assert result.xcom("call", "contact_report", 1)["suppressed_by_reason"] == {"do_not_contact": 1}
    revox_sandbox.advance(3600)
    assert revox_sandbox.calls_per_person() == {ADA: 1, CLEO: 1}
    assert nothing_shows(result)


launch_calls = pytest.mark.parametrize("revox_sandbox_settings", ["launch-calls"], indirect=True)


@launch_calls
def test_where_calls_are_launched_people_are_left_out_of_the_launch(run_dag, revox_sandbox):
    call(revox_sandbox, CLEO, launch=True)
    revox_sandbox.do_not_contact(BOB)
    result = run_dag(f"""{COMMON}
calls = CreateCampaignOperator(task_id="calls", name="calls", not_called_within=timedelta(days=30), **common)
calls >> CreateCampaignOperator(task_id="default", name="default", **common)
""")
    assert result.state == "success"
    report = result.xcom("calls", "contact_report")
    assert (report["to_call"], report["suppressed"]) == (1, 2)
    assert report["suppressed_by_reason"] == {"do_not_contact": 1, "called_recently": 1}
    assert result.xcom("default", "contact_report")["suppressed_by_reason"] == {"do_not_contact": 1}
    revox_sandbox.advance(3600)
    assert revox_sandbox.calls_per_person() == {ADA: 2, CLEO: 2}
    assert nothing_shows(result)


@launch_calls
@pytest.mark.parametrize("way", ["suppress", "do_not_contact"])
def test_who_asks_for_no_calls_between_the_create_and_the_launch_is_not_called_by_a_retry(
    run_dag, revox_sandbox, way
):
    def attempt(people, suppress=()):
        return run_dag(
            f"""{COMMON}
CreateCampaignOperator(task_id="calls", name="calls", launch_key="once", suppress={list(suppress)},
                       **{{**common, "contacts": [{{"to_phone_number": number}} for number in {people}]}})
""",
            dag_id=f"asks_{way}",
        )

    revox_sandbox.faults.add(
        Fault(method="POST", path="/campaigns/{id}/launch-calls", kind="status", status=503, times=None),
        Fault(method="GET", path="/campaigns/{id}", kind="status", status=503, retry_after=0, times=None),
    )
    assert attempt([ADA, BOB]).tasks["calls"] == "failed"
    revox_sandbox.faults.clear()
    [left] = campaigns(revox_sandbox)
    assert left.row_stats.not_launched == 2
    if way == "do_not_contact":
        revox_sandbox.do_not_contact(BOB)
    # As many people as before: one is taken off the list, and another is on it.
    result = attempt([ADA, BOB, CLEO], [BOB] if way == "suppress" else [])
    assert result.tasks["calls"] == "failed"
    assert result.xcom("calls", "contact_report")["to_call"] == 2
    assert f"Campaign {left.id} of an earlier try was created and calls nobody yet" in result.output
    assert "make sure that no other try of this task runs, delete it in Revox" in result.output
    revox_sandbox.advance(3600)
    assert revox_sandbox.calls_per_person() == {}
    assert nothing_shows(result)
    with RevoxClient(ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)) as client:
        client.delete_campaign(left.id)
    assert attempt([ADA, BOB, CLEO], [BOB] if way == "suppress" else []).state == "success"
    revox_sandbox.advance(3600)
    assert revox_sandbox.calls_per_person() == {ADA: 1, CLEO: 1}


def test_a_history_that_is_missing_by_mistake_calls_nobody(run_dag, revox_sandbox):
    revox_sandbox.faults.add(Fault(path=HISTORY, kind="status", status=404, times=None))
    result = run_dag(f"""{COMMON}
CreateCampaignOperator(task_id="calls", name="calls", retries=1, **common)
CreateCampaignOperator(task_id="asked", name="asked", retries=1, skip_do_not_contact=True, **common)
CreateCampaignOperator(task_id="all", name="all", skip_do_not_contact=False, **common)
""")
    assert result.tasks == {"calls": "failed", "asked": "failed", "all": "success"}
    assert (result.tries["calls"], result.tries["asked"]) == (2, 2)
    assert "GET /auth-status is there" in result.output
    assert len(campaigns(revox_sandbox)) == 1


def test_one_look_decides_that_a_campaign_stands_and_that_the_history_does_not_apply(run_dag, revox_sandbox):
    def attempt(contacts):
        return run_dag(
            f"""{COMMON}
CreateCampaignOperator(task_id="calls", name="calls", launch_key="once",
                       **{{**common, "contacts": {contacts}}})
""",
            dag_id="looks_once",
        )

    def looks():
        return sum((one.method, one.path) == ("GET", "/campaigns") for one in revox_sandbox.requests())

    assert attempt("people").state == "success"
    revox_sandbox.do_not_contact(BOB)
    for contacts in ("people", "[]"):
        before = looks()
        result = attempt(contacts)
        assert result.tasks["calls"] == "success"
        assert result.xcom("calls", "launch")["outcome"] == "adopted"
        assert looks() == before + 1
    assert len(campaigns(revox_sandbox)) == 1
    revox_sandbox.advance(3600)
    assert revox_sandbox.calls_per_person() == {ADA: 1, BOB: 1, CLEO: 1}
