"""The body of an answer, which comes in pieces and may be packed."""

from __future__ import annotations

import json
import tracemalloc
import zlib

import pytest

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.body import Body
from airflow_provider_revox.client.errors import NoAnswerError
from airflow_provider_revox.client.limits import Limits
from airflow_provider_revox.client.messages import Request
from tests.airflow_provider_revox.client.hostile_answers import ENDPOINTS, MB, failure, settings
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, http_answer, send

both = pytest.mark.parametrize("kind", BOTH)


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
