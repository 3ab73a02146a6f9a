from __future__ import annotations

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.errors import RowsDriftedError
from airflow_provider_revox.client.models import Campaign, Row
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.results.unreached import (
    MayBeLaunchedError,
    NotOverError,
    check_over,
    find_unreached,
    reach_of,
    read_unreached,
    row_reach,
)
from revox_sandbox import Fault, Sandbox, SandboxSettings

ADA, BOB = "+33612345678", "+14155550100"
NO_ANSWER = {"status": "error", "dial_error": "no_answer", "answered_at": None, "result": None}
HUMAN = {"status": "completed", "dial_error": None, "answered_at": "2026-11-24T09:00:00Z", "result": "human"}
OVER = Campaign(id="c", status="completed")
CANCELLED = Campaign(id="c", status="running", is_cancelled=True)


def call(*attempts, status="completed", **more):
    return {"status": status, "call_attempts": list(attempts), "calls_count": len(attempts), **more}


def row(call, number=ADA, id_="r1"):
    return Row.model_validate({"id": id_, "phone_number": number, "input_data": {"who": "Ada"}, "call": call})


def reaches(*rows, cancelled=False):
    return [row_reach(row, cancelled=cancelled) for row in rows]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (None, "unreached"),
        (call(status="cancelled"), "cancelled"),
        (call(status="errored"), "unreached"),
        (call(NO_ANSWER, NO_ANSWER, status="cancelled"), "cancelled"),
        (call(NO_ANSWER | {"dial_error": "busy"}, status="errored"), "unreached"),
        (call(HUMAN), "reached"),
        (call(NO_ANSWER, HUMAN, status="cancelled"), "reached"),
        (call(HUMAN | {"result": "voicemail"}, status="errored"), "reached"),
        (call(NO_ANSWER | {"result": "IVR"}), "reached"),
        (call(HUMAN | {"result": None}), "reached"),
        (call(NO_ANSWER, outcome="interested"), "reached"),
        # What is not known counts as reached.
        ("gone", "unreadable"),
        ({}, "unreadable"),
        (call(status=None), "unreadable"),
        (call(status="archived"), "unreadable"),
        (call() | {"call_attempts": None}, "unreadable"),
        (call() | {"calls_count": 1}, "unreadable"),
        (call(NO_ANSWER) | {"calls_count": None}, "unreadable"),
        (call("gone"), "unreadable"),
        (call(status="cancelled", last_call_attempt=NO_ANSWER), "unreadable"),
        (call(status="errored", last_call_attempt={"id": "a"}), "unreadable"),
        (call({}), "unreadable"),
        (call(NO_ANSWER | {"dial_error": None}), "unreadable"),
        (call(NO_ANSWER | {"dial_error": "hung_up"}), "unreadable"),
        (call(NO_ANSWER | {"status": "lost"}), "unreadable"),
        # What may still be called is not over.
        *((call(status=status), "open") for status in ("calling", "paused", "scheduled")),
        (call(status="calling", last_call_attempt=HUMAN), "open"),
        (call(status="not_launched"), "not_launched"),
        *(
            (call(NO_ANSWER | {"status": status}, HUMAN), "open")
            for status in ("queued", "ringing", "ongoing")
        ),
    ],
)
def test_whom_a_call_has_reached(call, expected):
    assert reach_of(row(call)) == expected


def test_a_row_that_does_not_say_whether_there_is_a_call_counts_as_reached():
    assert reach_of(Row.model_validate({"id": "r1", "phone_number": ADA})) == "unreadable"
    assert reach_of(Row.model_validate({"id": "r1", "phone_number": None, "call": None})) == "unreadable"


def test_a_number_that_was_reached_in_one_row_is_reached_in_all():
    unreached = find_unreached(OVER, reaches(row(None), row(call(HUMAN), id_="r2"), row(None, BOB, "r3")))
    assert unreached.contacts == [{"to_phone_number": BOB, "prompt_variables": {"who": "Ada"}}]
    assert unreached.left_out == {"reached": 2}
    assert BOB not in repr(unreached)


def test_one_open_call_stops_all():
    with pytest.raises(NotOverError, match="not done with 1 of its calls"):
        find_unreached(OVER, reaches(row(None), row(call(status="calling"), BOB, "r2")))


