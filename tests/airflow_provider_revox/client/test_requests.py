from __future__ import annotations

import json
import traceback
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.fields import JS_MAX_SAFE_INTEGER
from airflow_provider_revox.client.requests import CallingWindow, CallRetryConfig, CampaignCreate

WINDOW = {
    "calling_window_start_time": "10am",
    "calling_window_end_time": "18:00",
    "retry_delay_seconds": 7200,
}
CONTACT = {"to_phone_number": "+33612345678", "prompt_variables": {"first_name": "Ada"}}


def make(**fields: Any) -> CampaignCreate:
    return CampaignCreate.build(**{"assistant_id": "a1", "name": "Renewals", "contacts": [CONTACT], **fields})


def with_window(**fields: Any) -> dict[str, Any]:
    return {"calling_windows": [{**WINDOW, **fields}], "max_retry_attempts": 3}


def with_retry(**fields: Any) -> dict[str, Any]:
    return {"calling_windows": [WINDOW], "max_retry_attempts": 3, **fields}


def problems(**fields: Any) -> list[str]:
    with pytest.raises(InvalidRequestError) as caught:
        make(**fields)
    return caught.value.problems


# --- what is sent ---


def test_options_that_are_not_given_are_left_out_of_the_body():
    assert json.loads(make().body) == {
        "assistant_id": "a1",
        "name": "Renewals",
        "contacts": [{"to_phone_number": "+33612345678", "prompt_variables": {"first_name": "Ada"}}],
    }


def test_every_field_of_the_page_goes_on_the_wire_by_its_name():
    fields = {
        "call_retry_config": with_retry(timezone="Europe/Paris"),
        "from_phone_number": "+14155550100",
        "max_concurrent_calls": 1,
        "scheduled_at": "2026-12-01T09:00:00+01:00",
    }
    body = json.loads(make(**fields).body)
    assert {name: body[name] for name in fields} == fields


def test_prompt_variables_may_be_empty_but_are_on_the_wire():
    contact = {"to_phone_number": "+33612345678", "prompt_variables": {}}
    assert json.loads(make(contacts=[contact]).body)["contacts"] == [contact]


def test_text_beyond_ascii_survives():
    contact = {"to_phone_number": "+33612345678", "prompt_variables": {"prénom": 'Zoé "Z" 张\n'}}
    assert json.loads(make(contacts=[contact]).body)["contacts"] == [contact]


def test_text_that_no_json_can_hold_is_refused():
    with pytest.raises(InvalidRequestError):
        _ = make(contacts=[{"to_phone_number": "+33612345678", "prompt_variables": {"k": "\ud800"}}]).body


@pytest.mark.parametrize("time", ["17:00", "09:30", "00:00", "23:59", "6pm", "12am", "6:30pm", "12:59am"])
def test_times_of_the_page_are_accepted(time):
    for end in ("calling_window_start_time", "calling_window_end_time"):
        assert getattr(CallingWindow(**{**WINDOW, end: time}), end) == time


@pytest.mark.parametrize(
    "time",
    [
        "9:00",
        "25:00",
        "24:00",
        "6 pm",
        "18:60",
        "6PM",
        "13pm",
        "0am",
        "06pm",
        "1800",
        "18:00:00",
        "18:00\n",
        "",
        "noon",
        "٦pm",
        18,
        None,
    ],
)
def test_other_times_are_refused(time):
    for end in ("calling_window_start_time", "calling_window_end_time"):
        (problem,) = problems(call_retry_config=with_window(**{end: time}))
        assert problem.startswith(f"call_retry_config.calling_windows[0].{end}: ")


@pytest.mark.parametrize(
    "zone", ["Europe/Paris", "America/New_York", "UTC", "America/Argentina/Buenos_Aires"]
)
def test_iana_zones_are_accepted(zone):
    assert make(call_retry_config=with_retry(timezone=zone)).call_retry_config.timezone == zone


@pytest.mark.parametrize(
    "zone",
    [
        "",
        " ",
        "Paris",
        "Europe",
        "+01:00",
        "CEST+1",
        "../../etc/passwd",
        "/etc/localtime",
        "a\0b",
        "x" * 999,
        1,
        " Europe/Paris",
        "Europe/Paris\n",
        "europe/paris",
        "None",
        "local",
        "localtime",
        "Factory",
        "posixrules",
        "posix/Europe/Paris",
        "right/Europe/Paris",
    ],
)
def test_other_zones_are_refused(zone):
    (problem,) = problems(call_retry_config=with_retry(timezone=zone))
    assert problem.startswith("call_retry_config.timezone: ")


@pytest.mark.parametrize("number", [1, 7200, JS_MAX_SAFE_INTEGER])
def test_numbers_within_the_bounds_of_the_page_are_accepted(number):
    assert make(call_retry_config=with_window(retry_delay_seconds=number))
    assert make(call_retry_config=with_retry(max_retry_attempts=number))


