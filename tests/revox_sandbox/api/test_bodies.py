"""What the bodies of requests say to the play."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from revox_sandbox.api.bodies import CallRetryConfig, DraftsCallRetryConfig, LaunchCallsCampaignCreate
from revox_sandbox.play.calling_hours import CallingHours, Window

WINDOW = {"calling_window_start_time": "22:00", "calling_window_end_time": "2am", "retry_delay_seconds": 60}
CONTACT = {"to_phone_number": "+14155550100", "prompt_variables": {"name": "Ada"}}


def test_a_retry_config_says_when_to_call():
    config = CallRetryConfig(calling_windows=[WINDOW], max_retry_attempts=2, timezone="Europe/Paris")
    windows = [Window(time(22), time(2), 60)]
    assert config.calling_hours() == CallingHours(windows, 2, ZoneInfo("Europe/Paris"))


def test_without_a_time_zone_windows_are_in_utc():
    config = CallRetryConfig(calling_windows=[], max_retry_attempts=2)
    assert config.calling_hours() == CallingHours([], 2, ZoneInfo("UTC"))


def test_a_retry_config_of_later_generations_says_on_which_days():
    config = DraftsCallRetryConfig(
        calling_windows=[], max_retry_attempts=2, allowed_days=["monday", "sunday"], call_twice_in_a_row=True
    )
    hours = config.calling_hours()
    assert (hours.days, hours.twice_in_a_row) == ({0, 6}, True)


def test_a_retry_config_is_shown_as_it_was_sent():
    config = CallRetryConfig(calling_windows=[WINDOW], max_retry_attempts=2)
    assert config.as_json() == {"calling_windows": [WINDOW], "max_retry_attempts": 2}


def test_a_body_shows_nobody():
    campaign = LaunchCallsCampaignCreate(assistant_id="a", name="n", contacts=[CONTACT])
    assert "Ada" not in f"{campaign!r} {campaign} {campaign.contacts!r}"
