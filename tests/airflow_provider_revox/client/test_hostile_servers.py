"""What a hostile server can cost: a request its answer, and nobody memory, time or another request."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from airflow_provider_revox.client import (
    AsyncRevoxClient,
    ClientConfig,
    RevoxClient,
    call_endpoints,
    endpoints,
    organization_endpoints,
)
from airflow_provider_revox.client.body import Body
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.errors import (
    MalformedAnswerError,
    NoAnswerError,
    RevoxError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.limits import Limits, has_more_values, is_too_deep
from airflow_provider_revox.client.messages import Request
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from airflow_provider_revox.client.shared_client import shared_client
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, at, http_answer, send

MB = 1_000_000
LIMITS = Limits(answer_bytes=100_000, long_bytes=200_000, stream_bytes=300_000, error_bytes=50_000)
SHORT = Limits(answer_seconds=0.2, long_seconds=0.2)
MOST_MEMORY = 8 * MB
HEAD = b"HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\nConnection: close\r\n"
OK = HEAD % 200
CREATE = CampaignCreate.build(assistant_id="a", name="Renewals", contacts=[])
ENDPOINTS: dict[str, Callable[[], endpoints.Endpoint]] = {
    "one": lambda: endpoints.get_campaign("c"),
    "create": lambda: endpoints.create_campaign(CREATE),
    "list": endpoints.list_campaigns,
    "found": lambda: endpoints.find_campaigns(lambda _: True),
    "history": endpoints.get_phone_history,
    "page": lambda: endpoints.get_rows("c", page=1, page_size=9),
    "rows": lambda: endpoints.scan_rows("c", page=1, page_size=9, begin_attempt=lambda: lambda _: None),
    "export": lambda: endpoints.export_rows("c"),
    "statistics": lambda: endpoints.get_statistics("c"),
    "change": lambda: endpoints.update_campaign("c", CampaignUpdate.build(name="Later")),
    "launch of calls": lambda: endpoints.launch_calls("c", LaunchCalls.build()),
    "launch of a draft": lambda: endpoints.launch_campaign("c"),
    "cancel": lambda: endpoints.cancel_campaign("c"),
    "cancel of a call": lambda: call_endpoints.cancel_call("c"),
    "auth status": endpoints.get_auth_status,
    "assistants": organization_endpoints.list_assistants,
    "assistant": lambda: organization_endpoints.get_assistant("c"),
    "phone numbers": organization_endpoints.list_phone_numbers,
}
READERS = ("one", "list", "found", "history", "page", "rows", "export")
"""Endpoints of which each reads its answer in a way of its own. The others read as one of them does."""
both = pytest.mark.parametrize("kind", BOTH)


def settings(server: Loopback, limits: Limits = LIMITS) -> ClientConfig:
    return at(server.url, retries=0, read_timeout=60, limits=limits)


def failure(
    kind: str, server: Loopback, make: Callable[[], endpoints.Endpoint], limits: Limits = LIMITS
) -> RevoxError:
    with pytest.raises(RevoxError) as caught:
        send(kind, settings(server, limits), make)
    assert caught.value.transient
    assert len(str(caught.value)) < 500
    return caught.value


def chunked(parts: Iterable[bytes]) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for part in parts:
        yield b"%x\r\n%s\r\n" % (len(part), part)


def packed(parts: Iterable[bytes], wbits: int = 31, encoding: bytes = b"gzip") -> Iterator[bytes]:
    pack = zlib.compressobj(9, zlib.DEFLATED, wbits)
    yield OK + b"Content-Encoding: %s\r\n\r\n" % encoding
    for part in parts:
        yield pack.compress(part)


def endless(first: bytes, again: bytes) -> Iterator[bytes]:
    yield first
    yield from itertools.repeat(again * (65_536 // len(again) + 1))


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


def sweep(**arguments: Iterable[object]) -> pytest.MarkDecorator:
    """
    Every combination of the arguments and both clients.

    For each value of the first, one is quick. Where the endpoints are all of them, those that read as another
    does meet every third value of the first.
    """
    names, values = [*arguments, "kind"], [[*values] for values in (*arguments.values(), BOTH)]
    quick = {(index, *(index % len(others) for others in values[1:])) for index in range(len(values[0]))}
    others = [name for name in ENDPOINTS if name not in READERS]

    def says_something_new(first: int, *rest: int) -> bool:
        name = values[1][rest[0]] if len(values) > 2 else None
        return name not in others or (first + others.index(name)) % 3 == 0

    return pytest.mark.parametrize(
        names,
        [
            pytest.param(
                *(each[index] for each, index in zip(values, place, strict=True)),
                marks=() if place in quick else pytest.mark.matrix,
            )
            for place in itertools.product(*(range(len(each)) for each in values))
            if place in quick or says_something_new(*place)
        ],
        ids=lambda value: repr(value)[:24],
    )


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


NESTED = [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b"[" * 101 + b"]" * 101]


@sweep(name=["one", "create", "list", "page", "rows", "export", "statistics"], value=NESTED)
def test_a_value_that_is_nested_too_deeply_is_refused(kind, name, value):
    item = b'{"id": "c", "x": %s}' % value
    body = b'{"campaign": %s, "rows": [%s], "campaigns": [%s]}' % (item, item, item)
    with Loopback(http_answer(200, body)) as server:
        error = failure(kind, server, ENDPOINTS[name], Limits())
    assert re.search("more than [0-9,]+ (levels|values)", str(error))


@sweep(value=NESTED)
def test_a_campaign_of_others_that_is_nested_too_deeply_is_in_nobodys_way(kind, value):
    body = b'{"campaigns": [{"id": "a", "name": "x", "x": %s}, {"id": "b", "name": "y"}]}' % value
    with Loopback(http_answer(200, body)) as server:
        config = settings(server, Limits())
        found = send(kind, config, lambda: endpoints.find_campaigns(lambda name: name == "y"))
    assert [campaign.id for campaign in found] == ["b"]


MANY = {
    "lists": b"[]",
    "objects": b"{}",
    "lists in lists": b"[[[]]]",
    "numbers": b"1",
    "texts": b'""',
    "members": b'"a": 1',
}


@both
@pytest.mark.parametrize("value", MANY)
@pytest.mark.parametrize("name", ["one", "create", "statistics", "list"])
def test_an_answer_of_too_many_values_is_refused_before_it_is_read(kind, value, name, monkeypatch):
    monkeypatch.setattr("airflow_provider_revox.client.answers.MOST_VALUES", 1000)
    monkeypatch.setattr("airflow_provider_revox.client.answers.MOST_VALUES_OF_LONG", 1000)
    monkeypatch.setattr("json.loads", lambda _: pytest.fail("the answer was read"))
    body = b",".join([MANY[value]] * 1100)
    opens, closes = (b"{", b"}") if value == "members" else (b"[", b"]")
    with Loopback(http_answer(200, b'{"campaign": %s%s%s}' % (opens, body, closes))) as server:
        error = failure(kind, server, ENDPOINTS[name])
    assert "more than 1,000 values" in str(error)


def test_an_answer_about_one_campaign_may_have_fewer_values_than_a_list():
    answer = http_answer(200, b'{"statistics": {"a": [%s]}, "campaigns": []}' % b",".join([b"[]"] * 60_000))
    with Loopback(answer) as server:
        for name in ("one", "statistics"):
            assert "more than 100,000 values" in str(failure("sync", server, ENDPOINTS[name], Limits()))
        assert send("sync", settings(server, Limits()), ENDPOINTS["list"]) == []


@settings_of_hypothesis(max_examples=50)
@given(
    st.recursive(
        st.none() | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    ),
    st.integers(0, 30),
    st.booleans(),
)
def test_values_are_counted_and_what_is_in_texts_is_not(value, most, ascii_only):
    def signs(value: object) -> int:
        if not isinstance(value, list | dict):
            return 0
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(0, len(value) - 1) + sum(map(signs, inner))

    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert has_more_values(body, most) == (signs(value) > most)


@pytest.mark.parametrize(
    "body", [b'""' * 5000 + b"," * 11, b'"' + b"," * 99, b"," * 99, b'\\"' * 99 + b"," * 99]
)
def test_what_is_no_json_is_counted_in_time(body):
    assert has_more_values(body, 10)


PAIR = b'["]",' * 150 + b"1" + b',"["]' * 150  # without texts, its brackets are "[][]…"
OBJECTS = b'{"}":' * 150 + b"1" + b',"{":0}' * 150


@pytest.mark.parametrize("name", ["one", "create", "list", "page", "statistics"])
@pytest.mark.parametrize("value", [PAIR, OBJECTS])
def test_brackets_in_texts_hide_no_levels(name, value):
    body = b'{"campaign": {"id": "c", "x": %s}, "rows": [%s], "campaigns": [%s]}' % (value, value, value)
    with Loopback(http_answer(200, body)) as server:
        assert "more than 100 levels" in str(failure("sync", server, ENDPOINTS[name], Limits()))


@pytest.mark.parametrize(
    "text", [b"[}" * 500, b"[[]" * 500, b",[}" * 12, b"]" * 500, b"{" * 500, b'\\"[' * 300, b"," * 999]
)
def test_brackets_in_texts_are_no_levels_and_no_values(text):
    body = b'{"campaign": {"id": "c", "x": [%s]}}' % b",".join([b'"%s"' % text] * 200)
    with Loopback(http_answer(200, body)) as server:
        assert send("sync", settings(server, Limits()), ENDPOINTS["one"]).id == "c"


@pytest.mark.parametrize("number", [0, 98, 99, 100, 101, 150])
@pytest.mark.parametrize(("opens", "closes"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_value_may_have_a_hundred_levels(number, opens, closes):
    for leaf in (b"1", b"[]", b"{}"):
        value = json.loads(opens * number + leaf + closes * number)
        assert is_too_deep(value) == (number + (leaf != b"1") > 100)


def test_the_checks_of_an_answer_do_nothing_for_each_of_its_texts():
    calls = 0

    def count(frame: object, event: str, function: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    for body in (b'"%s",' % (b",[}" * 12) * 9000, b'"\\",' * 9000, b"[}" * 9000, b'"' + b"[}" * 9000 + b'"'):
        sys.setprofile(count)
        try:
            has_more_values(body, 10_000)
        finally:
            sys.setprofile(None)
    assert 0 < calls < 100


def test_a_body_in_small_pieces_takes_little_memory():
    body = Body(Request("GET", "/", size="long"), 200, {}, Limits(), None)
    tracemalloc.start()
    try:
        for _ in range(100_000):
            for _ in body.feed(bytes((32, 32))):
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(body.finish()) == 200_000
    assert peak < MB


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


FORGED = [
    "a\nINFO launched",
    "a\r\nX: y",
    "a\x1b[31m",
    "a\x00b",
    "a\u202eb",
    "a\u2028b",
    "a b",
    "",
    " a",
    "a ",
    ".",
    "..",
    "../campaigns",
    "a/../b",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "a%2fb",
    "http://evil.example",
    "//evil",
    "{{ var }}",
    "${x}",
    "<b>",
    "+33612345678",
    "33612345678",
    "0033612345678",
    "06 12 34 56 78",
    "(415) 555-0100",
    "06.12.34.56.78",
    "415-555-0100",
    "tel:+33612345678",
    "tel:33612345678",
    "p:+33612345678",
    "\uff0b33612345678",
    "\u0663\u0663\u0666\u0661\u0662\u0663",
    "é",
    "a" * 129,
    "a" * (3 * MB // 4),
    "None\n",
    "-a",
    "_a",
]


@sweep(id_=FORGED, name=["create", "found"])
def test_an_id_that_is_none_is_refused_and_not_shown(kind, name, id_):
    campaign = {"id": id_, "name": "x"}
    body = json.dumps({"campaign": campaign, "campaigns": [campaign]})
    with Loopback(http_answer(200, body)) as server:
        error = failure(kind, server, ENDPOINTS[name], Limits())
    assert isinstance(error, MalformedAnswerError)
    assert "id: " in str(error)
    assert str(error).isprintable()
    assert not id_ or len(id_) < 3 or id_ not in str(error)


@both
@pytest.mark.parametrize(
    "id_",
    ["c", "cmp_1", "a:b", "01J9Z3", "12345678-1234-1234-1234-123456789012", "1", "123456", "A-b.c_d~"[:-1]],
)
def test_an_id_is_taken_as_it_is(kind, id_):
    body = json.dumps({"campaign": {"id": id_}})
    with Loopback(http_answer(200, body)) as server:
        assert send(kind, settings(server), ENDPOINTS["one"]).id == id_


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


# --- long answers that are good ---


@both
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_long_answer_within_the_limits_is_read_as_it_is(kind, is_packed):
    campaigns = [{"id": f"c{n}", "name": f"n{n}", "assistant": {"prompt": "x" * 20_000}} for n in range(500)]
    body = json.dumps({"campaigns": campaigns}).encode()
    answer = http_answer(200, body)
    if is_packed:
        pack = zlib.compressobj(1, zlib.DEFLATED, 31)
        halves = (body[: len(body) // 2], body[len(body) // 2 :])
        parts = [pack.compress(halves[0]) + pack.flush()]  # gzip may have several parts
        pack = zlib.compressobj(1, zlib.DEFLATED, 31)
        parts.append(pack.compress(halves[1]) + pack.flush())
        answer = http_answer(200, b"".join(parts), Content_Encoding="gzip")
    with Loopback(answer) as server:
        config = settings(server, Limits(answer_bytes=MB))
        found = send(kind, config, lambda: endpoints.find_campaigns(lambda _: True))
        listed = send(kind, config, endpoints.list_campaigns)
    assert [campaign.id for campaign in found] == [campaign.id for campaign in listed]
    assert len(listed) == 500


@both
def test_gzip_that_is_cut_off_is_a_lost_answer(kind):
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = pack.compress(b'{"campaign": {"id": "c"}}') + pack.flush()
    with Loopback(http_answer(200, body[:-1], Content_Encoding="gzip")) as server:
        assert isinstance(failure(kind, server, ENDPOINTS["create"]), NoAnswerError)


# --- floods beside the body ---

CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FLOODS: dict[str, Callable[[], Iterable[bytes]]] = {
    "answers of 102": lambda: endless(b"", b"HTTP/1.1 102 \r\n\r\n"),
    "answers of 100": lambda: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "answers of 103 with headers": lambda: endless(b"", b"HTTP/1.1 103 E\r\nLink: </a>\r\nA: b\r\n\r\n"),
    "answers of 199 with long headers": lambda: endless(
        b"", b"HTTP/1.1 199 \r\nA: %s\r\n\r\n" % (b"b" * 8000)
    ),
    "blank lines": lambda: endless(b"", b"\r\n"),
    "line feeds": lambda: endless(b"", b"\n"),
    "an extension of a chunk": lambda: endless(CHUNKED + b"1;", b"x"),
    "extensions of chunks": lambda: endless(CHUNKED, b"1;" + b"x" * 60 + b"\r\n \r\n"),
    "an extension after a chunk": lambda: endless(CHUNKED + b"2\r\n{}\r\n1;", b"x"),
    "a size of a chunk with zeros": lambda: endless(CHUNKED, b"0"),
    "a size of a chunk with zeros after a chunk": lambda: endless(CHUNKED + b"2\r\n{}\r\n", b"0"),
    "trailers": lambda: endless(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X: yyyy\r\n"),
    "a trailer": lambda: endless(CHUNKED + b"2\r\n{}\r\n0\r\nX: ", b"y"),
    "headers": lambda: endless(OK, b"X-A: b\r\n"),
    "a folded header": lambda: endless(OK + b"X: a\r\n", b" aaaa\r\n"),
}


@sweep(how=FLOODS, name=ENDPOINTS)
def test_a_flood_beside_the_body_is_not_read(kind, how, name):
    taken = 0

    def answer(_: bytes) -> Iterator[bytes]:
        nonlocal taken
        for part in FLOODS[how]():
            yield part
            taken += len(part)

    with Loopback(answer) as server:
        assert isinstance(failure(kind, server, ENDPOINTS[name], Limits()), NoAnswerError)
    assert taken < 16 * MB  # most of it is in the buffers of the sockets


@both
def test_a_flood_is_told_as_what_it_is(kind):
    with Loopback(lambda _: FLOODS["answers of 102"]()) as server:
        error = failure(kind, server, ENDPOINTS["one"], Limits())
    assert str(error).endswith("it sent too much beside the body of its answer")


@both
def test_a_few_answers_before_the_answer_and_a_body_in_chunks_of_one_byte_are_read(kind):
    body = json.dumps({"campaign": {"id": "c", "x": "y" * 10_000}}).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    head = b"HTTP/1.1 102 Wait\r\n\r\n" * 20 + CHUNKED.replace(
        b"\r\n\r\n", b"\r\nX: %s\r\n\r\n" % (b"x" * 60_000)
    )
    with Loopback(head + chunks) as server:
        assert send(kind, settings(server), ENDPOINTS["one"]).id == "c"


async def test_each_answer_of_a_connection_is_counted_anew():
    part = OK.replace(b"Connection: close\r\n", b"") + b"X: %s\r\n" % (b"x" * 60_000)
    answers = iter(
        [
            part + b"Content-Length: 100025\r\n\r\n" + b'{"campaign": {"id": "c"}}' + b" " * 100_000,
            *[part + b"Content-Length: 24\r\n\r\n" + b'{"campaign":{"id": "c"}}'] * 40,
        ]
    )
    requests = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        while await reader.readuntil(b"\r\n\r\n"):
            requests += 1
            writer.write(next(answers, b"\r\n" * MB))

    server = await asyncio.start_server(serve, "127.0.0.1")
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, await AsyncRevoxClient.open(at(url, retries=0)) as client:
        for _ in range(41):
            assert (await client.send(ENDPOINTS["one"]())).id == "c"
        with pytest.raises(NoAnswerError, match="too much beside the body"):
            await client.send(ENDPOINTS["one"]())
        assert requests == 42


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
