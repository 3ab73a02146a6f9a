"""What every endpoint sends, how it reads an answer, and what its errors do not repeat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.errors import (
    InvalidRequestError,
    MalformedAnswerError,
    NotFoundError,
    RejectedError,
    RevoxError,
)
from airflow_provider_revox.client.messages import Endpoint
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from tests.airflow_provider_revox.client.answers_read import read
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, ask, at, http_answer

ADA = "+33612345678"
EXAMPLE = (Path(__file__).parent / "data" / "campaign.json").read_bytes()
CREATE = endpoints.create_campaign(CampaignCreate.build(assistant_id="a1", name="Renewals", contacts=[]))
GET = endpoints.get_campaign("c")
both = pytest.mark.parametrize("kind", BOTH)


def error_of(endpoint: Endpoint[Any], body: Any, status: int = 200, **headers: str) -> RevoxError:
    with pytest.raises(MalformedAnswerError) as caught:
        read(endpoint, body, status, **headers)
    assert caught.value.transient
    return caught.value


# --- requests ---


@pytest.mark.parametrize(
    ("endpoint", "method", "path", "query"),
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
def test_every_endpoint_has_its_request_and_only_the_create_is_not_repeatable(endpoint, method, path, query):
    request = endpoint.request
    assert (request.method, request.path, request.query) == (method, path, query)
    assert (request.body is not None) == (endpoint is CREATE)
    assert request.repeatable == (endpoint is not CREATE)


def test_one_text_is_no_collection_of_numbers():
    with pytest.raises(InvalidRequestError, match="numbers: must be a collection") as caught:
        endpoints.get_phone_history(ADA)
    assert ADA not in str(caught.value)


@pytest.mark.parametrize("field", ["from_phone_number", "call_retry_config", "max_concurrent_calls"])
def test_none_clears_a_field(field):
    assert json.loads(CampaignUpdate.build(**{field: None}).body) == {field: None}
    with pytest.raises(InvalidRequestError, match="name can't be cleared"):
        CampaignUpdate.build(name=None)


# --- answers ---


@pytest.mark.parametrize(
    ("endpoint", "body", "result"),
    [
        (endpoints.list_campaigns(), {"campaigns": []}, []),
        (endpoints.cancel_campaign("c"), {"success": True}, True),
        (endpoints.cancel_campaign("c"), {"success": False}, False),
        (endpoints.cancel_campaign("c"), {"success": "no"}, False),
        (endpoints.delete_campaign("c"), {"success": True, "more": 1}, True),
    ],
)
def test_answers_are_read(endpoint, body, result):
    assert read(endpoint, body) == result


def test_the_example_of_the_api_page_is_the_answer_of_the_create():
    assert read(CREATE, EXAMPLE).id == "id"


def test_lists_rows_and_exports_are_read():
    campaigns = read(endpoints.list_campaigns(), {"campaigns": [{"id": "a"}, {"id": "b"}]})
    assert [campaign.id for campaign in campaigns] == ["a", "b"]
    page = read(endpoints.get_rows("c", page=1, page_size=5), {"rows": [{"id": "r"}], "total": None})
    assert ([row.id for row in page.rows], page.total) == (["r"], None)
    assert read(endpoints.export_rows("c"), {"csv": "a,b\n"}).csv == "a,b\n"


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
@pytest.mark.parametrize("endpoint", READING, ids=lambda one: f"{one.request.method} {one.request.path}")
def test_an_answer_that_is_not_what_was_promised_is_an_error_that_shows_none_of_it(endpoint, body):
    error = error_of(endpoint, body)
    assert error.transient
    assert "the answer can't be used" in str(error)
    assert "336" not in str(error)


def test_access_is_checked_by_the_kind_of_the_answer_alone():
    endpoint = endpoints.check_access()
    assert not endpoint.request.reads_body
    assert read(endpoint, b"", **{"content-type": "application/json; charset=utf-8"}) is None
    for headers in ({"content-type": "text/html"}, {}):
        assert "not the Revox API: check the base URL" in str(error_of(endpoint, b"", **headers))


CAMPAIGNS = {"campaigns": [{"id": "a", "name": "x"}]}
HISTORY = {"phone_history": {ADA: {"count": 1}}}
ROWS = {"rows": [{"id": "r"}]}
LISTS = [
    pytest.param(endpoints.list_campaigns(), CAMPAIGNS, id="list_campaigns"),
    pytest.param(endpoints.find_campaigns(lambda _: True), CAMPAIGNS, id="find_campaigns"),
    pytest.param(endpoints.get_phone_history(), HISTORY, id="get_phone_history"),
    pytest.param(
        endpoints.scan_phone_history(lambda _: True, begin_attempt=lambda: lambda number, record: None),
        HISTORY,
        id="scan_phone_history",
    ),
    pytest.param(
        endpoints.scan_rows("c", page=1, page_size=9, begin_attempt=lambda: lambda rows: None),
        ROWS,
        id="scan_rows",
    ),
]


@pytest.mark.parametrize(("endpoint", "body"), LISTS)
def test_a_page_is_never_taken_for_the_whole_list(endpoint, body):
    for signs in ({"has_more": True}, {"meta": {"totalCount": 2}}, {"pagination": {"page": 1, "pages": 3}}):
        assert "is not the whole list" in str(error_of(endpoint, body | signs))
    for headers in ({"link": '<https://x/?page=2>; rel="next"'}, {"x-total-count": "2"}):
        assert "is not the whole list" in str(error_of(endpoint, body, **headers))
    assert "is not the whole list" in str(error_of(endpoint, body, status=206))
    read(endpoint, body | {"has_more": False, "next": None, "count": 1}, **{"x-total-count": "1"})


# --- GET /auth-status ---


@pytest.mark.parametrize(("says", "result"), [(True, True), (False, False)])
def test_the_state_of_the_key_is_what_the_answer_says(says, result):
    assert read(endpoints.get_auth_status(), {"authenticated": says, "more": 1}) is result


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><html><body>Log in</body></html>",
        b"",
        b"OK",
        b"null",
        b"true",
        [{"authenticated": True}],
        {},
        {"status": "ok"},
        {"authenticated": None},
        {"authenticated": "true"},
        {"authenticated": 1},
        {"authenticated": {"ok": True}},
        {"data": {"authenticated": True}},
    ],
)
def test_an_answer_that_is_no_state_of_the_key_shows_nothing_and_may_be_better_next_time(body):
    assert "the answer can't be used" in str(error_of(endpoints.get_auth_status(), body))


@both
@pytest.mark.parametrize("page", [b"<html>not found</html>", b'{"message": "not found"}', b""])
def test_no_such_endpoint_is_told_from_an_answer_that_cannot_be_used(kind, page):
    with Loopback(http_answer(404, page.decode())) as server, pytest.raises(NotFoundError) as caught:
        ask(kind, at(server.url, retries=0), "get_auth_status")
    assert not caught.value.transient


# --- on the wire ---


@both
@pytest.mark.parametrize(
    ("method", "order", "sent"),
    [
        ("update_campaign", CampaignUpdate.build(name="Zoe Exemplaire", from_phone_number=ADA), ADA),
        ("update_campaign", CampaignUpdate.build(name="Zoe Exemplaire"), "Zoe Exemplaire"),
        ("launch_calls", LaunchCalls.build(selection={"rows": {"call_ids": ["call-of-zoe"]}}), "call-of-zoe"),
    ],
)
def test_what_was_sent_is_not_in_the_error_of_a_server_that_repeats_it(kind, method, order, sent):
    body = json.dumps({"message": f"bad value {sent}"})
    with Loopback(http_answer(400, body)) as server, pytest.raises(RejectedError) as caught:
        ask(kind, at(server.url, retries=0), method, "c", order)
    assert "bad value" in str(caught.value)
    assert sent not in str(caught.value)


@both
@pytest.mark.parametrize(
    ("method", "arguments", "body", "label"),
    [
        ("get_statistics", ["c"], '{"statistics": 1}', "statistics: Input"),
        ("get_phone_history", [], '{"phone_history": {"+33612345678": 1}}', "phone_history: Input"),
        ("get_campaign", ["c"], '{"campaign": 1}', "campaign: Input"),
    ],
)
def test_an_error_names_what_could_not_be_read(kind, method, arguments, body, label):
    with Loopback(http_answer(200, body)) as server, pytest.raises(MalformedAnswerError, match=label):
        ask(kind, at(server.url, retries=0), method, *arguments)
