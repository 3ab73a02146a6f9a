from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from airflow_provider_revox.waiting.policy import WaitPolicy, check_on_timeout, deadline_after


def test_the_shorter_of_timeout_and_execution_timeout_is_the_deadline():
    now = time.time()
    started = datetime.fromtimestamp(now - 60, UTC)
    assert deadline_after(100, None, started) == pytest.approx(now + 100, abs=5)
    assert deadline_after(1000, timedelta(seconds=600), started) == pytest.approx(now - 60 + 595)
    assert deadline_after(1000, timedelta(seconds=10), started) == pytest.approx(now - 60 + 9)
    assert deadline_after(100, timedelta(days=1), started) == pytest.approx(now + 100, abs=5)


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
