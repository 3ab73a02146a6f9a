from __future__ import annotations

import errno
import json
import logging
import socket
import time

import httpx
import pytest

from revox_sandbox import Fault
from revox_sandbox.serve.faults import path_matches

SHORT = 0.1
IMPATIENT = httpx.Timeout(30, read=SHORT)


@pytest.fixture
def post(http, body):
    def post(**options):
        return http.post("/campaigns", json=body(), **options)

    return post


def campaigns(http):
    return len(http.get("/campaigns").raise_for_status().json()["campaigns"])


def socket_error(error):
    while error is not None:
        if isinstance(error, OSError) and error.errno:
            return error.errno
        error = error.__cause__ or error.__context__
    return None


@pytest.fixture(params=["before", "after"])
def when(request):
    return request.param


@pytest.fixture
def strike(revox_sandbox, when):
    def strike(kind, **options):
        revox_sandbox.faults.add(Fault(method="POST", path="/campaigns", when=when, kind=kind, **options))

    return strike


@pytest.fixture
def committed(http, revox_sandbox, when):
    def committed(outcome):
        revox_sandbox.wait_for(("POST", "/campaigns"), stage="answered")
        assert revox_sandbox.faults.fired == 1
        assert [record.outcome for record in revox_sandbox.requests() if record.method == "POST"] == [outcome]
        return campaigns(http) == (when == "after")

    return committed


def test_a_hang_sends_no_answer(strike, post, committed):
    strike("hang")
    with pytest.raises(httpx.ReadTimeout):
        post(timeout=IMPATIENT)
    assert committed("hang")


def test_a_reset_resets_the_connection(strike, post, committed):
    strike("reset")
    with pytest.raises(httpx.ReadError) as error:
        post()
    assert socket_error(error.value) == errno.ECONNRESET
    assert committed("reset")


def test_a_close_closes_the_connection_without_an_answer(strike, post, committed):
    strike("close")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        post()
    assert committed("close")


def test_a_truncated_answer_ends_after_half_of_the_length_that_it_announces(strike, http, body, committed):
    strike("truncate")
    received = []
    with http.stream("POST", "/campaigns", json=body()) as answer:
        assert answer.status_code == 200
        announced = int(answer.headers["content-length"])
        parts = answer.iter_raw()
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
            received.extend(parts)
    assert len(b"".join(received)) == announced // 2 > 0
    assert committed("truncate")


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 599])
def test_a_status_is_answered_in_place_of_the_real_one(strike, post, committed, status):
    strike("status", status=status)
    assert post().status_code == status
    assert committed("status")


def test_broken_json_is_a_success_with_half_of_the_json(strike, post, committed):
    strike("broken_json")
    answer = post()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert answer.text.startswith("{")
    assert committed("broken_json")


def test_a_success_can_come_with_html_instead_of_json(strike, post, committed):
    strike("broken_json", body="<html>Welcome to the hotel</html>")
    answer = post()
    assert (answer.status_code, answer.text) == (200, "<html>Welcome to the hotel</html>")
    assert answer.headers["content-type"].startswith("text/html")
    assert committed("broken_json")


def test_a_delayed_answer_comes_late_and_whole(strike, post, http, revox_sandbox):
    strike("delay", seconds=SHORT)
    start = time.monotonic()
    post().raise_for_status()
    assert time.monotonic() - start >= SHORT
    assert campaigns(http) == revox_sandbox.faults.fired == 1
    assert revox_sandbox.requests()[0].outcome == 200


def test_a_delayed_request_takes_effect_though_the_client_has_left(strike, post, http, revox_sandbox):
    strike("delay", seconds=SHORT * 5)
    with pytest.raises(httpx.ReadTimeout):
        post(timeout=IMPATIENT)
    revox_sandbox.wait_for(("POST", "/campaigns"), stage="committed")
    assert campaigns(http) == 1


@pytest.mark.parametrize("retry_after", [7, "Wed, 25 Nov 2026 09:00:00 GMT"])
def test_a_status_can_say_when_to_come_back(revox_sandbox, post, retry_after):
    revox_sandbox.faults.add(
        Fault(kind="status", status=429, retry_after=retry_after, body={"error": "slow"})
    )
    answer = post()
    assert (answer.headers["retry-after"], answer.json()) == (str(retry_after), {"error": "slow"})