def test_calls_that_somebody_may_launch_stop_all_until_the_campaign_is_cancelled():
    rows = [row(None), row(call(status="not_launched"), BOB, "r2")]
    with pytest.raises(MayBeLaunchedError, match=r"may still launch 1 of its calls\..* cancel the campaign"):
        find_unreached(OVER, reaches(*rows))
    assert len(find_unreached(CANCELLED, reaches(*rows, cancelled=True)).contacts) == 2


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (call(status="not_launched"), "unreached"),
        (call(status="not_launched", outcome="interested"), "reached"),
        (call(status="not_launched", last_call_attempt=HUMAN), "unreadable"),
        (call(status="not_launched", last_call_attempt=None), "unreached"),
        (call(NO_ANSWER, status="not_launched"), "open"),
        (call(status="not_launched") | {"calls_count": 1}, "open"),
        (call(status="not_launched") | {"call_attempts": None}, "open"),
        *(
            (call(status=status), "open")
            for status in ("calling", "paused", "scheduled", "queued_for_calling")
        ),
    ],
)
def test_only_what_was_never_launched_is_unreached_in_a_cancelled_campaign(call, expected):
    assert reach_of(row(call), cancelled=True) == expected


@pytest.mark.parametrize(
    "campaign",
    [
        {"status": "running"},
        {"status": "paused", "is_cancelled": None},
        {"status": "draft"},
        {},
        {"status": "completed", "row_stats": {"calling": 1}},
        {"status": "running", "is_cancelled": True, "row_stats": {"calling": 1}},
    ],
)
def test_a_campaign_that_is_not_over_is_refused(campaign):
    with pytest.raises(NotOverError):
        check_over(Campaign(id="c", **campaign))
    check_over(Campaign(id="c", status="running", is_cancelled=True))
    check_over(Campaign(id="c", status="canceled"))
    check_over(OVER)


@pytest.mark.parametrize("says", ['"status": "cancelled"', '"status": "running", "is_cancelled": true'])
def test_however_a_campaign_says_that_it_is_cancelled_its_calls_cannot_be_launched(says):
    people = [{"to_phone_number": ADA, "prompt_variables": {}}]
    with Sandbox(SandboxSettings(generation="launch-calls")) as sandbox:
        config = ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)
        with RevoxClient(config) as client:
            campaign = client.create_campaign(
                CampaignCreate.build(assistant_id="a1", name="c", contacts=people)
            )
            answer = f'{{"campaign": {{"id": "{campaign.id}", {says}}}}}'
            sandbox.faults.add(Fault(path=f"/campaigns/{campaign.id}", kind="broken_json", body=answer))
            assert read_unreached(client, campaign.id).contacts == people


ROWS = {"method": "GET", "path": "/campaigns/{id}/rows"}


@pytest.fixture
def ended():
    """Yield a sandbox, a client of it and the id of a cancelled campaign of Ada and Bob."""
    people = [{"to_phone_number": number, "prompt_variables": {}} for number in (ADA, BOB)]
    with Sandbox(SandboxSettings(generation="launch-calls")) as sandbox:
        config = ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)
        with RevoxClient(config) as client:
            body = CampaignCreate.build(assistant_id="a1", name="c", contacts=people)
            campaign_id = client.create_campaign(body).id
            client.cancel_campaign(campaign_id)
            yield sandbox, client, campaign_id


def test_rows_of_an_answer_that_broke_off_do_not_count(ended, monkeypatch):
    monkeypatch.setattr("airflow_provider_revox.client.retry.FIRST_BACKOFF", 0.001)
    sandbox, client, campaign_id = ended
    sandbox.faults.add(Fault(**ROWS, kind="truncate", when="after"))
    unreached = read_unreached(client, campaign_id)
    assert [contact["to_phone_number"] for contact in unreached.contacts] == [ADA, BOB]


@pytest.mark.parametrize(
    ("ids", "finding"),
    [(["a", "a"], "a row came twice"), (["a"], "1 row came, and the campaign counts 2")],
)
def test_rows_that_do_not_add_up_are_an_error_that_another_try_may_mend(ended, ids, finding):
    sandbox, client, campaign_id = ended
    rows = [{"id": id_, "phone_number": ADA, "input_data": {}, "call": None} for id_ in ids]
    sandbox.faults.add(Fault(**ROWS, kind="broken_json", body={"rows": rows}))
    with pytest.raises(RowsDriftedError, match=finding) as caught:
        read_unreached(client, campaign_id)
    assert caught.value.transient
    assert ADA not in str(caught.value)
