"""What a hostile server can cost: a request its answer, and nobody memory, time or another request."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator

import httpx
import pytest

from airflow_provider_revox.client import AsyncRevoxClient, RevoxClient, endpoints
from airflow_provider_revox.client.errors import (
    MalformedAnswerError,
    NoAnswerError,
    RevoxError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.limits import Limits
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.client.shared_client import shared_client
from tests.airflow_provider_revox.client.hostile_answers import (
    ENDPOINTS,
    HEAD,
    MB,
    MOST_MEMORY,
    OK,
    SHORT,
    chunked,
    endless,
    failure,
    packed,
    settings,
    sweep,
)
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, at, http_answer, send

both = pytest.mark.parametrize("kind", BOTH)


EMPTY_MEMBER = zlib.compressobj(9, zlib.DEFLATED, 31).flush()
ENDLESS: dict[str, Callable[[], Iterable[bytes]]] = {
    "spaces": lambda: endless(OK + b"\r\n", b" "),
    "in chunks": lambda: chunked(endless(b'{"campaigns": [', b'{"id": "a", "name": "x"},')),
    "a length that is not there": lambda: endless(OK + b"Content-Length: 99999999999999\r\n\r\n{", b" "),
    "a length of 400 digits": lambda: endless(OK + b"Content-Length: %s\r\n\r\n{" % (b"9" * 400), b" "),
    "campaigns": lambda: endless(OK + b'\r\n{"campaigns": [', b'{"id": "a", "name": "x"},'),
    "numbers": lambda: endless(OK + b'\r\n{"phone_history": {', b'"+336": {"count": 1},'),
    "rows": lambda: endless(OK + b'\r\n{"rows": [', b'{"id": "a"},'),
    "a text": lambda: endless(OK + b'\r\n{"campaign": {"id": "', b"a"),
    "a number": lambda: endless(OK + b'\r\n{"campaigns": [{"id": ', b"1"),
    "lists in lists": lambda: endless(OK + b'\r\n{"rows": ', b"["),
    "lists beside lists": lambda: endless(OK + b'\r\n{"campaigns": [[', b"[],"),
    "a bomb": lambda: packed(itertools.repeat(bytes(MB), 200)),
    "a bomb of campaigns": lambda: packed(
        [b'{"campaigns": [', *[b'{"id": "a", "name": "x"},' * 40_000] * 200]
    ),
    "a bomb of deflate": lambda: packed(itertools.repeat(bytes(MB), 200), 15, b"deflate"),
    "a bomb that calls itself brotli": lambda: packed(itertools.repeat(bytes(MB), 200), 15, b"br"),
    "a bomb in a bomb": lambda: packed(itertools.repeat(bytes(MB), 200), 31, b"gzip, gzip"),
    "gzip without content": lambda: endless(OK + b"Content-Encoding: gzip\r\n\r\n", EMPTY_MEMBER),
    "headers": lambda: endless(OK, b"X-Header: %s\r\n" % (b"x" * 1000)),
    "one header": lambda: endless(OK + b"X-Header: ", b"x"),
    "the reason": lambda: endless(b"HTTP/1.1 200 ", b"x"),
}


@sweep(how=ENDLESS, name=ENDPOINTS)
def test_an_answer_without_an_end_ends_at_the_limit(kind, how, name):
    with Loopback(lambda _: ENDLESS[how]()) as server:
        config = settings(server)
        tracemalloc.start()
        try:
            with pytest.raises((MalformedAnswerError, NoAnswerError)) as caught:
                send(kind, config, ENDPOINTS[name])
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < MOST_MEMORY
    assert caught.value.transient
    assert len(str(caught.value)) < 500


@sweep(status=[301, 400, 401, 404, 429, 500, 503], encoding=["", "gzip", "br"])
def test_an_error_without_an_end_is_the_error_that_it_is(kind, status, encoding):
    def answer(_: bytes) -> Iterator[bytes]:
        yield HEAD % status + (b"Content-Encoding: %s\r\n" % encoding.encode() if encoding else b"") + b"\r\n"
        yield from packed(itertools.repeat(bytes(MB), 200)) if encoding else itertools.repeat(b"x" * 65_536)

    with Loopback(answer) as server, pytest.raises(RevoxError) as caught:
        send(kind, settings(server), ENDPOINTS["one"])
    assert caught.value.status == status
    assert len(str(caught.value)) < 700


def test_what_is_shown_of_an_error_without_a_space_is_short():
    for word in ("x", "@", "1", "é", "&amp;", "%41", "\\u0041", "a1", "[", "<", '"'):
        for wrap in (str, lambda text: json.dumps({"message": text})):
            body = wrap(word * (20_000 // len(word)))
            with Loopback(http_answer(422, body)) as server, pytest.raises(RevoxError) as caught:
                send("sync", settings(server), ENDPOINTS["one"])
            assert len(str(caught.value)) < 500


def drip(closing: threading.Event, *parts: bytes) -> Iterator[bytes]:
    """Send parts, and then the last of them again and again, with a pause before each."""
    for part in itertools.chain(parts, itertools.repeat(parts[-1])):
        yield part
        if closing.wait(0.02):
            return


DRIPS = {
    "the body": (OK + b"\r\n{", b" "),
    "a chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "the size of a chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "a header": (OK + b"X-Header: ", b"x"),
    "the status": (b"HTTP/1.1 200 ", b"x"),
    "answers before the answer": (b"HTTP/1.1 102 Wait\r\n\r\n",),
    "a redirect": (HEAD % 302 + b"Location: /\r\n\r\n", b" "),
    "an error": (HEAD % 500 + b"\r\n", b"x"),
}


@sweep(part=DRIPS, name=["one", "found", "create"])
def test_an_answer_that_drips_ends_in_time(kind, part, name):
    with (
        Loopback(lambda _: drip(server.closing, *DRIPS[part])) as server,
        pytest.raises(NoAnswerError, match=r"it took longer than 0\.2 s"),
    ):
        send(kind, settings(server, SHORT), ENDPOINTS[name])


@both
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_drips_ends_in_time(kind, scheme):
    with Loopback(lambda _: drip(proxy.closing, b"HTTP/1.1 200 ", b"x")) as proxy:
        config = at(
            f"{scheme}://revox.invalid/api",
            proxy=proxy.url,
            allow_http=True,
            retries=0,
            read_timeout=60,
            connect_timeout=60,
            limits=SHORT,
        )
        with pytest.raises(RevoxError) as caught:
            send(kind, config, ENDPOINTS["one"])
    assert caught.value.transient


PEOPLE = CampaignCreate.build(
    assistant_id="a",
    name="n",
    contacts=[{"to_phone_number": "+33612345678", "prompt_variables": {}}],
)
PUNYCODE = "http://xn--" + "33612345678-sandbox-key_é".encode("punycode").decode() + "/"


@both
@pytest.mark.parametrize(
    "location",
    [PUNYCODE, "javascript:1", "http://", "http://[::1", "http://h:99999/", "//x:y", "http://\x7f/", "é"],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_where_a_redirect_leads_to_is_not_even_read(kind, location, status):
    answer = HEAD % status + b"Content-Length: 0\r\nLocation: %s\r\n\r\n" % location.encode()
    with Loopback(answer) as server, pytest.raises(UnexpectedAnswerError, match="redirect") as caught:
        send(kind, settings(server), lambda: endpoints.create_campaign(PEOPLE))
    assert "336" not in str(caught.value)
    assert len(server.requests) == 1


@both
@pytest.mark.parametrize("cookie", [b"a=b; Path=/", b"a=\xc3\xa9; Path=/", b"a=\xff", b"a=" + b"x" * 60_000])
def test_cookies_are_not_kept(kind, cookie):
    answer = OK + b'Content-Length: 17\r\nSet-Cookie: %s\r\n\r\n{"campaigns": []}' % cookie

    async def ask_twice() -> None:
        async with await AsyncRevoxClient.open(settings(server)) as client:
            for _ in range(2):
                await client.send(endpoints.list_campaigns())

    with Loopback(answer) as server:
        if kind == "async":
            asyncio.run(ask_twice())
        else:
            with RevoxClient(settings(server)) as client:
                for _ in range(2):
                    client.list_campaigns()
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


@pytest.mark.parametrize(
    "error", [httpx.InvalidURL("sandbox-key"), UnicodeError("sandbox-key"), ValueError("x")]
)
def test_what_httpx_can_not_read_is_a_lost_answer(error, monkeypatch):
    def fail(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        raise error

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", fail)
    with pytest.raises(NoAnswerError) as caught, RevoxClient(at("http://127.0.0.1:9")) as client:
        client.create_campaign(PEOPLE)
    assert caught.value.reason == type(error).__name__


@both
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_without_an_end_are_not_followed(kind, status):
    answer = http_answer(status, b"", Location="/campaigns/c")
    with Loopback(answer) as server:
        assert "redirect" in str(failure(kind, server, ENDPOINTS["one"]))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "count", [33612345678, 20123456, -33612345678, "33612345678", 33612345678.0, 10**300]
)
@pytest.mark.parametrize("name", ["total", "completed", "not_launched", "one_day"])
def test_a_count_that_may_be_a_phone_number_contradicts_and_is_not_shown(count, name):
    body = json.dumps({"campaign": {"id": "c", "row_stats": {name: count}}})
    with Loopback(http_answer(200, body)) as server:
        stats = send("sync", settings(server), ENDPOINTS["one"]).row_stats
    assert not re.search("336|2012", str(stats.to_dict()))
    if name != "one_day":
        assert abs(getattr(stats, name)) > 2_000_000


@both
def test_a_count_of_a_million_digits_is_a_count_that_can_be_written(kind):
    body = json.dumps({"campaign": {"id": "c", "row_stats": {"total": 10**4000, "other": 10**4000}}})
    with Loopback(http_answer(200, body)) as server:
        stats = send(kind, settings(server), ENDPOINTS["one"]).row_stats
    assert len(str(stats.to_dict())) < 100


# --- nobody else pays ---


async def test_while_one_answer_never_ends_the_others_get_theirs():
    asked = threading.Event()

    def answer(_: bytes) -> Iterable[bytes]:
        asked.set()
        return drip(hostile.closing, OK + b"\r\n", b" ")

    good = http_answer(200, '{"campaign": {"id": "c"}}')
    with Loopback(answer) as hostile, Loopback(good) as server:
        async with shared_client(settings(hostile)) as slow, shared_client(settings(server)) as client:
            waiting = asyncio.create_task(slow.send(ENDPOINTS["one"]()))
            await asyncio.to_thread(asked.wait)
            found = [await client.send(ENDPOINTS["one"]()) for _ in range(20)]
            assert not waiting.done()
            waiting.cancel()
            await asyncio.wait([waiting])
    assert [campaign.id for campaign in found] == ["c"] * 20


async def test_while_a_bomb_is_unpacked_the_event_loop_goes_on():
    size = 200 * 65_536
    with Loopback(lambda _: packed([bytes(size)], 31)) as server:
        turns = 0

        async def count_turns() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with await AsyncRevoxClient.open(settings(server, Limits(long_bytes=size // 2))) as client:
            counting = asyncio.create_task(count_turns())
            with pytest.raises(RevoxError):
                await client.send(endpoints.list_campaigns())
            counting.cancel()
    assert turns > 50
