from __future__ import annotations

from datetime import timedelta

import pytest

from airflow_provider_revox.units import (
    contacts_in_words,
    duration_in_words,
    in_words,
    seconds_of,
    unlaunched_in_words,
)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0.2 s"), (90, "90 s"), (720, "12 min"), (3600, "1 h"), (5400, "1.5 h")]
)
def test_durations_read_well(seconds, text):
    assert duration_in_words(seconds) == text


@pytest.mark.parametrize(
    ("count", "rows", "batches"),
    [(0, "0 rows", "0 batches"), (1, "1 row", "1 batch"), (1_204, "1,204 rows", "1,204 batches")],
)
def test_one_thing_is_counted_in_the_singular(count, rows, batches):
    assert in_words(count, "row") == rows
    assert in_words(count, "batch", "batches") == batches


def test_one_contact_and_one_call_are_counted_in_the_singular():
    assert [contacts_in_words(count) for count in (1, 2)] == ["1 contact", "2 contacts"]
    calls = ["1 call that is not launched", "2 calls that are not launched"]
    assert [unlaunched_in_words(count) for count in (1, 2)] == calls


def test_a_duration_is_seconds_or_a_timedelta():
    assert seconds_of(timedelta(minutes=2)) == seconds_of(120) == 120
