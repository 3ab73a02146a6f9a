from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from airflow_provider_revox.client.calling_hours import check_schedule
from airflow_provider_revox.client.errors import InvalidRequestError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_start_in_the_past_is_refused():
    check_schedule(None, now=NOW)
    check_schedule(NOW + timedelta(seconds=1), now=NOW)
    with pytest.raises(InvalidRequestError, match="scheduled_at: 2026-11-24T11:59:59"):
        check_schedule(NOW - timedelta(seconds=1), now=NOW)
