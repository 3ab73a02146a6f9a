"""Whether rows that contradict the campaign's counts are an error, and only those."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.errors import RejectedError, RowsDriftedError
from airflow_provider_revox.client.models import Campaign, Row
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from airflow_provider_revox.results.unreached import (
    NotOverError,
    check_over,
    find_unreached,
    read_unreached,
    row_reach,
)
from revox_sandbox import Fault, Sandbox, SandboxSettings

DAY = 24 * 3600
NO_ANSWER = {"status": "error", "dial_error": "no_answer", "answered_at": None, "result": None}
HUMAN = {"status": "completed", "dial_error": None, "answered_at": "2026-11-24T09:00:00Z", "result": "human"}
VOICEMAIL = HUMAN | {"result": "voicemail"}


def call(status, *attempts):
    return {"status": status, "call_attempts": list(attempts), "calls_count": len(attempts)}


TALKED = call("completed", HUMAN)
FAILED = call("errored", NO_ANSWER)
NEVER_TRIED = call("errored")
MAILBOX = call("errored", VOICEMAIL)
ABORTED = call("cancelled")
ABORTED_LATER = call("cancelled", NO_ANSWER)
NOT_LAUNCHED = call("not_launched")
NONE, GONE = None, "gone"


def unreached(calls, *, cancelled=False, **row_stats):
    campaign = Campaign(id="c", status="completed", is_cancelled=cancelled, row_stats=row_stats)
    rows = (
        Row(id=f"r{number}", phone_number=f"+3361234567{number}", input_data={}, call=one)
        for number, one in enumerate(calls)
    )
    check_over(campaign)
    return len(find_unreached(campaign, [row_reach(row, cancelled=cancelled) for row in rows]).contacts)


@pytest.mark.parametrize("cancelled", [False, True])
@pytest.mark.parametrize(
    ("calls", "counts", "finding"),
    [
        ([NONE, NONE], {"completed": 2}, "the campaign counts 2 completed calls, and its rows show 0"),
        ([TALKED, NONE], {"completed": 2}, "counts 2 completed calls, and its rows show 1"),
        ([FAILED, FAILED], {"completed": 1, "failed": 1}, "counts 1 completed call, and its rows show 0"),
        ([ABORTED, ABORTED], {"completed": 1}, "counts 1 completed call, and its rows show 0"),
        ([ABORTED_LATER, NONE], {"completed": 1}, "counts 1 completed call, and its rows show 0"),
        ([NEVER_TRIED], {"completed": 1}, "counts 1 completed call, and its rows show 0"),
        ([NONE, NONE], {"failed": 2}, "counts 2 people who were called, and its rows show 0"),
        (
            [FAILED, NONE],
            {"completed": 0, "failed": 2},
            "counts 2 people who were called, and its rows show 1",
        ),
        ([TALKED, ABORTED], {"completed": 1, "failed": 1}, "counts 2 people who were called"),
        ([NONE], {"retry": 1}, "counts 1 person who was called, and its rows show 0"),
        ([GONE, NONE, NONE], {"completed": 2}, "counts 2 completed calls, and its rows show 0"),
        (
            [NONE],
            {"completed": 2**63},
            "counts 2,000,001 completed calls",
        ),  # or more: no campaign has so many
        (
            [FAILED, FAILED],
            {"completed": 0, "failed": 1},
            "2 calls that have ended, and the campaign counts 1",
        ),
        ([FAILED], {"completed": 0, "failed": 0}, "show 1 call that has ended, and the campaign counts 0"),
        (
            [TALKED, FAILED],
            {"completed": 0, "failed": 0},
            "2 calls that have ended, and the campaign counts 0",
        ),
    ],
)
def test_rows_that_contradict_the_counts_are_an_error_and_nobody_is_called(calls, counts, finding, cancelled):
    with pytest.raises(RowsDriftedError, match=finding) as caught:
        unreached(calls, cancelled=cancelled, total=len(calls), **counts)
    assert caught.value.transient
    assert "+336" not in str(caught.value)


@pytest.mark.parametrize(
    ("calls", "counts", "finding"),
    [
        ([NONE, FAILED], {"failed": 1, "pending": 1}, "counts 1 call that Revox will still make"),
        ([FAILED, FAILED], {"failed": 1, "retry": 1}, "counts 1 call that Revox will still make"),
        ([NONE, FAILED], {"failed": 1, "not_launched": 1}, "counts 1 call that is not launched"),
    ],
)
def test_a_completed_campaign_counts_no_calls_that_its_rows_do_not_show(calls, counts, finding):
    with pytest.raises(RowsDriftedError, match=finding):
        unreached(calls, **counts)
    with pytest.raises(NotOverError):
        unreached([*calls, NONE], calling=1, **counts)


@pytest.mark.parametrize(
    ("calls", "cancelled", "counts", "left"),
    [
        ([TALKED, FAILED], False, {"completed": 1, "failed": 1}, 1),
        ([TALKED, MAILBOX, FAILED], False, {"completed": 1, "failed": 2}, 1),
        ([TALKED, MAILBOX, FAILED], False, {"completed": 2, "failed": 1}, 1),
        ([call("completed", NO_ANSWER), FAILED], False, {"completed": 1, "failed": 1}, 2),
        ([call("completed", NO_ANSWER), FAILED], False, {"completed": 0, "failed": 2}, 2),
        ([NEVER_TRIED, TALKED], False, {"completed": 1, "failed": 1}, 1),
        # A call that somebody cancelled on its own is in no count, and its person is not called.
        ([TALKED, ABORTED], False, {"completed": 1, "failed": 0}, 0),
        ([TALKED, ABORTED], False, {"completed": 1, "failed": 0, "skipped": 1}, 0),
        ([NONE, NONE], False, {"completed": 0, "failed": 0}, 2),
        # Nobody knows which counts an aborted call leaves.
        ([TALKED, FAILED, ABORTED, ABORTED_LATER], True, {"completed": 1, "failed": 1}, 3),
        ([TALKED, FAILED, ABORTED, ABORTED_LATER], True, {"completed": 1, "failed": 1, "pending": 2}, 3),
        ([TALKED, ABORTED, ABORTED_LATER], True, {"completed": 1, "pending": 1, "retry": 1}, 2),
        ([TALKED, ABORTED], True, {"completed": 1, "failed": 0, "skipped": 1, "not_launched": 1}, 1),
        ([call("cancelled", NO_ANSWER, HUMAN), ABORTED], True, {"completed": 1, "failed": 0}, 1),
        ([NOT_LAUNCHED, NONE], True, {"not_launched": 2, "completed": 0}, 2),
        # A row that can't be read may be any of them, and is not called.
        ([GONE, GONE, FAILED], False, {"completed": 1, "failed": 2}, 1),
        ([GONE, FAILED], False, {"completed": 0, "failed": 1, "pending": 1}, 1),
        # Counts that are not given, or can't be read, are not compared.
        ([NONE, TALKED], False, {}, 1),
        ([NONE, TALKED], False, {"completed": None, "failed": "many"}, 1),
        ([TALKED, FAILED], False, {"completed": 1}, 1),
    ],
)
def test_rows_that_fit_the_counts_say_whom_the_campaign_did_not_reach(calls, cancelled, counts, left):
    assert unreached(calls, cancelled=cancelled, total=len(calls), **counts) == left


@pytest.mark.parametrize("not_launched", [2])
def test_calls_with_attempts_were_launched(not_launched):
    with pytest.raises(RowsDriftedError, match="counts 2 calls that are not launched, and its rows show 1"):
        unreached([ABORTED_LATER, ABORTED], cancelled=True, not_launched=not_launched)


def launched(client, contacts):
    body = CampaignCreate.build(assistant_id="a1", name="c", contacts=contacts)
    try:
        campaign = client.create_campaign(body)
    except RejectedError:  # where drafts are an option
        campaign = client.create_campaign(body.changed(launch=True, type="regular"))
    if campaign.row_stats.not_launched:
        client.launch_calls(campaign.id, LaunchCalls())
    return campaign.id


@pytest.mark.parametrize("generation", ["contract", "drafts", "launch-calls"])
@pytest.mark.parametrize("cancel_after", [0, 40, 400, 4000, 8000, 30_000, None])
def test_on_every_generation_a_campaign_that_ended_at_any_time_fits(generation, cancel_after):
    people = [{"to_phone_number": f"+336123{number:05}", "prompt_variables": {}} for number in range(120)]
    ends = {"human": 0.3, "voicemail": 0.2, "no_answer": 0.5}
    settings = SandboxSettings(generation=generation, speed=0, max_concurrent_calls=7, call_ends=ends)
    with Sandbox(settings) as sandbox:
        config = ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)
        with RevoxClient(config) as client:
            campaign_id = launched(client, people)
            if cancel_after is not None:
                sandbox.advance(cancel_after)
                client.cancel_campaign(campaign_id)
            sandbox.advance(7 * DAY)
            found = read_unreached(client, campaign_id)
            assert len(found.contacts) + sum(found.left_out.values()) == len(people)
            assert found.contacts


@pytest.mark.parametrize("generation", ["contract", "drafts", "launch-calls"])
def test_on_every_generation_rows_without_calls_of_a_campaign_that_called_are_an_error(generation):
    people = [{"to_phone_number": f"+336123{number:05}", "prompt_variables": {}} for number in range(2)]
    with Sandbox(SandboxSettings(generation=generation, speed=0, call_ends={"human": 1.0})) as sandbox:
        config = ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)
        with RevoxClient(config) as client:
            campaign_id = launched(client, people)
            sandbox.advance(7 * DAY)
            rows = [
                {"id": str(n), "phone_number": one["to_phone_number"], "input_data": {}, "call": None}
                for n, one in enumerate(people)
            ]
            body = {"rows": rows} | ({"page": 1, "total": 2} if generation == "contract" else {})
            fault = Fault(path="/campaigns/{id}/rows", kind="broken_json", body=body, times=None)
            sandbox.faults.add(fault)
            with pytest.raises(RowsDriftedError, match="counts 2 completed calls, and its rows show 0"):
                read_unreached(client, campaign_id)
