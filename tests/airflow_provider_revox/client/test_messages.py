from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.checks import campaign_create
from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    MalformedAnswerError,
    NoAnswerError,
    NotSentError,
    RateLimitedError,
    RevoxError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.messages import Answer, Endpoint, Pause, Transmit, exchange
from airflow_provider_revox.client.retry import MAX_RETRY_AFTER

EXAMPLE = (Path(__file__).parent / "data" / "campaign.json").read_bytes()
CREATE = endpoints.create_campaign(campaign_create(assistant_id="a1", name="Renewals", contacts=[]))
GET = endpoints.get_campaign("c")
OK = Answer(200, {}, EXAMPLE)
REFUSED = NotSentError("M", "/", "ConnectError")
LOST = NoAnswerError("M", "/", "ReadTimeout")


def play(
    call: Endpoint[Any], *outcomes: Answer | RevoxError, retries: int = 3
) -> tuple[Any, list[float], int]:
    """Drive an exchange by hand: the result or the error, the pauses, and how often it was sent."""
    steps = exchange(call, retries=retries)
    left = list(outcomes)
    pauses: list[float] = []
    try:
        step = next(steps)
        while True:
            match step:
                case Transmit(request):
                    assert request is call.request
                    step = steps.send(left.pop(0))
                case Pause(seconds):
                    pauses.append(seconds)
                    step = next(steps)
    except StopIteration as end:
        return end.value, pauses, len(outcomes) - len(left)
    except RevoxError as error:
        return error, pauses, len(outcomes) - len(left)


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    return Answer(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode()
    )


# --- requests ---


@pytest.mark.parametrize(
    ("call", "method", "path", "query"),
    [
        (CREATE, "POST", "/campaigns", {}),
        (endpoints.list_campaigns(), "GET", "/campaigns", {}),
        (endpoints.check_access(), "GET", "/campaigns", {}),
        (GET, "GET", "/campaigns/c", {}),
        (endpoints.cancel_campaign("c"), "POST", "/campaigns/c/cancel", {}),
        (endpoints.delete_campaign("c"), "DELETE", "/campaigns/c", {}),
        (
            endpoints.get_rows("c", page=2, page_size=50),
            "GET",
            "/campaigns/c/rows",
            {"page": "2", "page_size": "50"},
        ),
        (
            endpoints.get_rows("c", page=1, page_size=9, query="+336", result="human", statuses="completed"),
            "GET",
            "/campaigns/c/rows",
            {"page": "1", "page_size": "9", "query": "+336", "result": "human", "statuses": "completed"},
        ),
        (endpoints.export_rows("c"), "GET", "/campaigns/c/export", {}),
    ],
)
def test_the_request_of_every_call(call, method, path, query):
    request = call.request
    assert (request.method, request.path, request.query) == (method, path, query)
    assert (request.body is not None) == (call is CREATE)
    assert request.repeatable == (call is not CREATE)


@pytest.mark.parametrize("campaign_id", ["", ".", ".."])
def test_an_id_that_leads_to_another_path_is_refused(campaign_id):
    for call in (endpoints.get_campaign, endpoints.delete_campaign, endpoints.cancel_campaign):
        with pytest.raises(InvalidRequestError, match="campaign_id"):
            call(campaign_id)


@pytest.mark.parametrize("campaign_id", ["../campaigns", "a/b", "a?b", "a#b", "a b", "é", "%2e%2e", "a\r\nb"])
def test_an_id_is_one_part_of_the_path(campaign_id):
    path = endpoints.get_campaign(campaign_id).request.path
    assert path.startswith("/campaigns/")
    assert set("/?# \r\né") & set(path.removeprefix("/campaigns/")) == set()


# --- answers ---


def test_the_example_of_the_page_is_the_answer_of_the_create():
    campaign, pauses, sent = play(CREATE, OK)
    assert (campaign.id, pauses, sent) == ("id", [], 1)


@pytest.mark.parametrize(
    ("call", "body", "result"),
    [
        (endpoints.list_campaigns(), {"campaigns": []}, []),
        (endpoints.cancel_campaign("c"), {"success": True}, True),
        (endpoints.cancel_campaign("c"), {"success": False}, False),
        (endpoints.cancel_campaign("c"), {"success": "no"}, False),
        (endpoints.delete_campaign("c"), {"success": True, "more": 1}, True),
    ],
)
def test_answers_are_read(call, body, result):
    assert play(call, answer(200, body))[0] == result


def test_lists_rows_and_exports_are_read():
    campaigns = play(endpoints.list_campaigns(), answer(200, {"campaigns": [{"id": "a"}, {"id": "b"}]}))[0]
    assert [campaign.id for campaign in campaigns] == ["a", "b"]
    page = play(
        endpoints.get_rows("c", page=1, page_size=5), answer(201, {"rows": [{"id": "r"}], "total": None})
    )[0]
    assert ([row.id for row in page.rows], page.total) == (["r"], None)
    assert play(endpoints.export_rows("c"), answer(200, {"csv": "a,b\n"}))[0].csv == "a,b\n"


