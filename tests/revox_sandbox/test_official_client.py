"""The official client judges the sandbox: it must read every answer strictly."""

from __future__ import annotations

import httpx
import pytest
import revox

from revox_sandbox import Fault, Sandbox, SandboxAssistant, SandboxSettings
from tests.revox_sandbox.official.driver import strictly

CONTACTS = [{"to_phone_number": f"+1415555{index:04}", "prompt_variables": {"n": "1"}} for index in range(3)]
OPTIONS = {
    "call_retry_config": {
        "calling_windows": [
            {
                "calling_window_start_time": "12am",
                "calling_window_end_time": "23:59",
                "retry_delay_seconds": 60,
            }
        ],
        "max_retry_attempts": 2,
        "timezone": "Europe/Paris",
    },
    "from_phone_number": "+14155550199",
    "max_concurrent_calls": 2,
    "scheduled_at": "2026-11-01T09:00:00+01:00",
}


@pytest.fixture
def official_client(monkeypatch, certificates):
    """Return a function that makes a strict official client, which retries at once."""
    monkeypatch.setattr(revox._base_client, "INITIAL_RETRY_DELAY", 0.001)

    def make(sandbox: Sandbox, **options):
        options = {"api_key": sandbox.api_key, "http_client": httpx.Client(verify=certificates), **options}
        return revox.Revox(base_url=sandbox.base_url, _strict_response_validation=True, **options)

    return make


@pytest.fixture
def client(official_client, revox_sandbox):
    with official_client(revox_sandbox) as client:
        yield client


@pytest.fixture
async def async_client(revox_sandbox, certificates):
    async with revox.AsyncRevox(
        api_key=revox_sandbox.api_key,
        base_url=revox_sandbox.base_url,
        http_client=httpx.AsyncClient(verify=certificates),
        _strict_response_validation=True,
    ) as client:
        yield client


def create(client, **options):
    return client.campaigns.create(assistant_id="a", name="n", contacts=CONTACTS, **options)


@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["least", "most"])
def test_a_created_campaign_has_what_it_was_created_with(client, options):
    campaign = create(client, **options).campaign
    assert (campaign.name, campaign.assistant_id, campaign.status) == ("n", "a", "running")
    assert campaign.row_stats.total == 3
    assert campaign.assistant.id == "a"
    assert campaign.max_concurrent_calls == options.get("max_concurrent_calls")
    if options:
        assert campaign.call_retry_config.timezone == "Europe/Paris"
        assert campaign.scheduled_at == "2026-11-01T08:00:00.000Z"


def test_a_campaign_is_retrieved_as_it_is_now(client, revox_sandbox):
    created = create(client).campaign
    revox_sandbox.advance(10**6)
    campaign = client.campaigns.retrieve(created.id).campaign
    assert (campaign.id, campaign.status) == (created.id, "completed")
    assert campaign.row_stats.completed + campaign.row_stats.failed == 3


def test_campaigns_are_listed_the_newest_first(client):
    first, second = create(client).campaign, create(client, **OPTIONS).campaign
    assert [campaign.id for campaign in client.campaigns.list().campaigns] == [second.id, first.id]


def test_a_cancelled_campaign_says_that_it_is_cancelled(client):
    campaign = create(client, max_concurrent_calls=1).campaign
    assert client.campaigns.cancel(campaign.id).success
    assert client.campaigns.retrieve(campaign.id).campaign.is_cancelled


def test_a_deleted_campaign_is_not_found(client):
    campaign = create(client).campaign
    assert client.campaigns.delete(campaign.id).success
    with pytest.raises(revox.NotFoundError):
        client.campaigns.retrieve(campaign.id)


@pytest.mark.parametrize("seconds", [0, 8, 40, 7300, 10**6])
def test_rows_are_read_at_any_time(client, revox_sandbox, seconds):
    campaign = create(client, max_concurrent_calls=2).campaign
    revox_sandbox.advance(seconds)
    answer = client.campaigns.get_rows(campaign.id, page=1, page_size=10)
    assert (answer.page, answer.page_size, answer.total, len(answer.rows)) == (1, 10, 3, 3)
    assert [row.phone_number for row in answer.rows] == [contact["to_phone_number"] for contact in CONTACTS]


def test_rows_are_found_with_every_filter(client, revox_sandbox):
    campaign = create(client).campaign
    revox_sandbox.advance(10**6)
    answer = client.campaigns.get_rows(
        campaign.id, page=1, page_size=10, query="0001", result="human", statuses="completed,errored"
    )
    assert [row.row_index for row in answer.rows] == [1]


def test_exported_rows_are_csv_with_a_file_name(client):
    campaign = create(client).campaign
    answer = client.campaigns.export_rows(campaign.id)
    assert answer.csv.splitlines()[0].startswith("row_index,phone_number,n,")
    assert answer.filename.endswith(".csv")