def test_a_delay_of_0_is_accepted_as_something_newer_and_no_attempts_are_not():
    config = make(call_retry_config=with_window(retry_delay_seconds=0)).call_retry_config
    assert config.newer_fields == ["calling_windows[0].retry_delay_seconds of 0"]
    assert make(call_retry_config=with_window()).call_retry_config.newer_fields == []
    (problem,) = problems(call_retry_config=with_retry(max_retry_attempts=0))
    assert problem.startswith("call_retry_config.max_retry_attempts: ")


@pytest.mark.parametrize("number", [-1, JS_MAX_SAFE_INTEGER + 1, 10**400, "3", True, float("nan"), None])
def test_numbers_out_of_the_bounds_of_the_page_are_refused(number):
    (problem,) = problems(call_retry_config=with_window(retry_delay_seconds=number))
    assert problem.startswith("call_retry_config.calling_windows[0].retry_delay_seconds: ")
    (problem,) = problems(call_retry_config=with_retry(max_retry_attempts=number))
    assert problem.startswith("call_retry_config.max_retry_attempts: ")


def test_the_largest_number_is_the_one_of_the_page():
    assert JS_MAX_SAFE_INTEGER == 9007199254740991


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"max_concurrent_calls": 0}, "max_concurrent_calls"),
        ({"max_concurrent_calls": 0.5}, "max_concurrent_calls"),
        ({"max_concurrent_calls": True}, "max_concurrent_calls"),
        ({"max_concurrent_calls": float("inf")}, "max_concurrent_calls"),
        ({"max_concurrent_calls": "2"}, "max_concurrent_calls"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"assistant_id": None}, "assistant_id"),
        ({"from_phone_number": "0612345678"}, "from_phone_number"),
        ({"from_phone_number": "+1 415 555 0100"}, "from_phone_number"),
        ({"from_phone_number": "+0123456"}, "from_phone_number"),
        ({"from_phone_number": "+1234567890123456"}, "from_phone_number"),
        ({"from_phone_number": "+1\u0662\u0663\u0664\u0665\u0666\u0667"}, "from_phone_number"),
        ({"from_phone_number": "+14155550100\n"}, "from_phone_number"),
        ({"contacts": "everybody"}, "contacts"),
        ({"contacts": [CONTACT, {**CONTACT, "to_phone_number": None}]}, "contacts[1].to_phone_number"),
        ({"contacts": [{"to_phone_number": "+33612345678"}]}, "contacts[0].prompt_variables"),
        ({"contacts": [{**CONTACT, "prompt_variables": {"age": 36}}]}, "contacts[0].prompt_variables.age"),
        ({"contacts": [{**CONTACT, "prompt_variables": None}]}, "contacts[0].prompt_variables"),
        ({"contacts": [{**CONTACT, "phone": "x"}]}, "contacts[0].phone"),
        ({"launch": "yes"}, "launch"),
        ({"type": "other"}, "type"),
        ({"unknown": True}, "unknown"),
        ({"call_retry_config": with_retry(allowed_days=[])}, "call_retry_config.allowed_days"),
    ],
)
def test_a_problem_is_named_by_its_place(fields, where):
    (problem,) = problems(**fields)
    assert problem.startswith(f"{where}: ")


CHANGES = [make, lambda **fields: CampaignUpdate.build(**fields)]


@pytest.mark.parametrize("build", CHANGES, ids=["create", "update"])
@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (with_retry(calling_windows=[]), ".calling_windows: is empty, "),
        (with_retry(calling_windows=None), ".calling_windows: "),
        (with_retry(calling_windows={}), ".calling_windows: "),
        (
            with_window(calling_window_end_time="10:00"),
            ".calling_windows[0]: ends at 10:00, which is not after",
        ),
        (with_window(calling_window_end_time="9am"), ".calling_windows[0]: ends at 9am, which is not after"),
        (with_window(calling_window_end_time="12am"), "; write a window over midnight as two windows"),
        (with_retry(allowed_days=[]), ".allowed_days: is empty; name at least one day"),
        (with_retry(allowed_days=["Monday"]), ".allowed_days"),
        (with_retry(timezone=""), ".timezone: must be an IANA time zone"),
    ],
)
def test_no_request_may_have_people_called_at_hours_that_nobody_stated(build, config, problem):
    with pytest.raises(InvalidRequestError) as caught:
        build(call_retry_config=config)
    assert "call_retry_config." in str(caught.value)
    assert problem in str(caught.value)


@pytest.mark.parametrize("config", [{"max_retry_attempts": 3}, {}])
def test_a_new_campaign_needs_calling_windows(config):
    assert "call_retry_config.calling_windows: Field required" in problems(call_retry_config=config)


def test_every_window_is_checked_and_a_config_that_is_built_already_too():
    windows = [
        WINDOW,
        {**WINDOW, "calling_window_end_time": "8am"},
        {**WINDOW, "calling_window_end_time": "9am"},
    ]
    config = CallRetryConfig.model_validate(with_retry(calling_windows=windows))
    first, second = problems(call_retry_config=config)
    assert first.startswith("call_retry_config.calling_windows[1]: ends at 8am")
    assert second.startswith("call_retry_config.calling_windows[2]: ends at 9am")