def test_a_status_can_come_as_html(revox_sandbox, post):
    revox_sandbox.faults.add(Fault(kind="status", status=502, body="<h1>Bad gateway</h1>"))
    answer = post()
    assert (answer.text, answer.headers["content-type"]) == (
        "<h1>Bad gateway</h1>",
        "text/html; charset=utf-8",
    )


def test_a_request_that_is_refused_is_refused_though_its_answer_is_lost(revox_sandbox, http):
    revox_sandbox.faults.add(Fault(kind="close", when="after"))
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/campaigns", json={})
    assert campaigns(http) == 0
    with pytest.raises(TimeoutError):
        revox_sandbox.wait_for(("POST", "/campaigns"), stage="committed", timeout=0)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/campaigns"),
        ("GET", "/campaigns/{id}"),
        ("POST", "/campaigns/{id}/cancel"),
        ("DELETE", "/campaigns/{id}"),
        ("GET", "/campaigns/{id}/rows"),
        ("GET", "/campaigns/{id}/export"),
    ],
)
def test_every_route_can_be_struck_and_only_that(revox_sandbox, http, launch, method, path):
    campaign_id = launch()
    revox_sandbox.faults.add(Fault(method=method, path=path, kind="status", status=500, times=None))
    for each in [
        ("GET", "/campaigns"),
        ("GET", f"/campaigns/{campaign_id}"),
        ("POST", f"/campaigns/{campaign_id}/cancel"),
        ("GET", f"/campaigns/{campaign_id}/rows?page=1&page_size=1"),
        ("GET", f"/campaigns/{campaign_id}/export"),
        ("DELETE", f"/campaigns/{campaign_id}"),
    ]:
        http.request(*each)
    struck = [record for record in revox_sandbox.requests() if record.outcome == "status"]
    assert [record.method for record in struck] == [method]
    assert path_matches(path, struck[0].path)


def test_nothing_but_the_api_is_struck(revox_sandbox, anonymous, launch):
    campaign_id = launch()
    revox_sandbox.faults.add(Fault(kind="reset", times=None))
    for path in ("/_sandbox/health", "/api/openapi.json", f"/campaigns/{campaign_id}"):
        assert anonymous.get(revox_sandbox.url + path).status_code == 200
    assert revox_sandbox.faults.fired == 0


def test_connections_work_again_after_a_fault(revox_sandbox, http, launch):
    for kind in ("reset", "close", "truncate"):
        revox_sandbox.faults.add(Fault(method="GET", kind=kind))
        with pytest.raises(httpx.TransportError):
            http.get("/campaigns")
        launch()
    assert campaigns(http) == 3


def test_the_server_has_nothing_to_complain_of(revox_sandbox, http, post, caplog):
    caplog.set_level(logging.DEBUG, logger="uvicorn.error")
    for kind in ("reset", "close", "truncate", "hang"):
        revox_sandbox.faults.add(Fault(kind=kind))
        with pytest.raises(httpx.TransportError):
            post(timeout=IMPATIENT)
    revox_sandbox.stop()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_half_a_request_is_none(revox_sandbox, http):
    address = httpx.URL(revox_sandbox.base_url)
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(b"POST /api/campaigns HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert campaigns(http) == 0
    assert [record.method for record in revox_sandbox.requests()] == ["GET"]


def test_big_requests_and_answers_pass(revox_sandbox, http, body):
    http.post("/campaigns", json=body(20_000)).raise_for_status()
    answer = http.post("/campaigns", content=b"x" * 5_000_000)
    assert answer.status_code == 400


def test_the_journal_knows_methods_paths_and_answers_but_no_queries(revox_sandbox, http, launch):
    campaign_id = launch()
    http.get(f"/campaigns/{campaign_id}/rows", params={"page": 1, "page_size": 1, "query": "Ada"})
    http.get("/campaigns/nobody")
    assert [tuple(record) for record in revox_sandbox.requests()] == [
        ("POST", "/campaigns", 200),
        ("GET", f"/campaigns/{campaign_id}/rows", 200),
        ("GET", "/campaigns/nobody", 404),
    ]
