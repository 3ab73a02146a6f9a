from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import (
    AuthenticationError,
    InvalidConfigurationError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    PermissionDeniedError,
    RateLimitedError,
    UnexpectedAnswerError,
)
from airflow_provider_revox.waiting.outage import verdict_of_error
from airflow_provider_revox.waiting.verdict import State


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (NotSentError("GET", "/c", "refused"), State.WAITING),
        (NoAnswerError("GET", "/c", "ReadTimeout"), State.WAITING),
        (RateLimitedError(429, "GET", "/c"), State.WAITING),
        (UnexpectedAnswerError(503, "GET", "/c"), State.WAITING),
        (AuthenticationError(401, "GET", "/c"), State.REFUSED),
        (PermissionDeniedError(403, "GET", "/c"), State.REFUSED),
        (NotFoundError(404, "GET", "/c"), State.REFUSED),
        (InvalidConfigurationError("there is no API key"), State.REFUSED),
    ],
)
def test_a_wait_goes_on_in_an_outage_and_ends_at_a_refusal(error, state):
    verdict = verdict_of_error("cmp_1", error)
    assert verdict.state is state
    assert str(error) in verdict.summary + verdict.outage
    assert bool(verdict.outage) is (state is State.WAITING)


def test_a_number_that_was_given_as_an_id_is_not_shown():
    verdict = verdict_of_error("+33612345678", NotFoundError(404, "GET", "/c"))
    assert verdict.summary.startswith("Can't see the campaign: ")
    assert "33612345678" not in verdict.summary