def test_assistants_are_retrieved_and_listed(client, revox_sandbox):
    texts = {"prompt": "About {{plan}}", "first_sentence": "Hello {{ first_name }}"}
    revox_sandbox.define_assistants(SandboxAssistant(id="mine", **texts))
    assistant = client.assistants.retrieve("mine")
    assert (assistant.id, assistant.prompt, assistant.first_sentence) == ("mine", *texts.values())
    assert [one.id for one in client.assistants.list().assistants] == [
        "your-assistant-id",
        "renewals",
        "mine",
    ]
    assert set(assistant.model_dump()) == set(type(assistant).model_fields)
    with pytest.raises(revox.NotFoundError):
        client.assistants.retrieve("nobody")


def test_an_assistant_that_a_campaign_names_is_there(client):
    campaign = create(client).campaign
    assert client.assistants.retrieve("a").prompt == campaign.assistant.prompt


async def test_every_method_works_without_blocking(async_client, revox_sandbox):
    campaigns = async_client.campaigns
    campaign = (await campaigns.create(assistant_id="a", name="n", contacts=CONTACTS, **OPTIONS)).campaign
    revox_sandbox.advance(40)
    assert (await campaigns.retrieve(campaign.id)).campaign.id == campaign.id
    assert len((await campaigns.list()).campaigns) == 1
    assert (await campaigns.get_rows(campaign.id, page=1, page_size=2)).total == 3
    assert (await campaigns.export_rows(campaign.id)).csv
    assert (await campaigns.cancel(campaign.id)).success
    assert (await campaigns.delete(campaign.id)).success
    assert (await campaigns.list()).campaigns == []
    assert (await async_client.assistants.retrieve("a")).id == "a"
    assert "a" in [one.id for one in (await async_client.assistants.list()).assistants]


@pytest.mark.parametrize(
    ("call_ends", "attempt"),
    [
        ({"human": 1}, ("completed", "human", None)),
        ({"voicemail": 1}, ("completed", "voicemail", None)),
        ({"no_answer": 1}, ("error", None, "no_answer")),
        ({"busy": 1}, ("error", None, "busy")),
    ],
)
def test_every_end_of_a_call_is_readable(official_client, call_ends, attempt):
    with Sandbox(SandboxSettings(speed=0, call_ends=call_ends)) as sandbox:
        client = official_client(sandbox)
        campaign = create(client).campaign
        sandbox.advance(10**6)
        call = client.campaigns.get_rows(campaign.id, page=1, page_size=1).rows[0].call
        last = call.last_call_attempt
        assert (last.status, last.result, last.dial_error) == attempt
        assert call.calls_count == len(call.call_attempts) == (1 if call_ends == {"human": 1} else 3)
        assert (call.status, call.is_completed) == (
            ("completed", True) if call_ends == {"human": 1} else ("errored", False)
        )


@pytest.mark.parametrize("call_ends", [{"human": 1}, {"voicemail": 1}, {"busy": 1}, {"no_answer": 1}])
def test_every_row_is_of_the_clients_own_types_at_any_time(official_client, call_ends):
    with Sandbox(SandboxSettings(speed=0, call_ends=call_ends)) as sandbox:
        client = official_client(sandbox)
        campaign = create(client, **{**OPTIONS, "scheduled_at": revox.omit}).campaign
        for seconds in (0, 8, 40, 100, 10**6):
            sandbox.advance(seconds)
            raw = client.campaigns.with_raw_response.get_rows(campaign.id, page=1, page_size=10)
            answer = strictly(raw)
            attempts = [attempt for row in answer.rows for attempt in row.call.call_attempts]
            assert all(attempt.started_at and attempt.status for attempt in attempts)
        assert len(attempts) == (3 if call_ends == {"human": 1} else 6)
        assert {attempt.ended_by for attempt in attempts} == (
            {"agent"} if call_ends.keys() & {"human", "voicemail"} else {None}
        )


def test_a_wrong_key_is_an_authentication_error(official_client, revox_sandbox):
    client = official_client(revox_sandbox, api_key="wrong")
    with pytest.raises(revox.AuthenticationError):
        client.campaigns.list()


@pytest.mark.parametrize("kind", ["reset", "close"])
def test_a_lost_answer_makes_the_official_client_call_people_twice(client, revox_sandbox, kind):
    revox_sandbox.faults.add(Fault(method="POST", path="/campaigns", when="after", kind=kind))
    create(client)
    assert revox_sandbox.calls_per_person() == {contact["to_phone_number"]: 2 for contact in CONTACTS}


def test_an_unavailable_service_that_launched_makes_the_official_client_call_people_thrice(
    client, revox_sandbox
):
    revox_sandbox.faults.add(
        Fault(method="POST", path="/campaigns", when="after", kind="status", status=503, times=2)
    )
    create(client)
    assert set(revox_sandbox.calls_per_person().values()) == {3}


def test_a_campaign_has_every_field_that_the_client_knows(client, http):
    create(client, **OPTIONS)
    raw = http.get("/campaigns").json()["campaigns"][0]
    campaign = client.campaigns.list().campaigns[0]
    assert set(raw) == set(type(campaign).model_fields)
    assert set(raw["assistant"]) == set(type(campaign.assistant).model_fields)
