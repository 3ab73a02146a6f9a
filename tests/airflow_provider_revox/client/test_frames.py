"""What an error tracker collects: the variables of the frames of an error and of the errors behind it."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest

from airflow_provider_revox.client import AsyncRevoxClient, RevoxClient, endpoints
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.frames import Unshown, forgetful
from airflow_provider_revox.client.messages import Answer
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.launch.carry_out import run
from airflow_provider_revox.launch.steps import (
    ComparePeople,
    GetCampaign,
    HasOtherPeople,
    Prepare,
    SharePeople,
)
from airflow_provider_revox.templating import read_literal, read_option
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, at, http_answer, send

KEY, NUMBER, NAME = "k3y-0f-revox", "+33612345678", "Zoltan Quimby"
SECRETS = [KEY, NUMBER[1:], "Zoltan", "hunter2"]
PEOPLE = [{"to_phone_number": NUMBER, "prompt_variables": {"name": NAME}}]
both = pytest.mark.parametrize("kind", BOTH)
pytestmark = pytest.mark.usefixtures("short_pauses")


def errors_of(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    if error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        yield from errors_of(error.__cause__, seen)
        yield from errors_of(error.__context__, seen)


def frames_of(error: BaseException) -> Iterator[FrameType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def shown(value: Any, depth: int = 5) -> str:
    """As error trackers show a value: containers with their content, everything else with its repr."""
    if depth and isinstance(value, Mapping):
        return " ".join(f"{shown(key, depth - 1)}: {shown(each, depth - 1)}" for key, each in value.items())
    if depth and isinstance(value, Sequence | set) and not isinstance(value, str | bytes):
        return " ".join(shown(each, depth - 1) for each in itertools.islice(value, 100))
    return repr(value)


def collected(error: BaseException) -> str:
    """Everything of an error, but for what this file's own frames hold."""
    parts = []
    for each in errors_of(error, set()):
        parts += [str(each), shown(each.args), shown(vars(each))]
        parts += [shown(frame.f_locals) for frame in frames_of(each) if frame.f_code.co_filename != __file__]
    return "\n".join(parts)


def leaks(error: BaseException) -> list[str]:
    text = collected(error)
    return [secret for secret in SECRETS if secret in text]


ROW = {"id": 7, "phone_number": NUMBER, "input_data": {"name": NAME}}
ANSWERS: dict[str, Any] = {
    "refused": lambda request: http_answer(422, json.dumps({"message": unquote_plus(request.decode())})),
    "lost": b"",
    "no http": f"{NUMBER} {NAME} {KEY}\r\n\r\n".encode(),
    "no json": http_answer(200, f"{NUMBER} {NAME} {KEY}"),
    "not as promised": http_answer(
        200, json.dumps({"campaign": ROW, "rows": [ROW], "campaigns": [ROW], "csv": 1, "statistics": [ROW]})
    ),
    "too long": http_answer(200, f"{NUMBER} {NAME} {KEY}" * 200_000),
    "cut off": http_answer(200, f'{{"campaign": {{"id": "{NAME} {NUMBER}'.ljust(200_000))[:-7],
    "no gzip": http_answer(200, f"{NUMBER} {NAME} {KEY}", Content_Encoding="gzip"),
}
ENDPOINTS: dict[str, Callable[[], endpoints.Endpoint]] = {
    "create": lambda: endpoints.create_campaign(
        CampaignCreate.build(assistant_id="a", name="n", contacts=PEOPLE)
    ),
    "one": lambda: endpoints.get_campaign("c"),
    "list": endpoints.list_campaigns,
    "found": lambda: endpoints.find_campaigns(lambda _: True),
    "rows": lambda: endpoints.get_rows("c", page=1, page_size=9, query=NUMBER),
    "all rows": lambda: endpoints.scan_rows("c", page=1, page_size=9, begin_attempt=lambda: print),
    "history": lambda: endpoints.get_phone_history([NUMBER]),
    "statistics": lambda: endpoints.get_statistics("c"),
    "export": lambda: endpoints.export_rows("c"),
}


