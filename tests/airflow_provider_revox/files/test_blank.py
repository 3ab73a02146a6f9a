from __future__ import annotations

import unicodedata

import pytest

from airflow_provider_revox.files.blank import is_blank


@pytest.mark.parametrize(
    "text",
    ["", " ", "\t", "\r\n", "\xa0", "\u2003\u3000", "\u200b", "\ufeff ", "\xad", "\0\x1f", "\u2028"],
)
def test_what_shows_nothing_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", " a ", "\u200b.", "0", "é", "\u0301", "\U0001f600"])
def test_what_shows_something_is_not_blank(text):
    assert not is_blank(text)


def test_no_digit_punctuation_or_sign_is_blank():
    braille_without_dots = 0x2800
    for code in range(0x3001):
        if unicodedata.category(chr(code))[0] in "NPS" and code != braille_without_dots:
            assert not is_blank(chr(code)), hex(code)
