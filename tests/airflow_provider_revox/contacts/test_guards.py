from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.requests import CallRetryConfig
from airflow_provider_revox.contacts.guards import (
    check_count,
    time_zone_warning,
)


def config(start="09:00", end="6pm", timezone=None):
    window = {"calling_window_start_time": start, "calling_window_end_time": end, "retry_delay_seconds": 60}
    return CallRetryConfig(calling_windows=[window], max_retry_attempts=1, timezone=timezone)


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


@pytest.mark.parametrize(
    "number",
    [
        "+14155550100",
        "+79161234567",
        "+34612345678",
        "+351912345678",
        "+56221234567",
        "+61412345678",
        "+5215512345678",
        "+5511961234567",
        "+593991234567",
        "+628123456789",
        "+64211234567",
        "+243991234567",
        "+689401234",
        "+691320123",
        "+68672001234",
        "+97688123456",
        "+299221234",
        "+262692123456",
    ],
)
def test_every_country_with_several_time_zones_is_warned_about(number):
    assert time_zone_warning([number], None).startswith("1 contact in countries with several time zones")


@pytest.mark.parametrize(
    "number",
    ["+33612345678", "+447400123456", "+4915123456789", "+4740612345", "+390612345678", "+80012345678"],
)
def test_a_country_with_one_time_zone_of_several_names_is_not_warned_about(number):
    assert time_zone_warning([number], None) == ""