@both
@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_the_frames_of_a_request_that_failed_have_no_people_and_no_key(kind, name, answer):
    with Loopback(ANSWERS[answer]) as server, pytest.raises(RevoxError) as caught:
        send(kind, at(server.url, api_key=KEY, retries=1), ENDPOINTS[name])
    assert leaks(caught.value) == []
    # A tracker may show the members of objects, too.
    assert [frame.f_code.co_name for frame in frames_of(caught.value) if holds_an_answer(frame)] == []


def holds_an_answer(frame: FrameType) -> bool:
    return any(isinstance(value, Answer | httpx.Response) for value in frame.f_locals.values())


@both
def test_the_frames_of_a_request_that_was_not_sent_have_no_people_and_no_key(kind):
    config = at("https://revox.invalid", api_key=KEY, retries=1, proxy="http://user:hunter2@127.0.0.1:9")
    with pytest.raises(RevoxError) as caught:
        send(kind, config, ENDPOINTS["create"])
    assert leaks(caught.value) == []


class Stopped(BaseException):
    """As Airflow ends a task whose time is up."""


def test_the_frames_of_a_blocking_request_that_was_interrupted_have_no_people_and_no_key(monkeypatch):
    def interrupt(self, request, **options):
        kept = [request.read(), dict(request.headers), request]
        raise Stopped(str(len(kept)))

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", interrupt)
    with pytest.raises(Stopped) as caught:
        send("sync", at("http://127.0.0.1:9", api_key=KEY), ENDPOINTS["create"])
    assert leaks(caught.value) == []


async def test_the_frames_of_a_request_that_was_cancelled_have_no_people_and_no_key():
    asked = threading.Event()

    def answer(_: bytes) -> Iterator[bytes]:
        asked.set()
        server.closing.wait(10)
        yield b""

    with Loopback(answer) as server:
        async with await AsyncRevoxClient.open(at(server.url, api_key=KEY)) as client:
            asking = asyncio.create_task(client.send(ENDPOINTS["create"]()))
            await asyncio.to_thread(asked.wait)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await asking
    assert leaks(caught.value) == []


HOOK_CALLS: dict[str, Callable[[RevoxHook], Any]] = {
    "create": lambda hook: hook.create_campaign(assistant_id="a", name="n", contacts=PEOPLE),
    "an invalid create": lambda hook: hook.create_campaign(assistant_id="a", contacts=[*PEOPLE, {"x": NAME}]),
    "a create with half a letter": lambda hook: hook.create_campaign(
        assistant_id="a", name="\ud800", contacts=PEOPLE
    ),
    "launch": lambda hook: hook.launch_calls("c", selection={"rows": {"call_ids": [NAME]}}),
    "update": lambda hook: hook.update_campaign("c", from_phone_number=NUMBER),
    "update of contacts": lambda hook: hook.update_campaign("c", contacts=PEOPLE),
    "an invalid update": lambda hook: hook.update_campaign("c", from_phone_number=f"{NUMBER} {NAME}"),
    "rows": lambda hook: hook.get_rows("c", page=1, page_size=9, query=NUMBER),
    "rows of a number": lambda hook: hook.get_rows(NUMBER, page=1, page_size=9, query=NAME),
    "history": lambda hook: hook.get_phone_history([NUMBER]),
    "history of one text": lambda hook: hook.get_phone_history(NUMBER),
}


HOOK_CALLS |= {
    f"{name} of {what!r}": lambda hook, name=name, what=what: getattr(hook, name)(
        what, **({"name": NAME} if name == "update_campaign" else {})
    )
    for name, method in inspect.getmembers(RevoxHook, inspect.isfunction)
    if [*inspect.signature(method).parameters][1:2] in (["campaign_id"], ["call_id"], ["assistant_id"])
    and name != "get_rows"
    for what in (NUMBER, NAME)
}


