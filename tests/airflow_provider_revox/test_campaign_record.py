from __future__ import annotations

import itertools
import re

import pytest

from airflow_provider_revox.campaign_record import HIDDEN, shown_name

DIGITS = ["06", "12", "34", "56", "78"]
SIGNS = [
    "", " ", "-", ".", "/", "_", ",", ":", "\u00b7", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014",
    "\u2212",
    "\u00a0", "\u202f", "\u200b", "|", "*", "~", ";", "'", "\\", "\t", "\n", " - ", ", ", " : ", "_-_",
    ") ", "=",
]  # fmt: skip


NUMBERS = [DIGITS, ["+33", "6", *DIGITS[1:]], ["0033", "6", *DIGITS[1:]], ["+1", "415", "555", "0100"]]
BEFORE = ["", "Call ", "Call_", "Call:", "Q3-", "2026-11-24 "]
AFTER = ["", " now", "_now", " 2026-11-24"]


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_a_phone_number_is_hidden_whatever_stands_between_its_digits(sign):
    for before, digits, after in itertools.product(BEFORE, NUMBERS, AFTER):
        name = f"{before}{sign.join(digits)}{after}"
        shown = shown_name(name)
        assert HIDDEN in shown, ascii(name)
        assert all(digit not in shown.replace("2026-11-24", "") for digit in digits[1:]), ascii(name)
        assert shown.endswith(after), ascii(name)


@pytest.mark.parametrize("date", ["2026-11-24", "20261124"])
@pytest.mark.parametrize(
    "time",
    ["", "T10:00", " 10:00:00", "_1000", "T100000", "T10:00:00Z", "T10:00:00.123456+00:00", "T10:00:00-0500"],
)
@pytest.mark.parametrize(
    "frame", ["{}", "Renewals {}", "renewals_{}", "Renewals ({}), part 2", "to {}, 3rd list"]
)
def test_a_date_stays(date, time, frame):
    name = frame.format(date + time)
    assert shown_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "Renewals 3 2026-11-24",
        "12_2026-11-24",
        "2026-11-24 - 2026-11-30",
        "2026-11-24 10:00 2026-11-30",
        "Lot 123456",
    ],
)
def test_a_short_number_and_dates_stay(name):
    assert shown_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "2026-11-24 06:12:34:56:78",
        "+20 10-12-31 1234",
        "2026 1231 00",
        "20261231001234",
        "+2026-11-24",
        "\u0660" * 8,
    ],
)
def test_a_number_is_hidden_although_it_begins_as_a_date(name):
    shown = shown_name(name)
    assert HIDDEN in shown
    assert shown.replace("2026-11-24 ", "").strip(HIDDEN) == ""


@pytest.mark.parametrize(
    "name",
    ["a\nINFO launched", "a\r\n", "\x1b[31mred", "a\x00b", "a\u202eb", "a\u2028b", "\ud800", "x" * 3_000_000],
)
def test_a_name_of_a_hostile_server_is_one_short_printable_line(name):
    shown = shown_name(name)
    assert shown.isprintable()
    assert len(shown) <= 301


@pytest.mark.parametrize("length", range(985, 1_000))
@pytest.mark.parametrize("filler", ["x", "+33612345678, "])
def test_a_number_that_the_cut_goes_through_is_hidden(length, filler):
    name = f"{(filler * 1_000)[:length]} 0698214573 {'x' * 9}"
    assert not re.search(r"\d{3}", shown_name(name))


def test_an_email_address_is_hidden():
    assert shown_name("Call ada@example.org now") == f"Call {HIDDEN} now"
