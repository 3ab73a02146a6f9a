"""What comes beside the body of an answer, without an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator

import pytest

from airflow_provider_revox.client import AsyncRevoxClient
from airflow_provider_revox.client.errors import NoAnswerError
from airflow_provider_revox.client.limits import Limits
from tests.airflow_provider_revox.client.hostile_answers import (
    ENDPOINTS,
    MB,
    OK,
    endless,
    failure,
    settings,
    sweep,
)
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, at, send

both = pytest.mark.parametrize("kind", BOTH)
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