@pytest.mark.parametrize("name", HOOK_CALLS)
def test_the_frames_of_the_hook_have_no_people_and_no_key(monkeypatch, name):
    with Loopback(ANSWERS["refused"]) as server:
        connection = {"conn_type": "revox", "host": server.url, "password": KEY, "extra": {"retries": 0}}
        monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", json.dumps(connection))
        with pytest.raises(RevoxError) as caught:
            HOOK_CALLS[name](RevoxHook())
    assert leaks(caught.value) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"password": f"{KEY} "[:-1] + "\u200b"},
        {"host": f"https://x:{KEY}@revox.invalid"},
        {"extra": {"retries": "many", "proxy": "http://user:hunter2@proxy"}},
        {"extra": {"proxy": "ftp://user:hunter2@proxy"}},
        {"extra": {"ca_bundle": "/nowhere/ca.pem", "proxy": "http://user:hunter2@proxy"}},
    ],
    ids=str,
)
@both
def test_the_frames_of_a_wrong_connection_have_no_key(monkeypatch, fields, kind):
    monkeypatch.setenv(
        "AIRFLOW_CONN_REVOX_DEFAULT",
        json.dumps({"conn_type": "revox", "password": KEY, "host": "https://revox.invalid", **fields}),
    )
    with pytest.raises(RevoxError) as caught:
        RevoxHook().get_conn() if kind == "sync" else asyncio.run(RevoxHook().get_async_conn())
    assert leaks(caught.value) == []


def test_the_test_finds_what_a_frame_holds():
    def careless(person: str) -> None:
        try:
            raise ValueError(person)
        except ValueError:
            raise RevoxError("failed") from None

    namespace: dict[str, Any] = {"RevoxError": RevoxError}
    exec(compile("def call(careless, person):\n    careless(person)", "elsewhere.py", "exec"), namespace)
    with pytest.raises(RevoxError) as caught:
        namespace["call"](careless, NAME)
    assert leaks(caught.value) == ["Zoltan"]
    with pytest.raises(RevoxError) as caught:
        forgetful(namespace["call"])(careless, NAME)
    assert leaks(caught.value) == []


def test_a_client_shows_no_key():
    client = RevoxClient(at("http://127.0.0.1:9", api_key=KEY, proxy="http://user:hunter2@127.0.0.1:9"))
    assert [secret for secret in SECRETS if secret in shown([client, client.config, [client.config]])] == []


def test_values_that_are_not_shown_are_there_all_the_same():
    values = Unshown([NUMBER, NAME])
    assert (list(values), len(values), NAME in values, KEY in values) == ([NUMBER, NAME], 2, True, False)
    assert repr(values) == "Unshown(2)"


def test_text_that_is_no_literal_is_in_no_frame():
    for read in (read_literal, read_option):
        with pytest.raises(RevoxError) as caught:
            read(f"[{NUMBER!r}, {NAME}", "contacts")
        assert leaks(caught.value) == []


@pytest.mark.parametrize("rows", [b"{}", b'{"rows": [], "total": 5}', b'{"rows": [{"id": 7}]}'])
@pytest.mark.parametrize(
    "step",
    [ComparePeople("c"), SharePeople("c"), HasOtherPeople("c"), HasOtherPeople("c", "d"), GetCampaign("c")],
)
def test_an_error_of_a_step_of_a_launch_has_no_people_in_its_frames(step, rows):
    def steps():
        yield Prepare(history_applies=True)
        yield step

    def launch(url):
        with RevoxClient(at(url, retries=0, api_key=KEY)) as client:
            run(
                steps(),
                client=client,
                prepare=lambda _: CampaignCreate.build(assistant_id="a", name="n", contacts=PEOPLE),
                tag=None,
                log=logging.getLogger("launch"),
                numbers=[NUMBER],
            )

    with Loopback(http_answer(200, rows)) as server, pytest.raises(RevoxError) as caught:
        launch(server.url)
    assert leaks(caught.value) == []
