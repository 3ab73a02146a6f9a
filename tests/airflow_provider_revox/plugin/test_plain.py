from __future__ import annotations

import pytest

from airflow_provider_revox.plugin.plain import count_of, counts_of, is_web_address, moment_of, word_of

NUMBER = "+33612345678"


@pytest.mark.parametrize(
    ("value", "count"),
    [(0, 0), (7, 7), (-1, None), (7.0, None), (True, None), ("7", None), (33612345678, None), (None, None)],
)
def test_a_count_is_a_whole_number_that_is_no_phone_number(value, count):
    assert count_of(value) == count
    assert counts_of({"total": value, NUMBER: 1, 7: 1}) == ({} if count is None else {"total": count})


@pytest.mark.parametrize("value", [None, [], "total", 7, {NUMBER: 7}, {"total": {"a": 1}}])
def test_what_has_no_counts_gives_none(value):
    assert counts_of(value) == {}


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("running", "running"),
        (NUMBER, None),
        ("Zoé Exemplaire", None),
        ("<b>", None),
        ("", None),
        (7, None),
        (["running"], None),
    ],
)
def test_a_word_is_a_plain_word(value, word):
    assert word_of(value) == word


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-26T13:00:00+01:00", "2026-11-26T12:00:00Z"),
        ("yesterday", None),
        (NUMBER, None),
        (None, None),
        (1e300, None),
        ({}, None),
    ],
)
def test_a_moment_is_a_time_in_utc(value, moment):
    assert moment_of(value) == moment


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("https://www.getrevox.com/campaigns/c", True),
        ("http://127.0.0.1:8765/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        ("https://user:secret@evil.example/", False),
        ("https://revox\\@evil.example/", False),
        ("https://[", False),
        (None, False),
    ],
)
def test_an_address_is_one_that_a_browser_opens_and_that_holds_no_secret(value, is_one):
    assert is_web_address(value) is is_one
