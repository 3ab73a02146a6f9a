from __future__ import annotations

import asyncio
import csv
import io

import pytest

from airflow_provider_revox.client import async_client, sync_client
from airflow_provider_revox.client.errors import (
    AuthenticationError,
    MalformedAnswerError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    RateLimitedError,
    RejectedError,
    RevoxError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.requests import CampaignCreate
from dev.ports import free_port
from revox_sandbox import Fault, Sandbox, SandboxSettings
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, ask, at, http_answer

NUMBER, NAME = "+33612345678", "Zoé Exemplaire"
CAMPAIGN = CampaignCreate.build(
    assistant_id="a1",
    name="Renewals",
    contacts=[
        {"to_phone_number": NUMBER, "prompt_variables": {"name": NAME}},
        {"to_phone_number": "+14155550100", "prompt_variables": {}},
    ],
)
pytestmark = [pytest.mark.parametrize("kind", BOTH), pytest.mark.usefixtures("short_pauses")]


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0)


# --- every call of the contract ---


def test_every_call_of_the_contract(kind, config, revox_sandbox):
    created = ask(kind, config, "create_campaign", CAMPAIGN)
    assert (created.name, created.status, created.is_cancelled) == ("Renewals", "running", False)
    assert created.row_stats.total == 2
    assert ask(kind, config, "get_campaign", created.id).id == created.id
    assert [campaign.id for campaign in ask(kind, config, "list_campaigns")] == [created.id]

    page = ask(kind, config, "get_rows", created.id, page=2, page_size=1)
    assert (page.page, page.page_size, page.total) == (2, 1, 2)
    assert [(row.row_index, row.phone_number) for row in page.rows] == [(1, "+14155550100")]
    found = ask(kind, config, "get_rows", created.id, page=1, page_size=9, query=NUMBER).rows
    assert [(row.phone_number, row.input_data) for row in found] == [(NUMBER, {"name": NAME})]
    assert ask(kind, config, "get_rows", created.id, page=1, page_size=9, result="human").rows == []

    export = ask(kind, config, "export_rows", created.id)
    assert NUMBER in export.csv
    assert len(list(csv.DictReader(io.StringIO(export.csv)))) == 2

    assert ask(kind, config, "cancel_campaign", created.id) is True
    assert ask(kind, config, "get_campaign", created.id).is_cancelled is True
    assert ask(kind, config, "delete_campaign", created.id) is True
    with pytest.raises(NotFoundError, match="check the id"):
        ask(kind, config, "get_campaign", created.id)
    assert all(isinstance(record.outcome, int) for record in revox_sandbox.requests())


def test_a_request_on_the_wire_has_the_key_its_type_and_the_body(kind):
    with Loopback(http_answer(200, '{"campaign": {"id": "c"}}')) as server:
        ask(kind, at(f"{server.url}/api/"), "create_campaign", CAMPAIGN)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = [line.lower() for line in head.decode().split("\r\n")]
    assert lines[0] == "post /api/campaigns http/1.1"
    assert {"authorization: bearer sandbox-key", "content-type: application/json"} <= set(lines)
    assert any(line.startswith("user-agent: airflow-provider-revox/") for line in lines)
    assert body == CAMPAIGN.body


def test_ids_and_queries_are_encoded(kind):
    with Loopback(http_answer(200, '{"rows": [], "page": 1, "total": 0}')) as server:
        ask(kind, at(server.url), "get_rows", "a:b", page=1, page_size=2, query="+33 6&page=9")
    assert server.requests[0].split(b" ")[1] == (
        b"/campaigns/a%3Ab/rows?page=1&page_size=2&query=%2B33+6%26page%3D9"
    )


@pytest.mark.parametrize("method", ["create_campaign", "get_campaign"])
def test_a_wrong_key_is_refused_at_once(kind, method, revox_sandbox):
    argument = CAMPAIGN if method == "create_campaign" else "c"
    with pytest.raises(AuthenticationError) as caught:
        ask(kind, at(revox_sandbox.base_url, api_key="not-the-key"), method, argument)
    assert "not-the-key" not in str(caught.value)
    assert len(revox_sandbox.requests()) == 1


def test_a_refused_campaign_calls_nobody(kind, config, revox_sandbox):
    revox_sandbox.faults.add(
        Fault(kind="status", status=422, body={"message": f"bad number {NUMBER} of {NAME}"})
    )
    with pytest.raises(RejectedError) as caught:
        ask(kind, config, "create_campaign", CAMPAIGN)
    assert str(caught.value) == "POST /campaigns: Revox answered 422: bad number … of …"
    assert revox_sandbox.calls_per_person() == {}


# --- the create is never sent again where it may have been taken ---

STATUSES = [500, 502, 503, 504, 408, 409]
LOST = [
    *(
        (Fault(kind=fault, when=when), NoAnswerError)
        for fault in ("hang", "reset", "close")
        for when in ("before", "after")
    ),
    (Fault(kind="truncate", when="after"), NoAnswerError),
    (Fault(kind="delay", seconds=60, when="after"), NoAnswerError),
    (Fault(kind="broken_json", when="after"), MalformedAnswerError),
    (Fault(kind="broken_json", when="after", body="<html>login</html>"), MalformedAnswerError),
    (Fault(kind="broken_json", when="after", body={"campaign": None}), MalformedAnswerError),
    *(
        (Fault(kind="status", status=status, when=when, retry_after=0), UnexpectedAnswerError)
        for status in STATUSES
        for when in ("before", "after")
    ),
]


