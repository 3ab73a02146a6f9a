from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.errors import (
    AuthenticationError,
    InvalidRequestError,
    MalformedAnswerError,
    NoAnswerError,
    NotSentError,
    RateLimitedError,
    RejectedError,
    RevoxError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.client.messages import Answer, Request, read_error
from airflow_provider_revox.client.retry import (
    FIRST_BACKOFF,
    MAX_BACKOFF,
    MAX_RETRY_AFTER,
    parse_retry_after,
    retry_pause,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)
NOT_TAKEN = [NotSentError("M", "/", "refused"), RateLimitedError(429, "M", "/")]
UNKNOWN = [
    NoAnswerError("M", "/", "lost"),
    UnexpectedAnswerError(503, "M", "/"),
    MalformedAnswerError(200, "M", "/"),
]
FINAL = [RejectedError(400, "M", "/"), AuthenticationError(401, "M", "/"), InvalidRequestError([])]


def decide(error: RevoxError, *, repeatable: bool = True, attempt: int = 0, retries: int = 3) -> float | None:
    return retry_pause(error, repeatable=repeatable, attempt=attempt, retries=retries)


@pytest.mark.parametrize("error", NOT_TAKEN, ids=repr)
@pytest.mark.parametrize("repeatable", [True, False])
def test_what_was_not_taken_is_sent_again(error, repeatable):
    assert decide(error, repeatable=repeatable) is not None


@pytest.mark.parametrize("error", UNKNOWN, ids=repr)
def test_what_may_have_been_taken_is_sent_again_only_where_that_is_harmless(error):
    assert decide(error, repeatable=True) is not None
    assert decide(error, repeatable=False) is None


@pytest.mark.parametrize("error", FINAL, ids=repr)
@pytest.mark.parametrize("repeatable", [True, False])
def test_what_is_refused_is_not_sent_again(error, repeatable):
    assert decide(error, repeatable=repeatable) is None


def test_no_request_is_sent_again_after_the_last_retry():
    assert [decide(UNKNOWN[0], attempt=attempt, retries=2) is None for attempt in range(4)] == [
        False,
        False,
        True,
        True,
    ]
    assert decide(UNKNOWN[0], retries=0) is None


@given(attempt=st.integers(0, 60))
def test_pauses_double_up_to_a_limit_with_jitter(attempt):
    full = min(MAX_BACKOFF, FIRST_BACKOFF * 2**attempt)
    pauses = [decide(UNKNOWN[0], attempt=attempt, retries=100) for _ in range(20)]
    assert all(pause is not None and full / 2 <= pause <= full for pause in pauses)
    assert len(set(pauses)) > 1


@pytest.mark.parametrize("kind", [RateLimitedError, UnexpectedAnswerError])
def test_the_pause_is_never_shorter_than_the_server_asks_for(kind):
    assert decide(kind(429, "M", "/", "", 42.0)) == 42.0
    assert decide(kind(429, "M", "/", "", MAX_RETRY_AFTER)) == MAX_RETRY_AFTER
    assert decide(kind(429, "M", "/", "", 0.0)) >= FIRST_BACKOFF / 2


@pytest.mark.parametrize("kind", [RateLimitedError, UnexpectedAnswerError])
def test_a_pause_that_is_too_long_is_left_to_the_caller(kind):
    assert decide(kind(429, "M", "/", "", MAX_RETRY_AFTER + 1)) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime((NOW + timedelta(seconds=90)).replace(tzinfo=None)), 90.0),
        ("Tue, 24 Nov 2026 13:01:30 +0100", 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 400, float("inf")),
    ],
)
def test_retry_after_holds_seconds_or_a_date(header, seconds):
    assert parse_retry_after(header, date=DATE) == seconds


@pytest.mark.parametrize(
    "header",
    [
        "Mon, 1 Jan 2024 00:00:00 +99999999999999999999",
        "Mon, 1 Jan 99999999999999999999999 00:00:00 GMT",
        "Mon, 32 Jan 2024 25:61:61 GMT",
    ],
)
def test_a_date_that_is_none_is_ignored(header):
    assert parse_retry_after(header, date=DATE) is None


@given(st.text(max_size=40) | st.text("0123456789 ,:+-GMTJanWed", max_size=40))
def test_no_header_breaks_the_reading_of_an_answer(header):
    seconds = parse_retry_after(header, date=DATE)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("offset", [timedelta(days=-300), timedelta(), timedelta(days=300)])
def test_a_date_is_read_against_the_clock_of_the_server(offset):
    now = datetime.now(UTC) + offset
    header, date = (format_datetime(when, usegmt=True) for when in (now + timedelta(seconds=90), now))
    assert parse_retry_after(header, date=date) == 90
    answer = Answer(429, {"retry-after": header, "date": date}, b"")
    assert read_error(Request("GET", "/campaigns"), answer).retry_after == 90


@pytest.mark.parametrize("date", [None, "", "today", "Mon, 32 Jan 2024 25:61:61 GMT"])
def test_without_a_date_of_the_answer_the_own_clock_counts(date):
    header = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    seconds = parse_retry_after(header, date=date)
    assert seconds is not None
    assert 30 < seconds <= 90
