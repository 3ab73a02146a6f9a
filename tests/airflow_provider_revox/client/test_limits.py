"""How many values and levels an answer may have."""

from __future__ import annotations

import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.limits import Limits, has_more_values, is_too_deep
from tests.airflow_provider_revox.client.hostile_answers import ENDPOINTS, failure, settings, sweep
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, http_answer, send

both = pytest.mark.parametrize("kind", BOTH)
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
