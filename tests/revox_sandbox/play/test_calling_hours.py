from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from revox_sandbox.play.calling_hours import CallingHours, Window, stated_hours


def hours(*windows, timezone="UTC", **options):
    windows = [
        Window(time.fromisoformat(start), time.fromisoformat(end), delay) for start, end, delay in windows
    ]
    return CallingHours(windows, zone=ZoneInfo(timezone), **options)


def at(text, timezone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).timestamp()


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [("08:59:59", False), ("09:00:00", True), ("16:59:59", True), ("17:00:00", False)],
)
def test_a_window_starts_at_its_start_and_is_over_at_its_end(moment, is_open):
    assert hours(("09:00", "17:00", 60)).are_open(at(f"2026-12-01T{moment}")) is is_open


@pytest.mark.parametrize(("moment", "is_open"), [("23:00", True), ("01:59", True), ("02:00", False)])
def test_a_window_can_span_midnight(moment, is_open):
    assert hours(("22:00", "02:00", 60)).are_open(at(f"2026-12-01T{moment}")) is is_open


def test_a_window_of_no_length_is_the_whole_day():
    assert hours(("09:00", "09:00", 60)).are_open(at("2026-12-01T03:00"))


def test_without_windows_it_is_always_open():
    assert hours().are_open(at("2026-12-01T03:00"))
    assert CallingHours().are_open(at("2026-12-01T03:00"))


def test_windows_are_in_the_campaigns_time_zone():
    paris = hours(("09:00", "17:00", 60), timezone="Europe/Paris")
    assert paris.are_open(at("2026-12-01T08:30"))
    assert not paris.are_open(at("2026-12-01T16:30"))


def test_the_next_opening_is_the_earliest_one():
    two = hours(("14:00", "15:00", 60), ("09:00", "10:00", 60))
    assert two.next_opening(at("2026-12-01T08:00")) == at("2026-12-01T09:00")
    assert two.next_opening(at("2026-12-01T11:00")) == at("2026-12-01T14:00")
    assert two.next_opening(at("2026-12-01T20:00")) == at("2026-12-02T09:00")


def test_the_next_opening_keeps_its_local_time_over_a_change_of_the_clock():
    paris = hours(("09:00", "17:00", 60), timezone="Europe/Paris")
    opening = paris.next_opening(at("2026-10-24T18:00", "Europe/Paris"))
    assert opening == at("2026-10-25T09:00", "Europe/Paris")


def test_the_delay_is_that_of_the_window_the_call_was_in():
    two = hours(("09:00", "12:00", 60), ("14:00", "17:00", 600))
    assert two.retry_delay(at("2026-12-01T09:30")) == 60
    assert two.retry_delay(at("2026-12-01T14:30")) == 600


def test_without_a_config_there_are_three_attempts_two_hours_apart():
    defaults = CallingHours()
    assert (defaults.max_attempts, defaults.retry_delay(0)) == (3, 7200)


def test_the_next_opening_is_never_the_present_moment():
    daily = hours(("09:00", "17:00", 60))
    assert daily.next_opening(at("2026-12-01T09:00")) == at("2026-12-02T09:00")


def test_it_is_closed_on_other_days():
    friday = CallingHours(days=[4])
    assert friday.are_open(at("2026-12-04T00:00"))
    assert not friday.are_open(at("2026-12-05T00:00"))
    assert friday.next_opening(at("2026-12-04T23:59")) == at("2026-12-11T00:00")
    assert friday.next_opening(at("2026-12-05T00:00")) == at("2026-12-11T00:00")


def test_a_window_over_midnight_opens_with_its_day():
    friday = hours(("22:00", "02:00", 60), days={4})
    assert friday.next_opening(at("2026-12-03T23:00")) == at("2026-12-04T00:00")
    assert friday.next_opening(at("2026-12-04T12:00")) == at("2026-12-04T22:00")
    assert not friday.are_open(at("2026-12-05T01:00"))


def test_a_second_attempt_in_a_row_waits_for_nothing_and_a_third_does():
    hours = CallingHours(twice_in_a_row=True)
    assert (hours.retry_delay(0, 1), hours.retry_delay(0, 2)) == (0, 7200)


@pytest.mark.parametrize(
    ("days", "moment", "are_open"),
    [
        (range(7), "2026-12-01T09:59", False),
        (range(7), "2026-12-01T10:00", True),
        (range(7), "2026-12-01T17:59", True),
        (range(7), "2026-12-01T18:00", False),
        (range(7), "2026-12-05T12:00", True),
        (range(5), "2026-12-05T12:00", False),
        (range(5), "2026-12-07T12:00", True),
    ],
)
def test_the_hours_are_those_that_the_page_states(days, moment, are_open):
    hours = stated_hours(days)
    assert hours.are_open(at(moment)) is are_open
    assert (hours.retry_delay(at(moment)), hours.max_attempts) == (7200, 3)
