from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.requests import CallRetryConfig
from airflow_provider_revox.contacts.guards import (
    check_calling_windows,
    check_count,
    check_schedule,
    time_zone_warning,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def config(start="09:00", end="6pm", timezone=None):
    window = {"calling_window_start_time": start, "calling_window_end_time": end, "retry_delay_seconds": 60}
    return CallRetryConfig(calling_windows=[window], max_retry_attempts=1, timezone=timezone)


@pytest.mark.parametrize(
    ("start", "end"),
    [("09:00", "6pm"), ("9am", "12pm"), ("12am", "1am"), ("00:00", "23:59"), ("12pm", "12:01pm")],
)
def test_a_window_that_opens_passes(start, end):
    check_calling_windows(config(start, end))
    check_calling_windows(None)


@pytest.mark.parametrize(
    ("start", "end"), [("18:00", "09:00"), ("6pm", "6pm"), ("1am", "12am"), ("17:00", "5pm")]
)
def test_a_window_that_ends_before_it_starts_is_refused(start, end):
    with pytest.raises(InvalidRequestError, match=rf"windows\[0\]: ends at {end}, which is not after"):
        check_calling_windows(config(start, end))


def test_no_window_is_refused():
    empty = CallRetryConfig(calling_windows=[], max_retry_attempts=1)
    with pytest.raises(InvalidRequestError, match=r"calling_windows: is empty, .* give at least one window"):
        check_calling_windows(empty)


def test_a_start_in_the_past_is_refused():
    check_schedule(None, now=NOW)
    check_schedule(NOW + timedelta(seconds=1), now=NOW)
    with pytest.raises(InvalidRequestError, match="scheduled_at: 2026-11-24T11:59:59"):
        check_schedule(NOW - timedelta(seconds=1), now=NOW)


def test_more_contacts_than_meant_are_refused():
    check_count(1000, None)
    check_count(1000, 1000)
    with pytest.raises(InvalidRequestError, match="1,001 contacts to call, but max_contacts is 1,000"):
        check_count(1001, 1000)


def test_people_in_countries_with_several_time_zones_are_warned_about_unless_there_is_one():
    numbers = ["+14155550100", "+33612345678", "+61412345678"]
    assert time_zone_warning(numbers, None).startswith("2 contacts in countries with several time zones")
    assert time_zone_warning(numbers, config()) != ""
    assert time_zone_warning(numbers, config(timezone="America/New_York")) == ""
    assert time_zone_warning(numbers[1:2], None) == ""
