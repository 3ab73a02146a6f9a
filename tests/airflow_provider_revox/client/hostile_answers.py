"""Answers that hostile servers give, and what asks for them."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterable, Iterator

import pytest

from airflow_provider_revox.client import ClientConfig, call_endpoints, endpoints, organization_endpoints
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.limits import Limits
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, at, send

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
