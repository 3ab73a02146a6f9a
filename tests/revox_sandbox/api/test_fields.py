"""The field types of requests accept what the API page allows, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError

from revox_sandbox.api.fields import (
    E164,
    ClockTime,
    Concurrency,
    NonNegativeInteger,
    PositiveInteger,
    Timestamp,
    TimeZone,
    parse_clock_time,
)


def read(type_, value):
    return TypeAdapter(type_, config=ConfigDict(strict=True)).validate_python(value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("17:00", time(17)),
        ("09:30", time(9, 30)),
        ("6pm", time(18)),
        ("9:45am", time(9, 45)),
        ("12am", time(0)),
        ("12:15pm", time(12, 15)),
    ],
)
def test_times_are_read_as_the_page_writes_them(text, moment):
    assert parse_clock_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "noon",
        "24:00",
        "9:00",
        "17:60",
        "13pm",
        "0am",
        "6PM",
        "5:3pm",
        "09:00 ",
        "\u0660\u0669:\u0660\u0660",
        "",
    ],
)
def test_a_text_that_is_no_time_is_refused(text):
    with pytest.raises(ValidationError, match="HH:mm"):
        read(ClockTime, text)


@pytest.mark.parametrize("number", ["+14155550100", "+33", "+123456789012345"])
def test_numbers_in_e164_format_are_accepted(number):
    assert read(E164, number) == number


@pytest.mark.parametrize(
    "number", ["14155550100", "+04155550100", "+1234567890123456", "+1 415", "+1\n", "+1", ""]
)
def test_numbers_in_another_format_are_refused(number):
    with pytest.raises(ValidationError, match=r"E\.164"):
        read(E164, number)


@pytest.mark.parametrize("name", ["Europe/Paris", "America/New_York", "UTC"])
def test_time_zones_of_the_database_are_accepted(name):
    assert read(TimeZone, name) == name


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "+02:00", "Europe", "", "../x", "/etc/passwd", "a\0", "x" * 5000]
)
def test_unknown_time_zones_are_refused(name):
    with pytest.raises(ValidationError, match="IANA"):
        read(TimeZone, name)


@pytest.mark.parametrize(
    "text", ["2026-12-01T09:00:00+01:00", "2026-12-01T08:00:00Z", "2026-12-01T08:00:00.000Z"]
)
def test_timestamps_with_an_offset_are_accepted(text):
    assert read(Timestamp, text) == datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("value", ["tomorrow", "2026-12-01T09:00:00", "2026-12-01", 5, None])
def test_other_timestamps_are_refused(value):
    with pytest.raises(ValidationError, match="with an offset"):
        read(Timestamp, value)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (PositiveInteger, 0),
        (PositiveInteger, 2**53),
        (PositiveInteger, 1.0),
        (PositiveInteger, True),
        (PositiveInteger, "1"),
        (NonNegativeInteger, -1),
        (Concurrency, 0.5),
        (Concurrency, True),
        (Concurrency, "2"),
        (Concurrency, float("nan")),
        (Concurrency, float("inf")),
    ],
)
def test_other_numbers_are_refused(type_, value):
    with pytest.raises(ValidationError):
        read(type_, value)
