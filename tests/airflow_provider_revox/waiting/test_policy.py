from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from airflow_provider_revox.waiting.policy import WaitPolicy, check_on_timeout, deadline_after

# On a time of this size, the relative tolerance of approx would be half an hour.
exactly = partial(pytest.approx, abs=0.001)


def test_the_shorter_of_timeout_and_execution_timeout_is_the_deadline(monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    started = datetime.fromtimestamp(now - 60, UTC)
    assert deadline_after(100, None, started) == exactly(now + 100)
    assert deadline_after(1000, timedelta(seconds=600), started) == exactly(now - 60 + 595)
    assert deadline_after(1000, timedelta(seconds=10), started) == exactly(now - 60 + 9)
    assert deadline_after(100, timedelta(days=1), started) == exactly(now + 100)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"poll_interval": 0}, "poll_interval"),
        ({"poll_interval": float("nan")}, "poll_interval"),
        ({"outage_budget": -1}, "outage_budget"),
        ({"outage_budget": float("nan")}, "outage_budget"),
        ({"max_failed_ratio": 1.1}, "max_failed_ratio"),
        ({"max_failed_ratio": -0.1}, "max_failed_ratio"),
        ({"on_paused": "cancel"}, "on_paused"),
    ],
)
def test_a_value_out_of_range_is_refused(options, name):
    with pytest.raises(ValueError, match=f"{name}.* must be"):
        WaitPolicy(**{"poll_interval": 60, **options})


def test_on_timeout_is_one_of_two_words():
    assert check_on_timeout("cancel") == "cancel"
    with pytest.raises(ValueError, match="on_timeout must be 'leave' or 'cancel'"):
        check_on_timeout("delete")
