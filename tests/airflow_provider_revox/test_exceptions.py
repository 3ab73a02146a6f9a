from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_revox.client import errors
from airflow_provider_revox.exceptions import airflow_error
from airflow_provider_revox.launch.errors import CampaignWasCancelledError, LaunchUnconfirmedError


@pytest.mark.parametrize(
    ("error", "retried"),
    [
        (errors.NotSentError("POST", "/campaigns", "refused"), True),
        (errors.RateLimitedError(429, "POST", "/campaigns"), True),
        (errors.UnexpectedAnswerError(500, "GET", "/campaigns"), True),
        (LaunchUnconfirmedError("x"), True),
        (errors.InvalidRequestError(["name: ..."]), False),
        (errors.InvalidConfigurationError("x"), False),
        (errors.AuthenticationError(401, "GET", "/campaigns"), False),
        (errors.RejectedError(422, "POST", "/campaigns"), False),
        (CampaignWasCancelledError("x", "c"), False),
    ],
)
def test_airflow_retries_only_what_another_try_can_help(error, retried):
    result = airflow_error(error)
    assert isinstance(result, AirflowFailException) is not retried
    assert str(result) == str(error)
