from __future__ import annotations

import pytest

from airflow_provider_revox.client.timestamps import seconds_since_1970


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        ("2026-11-24T10:00:00Z", 1_795_514_400),
        ("2026-11-24T10:00:00.500Z", 1_795_514_400.5),
        ("2026-11-24T12:00:00+02:00", 1_795_514_400),
        ("2026-11-24T10:00:00", 1_795_514_400),
        (1_795_514_400, 1_795_514_400),
        (1_795_514_400_000, 1_795_514_400),
        ("next week", None),
        ({}, None),
        (None, None),
        (True, None),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_timestamps_are_read_as_an_api_may_write_them(timestamp, seconds):
    assert seconds_since_1970(timestamp) == seconds