def _label(value: object) -> str:
    if not isinstance(value, Fault):
        return ""
    told = value.model_dump(exclude_none=True, include={"kind", "status", "body", "when"})
    return "-".join(str(part) for part in told.values())


@pytest.mark.parametrize(("fault", "error"), LOST, ids=_label)
def test_a_lost_answer_of_the_create_is_not_sent_again(kind, fault, error, config, revox_sandbox):
    revox_sandbox.faults.add(fault)
    with pytest.raises(error) as caught:
        ask(kind, config, "create_campaign", CAMPAIGN)
    assert caught.value.transient
    assert not isinstance(caught.value, (NotSentError, RateLimitedError))
    posts = [record for record in revox_sandbox.requests() if record.method == "POST"]
    assert len(posts) == 1
    assert set(revox_sandbox.calls_per_person().values()) == ({1} if fault.when == "after" else set())


def test_a_create_that_could_not_be_sent_is_sent_when_the_server_is_there(kind, monkeypatch):
    sandbox = Sandbox(SandboxSettings(port=free_port(), speed=0))
    refused: list[RevoxError] = []
    sender = sync_client if kind == "sync" else async_client
    decide = sender.retry_pause

    def start_server_then_decide(error, **options):
        refused.append(error)
        sandbox.start()
        return decide(error, **options)

    monkeypatch.setattr(sender, "retry_pause", start_server_then_decide)
    try:
        campaign = ask(kind, at(f"http://127.0.0.1:{sandbox.settings.port}/api"), "create_campaign", CAMPAIGN)
        assert [type(error) for error in refused] == [NotSentError]
        assert sandbox.calls_per_person() == {NUMBER: 1, "+14155550100": 1}
        assert campaign.row_stats.total == 2
    finally:
        sandbox.stop()


def test_a_server_that_is_never_there_was_sent_nothing(kind):
    with pytest.raises(NotSentError, match=r"nothing was sent: (ConnectError|ClientConnectorError): "):
        ask(kind, at(f"http://127.0.0.1:{free_port()}"), "create_campaign", CAMPAIGN)


def test_a_create_that_came_too_soon_is_sent_again(kind, config, revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=429, times=2, retry_after=0))
    ask(kind, config, "create_campaign", CAMPAIGN)
    assert [record.outcome for record in revox_sandbox.requests()] == ["status", "status", 200]
    assert revox_sandbox.calls_per_person() == {NUMBER: 1, "+14155550100": 1}


# --- idempotent requests are sent again ---


@pytest.mark.parametrize(
    "fault", ["hang", "reset", "close", "truncate", "broken_json", 500, 503, 408, 409, 429]
)
def test_an_idempotent_request_is_sent_again(kind, fault, config, revox_sandbox):
    campaign_id = ask(kind, config, "create_campaign", CAMPAIGN).id
    kind_of_fault = {"kind": fault} if isinstance(fault, str) else {"kind": "status", "status": fault}
    revox_sandbox.faults.add(
        Fault(**kind_of_fault, when="after", method="POST", path="/campaigns/{id}/cancel")
    )
    assert ask(kind, config, "cancel_campaign", campaign_id) is True
    assert [record.path for record in revox_sandbox.requests()[1:]] == [
        f"/campaigns/{campaign_id}/cancel"
    ] * 2


def test_a_delete_whose_answer_was_lost_is_done(kind, config, revox_sandbox):
    campaign_id = ask(kind, config, "create_campaign", CAMPAIGN).id
    revox_sandbox.faults.add(Fault(kind="reset", when="after", method="DELETE"))
    # The second attempt finds nothing any more: what was wanted is so, or the caller hears that it is gone.
    with pytest.raises(NotFoundError):
        ask(kind, config, "delete_campaign", campaign_id)
    assert ask(kind, config, "list_campaigns") == []


def test_when_retries_are_exhausted_the_last_error_is_raised(kind, config, revox_sandbox):
    revox_sandbox.faults.add(
        Fault(kind="status", status=500, times=3), Fault(kind="status", status=502, times=None)
    )
    with pytest.raises(UnexpectedAnswerError, match="502"):
        ask(kind, config, "list_campaigns")
    assert len(revox_sandbox.requests()) == 1 + config.retries


def test_retry_after_is_waited_for(kind, config, revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=429, retry_after=1))
    before = asyncio.run(_now())
    assert ask(kind, config, "list_campaigns") == []
    assert asyncio.run(_now()) - before >= 1
    revox_sandbox.faults.add(Fault(kind="status", status=429, retry_after=3600))
    with pytest.raises(RateLimitedError) as caught:
        ask(kind, config, "list_campaigns")
    assert caught.value.retry_after == 3600


async def _now() -> float:
    return asyncio.get_running_loop().time()