@pytest.mark.parametrize("build", CHANGES, ids=["create", "update"])
@pytest.mark.parametrize(
    "config",
    [
        None,
        with_window(calling_window_start_time="00:00", calling_window_end_time="23:59"),
        with_window(calling_window_start_time="12am", calling_window_end_time="1am"),
        with_retry(calling_windows=[WINDOW, {**WINDOW, "retry_delay_seconds": 60}]),
    ],
)
def test_hours_that_somebody_stated_are_sent(build, config):
    assert "call_retry_config" in build(call_retry_config=config).model_fields_set


@pytest.mark.parametrize("name", ["assistant_id", "name", "contacts"])
def test_required_fields_are_required(name):
    fields = {"assistant_id": "a1", "name": "n", "contacts": []}
    del fields[name]
    with pytest.raises(InvalidRequestError, match=f"  {name}: "):
        CampaignCreate.build(**fields)


@pytest.mark.parametrize(
    "timestamp",
    [datetime(2026, 12, 1, 9), "2026-12-01T09:00:00", "2026-12-01", "tomorrow", 1796112000, ""],
)
def test_a_timestamp_without_a_zone_is_refused(timestamp):
    (problem,) = problems(scheduled_at=timestamp)
    assert problem.startswith("scheduled_at: ")


@pytest.mark.parametrize(
    ("timestamp", "sent"),
    [
        ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00+00:00"),
        ("2026-12-01T09:00:00+01:00", "2026-12-01T09:00:00+01:00"),
        (datetime(2026, 12, 1, 9, tzinfo=UTC), "2026-12-01T09:00:00+00:00"),
        (datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Europe/Paris")), "2026-12-01T09:00:00+01:00"),
        (datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(hours=-5))), "2026-12-01T09:00:00-05:00"),
        # The second of the two half past two in the night in which clocks are set back.
        (datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1), "2026-10-25T02:30:00+01:00"),
    ],
)
def test_a_timestamp_with_an_offset_is_sent_with_it(timestamp, sent):
    assert json.loads(make(scheduled_at=timestamp).body)["scheduled_at"] == sent


# --- nobody's data in any text ---

MARK = "6502539871"
marked = st.text(max_size=5).map(lambda text: f"{text}{MARK}{text}") | st.sampled_from(
    [int(MARK), float(MARK), MARK.encode(), f"+1{MARK}", f"{MARK}@example.com"]
)
nested = st.recursive(
    marked,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)
keys = st.text(max_size=5).map(lambda text: f"{text}{MARK}")
PLACES = {
    "contacts": lambda value: {"contacts": value},
    "contact": lambda value: {"contacts": [CONTACT, value]},
    "number": lambda value: {"contacts": [{**CONTACT, "to_phone_number": value}]},
    "variables": lambda value: {"contacts": [{**CONTACT, "prompt_variables": value}]},
    "variable": lambda value: {"contacts": [{**CONTACT, "prompt_variables": {"first": value}}]},
    "from": lambda value: {"from_phone_number": value},
    "concurrent": lambda value: {"max_concurrent_calls": value},
    "timestamp": lambda value: {"scheduled_at": value},
    "retry": lambda value: {"call_retry_config": value},
    "zone": lambda value: {"call_retry_config": with_retry(timezone=value)},
    "time": lambda value: {"call_retry_config": with_window(calling_window_end_time=value)},
    "unknown": lambda value: {"metadata": value},
}


def texts_about(**fields: Any) -> str:
    """Everything that could end up in a log."""
    try:
        campaign = make(**fields)
        endpoint = endpoints.create_campaign(campaign)
    except InvalidRequestError as error:
        return "".join([str(error), repr(error), *traceback.format_exception(error)])
    shown = [campaign, endpoint, endpoint.request, *campaign.contacts]
    return "".join(f"{thing} {thing!r}" for thing in shown)


@given(place=st.sampled_from(sorted(PLACES)), value=nested)
def test_no_value_is_ever_shown(place, value):
    assert MARK not in texts_about(**PLACES[place](value))


@given(key=keys, value=nested)
def test_no_key_is_ever_shown(key, value):
    assert MARK not in texts_about(contacts=[{**CONTACT, "prompt_variables": {key: value}}])
    assert MARK not in texts_about(contacts=[{**CONTACT, key: value}])
    assert MARK not in texts_about(**{key: value})


def test_a_number_in_the_place_of_a_field_name_is_not_shown():
    # As a row of a query whose columns were mixed up would have it.
    assert MARK not in texts_about(contacts=[{**CONTACT, int(MARK): "x"}])
    assert MARK not in texts_about(contacts=[{**CONTACT, "prompt_variables": {int(MARK): 1}}])


def test_only_the_first_problems_are_listed():
    with pytest.raises(InvalidRequestError) as caught:
        make(contacts=[{}] * 1000)
    text = str(caught.value)
    assert "contacts[4].to_phone_number" in text
    assert "contacts[5]" not in text
    assert "and 1,990 more" in text
