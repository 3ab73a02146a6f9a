"""When both clients send a request again, and when they never do. Nothing goes over the wire here."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from airflow_provider_revox.client import AsyncRevoxClient, RevoxClient, endpoints
from airflow_provider_revox.client.errors import (
    NoAnswerError,
    NotSentError,
    RateLimitedError,
    RevoxError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.messages import Answer, Endpoint
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.client.retry import MAX_RETRY_AFTER
from tests.airflow_provider_revox.client.loopback import BOTH, at

EXAMPLE = (Path(__file__).parent / "data" / "campaign.json").read_bytes()
CREATE = endpoints.create_campaign(CampaignCreate.build(assistant_id="a1", name="Renewals", contacts=[]))
GET = endpoints.get_campaign("c")
OK = Answer(200, {}, EXAMPLE)
REFUSED = NotSentError("M", "/", "ConnectError")
LOST = NoAnswerError("M", "/", "ReadTimeout")
CLIENTS = {"sync": RevoxClient(at("http://127.0.0.1:9")), "async": AsyncRevoxClient(at("http://127.0.0.1:9"))}
pytestmark = pytest.mark.parametrize("kind", BOTH)


def play(
    kind: str, endpoint: Endpoint[Any], *outcomes: Answer | RevoxError, retries: int = 3
) -> tuple[Any, list[float], int]:
    """Send with scripted outcomes; return the result or the error, the pauses, and how often it was sent."""
    left = list(outcomes)
    pauses: list[float] = []
    client = CLIENTS[kind]

    def transmit(request: object, _: object) -> Answer:
        assert request is endpoint.request
        outcome = left.pop(0)
        if isinstance(outcome, RevoxError):
            raise outcome
        return outcome

    async def transmit_async(request: object, sink: object, _: float) -> Answer:
        return transmit(request, sink)

    async def sleep_async(seconds: float) -> None:
        pauses.append(seconds)

    try:
        if kind == "sync":
            with patch.object(client, "_transmit", transmit), patch("time.sleep", pauses.append):
                result = client.send(endpoint, retries=retries)
        else:
            with patch.object(client, "_transmit", transmit_async), patch("asyncio.sleep", sleep_async):
                result = asyncio.run(client.send(endpoint, retries=retries))
    except RevoxError as error:
        result = error
    return result, pauses, len(outcomes) - len(left)


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, json.dumps(body).encode())


def test_an_answer_that_is_good_is_the_result(kind):
    campaign, pauses, sent = play(kind, CREATE, OK)
    assert (campaign.id, pauses, sent) == ("id", [], 1)


def test_an_idempotent_request_is_sent_again_with_growing_pauses(kind):
    result, pauses, sent = play(kind, GET, LOST, answer(500), answer(409), OK)
    assert (result.id, sent) == ("id", 4)
    assert 0.25 <= pauses[0] <= 0.5 <= pauses[1] <= 1.0 <= pauses[2] <= 2.0


@pytest.mark.parametrize("endpoint", [GET, endpoints.cancel_campaign("c"), endpoints.delete_campaign("c")])
def test_when_retries_are_exhausted_the_last_error_is_raised(kind, endpoint):
    error, pauses, sent = play(kind, endpoint, LOST, REFUSED, answer(502, {"message": "the last"}), retries=2)
    assert isinstance(error, UnexpectedAnswerError)
    assert (error.message, len(pauses), sent) == ("the last", 2, 3)


@pytest.mark.parametrize(
    "outcome",
    [
        LOST,
        *(answer(status) for status in (301, 307, 408, 409, 425, 500, 501, 502, 503, 504, 599)),
        Answer(200, {}, b""),
        Answer(200, {}, EXAMPLE[:99]),
        answer(204),
    ],
    ids=repr,
)
def test_a_create_that_may_have_been_taken_is_never_sent_again(kind, outcome):
    error, pauses, sent = play(kind, CREATE, outcome, OK)
    assert isinstance(error, RevoxError)
    assert (pauses, sent) == ([], 1)


@pytest.mark.parametrize("status", [503, 429])
def test_a_create_that_may_have_been_taken_is_not_sent_again_though_the_server_asks_for_it(kind, status):
    error, pauses, sent = play(kind, CREATE, answer(status, retry_after="1"), OK)
    assert (len(pauses), sent) == ((1, 2) if status == 429 else (0, 1))
    assert isinstance(error, UnexpectedAnswerError) == (status == 503)


@pytest.mark.parametrize("outcome", [REFUSED, answer(429)], ids=repr)
def test_a_create_that_was_not_taken_is_sent_again(kind, outcome):
    campaign, pauses, sent = play(kind, CREATE, outcome, outcome, outcome, OK)
    assert (campaign.id, len(pauses), sent) == ("id", 3, 4)


def test_a_create_is_not_sent_again_once_an_attempt_may_have_been_taken(kind):
    error, _, sent = play(kind, CREATE, REFUSED, answer(429), LOST, OK)
    assert (error, sent) == (LOST, 3)


@pytest.mark.parametrize("endpoint", [GET, CREATE], ids=["get", "create"])
def test_retry_after_in_seconds_is_obeyed(kind, endpoint):
    assert play(kind, endpoint, answer(429, retry_after="17"), OK)[1] == [17.0]


@pytest.mark.parametrize("endpoint", [GET, CREATE], ids=["get", "create"])
def test_retry_after_as_a_date_is_obeyed(kind, endpoint):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    (pause,) = play(kind, endpoint, answer(429, retry_after=date), OK)[1]
    assert 50 < pause <= 60


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_is_too_long_is_raised_not_slept(kind, status):
    error, pauses, sent = play(kind, GET, answer(status, retry_after=str(int(MAX_RETRY_AFTER) + 1)), OK)
    assert (pauses, sent) == ([], 1)
    assert error.retry_after == MAX_RETRY_AFTER + 1
    assert isinstance(error, RateLimitedError if status == 429 else UnexpectedAnswerError)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
@pytest.mark.parametrize("endpoint", [GET, CREATE], ids=["get", "create"])
def test_a_refusal_is_final(kind, endpoint, status):
    error, pauses, sent = play(kind, endpoint, answer(status), OK)
    assert (error.status, pauses, sent) == (status, [], 1)