MALFORMED = [
    b"",
    b"<html>",
    b"[]",
    b"null",
    b"{}",
    b"\xff\xfe",
    EXAMPLE[:200],
    b"[" * 100_000,
    b'{"campaign": {}}',
    b'{"campaign": {"id": null}}',
    b'{"campaign": "+33612345678", "campaigns": "+33612345678", "rows": "+33612345678"}',
    b'{"campaign": [], "campaigns": {}, "rows": {"+33612345678": 1}, "csv": ["+33612345678"]}',
    b'{"campaigns": [{"id": {"+33612345678": 1}}], "rows": [7], "campaign": {"id": ["+33612345678"]}}',
]
READING = [
    CREATE,
    GET,
    endpoints.list_campaigns(),
    endpoints.get_rows("c", page=1, page_size=1),
    endpoints.export_rows("c"),
]


@pytest.mark.parametrize("body", MALFORMED)
@pytest.mark.parametrize("call", READING, ids=lambda call: f"{call.request.method} {call.request.path}")
def test_an_answer_that_is_not_what_was_promised_is_an_error_that_shows_none_of_it(call, body):
    error, _, _ = play(call, Answer(200, {}, body), retries=0)
    assert type(error) is MalformedAnswerError
    assert error.transient
    assert "the answer can't be used" in str(error)
    assert "336" not in str(error)


def test_access_is_checked_by_the_kind_of_the_answer_alone():
    call = endpoints.check_access()
    assert not call.request.reads_body
    assert play(call, Answer(200, {"content-type": "application/json; charset=utf-8"}, b""))[0] is None
    for headers in ({"content-type": "text/html"}, {}):
        error = play(call, Answer(200, headers, b""), retries=0)[0]
        assert "not the Revox API: check the base URL" in str(error)


# --- sending again ---


def test_an_idempotent_request_is_sent_again_with_growing_pauses():
    result, pauses, sent = play(GET, LOST, answer(500), answer(409), OK)
    assert (result.id, sent) == ("id", 4)
    assert 0.25 <= pauses[0] <= 0.5 <= pauses[1] <= 1.0 <= pauses[2] <= 2.0


@pytest.mark.parametrize("call", [GET, endpoints.cancel_campaign("c"), endpoints.delete_campaign("c")])
def test_when_retries_are_exhausted_the_last_error_is_raised(call):
    error, pauses, sent = play(call, LOST, REFUSED, answer(502, {"message": "the last"}), retries=2)
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
def test_a_create_that_may_have_been_taken_is_never_sent_again(outcome):
    error, pauses, sent = play(CREATE, outcome, OK)
    assert isinstance(error, RevoxError)
    assert (pauses, sent) == ([], 1)


@pytest.mark.parametrize("status", [503, 429])
def test_a_create_that_may_have_been_taken_is_not_sent_again_though_the_server_asks_for_it(status):
    error, pauses, sent = play(CREATE, answer(status, retry_after="1"), OK)
    assert (len(pauses), sent) == ((1, 2) if status == 429 else (0, 1))
    assert isinstance(error, UnexpectedAnswerError) == (status == 503)


@pytest.mark.parametrize("outcome", [REFUSED, answer(429)], ids=repr)
def test_a_create_that_was_not_taken_is_sent_again(outcome):
    campaign, pauses, sent = play(CREATE, outcome, outcome, outcome, OK)
    assert (campaign.id, len(pauses), sent) == ("id", 3, 4)


def test_a_create_is_not_sent_again_once_an_attempt_may_have_been_taken():
    error, _, sent = play(CREATE, REFUSED, answer(429), LOST, OK)
    assert (error, sent) == (LOST, 3)


@pytest.mark.parametrize("call", [GET, CREATE], ids=["get", "create"])
def test_retry_after_in_seconds_is_obeyed(call):
    assert play(call, answer(429, retry_after="17"), OK)[1] == [17.0]


@pytest.mark.parametrize("call", [GET, CREATE], ids=["get", "create"])
def test_retry_after_as_a_date_is_obeyed(call):
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    ((pause,)) = play(call, answer(429, retry_after=moment), OK)[1]
    assert 50 < pause <= 60


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_is_too_long_is_raised_not_slept(status):
    error, pauses, sent = play(GET, answer(status, retry_after=str(int(MAX_RETRY_AFTER) + 1)), OK)
    assert (pauses, sent) == ([], 1)
    assert error.retry_after == MAX_RETRY_AFTER + 1
    assert isinstance(error, RateLimitedError if status == 429 else UnexpectedAnswerError)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
@pytest.mark.parametrize("call", [GET, CREATE], ids=["get", "create"])
def test_a_refusal_is_final(call, status):
    error, pauses, sent = play(call, answer(status), OK)
    assert (error.status, pauses, sent) == (status, [], 1)


def test_a_sender_that_forgets_the_outcome_is_told():
    steps = exchange(GET, retries=3)
    next(steps)
    with pytest.raises(TypeError, match="Transmit"):
        next(steps)
