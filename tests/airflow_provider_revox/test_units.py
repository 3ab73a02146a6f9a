from __future__ import annotations

from datetime import timedelta

import pytest

from airflow_provider_revox.units import duration_in_words, seconds_of


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0.2 s"), (90, "90 s"), (720, "12 min"), (3600, "1 h"), (5400, "1.5 h")]
)
def test_durations_read_well(seconds, text):
    assert duration_in_words(seconds) == text


def test_a_duration_is_seconds_or_a_timedelta():
    assert seconds_of(timedelta(minutes=2)) == seconds_of(120) == 120
