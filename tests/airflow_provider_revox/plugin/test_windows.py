from __future__ import annotations

from datetime import UTC, datetime

import pytest

from airflow_provider_revox.plugin.windows import calling_windows

THURSDAY_NOON = datetime(2026, 11, 26, 11, 30, tzinfo=UTC)  # 12:30 in Paris


def config(*windows, **other):
    named = [{"calling_window_start_time": start, "calling_window_end_time": end} for start, end in windows]
    return {"calling_windows": named, "timezone": "Europe/Paris", **other}


def test_windows_are_shown_in_the_zone_of_the_campaign():
    found = calling_windows(config(("09:00", "12:00"), ("2pm", "6:30pm")), THURSDAY_NOON)
    assert found == {
        "timezone": "Europe/Paris",
        "windows": [{"start": "09:00", "end": "12:00"}, {"start": "14:00", "end": "18:30"}],
        "days": None,
        "now": "12:30",
        "is_open": False,
    }


@pytest.mark.parametrize(
    ("window", "days", "is_open"),
    [
        (("12:30", "13:00"), None, True),
        (("12:00", "12:30"), None, False),
        (("12:00", "13:00"), ["thursday"], True),
        (("12:00", "13:00"), ["friday", "Monday"], False),
        (("22:00", "13:00"), ["wednesday"], True),
        (("22:00", "13:00"), ["thursday"], False),
        (("12:00", "13:00"), [], False),
    ],
)
def test_a_window_is_open_on_its_days_from_its_start_until_its_end(window, days, is_open):
    assert calling_windows(config(window, allowed_days=days), THURSDAY_NOON)["is_open"] is is_open


@pytest.mark.parametrize("zone", [None, "", "Nowhere/Town", "../etc/passwd", 7])
def test_without_a_zone_nobody_knows_whether_it_is_open(zone):
    found = calling_windows(config(("09:00", "12:00"), timezone=zone), THURSDAY_NOON)
    assert (found["timezone"], found["now"], found["is_open"]) == (None, None, None)


@pytest.mark.parametrize(
    "value", [None, "text", {}, {"calling_windows": "9-12"}, config(("+14155550123", "x"))]
)
def test_what_is_no_window_is_not_shown(value):
    assert calling_windows(value, THURSDAY_NOON) is None
